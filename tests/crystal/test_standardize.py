"""Standardisation finds the true symmetry and keeps the crystal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.displacement import cell_tensor, equivalent_u_iso, site_tensor
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.standardize import standardize
from anatase.crystal.structure import Site, Species, Structure


def _anatase() -> Structure:
    # Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462; origin choice 2
    sites = (
        Site("Ti1", (Species("Ti", 1.0, 4),), (0.0, 0.75, 0.125), u_iso=0.005),
        Site("O1", (Species("O", 1.0, -2),), (0.0, 0.25, 0.0816), u_aniso=(0.004, 0.009, 0.006, 0.0, 0.0, 0.0)),
    )
    return Structure(Lattice(3.7845, 3.7845, 9.5143), SpaceGroup.from_symbol("I 41/a m d:2"), sites)


def _written_in_p1(structure: Structure) -> Structure:
    owners, positions = structure.cell_positions
    sites = tuple(
        replace(structure.sites[k], label=f"A{n}", xyz=tuple(float(v) for v in x), u_aniso=None, multiplicity=1)
        for n, (k, x) in enumerate(zip(owners, positions, strict=True))
    )
    return replace(structure, space_group=SpaceGroup.from_number(1), sites=sites)


def _distances(structure: Structure) -> np.ndarray:
    """Sorted interatomic distances of the cell's atoms to their images within one cell around, Å."""
    positions = structure.cell_positions[1]
    shifts = np.array(list(np.ndindex(3, 3, 3))) - 1
    vectors = (positions[:, None, None, :] - positions[None, :, None, :] + shifts) @ structure.lattice.vectors
    distances = np.linalg.norm(vectors, axis=-1).ravel()
    return np.sort(distances[(distances > 0.1) & (distances < 3.5)]) if len(positions) else distances


def test_p1_file_finds_anatase():
    found = standardize(_written_in_p1(_anatase()))
    assert (found.space_group.number, found.space_group.symbol) == (141, "I 41/a m d:2")
    # Wyckoff positions of anatase: Ti 4a or 4b by the choice of origin, O 8e
    assert sorted((s.species[0].element, s.multiplicity) for s in found.sites) == [("O", 8), ("Ti", 4)]
    assert {s.wyckoff for s in found.sites} <= {"a", "b", "e"}
    assert {s.species[0].charge for s in found.sites} == {4, -2}
    assert found.formula == "TiO2"
    np.testing.assert_allclose(_distances(found), _distances(_anatase()), atol=1e-6)


def test_rhombohedral_axes_become_hexagonal():
    # corundum on rhombohedral axes: a_R = 5.129 Å, alpha = 55.28 deg (Newnham & de Haan 1962, Z. Krist. 117, 235)
    sites = (Site("Al", (Species("Al"),), (0.352, 0.352, 0.352)), Site("O", (Species("O"),), (0.556, 0.944, 0.25)))
    given = Structure(Lattice(5.129, 5.129, 5.129, 55.28, 55.28, 55.28), SpaceGroup.from_symbol("R -3 c:R"), sites)
    found = standardize(given)
    assert found.space_group.symbol == "R -3 c:H"
    assert found.lattice.a == pytest.approx(4.758, abs=0.003)
    assert found.lattice.c == pytest.approx(12.99, abs=0.01)
    assert found.density == pytest.approx(given.density, rel=1e-6)
    assert [(s.label, f"{s.multiplicity}{s.wyckoff}") for s in found.sites] == [("Al", "12c"), ("O", "18e")]


def test_different_contents_are_never_equivalent():
    # CsCl with half of Cl replaced is ordered; with equal mixed sites it is body-centred
    lattice, primitive = Lattice(4.12, 4.12, 4.12), SpaceGroup.from_number(1)
    ends = ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5))
    mixed = tuple(Site(f"M{k}", (Species("Cs", 0.5), Species("Cl", 0.5)), xyz) for k, xyz in enumerate(ends))
    ordered = tuple(Site(e, (Species(e),), xyz) for e, xyz in zip(("Cs", "Cl"), ends, strict=True))
    assert standardize(Structure(lattice, primitive, mixed)).space_group.number == 229
    assert standardize(Structure(lattice, primitive, ordered)).space_group.number == 221


def test_displacement_tensor_turns_with_the_axes():
    given = _anatase()
    turned = replace(
        given,
        lattice=Lattice(9.5143, 3.7845, 3.7845),
        space_group=SpaceGroup.from_operations(_cycled(given.space_group)),
        sites=tuple(replace(s, xyz=(s.xyz[2], s.xyz[0], s.xyz[1]), u_aniso=_cycled_u(s.u_aniso)) for s in given.sites),
    )
    found = standardize(turned)
    oxygen = next(s for s in found.sites if s.label == "O1")
    assert found.space_group.number == 141
    # U33 lies along c; U11 and U22 may change places with the image that is listed
    assert oxygen.u_aniso is not None
    assert sorted(oxygen.u_aniso[:2]) == pytest.approx([0.004, 0.009])
    assert oxygen.u_aniso[2] == pytest.approx(0.006)


def _cycled(group: SpaceGroup) -> list[str]:
    """Rename the axes x → y → z → x in every operation."""
    result = []
    for triplet in group.triplets:
        x, y, z = (part.translate(str.maketrans("xyz", "yzx")) for part in triplet.split(","))
        result.append(f"{z},{x},{y}")
    return result


def _cycled_u(u: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if u is None:
        return None
    u11, u22, u33, u12, u13, u23 = u
    return (u33, u11, u22, u13, u23, u12)


def test_tensor_round_trip_and_equivalent_u():
    lattice = Lattice(9.4, 9.4, 6.9, 90, 90, 120)
    # U12 = U22/2 with U11 = U22 is isotropic in the plane of a hexagonal cell
    isotropic = (0.01, 0.01, 0.01, 0.005, 0.0, 0.0)
    assert equivalent_u_iso(isotropic, lattice) == pytest.approx(0.01)
    assert site_tensor(cell_tensor(isotropic, lattice), lattice) == pytest.approx(isotropic)


def test_declared_symmetry_stays_where_the_search_finds_less():
    # two sites 0.05 Å from the mirror's mean: a full search at 1e-6 Å cannot raise the symmetry, nor may it lower it
    sites = (Site("Na", (Species("Na"),), (0, 0, 0)), Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5)))
    salt = Structure(Lattice(5.64, 5.64, 5.64), SpaceGroup.from_symbol("F m -3 m"), sites)
    assert standardize(salt, symprec=1e-6).space_group.number == 225


@pytest.mark.parametrize(
    ("xyz", "multiplicity"), [((0.3333, 0.6667, 0.25), 2), ((0.0, 0.0, 0.0), 2), ((0.21, 0.07, 0.05), 24)]
)
def test_rounded_special_positions_are_recognised(xyz: tuple[float, float, float], multiplicity: int):
    # P63/mmc: 2c (1/3,2/3,1/4), 2a (0,0,0), 24l general (International Tables A, No. 194)
    group, lattice = SpaceGroup.from_number(194), Lattice(3.2, 3.2, 5.2, 90, 90, 120)
    orbit = orbit_of(lattice.metric, group.rotations, group.translations, xyz)
    assert orbit.multiplicity == multiplicity
    assert np.allclose(orbit.xyz, np.round(np.array(xyz) * 12) / 12, atol=1e-12) == (multiplicity < 24)
