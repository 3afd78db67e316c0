"""Where peaks may be: a matched second-derivative filter at several widths.

The pattern is convolved with negative second derivatives of Gaussians (Mariscotti (1967) Nucl. Instrum.
Methods 50, 309), which are blind to a constant and a slope; the response over its s.u. is a signal-to-noise
ratio, the same scale at every width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.signal import find_peaks as local_maxima

__all__ = ["filter_response", "search_peaks"]

Array = NDArray[np.float64]

GAUSS_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))  # FWHM of a Gaussian of unit σ
CLEFT = 2.5  # how far the response falls between two peaks, in units of its noise


def filter_response(y: Array, noise: Array, fwhm: float) -> Array:
    """Return the signal-to-noise ratio (n,) of a peak of ``fwhm`` (points) at each point of y (n,)."""
    sigma = max(fwhm / GAUSS_FWHM, 0.6)
    reach = int(4.0 * sigma) + 1
    u = np.arange(-reach, reach + 1) / sigma
    kernel = (1.0 - u**2) * np.exp(-0.5 * u**2)
    kernel -= kernel.mean()
    padded = np.pad(y, reach, mode="reflect", reflect_type="odd")
    variance = np.pad(noise**2, reach, mode="edge")
    signal = fftconvolve(padded, kernel, mode="valid")
    scatter = np.sqrt(np.maximum(fftconvolve(variance, kernel**2, mode="valid"), 1e-300))
    response: Array = signal / scatter
    return response


def search_peaks(y: Array, noise: Array, widths: Array, threshold: float) -> tuple[Array, Array, Array]:
    """Return index (m,), FWHM in points (m,) and response (m,) of what stands out of y (n,) above its background.

    ``widths`` (k,) are the FWHM looked for, in points, rising. Fine widths have the first word, since they
    resolve what a coarse filter merges; a coarse one adds only peaks that no finer one has seen.
    """
    where, size, strength = np.empty(0), np.empty(0), np.empty(0)
    for fwhm in widths:
        if 6.0 * fwhm > y.size:
            break
        response = filter_response(y, noise, float(fwhm))
        top, _ = local_maxima(response, height=threshold, prominence=CLEFT)
        top = top[y[top] > 0.0]
        taken = (np.abs(top[:, None] - where[None, :]) < 0.75 * fwhm).any(axis=1)
        # the same peak gives more response at its own width: take that width over
        for new in top[taken]:
            old = int(np.argmin(np.abs(where - new)))
            alone = np.count_nonzero(np.abs(where - new) < 0.75 * fwhm) == 1
            if alone and response[new] > 1.05 * strength[old]:
                size[old], strength[old] = fwhm, response[new]
        fresh = top[~taken]
        where = np.concatenate((where, fresh.astype(np.float64)))
        size = np.concatenate((size, np.full(fresh.size, float(fwhm))))
        strength = np.concatenate((strength, response[fresh]))
    order = np.argsort(where)
    return where[order], size[order], strength[order]
