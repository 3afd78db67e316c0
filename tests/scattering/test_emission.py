"""Shapes of characteristic lines against the numbers printed beside them."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.scattering.emission import ANODES, HC_EV_ANGSTROM, emission_profile


def intensity(profile, wavelength):
    """Return the sum of Lorentzians of the profile's areas and widths."""
    total = np.zeros_like(wavelength)
    for centre, weight, width in zip(profile.wavelengths, profile.weights, profile.widths, strict=True):
        total += weight * (width / 2 / np.pi) / ((wavelength - centre) ** 2 + (width / 2) ** 2)
    return total


@pytest.mark.parametrize("anode", ["Cr", "Mn", "Fe", "Co", "Ni", "Cu"])
@pytest.mark.parametrize("line", ["Ka", "Kb"])
def test_the_shape_peaks_at_the_tabulated_wavelength(anode: str, line: str):
    # Hölzer et al. (1997): tables II, III (shapes) and IV (maxima), which agree to 0.1 eV or 1.5e-5
    lines, profile = ANODES[anode], emission_profile(anode, line)
    tabulated = lines.ka1 if line == "Ka" else lines.kb1
    wavelength = tabulated * (1.0 + np.linspace(-1e-3, 1e-3, 4001))
    assert wavelength[np.argmax(intensity(profile, wavelength))] == pytest.approx(tabulated, rel=2.5e-5)


@pytest.mark.parametrize("anode", ["Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Mo", "Ag"])
def test_the_second_line_is_where_the_table_has_it_and_about_half_as_strong(anode: str):
    lines, profile = ANODES[anode], emission_profile(anode)
    middle = 0.5 * (lines.ka1 + lines.ka2)
    wavelength = np.linspace(middle, lines.ka2 * 1.002, 8001)
    assert wavelength[np.argmax(intensity(profile, wavelength))] == pytest.approx(lines.ka2, rel=2.5e-5)
    second = sum(w for x, w in zip(profile.wavelengths, profile.weights, strict=True) if x > middle)
    assert 0.46 < second / (sum(profile.weights) - second) < 0.57  # Hölzer et al., table IV: 0.50 to 0.53


@pytest.mark.parametrize(
    ("anode", "line", "areas"),
    # Hölzer et al. (1997), tables II and III, integrated intensities in the order of height
    [
        ("Cu", "Ka", [0.579, 0.236, 0.105, 0.080]),
        ("Ni", "Ka", [0.487, 0.250, 0.171, 0.064, 0.028]),
        ("Cr", "Kb", [0.307, 0.172, 0.137, 0.148, 0.236]),
        ("Fe", "Kb", [0.241, 0.279, 0.179, 0.301]),
    ],
)
def test_areas_are_the_printed_ones(anode: str, line: str, areas: list[float]):
    weights = np.array(emission_profile(anode, line).weights)
    assert weights / weights.sum() == pytest.approx(areas, abs=2e-3)


def test_copper_with_satellites():
    # Berger (1986), as powder programs list it: the satellite group at 1.534753 Å, 3.69 mÅ wide, 1.6 % of the area
    profile = emission_profile("Cu", "Ka", 5)
    assert profile.wavelengths[-1] == pytest.approx(1.534753, abs=1e-6)
    assert profile.widths[-1] == pytest.approx(3.6854e-3, rel=1e-3)
    assert profile.weights[-1] / sum(profile.weights) == pytest.approx(0.0159, abs=1e-4)


@pytest.mark.parametrize("anode", ANODES)
def test_lines_are_in_the_order_of_energy(anode: str):
    lines = ANODES[anode]
    assert lines.kb1 < lines.ka1 < lines.ka2
    # Moseley: √E grows linearly with Z; 0.75 · 13.6057 eV (Z − 1)² holds Kα1 to 3 % (W: 7 %, relativistic)
    numbers = {"Cr": 24, "Mn": 25, "Fe": 26, "Co": 27, "Ni": 28, "Cu": 29, "Ga": 31, "Mo": 42, "Ag": 47, "W": 74}
    expected = 0.75 * 13.6057 * (numbers[anode] - 1) ** 2
    assert HC_EV_ANGSTROM / lines.ka1 == pytest.approx(expected, rel=0.1)


def test_unknown_profiles_are_refused():
    with pytest.raises(InputError, match="no emission profile CuKa7 is tabulated; give one of CrKa7"):
        emission_profile("Cu", "Ka", 7)
