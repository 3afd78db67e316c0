"""Standard uncertainties of intensities: from the file where it has them, else from counting statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["counting_sigma", "noise_level", "usable_sigma"]

Array = NDArray[np.float64]


def noise_level(intensity: Array, unit: Array | float = 1.0) -> float:
    """Return the point-to-point noise in multiples of ``unit`` (n,) or one number.

    It is the median absolute second difference as a standard deviation: for white noise of
    variance σ² the second difference has variance 6σ².
    """
    if intensity.size < 5:
        return 0.0
    units = np.broadcast_to(np.asarray(unit, dtype=np.float64), intensity.shape)
    return float(np.median(np.abs(np.diff(intensity, 2)) / units[1:-1]) / (0.6745 * np.sqrt(6.0)))


def counting_sigma(intensity: Array, counts_per_unit: float | Array | None = None) -> tuple[Array, tuple[str, ...]]:
    """Return the s.u. (n,) of intensities (n,) by counting statistics, σ = √(max(N, 1)).

    Parameters
    ----------
    counts_per_unit
        Counts N per unit of intensity (a counting time for counts per second, the inverse of an
        attenuation). ``None``: the intensities are counts, unless they plainly are not (fractions
        below 50 or far noisier than counts, or negative values); then the scale comes from the point-to-point noise.
    """
    if counts_per_unit is not None:
        scale = np.asarray(counts_per_unit, dtype=np.float64)
        return np.sqrt(np.maximum(intensity * scale, 1.0)) / scale, ()
    whole = bool(np.all(intensity == np.round(intensity)))
    poisson = np.sqrt(np.maximum(intensity, 1.0))
    if intensity.min() >= 0 and (whole or (intensity.max() >= 50 and noise_level(intensity, poisson) < 3)):
        return poisson, ()
    return scaled_sigma(intensity)


def scaled_sigma(intensity: Array) -> tuple[Array, tuple[str, ...]]:
    """Return σ = √(k·max(I, Ī)) for intensities that are no counts, with k from the noise."""
    low = float(max(np.percentile(np.abs(intensity), 20), 1e-3 * np.abs(intensity).max()))
    level = np.maximum(intensity, low)
    noise = noise_level(intensity, np.sqrt(level))
    if not noise > 0:
        noise = 0.01 * float(np.sqrt(level.max()))
    return noise * np.sqrt(level), ("the intensities are not counts; σ was estimated from the point-to-point noise",)


def usable_sigma(sigma: Array, intensity: Array, column: str = "the σ column") -> tuple[Array, tuple[str, ...]]:
    """Return the file's s.u. repaired: where it is not positive, √counts stands in, and is said."""
    fallback, said = counting_sigma(intensity)
    good = np.isfinite(sigma) & (sigma > 0)
    if not good.any():
        return fallback, (f"{column} is all zeros; using sqrt(counts)", *said)
    if good.all() and np.all(sigma == 1.0) and intensity.max() > 50:
        return fallback, (f"{column} is 1 throughout; using sqrt(counts)", *said)
    typical = max(noise_level(intensity), float(np.median(fallback)))
    if intensity.size >= 20 and np.median(sigma[good]) > 10 * typical:
        return fallback, (
            f"{column} is no s.u. (median {np.median(sigma[good]):.4g}, noise {typical:.4g}); using sqrt(counts)",
            *said,
        )
    if good.all():
        return sigma, ()
    bad = int((~good).sum())
    return np.where(good, sigma, fallback), (f"{column} is not positive at {bad} points; using sqrt(counts) there",)
