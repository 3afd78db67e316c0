"""The exponential integral of a complex argument, scaled so that it neither over- nor underflows."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["ASYMPTOTIC_FROM", "ASYMPTOTIC_TERMS", "scaled_exponential_integral"]

EULER = float(np.euler_gamma)
ASYMPTOTIC_FROM = 30.0  # |z| from which the series in 1/z, cut off at its smallest terms, errs by 1e-11 at most
ASYMPTOTIC_TERMS = 26
INVERSES = 1.0 / np.arange(1.0, 301.0)


@njit(cache=True, error_model="numpy", nogil=True)
def _series(x: float, y: float, size: float) -> tuple[float, float]:
    """Return e^z (−γ − ln z − Σ (−z)^k/(k k!)), z = x + iy."""
    term_x, term_y, sum_x, sum_y = 1.0, 0.0, 0.0, 0.0
    for k in range(int(2.9 * size) + 22):
        inverse = INVERSES[k]
        term_x, term_y = -(term_x * x - term_y * y) * inverse, -(term_x * y + term_y * x) * inverse
        sum_x -= term_x * inverse
        sum_y -= term_y * inverse
    sum_x -= EULER + np.log(size)
    sum_y -= np.arctan2(y, x)
    growth = np.exp(x)
    cosine, sine = growth * np.cos(y), growth * np.sin(y)
    return cosine * sum_x - sine * sum_y, cosine * sum_y + sine * sum_x


@njit(cache=True, error_model="numpy", nogil=True)
def _fraction(x: float, y: float, count: int) -> tuple[float, float]:
    """Return 1/(z + 1 − 1/(z + 3 − 4/(z + 5 − 9/…))), z = x + iy, cut off after ``count`` partial fractions."""
    t_x, t_y = x + 2.0 * count + 1.0, y
    for k in range(count, 0, -1):
        factor = k * k / (t_x * t_x + t_y * t_y)
        t_x, t_y = x + (2.0 * k - 1.0) - factor * t_x, y + factor * t_y
    inverse = 1.0 / (t_x * t_x + t_y * t_y)
    return t_x * inverse, -t_y * inverse


@njit(cache=True, error_model="numpy", nogil=True)
def _asymptotic(x: float, y: float, size: float) -> tuple[float, float]:
    """Return Σ (−1)^k k!/z^(k + 1), z = x + iy."""
    inverse = 1.0 / (size * size)
    r_x, r_y = x * inverse, -y * inverse
    count = 11 if size > 4.0 * ASYMPTOTIC_FROM else ASYMPTOTIC_TERMS
    sum_x, sum_y = 1.0, 0.0
    for k in range(count - 1, 0, -1):
        sum_x, sum_y = 1.0 - k * (sum_x * r_x - sum_y * r_y), -k * (sum_x * r_y + sum_y * r_x)
    return sum_x * r_x - sum_y * r_y, sum_x * r_y + sum_y * r_x


@njit(cache=True, error_model="numpy", nogil=True)
def scaled_exponential_integral(z: complex) -> complex:
    """Return F(z) = e^z E1(z), E1 the exponential integral, to 1e-11; F′(z) = F(z) − 1/z.

    Abramowitz & Stegun (1964): the power series 5.1.11 near zero and about the negative axis, where it hardly
    cancels; the even part of the continued fraction 5.1.22 elsewhere; the asymptotic series 5.1.51 for |z| > 30. The
    negative axis itself counts as lying above the cut. In real numbers, which are several times faster.
    """
    x, y = z.real, z.imag
    size = np.sqrt(x * x + y * y)
    if size > ASYMPTOTIC_FROM:
        result = _asymptotic(x, y, size)
    elif size < 2.0 or (x < 0.0 and (size < 5.0 or x < -abs(y))):
        result = _series(x, y, size)
    else:
        result = _fraction(x, y, int(6.0 + (180.0 if x >= 0.0 else 650.0) / size))
    return complex(result[0], result[1])
