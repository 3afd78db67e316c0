"""What the search sees of a pattern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import prepare
from anatase.scattering.radiation import Radiation, radiation_from_name

RUTILE = "ncrystal/TiO2_sg136_Rutile"


def test_width_noise_and_background(simulate):
    pattern = simulate({RUTILE: 1.0}, radiation="CuKa1", fwhm=0.15, background=300.0)
    m = prepare(pattern)
    assert m.has_peaks
    # the simulated width is 0.15° √(0.8 + 0.4 tan²θ): 0.135° to 0.16° here; noise widens the measured one
    assert 0.12 < m.fwhm < 0.20
    # level without its hump: a third of 300 counts at the high end
    assert m.background[-50:].mean() == pytest.approx(100.0 + 200.0 * np.exp(-4.0), rel=0.15)
    assert m.shift_kind == "displacement"


def test_fine_steps_are_averaged(simulate):
    pattern = simulate({RUTILE: 1.0}, radiation="CuKa1", step=0.005, fwhm=0.2, limits=(20.0, 60.0))
    m = prepare(pattern)
    factor = len(pattern) // m.x.size
    assert factor >= 4
    assert 4.0 < m.points_per_width < 10.0
    n = m.x.size * factor
    assert m.y == pytest.approx(pattern.intensity[:n].reshape(-1, factor).mean(axis=1))
    # the s.u. of a mean
    assert m.sigma == pytest.approx(np.sqrt((pattern.sigma[:n] ** 2).reshape(-1, factor).sum(axis=1)) / factor)


def test_range_ends_where_the_library_does(simulate):
    m = prepare(simulate({RUTILE: 1.0}, radiation="MoKa", limits=(8.0, 70.0)))
    # Bragg: 2 arcsin(0.7093171 / (2 × 0.80))
    assert m.x[-1] == pytest.approx(52.63, abs=0.1)


def test_stated_uncertainties_that_the_scatter_contradicts(simulate):
    pattern = simulate({RUTILE: 1.0}, limits=(20.0, 60.0))
    honest = prepare(pattern)
    small = prepare(replace(pattern, sigma=pattern.sigma / 10.0))
    assert small.sigma == pytest.approx(honest.sigma, rel=0.1)
    assert any("scatter" in w for w in small.pattern.warnings)
    assert not any("scatter" in w for w in honest.pattern.warnings)
    large = prepare(replace(pattern, sigma=pattern.sigma * 10.0))
    assert large.sigma == pytest.approx(10.0 * honest.sigma, rel=1e-9)  # never lowered


def test_only_a_laboratory_specimen_is_displaced(simulate):
    pattern = simulate({RUTILE: 1.0})
    for radiation in (Radiation("xray", ((1.54, 1.0),), 0.0), Radiation("neutron", ((1.54, 1.0),), 0.0)):
        assert prepare(replace(pattern, radiation=radiation)).shift_kind == "zero"


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.arange(20.0, 21.0, 0.05), np.arange(20.0), "20 points between 20 and 20.95 deg are too few"),
        (np.arange(20.0, 60.0, 0.05), np.full(800, 7.0), "all 800 intensities are 7"),
    ],
)
def test_patterns_that_hold_nothing(x, y, message):
    pattern = Pattern(x, y, np.ones(x.size), radiation=radiation_from_name("CuKa"), name="scan.xy")
    with pytest.raises(InputError, match=rf"scan\.xy: {message.replace('.', '[.]')}"):
        prepare(pattern)
