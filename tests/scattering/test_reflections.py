"""Unique reflections: how many, how often each, and how strong, against gemmi and against direct sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gemmi
import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.extinction import is_absent
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import PhysicsError
from anatase.io.cif import read_structure
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.unique_hkl import by_spacing, unique_hkl, unique_rows

STICKS = (
    *("1001294", "1008170", "1010589", "1010994", "1100269", "1535768", "1574667", "2238573", "4070914", "4114629"),
    *("4117621", "4129524", "4327898", "4328958", "4517465", "7040275", "7241349", "8107565", "Aluminium", "BEA"),
    *("CHA_SI", "Ca2RuO4", "FAU_SI", "Graphite", "Rutile", "triclinic"),
)
CU_KA1 = 1.54056  # Å, the wavelength of the stick files

CELLS = {
    "triclinic": (5.1, 6.3, 7.7, 83.0, 97.0, 104.0),
    "monoclinic": (5.1, 6.3, 7.7, 90.0, 107.0, 90.0),
    "orthorhombic": (5.1, 6.3, 7.7, 90.0, 90.0, 90.0),
    "tetragonal": (5.1, 5.1, 7.7, 90.0, 90.0, 90.0),
    "trigonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "hexagonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "cubic": (6.3, 6.3, 6.3, 90.0, 90.0, 90.0),
}
SYMBOLS = (
    *(
        "P 1",
        "P -1",
        "P 1 21/c 1",
        "C 1 2/c 1",
        "P 1 1 21/b",
        "F d d 2",
        "I m m a",
        "P n m a",
        "I 41/a m d:2",
        "P 41 21 2",
    ),
    *(
        "P -4 n 2",
        "R -3 c:H",
        "R 3:H",
        "P 31 2 1",
        "P 63/m",
        "P 63/m m c",
        "P a -3",
        "I a -3 d",
        "F d -3 m:2",
        "F -4 3 m",
    ),
)


def lattice_of(symbol: str) -> Lattice:
    group = SpaceGroup.from_symbol(symbol)
    cell = CELLS[group.crystal_system]
    return Lattice(5.1, 6.3, 7.7, 90.0, 90.0, 107.0) if symbol == "P 1 1 21/b" else Lattice(*cell)


def representative(group: SpaceGroup, hkl: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return the greatest member of the Laue orbit of each reflection."""
    orbits = np.einsum("ni,rij->nrj", hkl, group.rotations)
    return [tuple(max([*o.tolist(), *(-o).tolist()])) for o in orbits]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_unique_reflections_are_gemmis(symbol: str):
    # gemmi.make_miller_array lists the Laue asymmetric unit without absences; multiplicity = orbit under ±R
    lattice, group = lattice_of(symbol), SpaceGroup.from_symbol(symbol)
    hkl, multiplicity, d = unique_hkl(lattice, group, 0.8)
    cell, listed = gemmi.UnitCell(*lattice.parameters), gemmi.SpaceGroup(symbol)
    expected = gemmi.make_miller_array(cell, listed, 0.8)
    assert len(hkl) == len(expected)
    assert set(map(tuple, hkl.tolist())) == set(representative(group, expected.astype(np.int64)))
    orbits = np.einsum("ni,rij->nrj", hkl, group.rotations)
    assert multiplicity.tolist() == [len({*map(tuple, o.tolist()), *map(tuple, (-o).tolist())}) for o in orbits]
    np.testing.assert_allclose(d, [cell.calculate_d(h) for h in hkl.tolist()], rtol=1e-12)
    assert np.all(np.diff(d) <= 0)


@pytest.mark.parametrize("number", range(1, 231))
def test_multiplicities_fill_the_sphere(number: int):
    # every lattice point of the sphere that is not absent belongs to exactly one orbit
    group = SpaceGroup.from_number(number)
    lattice = Lattice(*CELLS[group.crystal_system])
    _, multiplicity, _ = unique_hkl(lattice, group, 1.5)
    points = np.array(list(np.ndindex(13, 13, 13))) - 6
    inside = points[(lattice.inverse_d_squared(points) <= 1 / 1.5**2) & points.any(axis=1)]
    assert multiplicity.sum() == np.count_nonzero(~is_absent(group, inside))


def test_d_max_cuts_the_list():
    lattice, group = lattice_of("P n m a"), SpaceGroup.from_symbol("P n m a")
    hkl, _, d = unique_hkl(lattice, group, 1.0, 2.0)
    everything, _, spacing = unique_hkl(lattice, group, 1.0)
    np.testing.assert_array_equal(hkl, everything[spacing <= 2.0])
    assert d.max() <= 2.0


def test_a_reflection_on_the_limit_counts():
    # 100 of a 4 Å cube has d = 4 Å exactly
    assert unique_hkl(Lattice(4, 4, 4), SpaceGroup.from_number(221), 4.0)[0].tolist() == [[1, 0, 0]]


def test_millions_of_reflections_are_refused():
    with pytest.raises(PhysicsError, match="reflections"):
        unique_hkl(Lattice(300, 300, 300), SpaceGroup.from_number(1), 0.8)


def without_motion(structure: Structure) -> Structure:
    """Return a structure of neutral atoms at U = 0, as the direct sums take it."""
    sites = tuple(
        replace(s, u_iso=0.0, u_aniso=None, species=tuple(replace(p, charge=0) for p in s.species))
        for s in structure.sites
    )
    return replace(structure, sites=sites)


@pytest.mark.parametrize("name", STICKS)
def test_structure_factors_are_the_direct_sums(shared_data: Path, name: str):
    # refine/sticks: h, k, l, multiplicity, d, 2θ, F² by direct sums over gemmi's IT92 tables, from 5 to 90° of Cu Kα1
    structure = without_motion(read_structure(shared_data / "refine" / "cifs" / f"{name}.cif"))
    sticks = np.loadtxt(shared_data / "refine" / "sticks" / f"{name}.csv", delimiter=",", ndmin=2)
    listed = reflections(structure, CU_KA1 / 2.0 / np.sin(np.radians(45.0)), d_max=CU_KA1 / 2 / np.sin(np.radians(2.5)))
    order = {h: i for i, h in enumerate(representative(structure.space_group, listed.hkl))}
    keys = representative(structure.space_group, sticks[:, :3].astype(np.int64))
    assert set(keys) == set(order)
    at = [order[key] for key in keys]
    np.testing.assert_array_equal(listed.multiplicity[at], sticks[:, 3])
    np.testing.assert_allclose(listed.d_spacing[at], sticks[:, 4], atol=1e-6)
    difference = np.abs(np.sqrt(listed.f_squared[at]) - np.sqrt(sticks[:, 6])).sum()
    assert difference / np.sqrt(sticks[:, 6]).sum() < 1e-6  # the files have eight digits


def test_coincident_lines_keep_the_order_of_their_indices():
    # 333 and 511 of a cube, and 1/d² that rounding has split by 1e-14
    hkl, _, _ = unique_hkl(Lattice(5.43, 5.43, 5.43), SpaceGroup.from_number(227), 1.0)
    assert hkl[-2:].tolist() == [[3, 3, 3], [5, 1, 1]]
    assert by_spacing(np.array([2.0, 1.0 + 1e-14, 1.0, 0.5])).tolist() == [3, 1, 2, 0]


def test_order_is_that_of_a_sort():
    _, _, inverse_d2 = unique_rows(Lattice(9.1, 10.3, 12.7, 83.0, 97.0, 104.0), SpaceGroup.from_number(2), 0.8)
    np.testing.assert_array_equal(by_spacing(inverse_d2), np.argsort(inverse_d2, kind="stable"))


def test_ions_without_a_form_factor_are_told():
    # International Tables C (1992) have O2- and Si4+, and neither N3- nor S6+
    sites = (
        Site("Si1", (Species("Si", charge=4),), (0.0, 0.0, 0.0)),
        Site("N1", (Species("N", charge=-3),), (0.5, 0.5, 0.5)),
        Site("S1", (Species("S", charge=6),), (0.5, 0.5, 0.0)),
    )
    structure = Structure(Lattice(4.2, 4.2, 4.2), SpaceGroup.from_number(221), sites)
    (warning,) = reflections(structure, 1.0).warnings
    assert warning == "N3-, S6+ scatter as neutral atoms: IT92 has no form factor of them"
    assert reflections(structure, 1.0, ScatteringModel("neutron")).warnings == ()
