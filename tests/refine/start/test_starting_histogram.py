"""What a histogram starts with: radiation, radius and range of whoever states them."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.wavelength import assumed_radiation
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.model import ConstantWavelength
from anatase.refine.start.starting_histogram import Start, histogram_start
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

X = np.arange(20.0, 60.0, 0.05)
RADIATION, ASSUMED = assumed_radiation()
OTHER = "3 points merged"


def pattern(axis="two_theta", x=X, **metadata) -> Pattern:
    y = np.full(x.size, 100.0)
    radiation = None if axis == "tof" else RADIATION
    return Pattern(x, y, np.sqrt(y), axis, radiation, metadata, warnings=(OTHER, ASSUMED) if radiation else ())


def start(given: Pattern, instrument=None, wavelength=None, limits=None) -> Start:
    return histogram_start("xray", given, instrument, wavelength, None, limits, (), 3, ())


def test_an_assumed_wavelength_is_told_unless_somebody_gives_one():
    bank = InstrumentBank(1, ForeignDiffractometer(radiation_from_name("MoKa"), Instrument()))
    assert start(pattern()).warnings == (OTHER, ASSUMED)
    assert start(pattern(), Instrument()).warnings == (OTHER, ASSUMED)  # it has no radiation of its own
    assert start(pattern(), bank).warnings == (OTHER,)
    assert start(pattern(), wavelength="MoKa").warnings == (OTHER,)


def test_the_radius_is_the_instruments_or_the_files():
    def radius(given: Start) -> float:
        assert isinstance(given.histogram.beam, ConstantWavelength)
        return given.histogram.beam.instrument.radius

    assert radius(start(pattern(goniometer_radius=145.0))) == 145.0
    assert radius(start(pattern(goniometer_radius=145.0), Instrument(radius=173.0))) == 173.0
    assert radius(start(pattern())) == Instrument().radius


@pytest.mark.parametrize(
    ("known", "limits", "ends"),
    [
        (None, None, (600.0, 9990.0)),
        ((1000.0, 24000.0), None, (1000.0, 9990.0)),
        ((1000.0, 24000.0), (700.0, 5000.0), (700.0, 5000.0)),
        ((20000.0, 24000.0), None, (600.0, 9990.0)),  # none of the data: of another measurement
    ],
)
def test_a_time_of_flight_pattern_ends_where_its_spectrum_is_unknown(known, limits, ends):
    bank = TofBank(5000.0, 0.0, 0.0, 0.0, 150.0, 10.0, "bank 1")
    beam = ForeignBank(bank, TofProfile(), ("flat", ()), known)
    found = start(pattern("tof", np.arange(600.0, 10_000.0, 10.0)), InstrumentBank(1, beam), limits=limits)
    assert found.histogram.pattern.x[[0, -1]].tolist() == list(ends)
