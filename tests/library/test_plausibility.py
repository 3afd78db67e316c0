"""What the library refuses to compute a pattern of, and what it repairs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.library.plausibility import check_plausible, share_sites

P1 = SpaceGroup.from_number(1)


def structure(*sites: Site, a: float = 4.0) -> Structure:
    return Structure(Lattice(a, a, a), P1, sites)


def test_different_atoms_on_one_place() -> None:
    crowded = structure(Site("Na1", (Species("Na"),), (0, 0, 0)), Site("Cl1", (Species("Cl"),), (0.05, 0, 0)))
    with pytest.raises(InputError, match=r"2\.00 atoms stand within 0\.5 Å of Na1 \(Cl1, Na1\)"):
        check_plausible(share_sites(crowded))


def test_split_positions_share_one_atom() -> None:
    split = structure(Site("Na1", (Species("Na"),), (0, 0, 0)), Site("Na2", (Species("Na"),), (0.05, 0, 0)))
    shared = share_sites(split)
    assert [site.occupancy for site in shared.sites] == [0.5, 0.5]
    assert shared.warnings == ("positions closer than 0.5 Å share one atom: Na1, Na2",)
    check_plausible(shared)


def test_half_occupied_neighbours_are_left_alone() -> None:
    half = (Species("Na", 0.5),)
    split = structure(Site("Na1", half, (0, 0, 0)), Site("Na2", half, (0.05, 0, 0)))
    assert share_sites(split) is split


def test_absurd_density_and_empty_cells() -> None:
    iron = structure(Site("Fe1", (Species("Fe"),), (0, 0, 0)), a=1.2)  # 1.73 Å³ for 55.8 g/mol
    with pytest.raises(InputError, match="the density is 53"):
        check_plausible(iron)
    with pytest.raises(InputError, match="no atoms"):
        check_plausible(replace(iron, sites=()))
