"""Peaks of the difference curve: where they are, how much they carry, and what is no peak."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.unexplained import unexplained_peaks
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import Measurement
from anatase.scattering.radiation import radiation_from_name

X = np.arange(20.0, 60.0, 0.02)
LEVEL = np.full(X.size, 100.0)
FWHM = 0.10


def lines(*places_and_heights: tuple[float, float]) -> np.ndarray:
    """Return Gaussians of 0.1° (n,)."""
    return sum(
        (h * np.exp(-4.0 * np.log(2.0) * ((X - place) / FWHM) ** 2) for place, h in places_and_heights),
        np.zeros_like(X),
    )


def measured(bragg: np.ndarray, seed: int = 0) -> Measurement:
    y = np.random.default_rng(seed).poisson(LEVEL + bragg).astype(float)
    beam = radiation_from_name("CuKa1")
    pattern = Pattern(X, y, np.sqrt(y), radiation=beam)
    return Measurement(pattern, X, y, pattern.sigma, LEVEL, beam, True, FWHM, "displacement")


def test_line_that_the_model_lacks():
    measurement = measured(lines((30.0, 3000.0), (45.0, 1000.0)))
    fraction, peaks = unexplained_peaks(measurement, LEVEL + lines((30.0, 3000.0)), LEVEL)
    assert len(peaks) == 1
    assert peaks[0].position == pytest.approx(45.0, abs=0.03)
    assert peaks[0].d_spacing == pytest.approx(2.0128, abs=0.002)  # Bragg: 1.5405929 / (2 sin 22.5°)
    # a Gaussian of 1000 counts, smoothed with one of its own width
    assert peaks[0].height == pytest.approx(1000.0 / np.sqrt(2.0), rel=0.06)
    assert peaks[0].significance > 30.0
    # a quarter of the heights
    assert fraction == pytest.approx(0.25, abs=0.02)
    assert peaks[0].share == pytest.approx(fraction)


def test_highest_first():
    heights = ((25.0, 300.0), (35.0, 900.0), (50.0, 600.0))
    fraction, peaks = unexplained_peaks(measured(lines(*heights)), LEVEL, LEVEL)
    assert [round(p.position) for p in peaks] == [35, 50, 25]
    assert fraction == pytest.approx(1.0, abs=0.01)
    assert sum(p.share for p in peaks) == pytest.approx(fraction)


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_peak(seed):
    assert unexplained_peaks(measured(np.zeros_like(X), seed), LEVEL, LEVEL) == (0.0, [])


@pytest.mark.parametrize("model", [(30.0, 2700.0), (30.015, 3000.0)], ids=["too weak", "displaced"])
def test_flanks_of_a_strong_line_are_no_peaks(model):
    # 10 % too weak, or a sixth of its width off: a model error, not another phase
    assert unexplained_peaks(measured(lines((30.0, 3000.0))), LEVEL + lines(model), LEVEL)[1] == []
