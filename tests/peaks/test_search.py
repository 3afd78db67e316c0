"""The matched filter and the lines of a spectrum."""

from __future__ import annotations

import numpy as np

from anatase.peaks.search import filter_response, search_peaks
from anatase.peaks.spectral_lines import line_positions


def test_response_to_noise_has_unit_scale() -> None:
    """The response is a signal-to-noise ratio: on unit normal noise its standard deviation is 1."""
    noise = np.random.default_rng(0).normal(size=20000)
    for fwhm in (2.5, 6.0, 20.0):
        assert abs(filter_response(noise, np.ones(20000), fwhm).std() - 1.0) < 0.05


def test_response_ignores_background_and_slope() -> None:
    """A zero-sum, even kernel gives zero for a straight line."""
    line = 1000.0 + 3.0 * np.arange(500.0)
    assert np.abs(filter_response(line, np.ones(500), 5.0)).max() < 1e-6


def test_one_broad_peak_is_found_once() -> None:
    x = np.arange(2000.0)
    y = 60.0 * np.exp(-np.log(2.0) * ((x - 1000.0) / 40.0) ** 2) + np.random.default_rng(1).normal(size=2000)
    where, size, _ = search_peaks(y, np.ones(2000), np.array([5.0, 10.0, 20.0, 40.0, 80.0]), 4.0)
    assert where.size == 1
    assert abs(where[0] - 1000.0) < 8.0
    assert size[0] >= 40.0


def test_second_line_obeys_bragg() -> None:
    """sin θ' = ratio · sin θ, and its derivative against central differences."""
    position = np.array([20.0, 60.0, 120.0])
    ratio = 1.5444274 / 1.5405929
    second, slope = line_positions(position, ratio, "two_theta")
    assert np.allclose(np.sin(np.radians(second) / 2.0), ratio * np.sin(np.radians(position) / 2.0), rtol=1e-12)
    up, _ = line_positions(position + 1e-4, ratio, "two_theta")
    down, _ = line_positions(position - 1e-4, ratio, "two_theta")
    assert np.allclose(slope, (up - down) / 2e-4, rtol=1e-7)
