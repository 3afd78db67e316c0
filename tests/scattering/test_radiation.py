"""Names of radiations, and the wavelengths behind them."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.scattering.radiation import (
    TUBES,
    Radiation,
    electron_wavelength,
    radiation_from_name,
    synchrotron_radiation,
)

# Kα1 and Kα2 in Å. Cr to Cu: Hölzer et al. (1997) Phys. Rev. A 56, 4554, table IV. Mo and Ag: Deslattes et al. (2003)
# Rev. Mod. Phys. 75, 35, table V.
PUBLISHED = {
    "Cr": (2.289726, 2.293651),
    "Fe": (1.936041, 1.939973),
    "Co": (1.788996, 1.792835),
    "Cu": (1.540593, 1.544427),
    "Mo": (0.709317, 0.713607),
    "Ag": (0.559422, 0.563813),
}


@pytest.mark.parametrize("tube", PUBLISHED)
def test_tube_lines_are_the_published_ones(tube: str):
    assert TUBES[tube] == pytest.approx(PUBLISHED[tube], abs=1e-6)  # the digits typed above


@pytest.mark.parametrize(
    "name",
    ["Cu", "cu", "CuKa", "CUKA", "Cu Ka", "CuKα", "Cu-Kα", "Cu K-alpha", " CuKa12 ", "CuKa1,2", "Cu Kα1,2"],
)
def test_spellings_of_the_doublet(name: str):
    radiation = radiation_from_name(name)
    assert radiation == Radiation("xray", ((1.5405929, 1.0), (1.5444274, 0.5)), polarization=1.0, name="CuKa")
    # (2 α1 + α2)/3: the 1.5418 Å of the older literature, in today's metre 1.54187
    (alpha1, one), (alpha2, half) = radiation.lines
    assert (one * alpha1 + half * alpha2) / (one + half) == pytest.approx(1.54187, abs=1e-5)
    assert radiation.wavelength == 1.5405929


@pytest.mark.parametrize("tube", TUBES)
def test_every_tube_with_one_line_and_with_two(tube: str):
    assert [line for line, _ in radiation_from_name(f"{tube}Ka").lines] == list(TUBES[tube])
    single = radiation_from_name(f"{tube} Kα1")
    assert (single.lines, single.name) == (((TUBES[tube][0], 1.0),), f"{tube}Ka1")


@pytest.mark.parametrize(
    "name", ["0.4131", "0.4131 Å", "0.4131Å", "0.4131 \N{ANGSTROM SIGN}", "0.4131 A", "0.4131A", "4.131e-1"]
)
def test_spellings_of_a_wavelength(name: str):
    assert radiation_from_name(name) == Radiation("xray", ((0.4131, 1.0),), polarization=0.0, name="0.4131 Å")


@pytest.mark.parametrize(
    ("name", "polarization"),
    [("1.5406", 1.0), ("1.5418", 1.0), ("1.54439", 1.0), ("0.7107", 1.0), ("1.5300", 0.0), ("1.5460", 0.0)],
)
def test_a_tube_wavelength_is_unpolarized_and_others_a_synchrotrons(name: str, polarization: float):
    assert radiation_from_name(name).polarization == polarization


def test_neutrons_have_one_line_and_no_polarization():
    radiation = radiation_from_name("1.5406", "neutron")
    assert (radiation.probe, radiation.lines, radiation.polarization) == ("neutron", ((1.5406, 1.0),), 0.0)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ka",
        "CuKb2",
        "XxKa",
        "CuKa3",
        "MoKa2",
        "1 kV",
        "-5 keV",
        "1.2.3 keV",
        "0 keV",
        "-1.54",
        "0",
        "0.0001",
        "60",
        "nan",
        "inf",
        "1,54",
        "1_54",
        "1.54 nm",
    ],
)
def test_refusals_name_the_value_and_the_choices(name: str):
    with pytest.raises(InputError) as caught:
        radiation_from_name(name)
    assert f"'{name}'" in caught.value.found
    assert "CuKa" in caught.value.remedy


def test_a_tube_is_no_neutron_source():
    with pytest.raises(InputError, match="X-ray line"):
        radiation_from_name("CuKa", "neutron")


@pytest.mark.parametrize("name", ["CuKb", "Cu Kβ", "cukb1", "Cu K-beta"])
def test_the_beta_line(name: str):
    # International Tables C, table 4.2.2.4: Cu Kβ1,3 1.392234 Å
    assert radiation_from_name(name) == Radiation("xray", ((1.392234, 1.0),), name="CuKb")


@pytest.mark.parametrize(
    ("anode", "electronvolts"),
    # Kβ1 energies of Elam, Ravel & Sieber (2002) Radiat. Phys. Chem. 63, 121, as in xraydb 4.5.8; theirs are to 0.1 %
    [("Cr", 5946.8), ("Fe", 7059.3), ("Co", 7649.1), ("Ni", 8266.8), ("Cu", 8903.9), ("Ga", 10267.0), ("W", 67244.0)],
)
def test_beta_lines_agree_with_another_table(anode: str, electronvolts: float):
    assert radiation_from_name(f"{anode}Kb").wavelength == pytest.approx(12398.42 / electronvolts, rel=1e-3)


@pytest.mark.parametrize("name", ["CuKa5", "CuKa5_Berger", "Cu Kα5"])
def test_a_shape_has_widths(name: str):
    radiation = radiation_from_name(name)
    # Berger (1986): five Lorentzians, the strongest at 1.540596 Å with 0.437 mÅ and 57.9 % of the area
    assert radiation.name == "CuKa5"
    assert len(radiation.line_widths) == len(radiation.lines) == 5
    assert radiation.lines[0] == (1.540596, 1.0)
    assert radiation.line_widths[0] == pytest.approx(4.37e-4, rel=1e-3)
    assert 1.0 / sum(weight for _, weight in radiation.lines) == pytest.approx(0.5791, abs=1e-4)


def test_unusual_anodes_are_named_and_never_guessed():
    assert radiation_from_name("GaKa").lines == ((1.340127, 1.0), (1.344026, 0.5))
    assert radiation_from_name("WKa1").lines == ((0.2090131, 1.0),)
    assert radiation_from_name("0.2100").polarization == 0.0  # 59 keV: a synchrotron's
    assert set(TUBES) == {"Cr", "Fe", "Co", "Cu", "Mo", "Ag"}


@pytest.mark.parametrize(
    ("kilovolts", "wavelength"),
    # International Tables C, table 4.3.2.1
    [(100.0, 0.0370144), (120.0, 0.0334922), (200.0, 0.0250793), (300.0, 0.0196875)],
)
def test_electrons_by_voltage(kilovolts: float, wavelength: float):
    assert electron_wavelength(kilovolts) == pytest.approx(wavelength, abs=1e-6)
    radiation = radiation_from_name(f"{kilovolts:g} kV", "electron")
    assert (radiation.probe, radiation.polarization) == ("electron", 0.0)
    assert radiation.wavelength == electron_wavelength(kilovolts)


def test_energies_of_photons_and_neutrons():
    # 12.398 keV Å and 81.804 meV Å²
    assert radiation_from_name("60 keV").wavelength == pytest.approx(12.39842 / 60.0, rel=1e-6)
    assert radiation_from_name("25.3 meV", "neutron").wavelength == pytest.approx(1.798, abs=1e-3)
    with pytest.raises(InputError, match="no wavelength"):
        radiation_from_name("25.3 meV")


def test_a_synchrotron_beam_is_polarized():
    # f + (1 − f) cos²2θ for f = 0.95
    assert synchrotron_radiation(0.5, 0.95).polarization == pytest.approx(0.05 / 0.95)
    assert synchrotron_radiation(0.5).polarization == 0.0
    with pytest.raises(InputError, match="no synchrotron beam"):
        synchrotron_radiation(0.5, 0.0)


def test_widths_belong_to_lines():
    with pytest.raises(InputError, match="has 1 lines and 2 widths"):
        Radiation("xray", ((1.54, 1.0),), line_widths=(1e-4, 2e-4))
