"""Sabine's extinction factor against its printed series."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.scattering.extinction_factor import CLASSICAL_RADIUS, extinction_argument, sabine_extinction


def test_small_x_follows_the_printed_series():
    # Sabine, Von Dreele & Jørgensen (1988): 1 − x/2 + x²/4 − 5x³/48 + 7x⁴/192; the next term is −x⁵·7/640
    x = np.array([0.0, 0.01, 0.1, 0.2])
    series = 1 - x / 2 + x**2 / 4 - 5 * x**3 / 48 + 7 * x**4 / 192
    np.testing.assert_allclose(sabine_extinction(x, 0.0)[0], series, atol=4e-6)


def test_large_x_follows_the_asymptotic_series():
    # Sabine, Von Dreele & Jørgensen (1988): √(2/πx) [1 − 1/(8x) − 3/(128 x²)]; the next term is 15/(1024 x³)
    x = np.array([5.0, 20.0, 100.0])
    series = np.sqrt(2 / (np.pi * x)) * (1 - 1 / (8 * x) - 3 / (128 * x**2))
    np.testing.assert_allclose(sabine_extinction(x, 0.0)[0], series, rtol=2e-4)


def test_backscattering_is_the_bragg_limit():
    assert sabine_extinction([3.0], 180.0)[0][0] == pytest.approx(0.5, rel=1e-12)  # 1/√(1 + 3)


def test_derivative():
    x, two_theta, step = np.array([0.05, 0.7, 4.0, 50.0]), 70.0, 1e-6
    difference = (sabine_extinction(x + step, two_theta)[0] - sabine_extinction(x - step, two_theta)[0]) / (2 * step)
    np.testing.assert_allclose(sabine_extinction(x, two_theta)[1], difference, rtol=1e-6)
    assert sabine_extinction([0.0], 60.0)[1][0] == pytest.approx(-0.5, rel=1e-9)  # both limits start with −x/2


def test_the_argument_of_a_silicon_block():
    # Si 111 at Cu Kα: |F| = 60 electrons in 160.2 Å³; D = 1000 Å: x = (1.5406 · 60 · 2.818e-5 · 1000/160.2)²
    x = extinction_argument(1000.0, [60.0**2 * CLASSICAL_RADIUS**2], 1.5406, 160.2)
    assert x[0] == pytest.approx(2.644e-4, rel=1e-3)
    with pytest.raises(PhysicsError, match="mosaic blocks of -1 Å"):
        extinction_argument(-1.0, [1.0], 1.5406, 160.2)
