"""Instrument parameter files of GSAS-II."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsasii_instprm import banks_of_instprm, instprm_text, write_instprm
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.instrument_file import read_instrument, read_instruments
from anatase.io.source import Source
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

INSTPRM = """\
#GSAS-II instrument parameter file; do not add/delete items!
Type:PNT
fltPath:63.183
2-theta:90.0
difC:22597.136
difA:-5.316
difB:-4.125
Zero:-9.5
alpha:1.2
beta-0:0.0378
beta-1:0.0124
beta-q:0.0091
sig-0:211.819
sig-1:-148.756
sig-2:71.437
sig-q:-101.232
X:1.5
Y:0.25
Z:0.75
"""


PXC = """\
#GSAS-II instrument parameter file; do not add/delete items!
Type:PXC
Bank:1.0
Lam1:1.5405
Lam2:1.5443
Zero:-0.02
Polariz.:0.7
Azimuth:0.0
I(L2)/I(L1):0.45
U:2.0
V:-1.0
W:4.0
X:0.5
Y:7.5
Z:0.25
SH/L:0.03
Source:CuKa
Gonio. radius:217.5
"""


def source(text: str) -> Source:
    return Source("instrument.instprm", text.encode(), "")


def test_time_of_flight(tmp_path: Path):
    path = tmp_path / "powgen.instprm"
    path.write_text(INSTPRM)
    found = read_instrument(path)
    assert isinstance(found.beam, ForeignBank)
    bank, profile = found.beam.bank, found.beam.profile
    assert (bank.difc, bank.difa, bank.difb, bank.zero) == (22597.136, -5.316, -4.125, -9.5)
    assert (bank.two_theta, bank.flight_path) == (90.0, 63.183)
    assert profile is not None
    # by hand at d = 1 and 2: σ² = 211.819 − 148.756·d² + 71.437·d⁴ − 101.232·d, γ = 0.75 + 1.5 d + 0.25 d²
    alpha, beta, variance, gamma = profile.at([1.0, 2.0])
    assert alpha == pytest.approx([1.2, 0.6])
    assert beta == pytest.approx([0.0378 + 0.0124 + 0.0091, 0.0378 + 0.000775 + 0.002275])
    assert variance == pytest.approx([33.268, 211.819 - 595.024 + 1142.992 - 202.464])
    assert gamma == pytest.approx([2.5, 4.75])
    assert found.warnings == ()


def test_several_banks_and_defaults(tmp_path: Path):
    text = "#Bank 4: x\nType:PNT\nBank:4\ndifC:5000.0;2-theta:150.0\n#Bank 6: y\n  Type:PNT\n  difC:3000.0\n"
    path = tmp_path / "two.instprm"
    path.write_text(text)
    first, second = read_instruments(path)
    assert isinstance(first.beam, ForeignBank)
    assert isinstance(second.beam, ForeignBank)
    assert (first.number, first.beam.bank.two_theta, second.number, second.beam.bank.difc) == (4, 150.0, 6, 3000.0)
    assert "lacks 2-theta, alpha" in second.warnings[0]
    assert read_instrument(path, 6) == second
    assert read_instrument(path).warnings[-1] == "the file holds banks 4, 6; took 4"
    with pytest.raises(InputError, match=r"no bank 5; give one of 4, 6"):
        read_instrument(path, 5)


def test_tube():
    (found,) = banks_of_instprm(source(PXC))
    assert isinstance(found.beam, ForeignDiffractometer)
    radiation, instrument = found.beam.radiation, found.beam.instrument
    assert radiation.lines == ((1.5405, 1.0), (1.5443, 0.45))
    assert (radiation.name, radiation.polarization) == ("CuKa", pytest.approx(3.0 / 7.0))
    scale = 8.0 * np.log(2.0) * 1e-4  # deg² of FWHM² per centidegree² of variance
    assert (instrument.gauss_u, instrument.gauss_v, instrument.gauss_w) == (2.0 * scale, -scale, 4.0 * scale)
    assert (instrument.lorentz_x, instrument.lorentz_y, instrument.lorentz_z) == (0.005, 0.075, 0.0025)
    assert (instrument.s_over_l, instrument.h_over_l, instrument.zero) == (0.015, 0.015, -0.02)
    assert (instrument.geometry, instrument.radius) == ("bragg_brentano", 217.5)
    assert found.warnings == ()


def test_neutrons_and_azimuth():
    text = "Type:PNC\nLam:1.909\nU:354.0\nV:-760.0\nW:651.0\nPolariz.:0.0\nSH/L:0.002\n"
    (found,) = banks_of_instprm(source(text))
    assert isinstance(found.beam, ForeignDiffractometer)
    assert (found.beam.radiation.probe, found.beam.radiation.polarization) == ("neutron", 0.0)
    assert found.beam.instrument.geometry == "debye_scherrer"
    # across the plane P and 1 − P change places: K = P/(1 − P)
    (found,) = banks_of_instprm(source("Type:PXC\nLam:0.4\nPolariz.:0.75\nAzimuth:90.0\n"))
    assert isinstance(found.beam, ForeignDiffractometer)
    assert found.beam.radiation.polarization == pytest.approx(3.0)


def test_widths_of_gsas_ii(shared_data: Path):
    """σ² (centidegrees²) that GSAS-II lists for its refined D1A lines, against our Caglioti law."""
    from anatase.pattern.line_width import caglioti

    listed = np.loadtxt(shared_data / "refine" / "pbso4" / "gsas2_cwn_reflist.csv", delimiter=",")
    text = "Type:PNC\nLam:1.909\nU:1.0\nV:0.0\nW:0.0\n"
    (found,) = banks_of_instprm(source(text))
    assert isinstance(found.beam, ForeignDiffractometer)
    unit = found.beam.instrument.gauss_u  # deg² of FWHM² for 1 centidegree²
    tangent = np.tan(np.radians(listed[:, 5]) / 2.0)
    u, v, w = np.linalg.lstsq(np.stack([tangent**2, tangent, np.ones_like(tangent)], 1), listed[:, 6], rcond=None)[0]
    ours = caglioti(listed[:, 5], u * unit, v * unit, w * unit).value
    assert np.sqrt(ours) == pytest.approx(np.sqrt(8.0 * np.log(2.0) * listed[:, 6]) / 100.0, rel=1e-3)


def test_the_file_of_a_synchrotron(shared_data: Path):
    found = read_instrument(shared_data / "formats" / "instprm" / "gsas2_BNL-I.instprm")
    assert isinstance(found.beam, ForeignDiffractometer)
    assert found.beam.radiation.lines == ((1.148407, 1.0),)
    assert found.beam.instrument.lorentz_y == pytest.approx(0.0440147397286)
    assert found.beam.instrument.s_over_l == pytest.approx(0.5 * 0.0264356231583)


numbers = st.floats(-50.0, 50.0, allow_nan=False)
shares = st.floats(1e-4, 0.4)


@given(
    st.sampled_from(["xray", "neutron"]),
    st.floats(0.1, 5.0),
    st.booleans(),
    st.floats(0.0, 5.0),
    st.lists(numbers, min_size=7, max_size=7),
    shares,
    st.sampled_from(["bragg_brentano", "debye_scherrer"]),
)
def test_diffractometers_come_back(probe, wavelength, double, polarization, terms, divergence, geometry):
    lines = ((wavelength, 1.0), (1.0025 * wavelength, 0.497)) if double else ((wavelength, 1.0),)
    k = polarization if probe == "xray" else 0.0
    u, v, w, x, y, z, zero = terms
    instrument = Instrument(geometry, u, v, w, x, y, z, divergence, divergence, zero, radius=185.0)
    bank = InstrumentBank(3, ForeignDiffractometer(Radiation(probe, lines, k), instrument), "a name")
    (back,) = banks_of_instprm(source(instprm_text([bank])))
    assert isinstance(back.beam, ForeignDiffractometer)
    assert (back.number, back.name) == (3, "a name")
    assert back.beam.radiation.lines == lines
    assert back.beam.radiation.polarization == pytest.approx(k, rel=1e-9, abs=1e-12)
    (shape, *values, angle), (given_shape, *expected, given_angle) = (
        astuple(one) for one in (back.beam.instrument, instrument)
    )
    assert (shape, angle) == (given_shape, given_angle)
    assert values == pytest.approx(expected, rel=1e-12)


positive = st.floats(1e-3, 1e3)


@given(st.lists(positive, min_size=14, max_size=14), st.floats(1.0, 179.0))
def test_banks_come_back_exactly(c, two_theta):
    banks = [
        InstrumentBank(
            number,
            ForeignBank(
                TofBank(1000.0 + c[0], c[1], -c[2], -c[3], two_theta, c[4]),
                TofProfile((0.0, c[5]), (c[6], c[7], c[8]), (c[9], c[10], c[11], -1.0), (c[12], c[13], 0.0)),
            ),
        )
        for number in (1, 7)
    ]
    assert list(banks_of_instprm(source(instprm_text(banks)))) == banks


def test_what_gsas_ii_has_no_place_for(tmp_path: Path):
    tube, bank = Instrument(), TofBank(5000.0)
    for beam in (
        ForeignDiffractometer(radiation_from_name("CuKa4"), tube),
        ForeignDiffractometer(radiation_from_name("200 kV", "electron"), tube),
        ForeignDiffractometer(radiation_from_name("CuKa"), Instrument("transmission")),
        ForeignBank(bank),
        ForeignBank(bank, TofProfile((0.1, 1.0))),
    ):
        with pytest.raises(InputError, match="GSAS-II"):
            write_instprm([InstrumentBank(1, beam)], tmp_path / "x.instprm")
    with pytest.raises(InputError, match="no bank to write"):
        instprm_text([])


def test_damaged_files_are_refused(tmp_path: Path):
    path = tmp_path / "bad.instprm"
    for text, message in (
        (INSTPRM.replace("22597.136", "22597,136"), "line 5: '22597,136' is no number"),
        (PXC.replace("U:2.0", "U:two"), "line 10: 'two' is no number"),
        (PXC.replace("Polariz.:0.7", "Polariz.:70"), "polarized fraction is 70"),
        (PXC.replace("SH/L:0.03", "SH/L:3"), "axial divergence"),
        (PXC.replace("PXC", "PXB"), "type PXB"),
        (PXC + "Diff-type:Guinier\n", "type Guinier"),
        ("1.0 2.0\n2.0 3.0\n", "type unknown"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            read_instrument(path)
