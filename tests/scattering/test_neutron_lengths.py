"""Neutron scattering lengths against the printed tables."""

from __future__ import annotations

from math import pi

import pytest

from anatase.errors import InputError
from anatase.scattering.neutron_lengths import has_neutron_length, isotopes_of, neutron_length, neutron_scattering


@pytest.mark.parametrize(
    ("element", "length"),
    # Sears (1992) Neutron News 3(3), 26, table 1, bound coherent lengths of the natural elements in fm
    [("H", -3.7390), ("D", 6.671), ("O", 5.803), ("Ti", -3.438), ("V", -0.3824), ("Ni", 10.3), ("Pb", 9.405)],
)
def test_natural_elements(element: str, length: float):
    assert neutron_length(element) == pytest.approx(length, abs=1e-4)


@pytest.mark.parametrize(
    ("element", "isotope", "length", "tolerance"),
    # Sears (1992), table 1; the tolerance is what Rauch & Waschkowski (2003) and later work changed
    [
        *[("H", 1, -3.7406, 0.002), ("H", 2, 6.671, 1e-9), ("Li", 6, 2.00, 0.3), ("Li", 7, -2.22, 0.07)],
        *[("B", 11, 6.65, 0.01), ("N", 15, 6.44, 0.01), ("Ni", 58, 14.4, 0.05), ("Ni", 62, -8.7, 0.05)],
        *[("Cl", 35, 11.65, 0.1), ("Cl", 37, 3.08, 0.5), ("Ti", 48, -6.08, 0.3), ("Ti", 46, 4.93, 0.3)],
    ],
)
def test_isotopes(element: str, isotope: int, length: float, tolerance: float):
    assert neutron_length(element, isotope) == pytest.approx(length, abs=tolerance)


@pytest.mark.parametrize(
    ("element", "isotope", "imaginary"),
    # Sears (1992), table 1: imaginary parts of the bound coherent length in fm, to 1 %
    [
        ("B", 10, 1.066),
        ("Li", 6, 0.261),
        ("He", 3, 1.483),
        ("Cd", 113, 5.73),
        ("Gd", 157, 71.9),
        ("Gd", 0, 13.82),
        ("B", 0, 0.213),
        ("Eu", 0, 1.26),
    ],
)
def test_absorbing_nuclei_have_an_imaginary_length(element: str, isotope: int, imaginary: float):
    assert neutron_scattering(element, isotope).imaginary_length == pytest.approx(imaginary, rel=0.01)


@pytest.mark.parametrize("element", ["C", "O", "Al", "Si", "Fe", "Ni", "Cu", "Zr", "Pb"])
def test_the_coherent_cross_section_is_that_of_the_length(element: str):
    # σ_coh = 4π b², 1 barn = 100 fm²; lengths and cross sections come from two tables
    nucleus = neutron_scattering(element)
    assert 4.0 * pi * nucleus.length**2 / 100.0 == pytest.approx(nucleus.coherent, rel=0.01)


def test_vanadium_and_hydrogen_scatter_incoherently():
    # Sears (1992), table 1: 5.08 and 80.26 barn; absorption of vanadium 5.08 barn
    assert neutron_scattering("V").incoherent == pytest.approx(5.08, abs=0.01)
    assert neutron_scattering("V").absorption == pytest.approx(5.08, abs=0.01)
    assert neutron_scattering("H").incoherent == pytest.approx(80.26, abs=0.05)


def test_deuterium_by_either_name():
    assert neutron_scattering("D") == neutron_scattering("H", 2)


@pytest.mark.parametrize("element", ["Po", "At", "Rn", "Fr", "Ac", "Cf"])
def test_elements_without_a_value_are_refused(element: str):
    assert not has_neutron_length(element)
    with pytest.raises(InputError, match=f"natural {element}"):
        neutron_length(element)


def test_which_nuclei_have_a_value():
    assert all(has_neutron_length(*nucleus) for nucleus in (("H",), ("D",), ("H", 2), ("Ti",), ("Ti", 48), ("Cm",)))
    assert not has_neutron_length("Ti", 44)


def test_unknown_isotopes_are_refused_with_the_known_ones():
    assert isotopes_of("Ti") == (46, 47, 48, 49, 50)
    with pytest.raises(InputError, match=r"Ti with mass number 44 is tabulated; isotopes with one: 46, 47, 48, 49, 50"):
        neutron_length("Ti", 44)
    with pytest.raises(InputError, match="'Xx' is no chemical element"):
        neutron_length("Xx")
