"""Structures that no crystal can have are refused with the name of the site."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.physical import check_physical
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import PhysicsError


def rutile(*more: Site) -> Structure:
    sites = (Site("Ti1", (Species("Ti"),), (0, 0, 0)), Site("O1", (Species("O"),), (0.305, 0.305, 0)), *more)
    return Structure(Lattice(4.594, 4.594, 2.959), SpaceGroup.from_number(136), sites, name="rutile")


def site(label: str, element: str, *xyz: float, occupancy: float = 1.0) -> Site:
    return Site(label, (Species(element, occupancy),), xyz)  # type: ignore[arg-type]


def test_a_real_structure_passes():
    check_physical(rutile())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (site("X7", "Xx", 0.5, 0.5, 0.1), "X7.*'Xx'"),
        (site("Fe3", "Fe", 0.5, 0.5, 0.1, occupancy=1.2), "Fe3.*1.2"),
        (site("Fe4", "Fe", 0.5, 0.5, 0.1, occupancy=-0.1), "Fe4.*-0.1"),
        (site("Fe5", "Fe", 0.5, float("nan"), 0.1), "Fe5.*nan"),
        (Site("M6", (Species("Fe", 0.7), Species("Mn", 0.6)), (0.5, 0.5, 0.1)), "M6.*1.3"),
        (site("Fe8", "Fe", 0.5, 0.5, 0.1, occupancy=0.0), "Fe8.*0"),
    ],
)
def test_wrong_sites_are_named(wrong, message):
    with pytest.raises(PhysicsError, match=message):
        check_physical(rutile(wrong))


@pytest.mark.parametrize("xyz", [(0.3051, 0.3049, 0.001), (0.695, 0.695, 0.0), (0.195, 0.805, 0.501)])
def test_atoms_on_top_of_each_other_are_named(xyz):
    # the last two positions are images of O1 under 4₂/mnm
    with pytest.raises(PhysicsError, match="O1 and Al9"):
        check_physical(rutile(site("Al9", "Al", *xyz)))


def test_atoms_collide_across_the_face_of_the_cell():
    cell = Lattice(5.0, 6.0, 7.0, 80.0, 95.0, 105.0)
    structure = Structure(
        cell, SpaceGroup.from_number(1), (site("A", "Na", 0.999, 0.001, 0.5), site("B", "Cl", 0.002, 0.998, 0.5))
    )
    with pytest.raises(PhysicsError, match="A and B"):
        check_physical(structure)


def test_split_positions_that_share_one_atom_pass():
    half = site("O8", "O", 0.31, 0.30, 0.001, occupancy=0.5)
    structure = rutile()
    shared = replace(structure.sites[1], species=(Species("O", 0.5),))
    check_physical(replace(structure, sites=(structure.sites[0], shared, half)))


def test_no_atoms():
    with pytest.raises(PhysicsError, match="no atoms"):
        check_physical(replace(rutile(), sites=()))


@pytest.mark.parametrize("seed", range(12))
def test_collisions_are_those_of_every_pair_against_every_lattice_vector(seed):
    # brute force over 27 neighbouring cells; sheared cells, some thinner than the bins of the search
    rng = np.random.default_rng(seed)
    lattice = Lattice(*rng.uniform(1.2, 9.0, 3), *rng.uniform(75.0, 105.0, 3))
    xyz = rng.random((46, 3))
    sites = tuple(site(f"X{i}", "Fe", *row) for i, row in enumerate(xyz.tolist()))
    shifts = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3)
    apart = (xyz[:, None, None, :] - xyz[None, :, None, :] + shifts) @ lattice.vectors
    nearest = np.linalg.norm(apart, axis=-1).min(axis=-1)[np.triu_indices(len(xyz), 1)].min()
    structure = Structure(lattice, SpaceGroup.from_number(1), sites)
    if nearest < 0.3:
        with pytest.raises(PhysicsError, match="stand within"):
            check_physical(structure)
    else:
        check_physical(structure)


def iron(*xyz: float, occupancy: float = 1.0, **displacement: object) -> Structure:
    fe = Site("Fe1", (Species("Fe", occupancy),), xyz, **displacement)  # type: ignore[arg-type]
    return Structure(Lattice(5.0, 5.0, 5.0), SpaceGroup.from_symbol("F m -3 m"), (fe,))


@pytest.mark.parametrize("xyz", [(0.01, 0.01, 0.01), (0.02, 0.0, 0.0), (0.25, 0.25, 0.28)])
def test_atoms_on_top_of_their_own_images_are_named(xyz):
    with pytest.raises(PhysicsError, match=r"Fe1 .* own image \(\d+ in the cell\)"):
        check_physical(iron(*xyz))
    check_physical(iron(*xyz, occupancy=0.5))


@pytest.mark.parametrize("symbol", ["Fe3+", "fe", "FE", "d", "X", ""])
def test_only_symbols_are_elements(symbol):
    with pytest.raises(PhysicsError, match=r"no element.*charge=4"):
        check_physical(rutile(site("M9", symbol, 0.5, 0.5, 0.1)))


@pytest.mark.parametrize(
    "displacement",
    [
        {"u_iso": -1.0},
        {"u_iso": float("nan")},
        {"u_iso": float("inf")},
        {"u_aniso": (0.01, 0.01, 0.01, 0.05, 0.0, 0.0)},
        {"u_aniso": (0.01, float("nan"), 0.01, 0.0, 0.0, 0.0)},
    ],
)
def test_displacements_that_sharpen_atoms_are_refused(displacement):
    with pytest.raises(PhysicsError, match="Fe1: U is"):
        check_physical(iron(0.0, 0.0, 0.0, **displacement))
    check_physical(iron(0.0, 0.0, 0.0, u_iso=-0.005))  # what refinements end with


@pytest.mark.parametrize(
    ("symbol", "cell"),
    [
        ("F m -3 m", (5.0, 6.0, 7.0, 80.0, 95.0, 100.0)),
        ("P 63/m m c", (5.0, 5.0, 5.0, 90.0, 90.0, 90.0)),
        ("P 42/m n m", (4.59, 4.65, 2.96, 90.0, 90.0, 90.0)),
    ],
)
def test_cells_without_the_symmetry_of_their_group_are_refused(symbol, cell):
    structure = Structure(Lattice(*cell), SpaceGroup.from_symbol(symbol), (site("Fe1", "Fe", 0.0, 0.0, 0.0),))
    with pytest.raises(PhysicsError, match="has not the symmetry of"):
        check_physical(structure)


def test_mass_and_composition_follow_positions_and_isotopes():
    salt = Structure(
        Lattice(4.07, 4.07, 4.07),
        SpaceGroup.from_symbol("F m -3 m"),
        (
            Site("Li1", (Species("Li", isotope=7),), (0, 0, 0), multiplicity=192),  # a count that is not true
            Site("H1", (Species("H", isotope=2),), (0.5, 0.5, 0.5)),
        ),
    )
    assert salt.composition == {"H": 4.0, "Li": 4.0}
    assert salt.mass_per_cell == pytest.approx(4 * (7.016 + 2.014), rel=2e-3)  # AME 2020
