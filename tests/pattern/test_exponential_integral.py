"""The scaled exponential integral: published values, and SciPy's over the whole plane."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import exp1

from anatase.pattern.exponential_integral import scaled_exponential_integral


def test_published_values():
    # Abramowitz & Stegun (1964), table 5.1: E1(0.5) = 0.559773595, E1(1) = 0.219383934, x e^x E1(x) at 20 = 0.954370910
    assert scaled_exponential_integral(0.5 + 0j).real == pytest.approx(0.559773595 * np.exp(0.5), rel=3e-9)
    assert scaled_exponential_integral(1.0 + 0j).real == pytest.approx(0.219383934 * np.e, rel=3e-9)
    assert scaled_exponential_integral(20.0 + 0j).real == pytest.approx(0.954370910 / 20.0, rel=3e-9)


@pytest.mark.parametrize("size", [1e-6, 0.1, 1.9, 2.1, 4.9, 5.1, 12.0, 29.9, 30.1, 60.0, 400.0])
def test_all_directions(size: float):
    # SciPy's own is good to 2e-13 (compared with mpmath); close to the negative axis too
    near = np.pi - np.array([1e-9, 1e-6, 1e-3, 0.05])
    angles = np.concatenate([np.linspace(-3.0, 3.0, 61), near, -near])
    z = size * np.exp(1j * angles)
    made = np.array([scaled_exponential_integral(complex(v)) for v in z])
    np.testing.assert_allclose(made, np.exp(z) * exp1(z), rtol=1e-11)


def test_far_away_it_is_one_over_z():
    # F = 1/z − 1/z² + 2/z³ − …
    z = complex(-3e5, 2e3)
    assert scaled_exponential_integral(z) == pytest.approx(1 / z - 1 / z**2 + 2 / z**3, rel=1e-14)
