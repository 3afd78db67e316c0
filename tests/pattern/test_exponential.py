"""2^y against NumPy's."""

from __future__ import annotations

import numpy as np
from numba import njit

from anatase.pattern.exponential import power_of_two


@njit
def powers(y):
    out = np.empty_like(y)
    for j in range(y.size):
        out[j] = power_of_two(y[j])
    return out


def test_power_of_two_has_full_precision():
    # 2 units in the last place are 4.4e-16; NumPy's exp2 is exact to one
    rng = np.random.default_rng(1)
    y = np.concatenate([rng.uniform(-40.0, 40.0, 20000), rng.uniform(-999.0, 999.0, 20000)])
    np.testing.assert_allclose(powers(y), np.exp2(y), rtol=6e-16)


def test_whole_powers_are_exact_and_far_ones_vanish():
    np.testing.assert_array_equal(powers(np.array([0.0, -1.0, 1.0, -36.0, 10.0])), [1.0, 0.5, 2.0, 2.0**-36, 1024.0])
    assert powers(np.array([-1e6]))[0] < 1e-300
