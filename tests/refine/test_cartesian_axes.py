"""Axes of cells against central differences, in every crystal system."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.refine.cartesian_axes import axes_slopes
from anatase.refine.parameters.structure_parameters import structure_values, with_structure_values


@pytest.mark.parametrize(
    ("number", "cell"),
    [(2, (6.1, 7.3, 8.9, 81, 97, 104)), (14, (6.1, 7.3, 8.9, 90, 107, 90)), (62, (8.5, 5.4, 7.0)),
     (136, (4.6, 4.6, 3.0)), (167, (4.8, 4.8, 13.0, 90, 90, 120)), (225, (5.4, 5.4, 5.4))],
)  # fmt: skip
def test_slopes(number, cell):
    structure = Structure(Lattice(*cell), SpaceGroup.from_number(number), ())
    names, slopes = axes_slopes(structure)
    values = structure_values(structure)
    assert list(names) == list(values)
    for name, slope in zip(names, slopes, strict=True):
        ends = [with_structure_values(structure, {name: values[name] + s}).lattice.vectors for s in (1e-5, -1e-5)]
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-5, atol=1e-8)
