"""How broad the peaks of a pattern are, before any of them is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.maxima import prominent_maxima

__all__ = ["PeakWidths", "measure_peak_widths"]

Array = NDArray[np.float64]

PROMINENCE = 6.0  # in units of the noise, for a maximum to be measured
SMOOTHING_FWHM2 = 2.9  # squared FWHM, points², that the [1 2 1]/4 kernel and the bin add


@dataclass(frozen=True)
class PeakWidths:
    """FWHM in points that 20, 50 and 95 % of the peak area stay below."""

    narrow: float
    typical: float
    wide: float


def _scan(y: Array, noise: Array, factor: int, widest: float) -> tuple[Array, Array, Array]:
    """Return centre and FWHM (points) and prominence of the maxima that stand out after binning by ``factor``."""
    bins = y.size // factor
    z = y[: bins * factor].reshape(bins, factor).mean(axis=1)
    sigma = np.sqrt((noise[: bins * factor] ** 2).reshape(bins, factor).mean(axis=1) / factor)
    z[1:-1] = (z[:-2] + 2.0 * z[1:-1] + z[2:]) / 4.0
    top, prominence, width = prominent_maxima(z, PROMINENCE * sigma)
    fwhm: Array = np.sqrt(np.maximum(width**2 - SMOOTHING_FWHM2, 0.5)) * factor
    # a maximum of fewer than 4 bins was seen better at a finer scale, one of more than 12 will be at a coarser one
    keep = (width < 12.0) & ((width > 4.0) | (factor == 1)) & (fwhm < widest)
    centre: Array = (top[keep].astype(np.float64) + 0.5) * factor
    return centre, fwhm[keep], prominence[keep]


def measure_peak_widths(y: Array, noise: Array, widest: float) -> PeakWidths | None:
    """Return the spread of peak widths in y (n,) with noise (n,), or None when no maximum stands out.

    Maxima are sought at bins of 1, 2, 4 … points. A maximum at a coarse scale that holds a finer
    peak of at least a fifth of its height is a crowd or a hump under peaks, not one broad peak.
    ``widest`` (points) is the FWHM above which a maximum is taken for an amorphous hump.
    """
    centres, widths, heights = np.empty(0), np.empty(0), np.empty(0)
    factor = 1
    while y.size // factor > 50 and 3 * factor <= 1.5 * widest:
        centre, fwhm, height = _scan(y, noise, factor, widest)
        inside = np.abs(centre[:, None] - centres[None, :]) < 0.7 * fwhm[:, None]
        crowd = (inside & (heights[None, :] > 0.2 * height[:, None])).any(axis=1)
        centres = np.concatenate((centres, centre[~crowd]))
        widths = np.concatenate((widths, fwhm[~crowd]))
        heights = np.concatenate((heights, height[~crowd]))
        factor *= 2
    if widths.size == 0:
        return None
    order = np.argsort(widths)
    share = np.cumsum((widths * heights)[order])
    narrow, typical, wide = widths[order][np.searchsorted(share, np.array([0.2, 0.5, 0.95]) * share[-1])]
    return PeakWidths(float(narrow), float(typical), float(wide))
