"""The embedded library: what must be in it, under which name, within which limits."""

from __future__ import annotations

import time

import numpy as np
import pytest

from anatase.library import Library, open_library
from anatase.library.opening import EMBEDDED


@pytest.fixture(scope="module")
def embedded() -> Library:
    """The library that comes with the package."""
    return open_library(EMBEDDED)


def test_size_and_sources(embedded: Library) -> None:
    assert EMBEDDED.stat().st_size < 3_000_000
    assert len(embedded) > 700
    assert len(set(embedded.ids)) == len(embedded)
    for i in range(len(embedded)):
        entry = embedded.entry(i)
        assert entry.licence in {"public domain", "Apache-2.0", "MIT"}, entry.library_id
        assert entry.source, entry.library_id
        assert entry.url, entry.library_id


def test_it_opens_fast() -> None:
    open_library(EMBEDDED)
    start = time.perf_counter()
    open_library(EMBEDDED)
    assert time.perf_counter() - start < 0.25  # 0.02 s measured; the limit leaves room for a busy machine


@pytest.mark.parametrize(
    ("name", "formula", "number", "a", "c"),
    [
        # lattice parameters in Å from the Handbook of Mineralogy (Anthony et al.)
        ("rutile", "TiO2", 136, 4.594, 2.959),
        ("anatase", "TiO2", 141, 3.785, 9.514),
        ("corundum", "Al2O3", 167, 4.758, 12.991),
        ("quartz", "SiO2", 154, 4.913, 5.405),
        ("calcite", "CaCO3", 167, 4.990, 17.06),
        ("fluorapatite", "Ca5P3O12F", 176, 9.367, 6.884),
        ("halite", "NaCl", 225, 5.640, 5.640),
        ("zincite", "ZnO", 186, 3.250, 5.207),
    ],
)
def test_common_phases(embedded: Library, name: str, formula: str, number: int, a: float, c: float) -> None:
    found = [i for i in range(len(embedded)) if embedded.names[i] == name]
    assert found, name
    lattices = embedded.lattices[found]
    assert embedded.formulas[found[0]] == formula
    assert embedded.space_group_numbers[found[0]] == number
    assert np.allclose(lattices[0, [0, 2]], [a, c], rtol=0.005)


def test_densities_are_those_of_solids(embedded: Library) -> None:
    densities = np.array([embedded.entry(i).density for i in range(len(embedded))])
    assert densities.min() > 0.05  # g/cm³; solid hydrogen has 0.09
    assert densities.max() < 25.0  # osmium 22.6, californium under pressure 24.5


def test_every_entry_has_lines_and_a_structure(embedded: Library) -> None:
    counts = np.diff(embedded.line_offsets)
    assert counts.min() >= 3
    assert counts.max() <= 250
    assert len(embedded.line_hkl) == embedded.line_offsets[-1] == len(embedded.line_intensity["neutron"])
    for i in range(0, len(embedded), 40):
        structure = embedded.structure(i)
        assert structure.space_group.number == embedded.space_group_numbers[i]
        assert structure.formula == embedded.formulas[i]
