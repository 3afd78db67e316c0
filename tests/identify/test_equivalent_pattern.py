"""Patterns of any radiation as equivalent ones near 1 Å, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.identify.equivalent_pattern import equivalent_pattern, prepared, with_instrument
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.instrument_bank import InstrumentBank
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import Radiation, radiation_from_name, synchrotron_radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

BANK = TofBank(7476.91, -1.54, 0.0, -9.2, 144.845)
SHAPE = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0))
SEPD = InstrumentBank(1, ForeignBank(BANK, SHAPE))


def measured(x, axis="two_theta", radiation=None, **more) -> Pattern:
    y = 100.0 + 50.0 * np.sin(np.linspace(0.0, 60.0, x.size)) ** 2
    return Pattern(x, y, np.sqrt(y), axis, radiation, **more)


@given(st.floats(0.02, 0.49), st.sampled_from(["xray", "neutron", "electron"]))
def test_positions_come_back_from_any_wavelength(wavelength, probe):
    radiation = Radiation(probe, ((wavelength, 1.0),), 0.0)
    d = np.geomspace(15.0, 0.82, 200)
    pattern = measured(2.0 * np.degrees(np.arcsin(wavelength / (2.0 * d))), radiation=radiation)
    equivalent = equivalent_pattern(pattern)
    assert equivalent.pattern.radiation is not None
    length = equivalent.pattern.radiation.wavelength
    np.testing.assert_allclose(length / (2.0 * np.sin(np.radians(equivalent.pattern.x / 2.0))), d, rtol=1e-9)  # Bragg
    np.testing.assert_allclose(equivalent.own_position(equivalent.pattern.x), pattern.x, rtol=1e-9)
    factor = equivalent.factor_at(equivalent.pattern.x)
    np.testing.assert_allclose(equivalent.pattern.intensity / factor, pattern.intensity, rtol=1e-12)


@pytest.mark.parametrize("axis", ["q", "d"])
@pytest.mark.parametrize("radiation", [None, radiation_from_name("CuKa1"), radiation_from_name("200 kV", "electron")])
def test_positions_come_back_from_q_and_d(axis, radiation):
    x = np.linspace(1.0, 6.0, 300)
    pattern = measured(x, axis, radiation)
    equivalent = equivalent_pattern(pattern)
    back = equivalent.own_position(equivalent.pattern.x)
    np.testing.assert_allclose(back if axis == "q" else back[::-1], x, rtol=1e-9)


def test_laboratory_patterns_stay_as_they_are():
    for radiation in (None, *(radiation_from_name(name) for name in ("CuKa", "MoKa", "AgKa", "1.2"))):
        pattern = measured(np.arange(10.0, 80.0, 0.02), radiation=radiation)
        assert equivalent_pattern(pattern).pattern is pattern


@pytest.mark.parametrize("instrument", [SEPD, InstrumentBank(1, ForeignBank(BANK))], ids=["tails", "none"])
def test_times_of_flight_come_back(instrument):
    pattern = measured(np.arange(6200.0, 30000.0, 5.0), "tof")
    equivalent = equivalent_pattern(pattern, instrument)
    np.testing.assert_allclose(equivalent.own_position(equivalent.pattern.x)[::-1], pattern.x, rtol=1e-9)
    # the middle of a line: d is that of the bank ln 2 (1/β − 1/α) earlier
    d = 1.0 / (2.0 * np.sin(np.radians(equivalent.pattern.x / 2.0)))
    shape = SHAPE.at(d)
    late = 0.7 * (1.0 / shape.beta - 1.0 / shape.alpha) if instrument is SEPD else 0.0
    np.testing.assert_allclose(BANK.time_of_flight(d) + late, pattern.x[::-1], rtol=1e-9)


def test_polarization_is_divided_out():
    # P = 1 + K cos²2θ over 1 + K (Kahn et al., 1982)
    radiation = synchrotron_radiation(0.3, 0.8)
    pattern = measured(np.linspace(2.0, 20.0, 400), radiation=radiation)
    equivalent = equivalent_pattern(pattern)
    k = 0.25
    expected = (1.0 + k) / (1.0 + k * np.cos(np.radians(pattern.x)) ** 2)
    np.testing.assert_allclose(equivalent.pattern.intensity / pattern.intensity, expected, rtol=1e-12)


def test_counts_are_divided_by_the_width_of_their_bins():
    x = np.concatenate([np.arange(6100.0, 12000.0, 4.0), np.arange(12000.0, 24000.0, 8.0)])
    pattern = measured(x, "tof", metadata={"intensity_unit": "counts per bin"})
    ratio = (equivalent_pattern(pattern, SEPD).pattern.intensity / pattern.intensity[::-1])[::-1]
    assert ratio[10] == pytest.approx(2.0 * ratio[-10])
    assert np.median(ratio) == pytest.approx(1.0)


def test_both_wavelengths_of_a_doublet_keep_their_ratio():
    lines = ((0.209, 1.0), (0.2138, 0.5))  # W Kα
    equivalent = equivalent_pattern(measured(np.linspace(2.0, 12.0, 400), radiation=Radiation("xray", lines)))
    assert equivalent.pattern.radiation is not None
    (first, _), (second, weight) = equivalent.pattern.radiation.lines
    assert second / first == pytest.approx(0.2138 / 0.209)
    assert weight == 0.5


def test_what_scattered_is_kept():
    electrons = radiation_from_name("200 kV", "electron")
    ready = prepared(equivalent_pattern(measured(np.linspace(0.2, 1.7, 400), radiation=electrons)))
    assert ready.scattering.probe == "electron"
    assert ready.radiation.probe == "xray"  # whose intensities a library keeps
    ready = prepared(equivalent_pattern(measured(np.linspace(2.0, 20.0, 400), radiation=synchrotron_radiation(0.3))))
    assert ready.scattering.wavelength == 0.3  # of the anomalous terms


def test_calibration_in_the_metadata():
    pattern = measured(np.arange(2000.0, 30000.0, 5.0), "tof", metadata={"difc": 7476.91, "zero": -9.2})
    equivalent = equivalent_pattern(pattern)
    d = 1.0 / (2.0 * np.sin(np.radians(equivalent.pattern.x / 2.0)))
    np.testing.assert_allclose(7476.91 * d - 9.2, equivalent.own.x[::-1], rtol=1e-9)
    assert any("shape of the pulse" in w for w in equivalent.pattern.warnings)
    assert any("µs (d from 0.80 Å" in w for w in equivalent.pattern.warnings)


def test_times_beyond_the_rising_branch_are_left_out():
    # t = 5000 d − 300 d² has its maximum at d = 8.33 Å, 20,833 µs
    pattern = measured(np.linspace(100.0, 30000.0, 3000), "tof", metadata={"difc": 5000.0, "difa": -300.0})
    equivalent = equivalent_pattern(pattern)
    assert equivalent.own is not None
    assert 20700.0 < equivalent.own.x[-1] < 20834.0


def test_errors_name_the_measured_axis():
    with pytest.raises(InputError, match=r"time of flight.*constants.*instrument file"):
        equivalent_pattern(measured(np.arange(2000.0, 30000.0, 5.0), "tof"))
    with pytest.raises(InputError, match=r"0 of 300 points lie at d from 0\.80 Å.*Å⁻¹"):
        equivalent_pattern(measured(np.linspace(10.0, 20.0, 300), "q"))
    with pytest.raises(InputError, match="time of flight for a pattern on an axis of two_theta"):
        with_instrument(measured(np.linspace(10.0, 80.0, 300)), SEPD)


def test_an_instrument_states_the_wavelength():
    told = "the file names no wavelength; assumed Cu Kα1/Kα2 (give the wavelength to change it)"
    pattern = replace(measured(np.linspace(2.0, 20.0, 300)), warnings=(told, "the file is old"))
    beam = ForeignDiffractometer(synchrotron_radiation(0.3), Instrument())
    stated = with_instrument(pattern, InstrumentBank(1, beam, warnings=("no Z",)))
    assert stated.radiation is not None
    assert stated.radiation.wavelength == 0.3
    assert stated.warnings == ("the file is old", "no Z")
