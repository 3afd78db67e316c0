"""Instrument parameter files of GSAS."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsas_cards import read_cards
from anatase.io.gsas_prm import banks_of_prm
from anatase.io.gsas_write_prm import prm_text, write_prm
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.instrument_file import read_instrument, read_instruments
from anatase.io.source import Source
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.incident_spectrum import incident_spectrum
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

# layout of the cards as GPPD at Argonne wrote them (function 1, spectrum 1; second bank function 2, spectrum 10)
PRM = """\
            123456789012345678901234567890123456789012345678901234567890
INS   BANK      2
INS   FPATH1      9.07617
INS   HTYPE   PNTR
INS  1 ICONS   5073.42     -1.73      5.11
INS  1BNKNAM  MINUS_153
INS  1BNKPAR    1.2495  -151.000      25.0     1.321     30.48   16   77
INS  1I HEAD  CALIBRATION V/NB
INS  1I ITYP    1    1.0000   23.9997     41946
INS  1ICOFF1    .208819E+01    .161677E+05    .386291E+00    .546976E+05
INS  1ICOFF2    .645872E-01   -.103173E+05    .652500E-02   -.362341E+05
INS  1ICOFF3    .311174E-01    .665847E+04    .213234E+00    .000000E+00
INS  1PRCF1     1    9   0.01000
INS  1PRCF11    .000000E+00    .500000E+01    .275585E-01    .728077E-02
INS  1PRCF12    .000000E+00    .730770E+02    .000000E+00    .000000E+00
INS  1PRCF13   0.000000E+00
INS  2 ICONS   1468.19      4.82      8.95   AZ
INS  2BNKPAR    1.7714     17.98      0.00    .00000     .3000    1    1
INS  2I ITYP   10    1.000     21.000       2
INS  2PRCF      2   12   0.00100
INS  2PRCF 1   0.000000E+00   0.163590E+00   0.265000E-01   0.210800E-01
INS  2PRCF 2   0.000000E+00   0.151242E+03   0.103200E+02   0.000000E+00
"""
# columns as those of the instrument files that GSAS ships: λ1, λ2, zero, flag, damping, POLA, IPOLA, ratio
PXCR = """\
            123456789012345678901234567890123456789012345678901234567890
INS   BANK      1
INS   HTYPE   PXCR
INS  1 IRAD     3
INS  1 ICONS  1.540500  1.544300       2.5         0       0.8    1      0.45
INS  1INAME   A tube
INS  1PRCF1     2    6      0.01
INS  1PRCF11   9.000000E+00   9.000000E+00   9.000000E+00   9.000000E+00
INS  1PRCF12   0.000000E+00   1.000000E+00
INS  1PRCF2     3   19      0.01
INS  1PRCF21   2.000000E+00  -2.000000E+00   5.000000E+00   0.500000E+00
INS  1PRCF22   1.500000E+00   2.500000E+00   0.100000E-01   0.200000E-01
INS  1PRCF23   0.000000E+00   4.000000E+00   0.000000E+00   0.000000E+00
"""


def written(folder: Path, text: str, name: str = "bank.prm") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def tof(path: Path, bank: int) -> ForeignBank:
    beam = read_instrument(path, bank).beam
    assert isinstance(beam, ForeignBank)
    return beam


def cw(path: Path) -> ForeignDiffractometer:
    beam = read_instrument(path).beam
    assert isinstance(beam, ForeignDiffractometer)
    return beam


def test_time_of_flight(tmp_path: Path):
    path = written(tmp_path, PRM)
    first, second = tof(path, 1), tof(path, 2)
    bank = first.bank
    assert (bank.difc, bank.difa, bank.difb, bank.zero) == (5073.42, -1.73, 0.0, 5.11)
    assert (bank.two_theta, bank.name) == (151.0, "MINUS_153")
    # the flight path agrees with DIFC: 505.5568 · 10.32567 · sin 75.5° = 5053.9, to 0.4 %
    assert bank.flight_path == pytest.approx(10.32567)
    assert bank.difc == pytest.approx(505.5568 * bank.flight_path * np.sin(np.radians(75.5)), rel=5e-3)
    assert first.profile is not None
    assert first.profile.alpha == (0.0, 5.0)
    assert first.profile.beta == (0.0275585, 0.00728077)
    assert first.profile.variance == (0.0, 73.077, 0.0)
    assert first.spectrum is not None
    kind, coefficients = first.spectrum
    assert kind == "exponential"
    assert coefficients[:3] == (2.08819, 16167.7, 0.386291)
    assert len(coefficients) == 11
    assert np.all(incident_spectrum([3_000.0, 10_000.0, 20_000.0], kind, coefficients) > 0.0)
    assert first.limits == (1000.0, 23999.7)  # ITYP has them in ms
    assert (second.bank.difc, second.profile, second.spectrum) == (1468.19, None, None)
    one, two = read_instruments(path)
    assert (one.number, one.warnings, two.number, len(two.warnings)) == (1, (), 2, 2)


def test_spectra_of_neighbouring_detectors_agree(shared_data: Path):
    # Argonne fitted +153° by a Maxwellian and Chebyshev polynomials (4), −153° by exponentials (1): one moderator
    path = shared_data / "powder" / "cpd_roundrobin" / "tof_neutron" / "I22jan99.prm"
    plus, minus = tof(path, 1).spectrum, tof(path, 2).spectrum
    assert plus is not None
    assert minus is not None
    assert (plus[0], minus[0]) == ("maxwellian_chebyshev", "exponential")
    times = np.linspace(1500.0, 12_000.0, 22)
    ratio = incident_spectrum(times, *plus) / incident_spectrum(times, *minus)
    assert ratio == pytest.approx(np.ones(22), abs=0.05)


def test_time_of_flight_pseudo_voigt(tmp_path: Path):
    lines = [
        *PRM.splitlines()[:12],
        "INS  1PRCF1    -3   21   0.00200",
        "INS  1PRCF11   1.200000E+00   0.300000E-01   0.400000E-02   2.000000E+00",
        "INS  1PRCF12   3.000000E+01   4.000000E+00   5.000000E-01   6.000000E-01",
        "INS  1PRCF13   7.000000E-01   0.000000E+00   0.000000E+00   0.000000E+00",
    ]
    profile = tof(written(tmp_path, "\n".join(lines)), 1).profile
    assert profile is not None
    assert (profile.alpha, profile.beta) == ((0.0, 1.2), (0.03, 0.004))
    assert (profile.variance, profile.gamma) == ((2.0, 30.0, 4.0), (0.5, 0.6, 0.7))


def test_tube(tmp_path: Path):
    path = written(tmp_path, PXCR)
    beam, instrument = cw(path), cw(path).instrument
    assert beam.radiation.lines == ((1.5405, 1.0), (1.5443, 0.45))
    assert (beam.radiation.probe, beam.radiation.name, beam.radiation.polarization) == ("xray", "CuKa", 0.8)
    assert (instrument.geometry, instrument.zero) == ("bragg_brentano", 0.025)
    # function 3 stands behind function 2 and says more; σ² in centidegrees², FWHM² = 8 ln 2 σ², P in both U and W
    scale = 8.0 * np.log(2.0) * 1e-4
    widths = (instrument.gauss_u, instrument.gauss_v, instrument.gauss_w)
    assert widths == pytest.approx((2.5 * scale, -2.0 * scale, 5.5 * scale), rel=1e-12)
    assert (instrument.lorentz_x, instrument.lorentz_y) == pytest.approx((0.015, 0.025), rel=1e-12)
    assert (instrument.s_over_l, instrument.h_over_l) == (0.01, 0.02)
    found = read_instrument(path)
    assert (found.number, found.name) == (1, "A tube")
    assert found.warnings == ("profile terms not taken over: shft = 4",)


def test_blank_columns_and_labels(tmp_path: Path):
    # as the files of a synchrotron: no flag and damping, labels beside the coefficients
    text = PXCR.replace(
        "INS  1 ICONS  1.540500  1.544300       2.5         0       0.8    1      0.45",
        "INS  1 ICONS 0.4131280    0.0000    0.0000               0.990    0     0.500",
    ).replace("INS  1 IRAD     3", "INS  1 IRAD     0")
    text = text.replace("INS  1PRCF21   2.000000E+00  -2.000000E+00", "INS  1PRCF21 GU  2.000000E+00 GV -2.000000E+00")
    beam = cw(written(tmp_path, text))
    assert beam.radiation.lines == ((0.413128, 1.0),)
    assert beam.radiation.polarization == pytest.approx(0.01 / 0.99)
    assert (beam.radiation.name, beam.instrument.geometry) == ("0.413128 Å", "debye_scherrer")
    assert beam.instrument.gauss_v == pytest.approx(-16.0 * np.log(2.0) * 1e-4)


def test_files_of_gsas(shared_data: Path):
    neutron = cw(shared_data / "refine" / "pbso4" / "inst_d1a.prm")
    assert (neutron.radiation.probe, neutron.radiation.wavelength, neutron.instrument.zero) == ("neutron", 1.909, -1e-3)
    # D1A's narrowest lines are about 0.35° wide (Hewat & Bailey 1976, Nucl. Instrum. Methods 137, 463)
    u, v, w = neutron.instrument.gauss_u, neutron.instrument.gauss_v, neutron.instrument.gauss_w
    assert np.sqrt(w - v * v / (4.0 * u)) == pytest.approx(0.35, abs=0.05)
    tube = cw(shared_data / "refine" / "fap" / "INST_XRY.PRM")
    assert tube.radiation.lines == ((1.5405, 1.0), (1.5443, 0.5))
    assert tube.radiation.polarization == pytest.approx(3.0 / 7.0)
    assert (tube.instrument.s_over_l, tube.instrument.h_over_l) == (0.01, 0.01)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PXCR", "PXER", "line 3|type PXER"),
        ("1.540500  1.544300", " abc      1.544300", "line 5: 'abc' is no number"),
        ("1.540500  1.544300", "0.000000  1.544300", "line 5: ICONS has the wavelengths 0.0"),
        ("0.8    1", "1.8    0", "line 5: the polarized fraction is 1.8"),
        ("PRCF", "PRXF", "profile function none"),
    ],
)
def test_damaged_tubes_are_refused(tmp_path: Path, old: str, new: str, message: str):
    with pytest.raises(InputError, match=message):
        read_instrument(written(tmp_path, PXCR.replace(old, new)))


def test_damaged_banks_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"line 5: '--1\.73' is no number"):
        read_instrument(written(tmp_path, PRM.replace("    -1.73", "   --1.73")))
    with pytest.raises(InputError, match="BNKPAR"):
        read_instrument(written(tmp_path, PRM.replace("BNKPAR", "BNKPAX")))
    with pytest.raises(InputError, match="line 5: DIFC"):
        read_instrument(written(tmp_path, PRM.replace("5073.42", "  -1.00")))


numbers = st.floats(-50.0, 50.0, allow_nan=False)


@given(
    st.sampled_from(["xray", "neutron"]),
    st.floats(0.3, 5.0),
    st.booleans(),
    st.floats(0.0, 5.0),
    st.lists(numbers, min_size=6, max_size=6),
    st.lists(st.floats(1e-3, 0.1), min_size=2, max_size=2),
)
def test_diffractometers_come_back(probe, wavelength, double, polarization, terms, heights):
    lines = ((wavelength, 1.0), (1.0025 * wavelength, 0.497)) if double else ((wavelength, 1.0),)
    k = polarization if probe == "xray" else 0.0
    geometry = "bragg_brentano" if double else "debye_scherrer"
    u, v, w, x, y, zero = terms
    instrument = Instrument(geometry, u, v, w, x, y, 0.0, *heights, zero)
    text = prm_text([InstrumentBank(3, ForeignDiffractometer(Radiation(probe, lines, k), instrument), "a name")])
    assert {len(line) for line in text.splitlines()[1:]} == {80}
    (back,) = banks_of_prm(read_cards(Source("x.prm", text.encode(), "")))
    assert isinstance(back.beam, ForeignDiffractometer)
    assert (back.number, back.name, back.beam.radiation.probe) == (3, "a name", probe)
    assert np.array(back.beam.radiation.lines) == pytest.approx(np.array(lines), abs=6e-8)
    assert back.beam.radiation.polarization == pytest.approx(k, abs=4e-6)
    (shape, *values, _), (expected_shape, *expected, _) = astuple(back.beam.instrument), astuple(instrument)
    assert shape == expected_shape
    assert values == pytest.approx(expected, rel=1e-6, abs=6e-7)


@given(st.lists(st.floats(1e-3, 1e3), min_size=12, max_size=12), st.booleans())
def test_banks_come_back(c, gaussian):
    gamma = (0.0, 0.0, 0.0) if gaussian else (c[9], c[10], c[11])
    profile = TofProfile((c[3] if gaussian else 0.0, c[4]), (c[5], c[6]), (c[7], c[8], 0.0), gamma)
    bank = TofBank(1000.0 + c[0], -0.01 * c[1], 0.0, c[2], 151.0, 10.325, "PLUS_153")
    spectrum = ("exponential", tuple(c[:11]))
    text = prm_text([InstrumentBank(2, ForeignBank(bank, profile, spectrum))])
    (back,) = banks_of_prm(read_cards(Source("x.prm", text.encode(), "")))
    assert isinstance(back.beam, ForeignBank)
    assert astuple(back.beam.bank)[:6] == pytest.approx(astuple(bank)[:6], abs=6e-4)
    assert back.beam.bank.name == "PLUS_153"
    assert back.beam.profile is not None
    for ours, expected in zip(astuple(back.beam.profile), astuple(profile), strict=True):
        assert ours == pytest.approx(expected, rel=1e-6)
    assert back.beam.spectrum is not None
    assert back.beam.spectrum[0] == "exponential"
    assert back.beam.spectrum[1] == pytest.approx(spectrum[1], rel=1e-6)


def test_what_gsas_has_no_place_for(tmp_path: Path):
    tube, bank = Instrument(), TofBank(5000.0)
    copper = radiation_from_name("CuKa")
    for beam in (
        ForeignDiffractometer(radiation_from_name("CuKa4"), tube),
        ForeignDiffractometer(radiation_from_name("200 kV", "electron"), tube),
        ForeignDiffractometer(copper, Instrument(lorentz_z=0.1)),
        ForeignBank(bank),
        ForeignBank(TofBank(5000.0, difb=1.0), TofProfile()),
        ForeignBank(bank, TofProfile(variance=(0.0, 40.0, 0.0, 1.0))),
    ):
        with pytest.raises(InputError, match="GSAS"):
            write_prm([InstrumentBank(1, beam)], tmp_path / "x.prm")
    one, other = ForeignDiffractometer(copper, tube), ForeignBank(bank, TofProfile())
    with pytest.raises(InputError, match="2 kinds"):
        prm_text([InstrumentBank(1, one), InstrumentBank(2, other)])
    with pytest.raises(InputError, match="longer than the 80 columns"):
        prm_text([InstrumentBank(1, one, "x" * 70)])
    write_prm([InstrumentBank(1, one)], tmp_path / "x.prm")
    assert cw(tmp_path / "x.prm").radiation.name == "1.54059 Å"
