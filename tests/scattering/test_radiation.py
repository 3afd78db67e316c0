"""Names of radiations, and the wavelengths behind them."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.scattering.radiation import TUBES, Radiation, radiation_from_name

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
    "name", ["", "Ka", "CuKb", "XxKa", "CuKa3", "-1.54", "0", "0.0001", "60", "nan", "inf", "1,54", "1_54", "1.54 nm"]
)
def test_refusals_name_the_value_and_the_choices(name: str):
    with pytest.raises(InputError) as caught:
        radiation_from_name(name)
    assert f"'{name}'" in caught.value.found
    assert "CuKa" in caught.value.remedy


def test_a_tube_is_no_neutron_source():
    with pytest.raises(InputError, match="X-ray line"):
        radiation_from_name("CuKa", "neutron")
