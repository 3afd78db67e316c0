"""Which rows of a Jacobian follow the changes of a phase's lines."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Sensitivity
from anatase.refine.calculation.row_targets import row_targets
from anatase.refine.model import Phase, PhasePart
from anatase.simulation.line_changes import Change

RUTILE = Structure(Lattice(4.6, 4.6, 3.0), SpaceGroup.from_number(136), ())


def targets_of(*names: str):
    part = PhasePart(lattice_strain=(1e-3, 0.0))
    phase = Phase("rutile", RUTILE, (part,))
    return row_targets("xray", phase, part, {name: row for row, name in enumerate(names)})


def test_a_cell_parameter_moves_its_own_row_and_that_of_the_strain():
    found = targets_of("rutile.a", "rutile.xray.lattice_strain_a", "xray.zero", "rutile.xray.scale")
    # p (1 + e) by p is 1 + e, by e it is p
    assert found.targets["a"] == [(0, pytest.approx(1.001)), (1, pytest.approx(4.6))]
    assert found.targets["zero"] == [(2, 1.0)]
    assert found.targets["scale"] == [(3, 1.0)]


def test_backgrounds_and_other_phases_ask_for_no_lines():
    found = targets_of("xray.background.chebyshev_0", "anatase.a", "neutron.zero")
    assert not found.targets
    assert not found.of_atoms
    assert targets_of("rutile.Ti.u_iso").of_atoms


def test_kept_changes_are_numbered_as_they_come_and_added_to_their_rows():
    found, index = targets_of("rutile.c", "rutile.xray.lattice_strain_a"), dict[str, int]()
    change = Change(("a", "b", "c"), "reciprocal", np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    local, values = found.kept(change, index)
    assert Sensitivity("reciprocal", local, values).change.tolist() == [[1.0, 2.0], [5.0, 6.0]]
    assert index == {"a": 0, "c": 1}
    jacobian = np.zeros((2, 2))
    found.add(values, index, jacobian)
    np.testing.assert_allclose(jacobian, [[5.0, 6.0], [4.6, 9.2]])
