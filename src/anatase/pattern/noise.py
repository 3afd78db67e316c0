"""The noise of a pattern: how far its stated s.u. agree with the scatter from point to point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.pattern import Pattern

__all__ = ["moving_average", "noise_level", "noise_scale"]

Array = NDArray[np.float64]

NORMAL_MEAN = 0.79788  # mean of |z| for a standard normal z
BLOCK = 40  # points
QUIET_BLOCKS = 0.25  # quantile of the blocks that is taken for free of peaks …
QUIET_BIAS = 0.88  # … and what it gives for white noise of unit scale (simulated, 1,500 to 20,000 points)
CORRELATED = 1.25  # ratio of the scales at bins of two and of one point that white noise does not reach
MOST_CORRELATED = 3.0  # more than that, and more than the stated s.u., is crowded peaks


def moving_average(values: Array, half: int) -> Array:
    """Return the mean (n,) of values (n,) over the 2·half + 1 points around each, fewer at the ends."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(values.size)
    low = np.maximum(index - half, 0)
    high = np.minimum(index + half + 1, values.size)
    mean: Array = (total[high] - total[low]) / (high - low)
    return mean


def _quiet_scale(y: Array, variance: Array, factor: int) -> float:
    """Return the scatter over its expectation in the quietest blocks, after binning by ``factor`` points."""
    bins = y.size // factor
    z = y[: bins * factor].reshape(bins, factor).mean(axis=1)
    v = variance[: bins * factor].reshape(bins, factor).mean(axis=1) / factor
    difference = np.abs(z[:-3] - 3.0 * z[1:-2] + 3.0 * z[2:-1] - z[3:])
    scatter = difference / np.sqrt(v[:-3] + 9.0 * v[1:-2] + 9.0 * v[2:-1] + v[3:])
    block = min(BLOCK, scatter.size)
    means = scatter[: scatter.size // block * block].reshape(-1, block).mean(axis=1)
    return float(np.quantile(means, QUIET_BLOCKS)) / (NORMAL_MEAN * QUIET_BIAS)


def noise_scale(pattern: Pattern) -> float:
    """Return the factor by which the stated s.u. must be multiplied to match the scatter of the points.

    Third differences y₁ − 3y₂ + 3y₃ − y₄ of neighbours cancel whatever is smooth over four points;
    their mean size in the quietest blocks over its expectation is 1 for counts with σ = √counts, below 1
    for overestimated and above 1 for underestimated s.u. A pattern without scatter (calculated) gives 0.

    A pattern that was interpolated or smoothed scatters less between neighbours than its averages do.
    It betrays itself when bins of two points scatter more than white noise can; the factor is then that
    of bins of three points, so that averages over a peak get the s.u. that they deserve.
    """
    y, variance = pattern.intensity, pattern.sigma**2
    if y.size < 8 * BLOCK:
        return _quiet_scale(y, variance, 1) if y.size > 8 else 1.0
    single, double = _quiet_scale(y, variance, 1), _quiet_scale(y, variance, 2)
    if double <= CORRELATED * single:
        return single
    return min(_quiet_scale(y, variance, 3), max(MOST_CORRELATED * single, 1.0))


def noise_level(pattern: Pattern, half: int = 5) -> Array:
    """Return the noise (n,) in units of the intensity: stated s.u., evened out over neighbours and rescaled.

    The s.u. of a low count is itself low (σ = √y), which pulls weighted means down; averaging the
    variance over 2·half + 1 points removes that. At least a millionth of the largest intensity is returned.
    """
    floor = 1e-6 * max(float(np.max(np.abs(pattern.intensity))), 1e-300)
    level: Array = np.sqrt(moving_average(pattern.sigma**2, half)) * noise_scale(pattern)
    return np.maximum(level, floor)
