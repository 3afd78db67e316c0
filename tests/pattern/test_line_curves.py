"""Curves of single lines add up to the pattern that is drawn at once."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.pattern.draw_lines import Lines, draw_lines
from anatase.pattern.draw_tof_lines import TofLines, draw_tof_lines
from anatase.pattern.line_curves import line_curves, tof_line_curves
from anatase.pattern.tof_profile import TofProfile

X = np.arange(15.0, 60.0, 0.02)


@pytest.mark.parametrize("divergence", [0.0, 0.02])
def test_curves_add_up_to_the_pattern(divergence):
    rng = np.random.default_rng(5)
    place = np.sort(rng.uniform(14.0, 61.0, 60))
    lines = Lines(place, np.full(60, 0.05), np.full(60, 0.03), rng.uniform(0.5, 50.0, 60), divergence, divergence)
    curves = line_curves(X, lines, 1e-9)
    # tails beyond 30 FWHM are left out: 1 % of the area of each line, spread over the pattern
    assert np.abs(lines.area @ curves - draw_lines(X, lines)).max() < 2e-3 * draw_lines(X, lines).max()
    assert curves.shape == (60, X.size)


def test_a_gaussian_is_whole():
    lines = Lines(np.array([30.0]), np.array([0.1]), np.array([0.0]), np.array([7.0]))
    np.testing.assert_allclose(lines.area @ line_curves(X, lines, 1e-6), draw_lines(X, lines), atol=1e-9)


def test_weak_lines_end_sooner():
    lines = Lines(np.array([30.0, 40.0]), np.full(2, 0.02), np.full(2, 0.1), np.array([1.0, 1e4]))
    weak, strong = np.diff(line_curves(X, lines, 0.5).indptr)
    assert weak < 0.3 * strong


def test_time_of_flight_curves_add_up():
    d = np.array([0.8, 1.1, 1.9])
    lines = TofLines(7476.9 * d, np.array([3.0, 5.0, 2.0]), TofProfile(gamma=(1.0, 2.0, 0.0)).at(d))
    tof = np.arange(4e3, 16e3, 5.0)
    np.testing.assert_allclose(lines.area @ tof_line_curves(tof, lines), draw_tof_lines(tof, lines), atol=1e-12)
