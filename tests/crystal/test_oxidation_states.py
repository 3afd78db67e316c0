"""Compounds whose charges balance, and those that no common oxidation states balance."""

from __future__ import annotations

import pytest

from anatase.crystal.formula import parse_formula
from anatase.crystal.oxidation_states import balanced

COMMON = [
    "Fe3O4", "Fe2O3", "TiO2", "Li2TiO3", "CaCO3", "KAlSi3O8", "Ca5P3O12F", "Mn3O4", "Pb3O4", "NaCl", "La2O3",
    "Ba(NO3)2", "FeOOH", "FeO2",  # goethite, listed without its hydrogen
    "Al2Si2O9", "Na2SO14",  # kaolinite and mirabilite without theirs
    "Fe2.67O4",  # maghemite with its vacancies
    "TiN", "FeS2", "Fe3C", "TiAl3", "Fe", "C6H12O6",  # no rule of charges, or none needed
]  # fmt: skip
UNUSUAL = ["Zr3O", "LiO2", "SiO", "LiTiO2", "NbO", "Ag3O4", "TiF3", "KO3F9"]


@pytest.mark.parametrize("formula", COMMON)
def test_common_compounds_are_balanced(formula):
    composition = parse_formula(formula)
    assert composition is not None
    assert balanced(composition)


@pytest.mark.parametrize("formula", UNUSUAL)
def test_unusual_compounds_are_not(formula):
    composition = parse_formula(formula)
    assert composition is not None
    assert not balanced(composition)
