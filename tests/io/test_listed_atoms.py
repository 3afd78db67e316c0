"""Atoms that refinement programs list: species, space-group symbols, shared sites, origins."""

from __future__ import annotations

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Species
from anatase.errors import InputError
from anatase.io.listed_atoms import (
    ListedAtom,
    likelier_origin,
    listed_species,
    sites_of_atoms,
    spelled_group,
    written_group,
)

CUBE = Lattice(5.43, 5.43, 5.43)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CA+2", ("Ca", 2, 0)),
        ("Fe3+", ("Fe", 3, 0)),
        ("O-2", ("O", -2, 0)),
        ("PB", ("Pb", 0, 0)),
        ("7Li", ("Li", 0, 7)),
        ("CO", ("Co", 0, 0)),
        ("OH", ("O", 0, 0)),
        ("D", ("D", 0, 0)),
    ],
)
def test_species(text: str, expected: tuple[str, int, int]) -> None:
    species = listed_species(text, 0.5)
    assert species is not None
    assert (species.element, species.charge, species.isotope) == expected
    assert species.occupancy == 0.5


@pytest.mark.parametrize("text", ["zz", "MFE3", "", "12"])
def test_what_is_no_species(text: str) -> None:
    assert listed_species(text) is None


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("P m n b", "P m n b"),
        ("I41/amd:1", "I 41/a m d:1"),
        ("F_D_-3_M", "F d -3 m:2"),
        ("Fd-3mS", "F d -3 m:1"),
        ("R -3 c H", "R -3 c:H"),
        ("R-3C", "R -3 c:H"),
        ("R-3cR", "R -3 c:R"),
        ("P 21/c", "P 1 21/c 1"),
        ("225", "F m -3 m"),
    ],
)
def test_space_groups(text: str, symbol: str) -> None:
    assert spelled_group(text).symbol == symbol


def test_no_space_group() -> None:
    with pytest.raises(InputError, match="'P 7' is no space group symbol"):
        spelled_group("P 7")


def test_groups_are_written_as_they_are_read() -> None:
    for number in range(1, 231):
        group = SpaceGroup.from_number(number)
        assert spelled_group(written_group(group)) == group
    with pytest.raises(InputError, match="setting without a symbol"):
        written_group(SpaceGroup.from_hall("-P 2ybc (x+1/8,y,z)"))


def test_atoms_at_one_place_share_a_site() -> None:
    atoms = [
        ListedAtom("M", Species("Fe", 0.5), (0.0, 0.0, 0.0), 0.01),
        ListedAtom("M2", Species("Mg", 0.5), (0.0, 0.0, 1.0), 0.01),
        ListedAtom("O.1", Species("O"), (0.5, 0.5, 0.5), 0.02),
        ListedAtom("M", Species("Na", 0.1), (0.0, 0.0, 0.0), 0.03),
    ]
    sites, places = sites_of_atoms(atoms, CUBE, SpaceGroup.from_number(225))
    assert [site.label for site in sites] == ["M", "O_1", "M_2"]  # an atom of its own B is no part of the site
    assert [one.element for one in sites[0].species] == ["Fe", "Mg"]
    assert places == (("M", "Fe"), ("M", "Mg"), ("O_1", "O"), ("M_2", "Na"))
    assert sites[0].multiplicity == 4  # 4a of F m -3 m


def test_the_origin_that_a_symbol_leaves_open() -> None:
    """Silicon at 0, 0, 0 is 8a under origin 1, 2.35 Å apart; under origin 2 it would be 16c, 1.92 Å apart."""
    group = spelled_group("F d -3 m")
    atom = ListedAtom("Si", Species("Si"), (0.0, 0.0, 0.0), 0.01)
    chosen, warning = likelier_origin(group, "F d -3 m", [atom], CUBE)
    assert chosen.symbol == "F d -3 m:1"
    assert "choice 1" in warning
    assert likelier_origin(group, "F d -3 m:2", [atom], CUBE) == (group, "")
    other = ListedAtom("Si", Species("Si"), (0.125, 0.125, 0.125), 0.01)
    assert likelier_origin(group, "F d -3 m", [other], CUBE)[0].symbol == "F d -3 m:2"
