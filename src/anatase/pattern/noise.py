"""The noise of a pattern: how far its stated s.u. agree with the scatter from point to point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.pattern import Pattern

__all__ = ["moving_average", "noise_level", "noise_scale"]

Array = NDArray[np.float64]

NORMAL_MEDIAN = 0.67449  # median of |z| for a standard normal z


def moving_average(values: Array, half: int) -> Array:
    """Return the mean (n,) of values (n,) over the 2·half + 1 points around each, fewer at the ends."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(values.size)
    low = np.maximum(index - half, 0)
    high = np.minimum(index + half + 1, values.size)
    mean: Array = (total[high] - total[low]) / (high - low)
    return mean


def noise_scale(pattern: Pattern) -> float:
    """Return the factor by which the stated s.u. must be multiplied to match the scatter of the points.

    Third differences y₁ − 3y₂ + 3y₃ − y₄ of neighbours cancel whatever is smooth over four points;
    the median of their size over its expectation is 1 for counts with σ = √counts, below 1 for smoothed
    or overestimated, above 1 for underestimated s.u. A pattern without scatter (calculated) gives 0.
    """
    y, variance = pattern.intensity, pattern.sigma**2
    if y.size < 8:
        return 1.0
    difference = np.abs(y[:-3] - 3.0 * y[1:-2] + 3.0 * y[2:-1] - y[3:])
    expected = np.sqrt(variance[:-3] + 9.0 * variance[1:-2] + 9.0 * variance[2:-1] + variance[3:])
    return float(np.median(difference / expected) / NORMAL_MEDIAN)


def noise_level(pattern: Pattern, half: int = 5) -> Array:
    """Return the noise (n,) in units of the intensity: stated s.u., evened out over neighbours and rescaled.

    The s.u. of a low count is itself low (σ = √y), which pulls weighted means down; averaging the
    variance over 2·half + 1 points removes that. At least a millionth of the largest intensity is returned.
    """
    floor = 1e-6 * max(float(np.max(np.abs(pattern.intensity))), 1e-300)
    level: Array = np.sqrt(moving_average(pattern.sigma**2, half)) * noise_scale(pattern)
    return np.maximum(level, floor)
