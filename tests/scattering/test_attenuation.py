"""Attenuation coefficients against published tables."""

from __future__ import annotations

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.scattering.attenuation import linear_attenuation, mass_attenuation

CU, MO = 1.5418, 0.7107  # Å, where International Tables tabulate


def cubic(number: int, a: float, *sites: Site) -> Structure:
    return Structure(Lattice(a, a, a), SpaceGroup.from_number(number), sites)


SILICON = cubic(227, 5.4310, Site("Si", (Species("Si"),), (0.125, 0.125, 0.125)))
IRON = cubic(229, 2.8665, Site("Fe", (Species("Fe"),), (0.0, 0.0, 0.0)))
COPPER = cubic(225, 3.6149, Site("Cu", (Species("Cu"),), (0.0, 0.0, 0.0)))
HALITE = cubic(225, 5.6402, Site("Na", (Species("Na"),), (0, 0, 0)), Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5)))
VANADIUM = cubic(229, 3.0240, Site("V", (Species("V"),), (0.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("structure", "wavelength", "per_gram"),
    # photoabsorption in cm²/g: Elam, Ravel & Sieber (2002) Radiat. Phys. Chem. 63, 121, as in xraydb 4.5.8; Chantler
    # (1995) in the same program is 2 to 4 % below, so that 4 % is how well the quantity is known
    [
        (SILICON, CU, 62.837),
        (IRON, CU, 300.05),
        (COPPER, CU, 49.884),
        (HALITE, CU, 75.084),
        (SILICON, MO, 6.2186),
        (IRON, MO, 36.883),
    ],
)
def test_x_rays(structure: Structure, wavelength: float, per_gram: float):
    assert linear_attenuation(structure, wavelength) / structure.density == pytest.approx(per_gram, rel=0.045)


def test_neutrons_in_vanadium():
    # two atoms in 27.65 Å³; Sears (1992): σ_a 5.08 barn at 1.798 Å, σ_inc 5.08 barn: 0.367 + 0.367 cm⁻¹
    assert linear_attenuation(VANADIUM, 1.798, "neutron") == pytest.approx(0.735, rel=2e-3)
    assert linear_attenuation(VANADIUM, 3.596, "neutron") == pytest.approx(0.367 * 3.0, rel=2e-3)


def test_an_isotope_takes_the_absorption_away():
    # natural boron absorbs 767 barn, ¹¹B 0.0055 barn (Sears 1992)
    natural, pure = (
        cubic(221, 4.0, Site("B", (Species("B", isotope=mass),), (0.0, 0.0, 0.0))) for mass in (0, 11)
    )  # fmt: skip
    assert linear_attenuation(natural, 1.798, "neutron") == pytest.approx(767.0 / 64.0, rel=0.01)
    assert linear_attenuation(pure, 1.798, "neutron") < 0.005


def test_occupancies_count():
    half = cubic(229, 2.8665, Site("Fe", (Species("Fe", 0.5),), (0.0, 0.0, 0.0)))
    assert linear_attenuation(half, CU) == pytest.approx(0.5 * linear_attenuation(IRON, CU), rel=1e-12)


def test_refusals():
    with pytest.raises(InputError, match="electrons have no attenuation coefficient"):
        linear_attenuation(IRON, 0.0251, "electron")
    with pytest.raises(PhysicsError, match="a wavelength of 0 Å"):
        linear_attenuation(IRON, 0.0)


@pytest.mark.parametrize(
    ("formula", "structure", "wavelength"), [("NaCl", HALITE, CU), ("Fe", IRON, MO), ("Si", SILICON, CU)]
)
def test_mass_attenuation_is_that_of_the_crystal(formula: str, structure: Structure, wavelength: float):
    expected = linear_attenuation(structure, wavelength) / structure.density
    assert mass_attenuation({formula: 3.0}, wavelength) == pytest.approx(expected, rel=1e-9)


def test_mass_attenuation_of_an_analysis():
    # parts by weight add up: 0.6 NaCl and 0.4 Fe, whatever their unit
    halite, iron = (mass_attenuation({one: 1.0}, CU) for one in ("NaCl", "Fe"))
    assert mass_attenuation({"NaCl": 60.0, "Fe": 40.0}, CU) == pytest.approx(0.6 * halite + 0.4 * iron, rel=1e-12)
    assert mass_attenuation({"V": 1.0}, 1.798, "neutron") == pytest.approx(
        linear_attenuation(VANADIUM, 1.798, "neutron") / VANADIUM.density, rel=1e-9
    )


def test_impossible_compositions():
    with pytest.raises(InputError, match="'Xy2' is no chemical formula"):
        mass_attenuation({"Xy2": 1.0}, CU)
    for parts in ({}, {"SiO2": -1.0}, {"SiO2": 0.0}, {"SiO2": float("nan")}):
        with pytest.raises(PhysicsError, match="make no composition"):
            mass_attenuation(parts, CU)
