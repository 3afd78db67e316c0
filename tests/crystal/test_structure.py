"""Composition, formula, Z and density of known crystals."""

from __future__ import annotations

import pytest

from anatase.crystal.formula import formula_of, parse_formula
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure


def _fluorapatite() -> Structure:
    # Hughes, Cameron & Crowley (1989) Am. Mineral. 74, 870
    rows = [
        ("Ca1", "Ca", (1 / 3, 2 / 3, 0.0011)), ("Ca2", "Ca", (-0.00712, 0.24227, 0.25)),
        ("P", "P", (0.36895, 0.3985, 0.25)), ("O1", "O", (0.4849, 0.3273, 0.25)),
        ("O2", "O", (0.4667, 0.5875, 0.25)), ("O3", "O", (0.2575, 0.3421, 0.0705)), ("F", "F", (0.0, 0.0, 0.25)),
    ]  # fmt: skip
    sites = tuple(Site(label, (Species(element),), xyz) for label, element, xyz in rows)
    return Structure(Lattice(9.397, 9.397, 6.878, 90, 90, 120), SpaceGroup.from_symbol("P 63/m"), sites)


def test_fluorapatite():
    structure = _fluorapatite()
    assert structure.formula == "Ca5P3O12F"
    assert structure.formula_units_per_cell == 2
    assert structure.composition == {"Ca": 10, "F": 2, "O": 24, "P": 6}
    assert structure.n_atoms == 42
    # M(Ca5(PO4)3F) = 504.30 g/mol; density 3.18-3.20 g/cm³ (Handbook of Mineralogy, fluorapatite, calculated)
    assert structure.mass_per_cell == pytest.approx(2 * 504.30, abs=0.05)
    assert structure.density == pytest.approx(3.19, abs=0.02)
    assert [orbit.multiplicity for orbit in structure.orbits] == [4, 6, 6, 6, 6, 12, 2]


def test_partial_occupancies_keep_two_decimals():
    site = Site("M", (Species("Mg", 0.9), Species("Fe", 0.1)), (0.0, 0.0, 0.0))
    oxygen = Site("O", (Species("O"),), (0.5, 0.5, 0.5))
    structure = Structure(Lattice(4.22, 4.22, 4.22), SpaceGroup.from_symbol("F m -3 m"), (site, oxygen))
    assert structure.formula == "Mg0.9Fe0.1O"
    assert structure.formula_units_per_cell == 4


@pytest.mark.parametrize(
    ("atoms", "formula"),
    [
        ({"O": 3, "C": 1, "Ca": 1}, "CaCO3"),
        ({"F": 1, "O": 12, "P": 3, "Ca": 5}, "Ca5P3O12F"),
        ({"Cl": 1, "H": 4, "N": 1}, "NH4Cl"),
        ({"O": 4, "Cl": 1, "K": 1}, "KClO4"),
    ],
)
def test_order_of_elements(atoms: dict[str, float], formula: str):
    assert formula_of(atoms) == formula


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("Ca5 (P O4)3 F", {"Ca": 5, "P": 3, "O": 12, "F": 1}),
        ("(Na.723 Ca.277) (Al1.277 Si2.723) O8", {"Na": 0.723, "Ca": 0.277, "Al": 1.277, "Si": 2.723, "O": 8}),
        ("( N H4 )2 Cu Cl4 ( H2 O )2", {"N": 2, "H": 12, "Cu": 1, "Cl": 4, "O": 2}),
        ("Ca S O4 · 2 H2 O", {"Ca": 1, "S": 1, "O": 6, "H": 4}),
        ("V0.5W0.5", {"V": 0.5, "W": 0.5}),
        ("(La8.6875Na0.625[Al2O6])2", {"La": 17.375, "Na": 1.25, "Al": 4, "O": 12}),
    ],
)
def test_formulae_are_read(text: str, atoms: dict[str, float]):
    assert parse_formula(text) == pytest.approx(atoms)


@pytest.mark.parametrize("text", ["unknown", "Ca(CO3", "Xx2", ""])
def test_what_is_no_formula_is_none(text: str):
    assert parse_formula(text) is None
