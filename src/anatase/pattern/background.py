"""The smooth intensity under the peaks: air and Compton scattering, amorphous humps, fluorescence.

Three steps, all on the pattern binned to about three points per FWHM:

1. *Shape.* Peak clipping in double-log space (SNIP: Ryan et al. (1988) Nucl. Instrum. Methods B 34, 396;
   decreasing windows after Morháč & Matoušek (2008) Appl. Spectrosc. 62, 91) with a window of a few FWHM
   follows humps and the rise at low angle.
2. *Level.* A stiff correction to that shape (Whittaker smoother) is fitted by expectation-maximisation to a
   mixture of two kinds of points: bare background, scattered by the known noise, and background under a peak,
   higher by an exponentially distributed amount (the idea of Zhang, Böhm et al. (2012) for Bayesian
   backgrounds). Being a fit of the mean it is not biased low by the noise, as an envelope is.
3. *Tails.* Lorentzian tails reach far and, where peaks crowd, nothing is bare. The tails of the net intensity
   are computed with the typical FWHM, taken off, and step 2 repeated.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import solveh_banded
from scipy.special import ndtr

from anatase.pattern.noise import moving_average, noise_level
from anatase.pattern.pattern import Pattern
from anatase.pattern.peak_width import PeakWidths, measure_peak_widths

__all__ = ["estimate_background"]

Array = NDArray[np.float64]

HUMP_FWHM = 2.5  # degrees 2θ; a broader maximum is amorphous
HUMP_SHARE = 0.04  # of the points, the same limit on other axes
CLIP_FWHM, CLIP_SHARE = 6.0, 0.035  # half-window of the clipping: in FWHM, and at least this share of the range
STIFF_FWHM, STIFF_SHARE = 8.0, 0.1  # half-power period of the level correction
QUIET_SHARE = 0.003  # of the range, the FWHM looked for where no peak was found
MODEL_ERROR = 0.002  # relative; a stiff curve cannot follow a background of 10⁶ counts to its noise
TAIL_MIXING = 0.4  # Lorentzian share of a typical profile
TAIL_ROUNDS = 3
LEVEL_ROUNDS = 12
MOST_NODES = 8000


@njit(cache=True)
def _clip_peaks(v: Array, half_window: float) -> Array:
    """Return v (n,) with everything above the chord of a window taken off, for windows from wide to 1.

    Windows shrink towards the low-angle end, first in v, where the background rises steeply; at the other
    end the pattern is mirrored, so that a peak cut by the end of the scan does not lift the background.
    """
    n = v.size
    level = v.copy()
    lower = v.copy()
    reach = half_window
    while True:
        p = int(reach + 0.5)
        for i in range(n):
            q = min(p, i)
            right = i + q if i + q < n else max(2 * (n - 1) - i - q, 0)
            chord = 0.5 * (level[i - q] + level[right])
            lower[i] = chord if chord < level[i] else level[i]
        level[:] = lower
        if p <= 1:
            return level
        # few windows: every one of them lowers a convex hump by its sagitta
        reach = min(reach / 1.3, p - 1.0)


def _whittaker(y: Array, weight: Array, stiffness: Array) -> Array:
    """Return b (n,) that minimises Σ weight (y − b)² + Σ stiffness (b₋ − 2b + b₊)²; stiffness (n − 2,)."""
    band = np.zeros((3, y.size))
    band[2] = weight
    band[2, :-2] += stiffness
    band[2, 1:-1] += 4.0 * stiffness
    band[2, 2:] += stiffness
    band[1, 1:-1] -= 2.0 * stiffness
    band[1, 2:] -= 2.0 * stiffness
    band[0, 2:] = stiffness
    smooth: Array = solveh_banded(band, weight * y, overwrite_ab=True, check_finite=False)
    return smooth


def _shape(z: Array, half_window: float) -> Array:
    """Return the smoothed lower envelope (m,) of z (m,), found on ln(ln(√z + 1) + 1)."""
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    calm = np.convolve(np.pad(z, 2, mode="edge"), kernel, mode="valid")
    offset = 1.0 - min(0.0, float(calm.min()))
    clipped = _clip_peaks(np.log(np.log(np.sqrt(calm + offset) + 1.0) + 1.0), half_window)
    stiffness = np.full(z.size - 2, (2.0 * half_window / (2.0 * np.pi)) ** 4)
    smooth = _whittaker(clipped, np.ones(z.size), stiffness)
    envelope: Array = (np.exp(np.exp(smooth) - 1.0) - 1.0) ** 2 - offset
    return envelope


def _fit_level(z: Array, noise: Array, start: Array, shape: Array, period: float) -> tuple[Array, Array]:
    """Return background (m,) and the probability (m,) that a node is bare background.

    Expectation-maximisation; the share of bare nodes and the mean peak height are local, over one period.
    """
    half = int(period / 2.0) + 1
    level = start
    bare_share, height = np.full(z.size, 0.5), np.full(z.size, 5.0)
    bare = np.ones(z.size)
    for _ in range(LEVEL_ROUNDS):
        sigma = np.sqrt(noise**2 + (MODEL_ERROR * np.maximum(level, 0.0)) ** 2)
        r = (z - level) / sigma
        normal = np.exp(-0.5 * r**2) / np.sqrt(2.0 * np.pi)
        # an exponential height seen through unit normal noise (exponentially modified Gaussian)
        peak = np.exp(np.minimum(0.5 / height**2 - r / height, 50.0)) * ndtr(r - 1.0 / height) / height
        bare = bare_share * normal / (bare_share * normal + (1.0 - bare_share) * peak + 1e-300)
        bare[r < -3.0] = 1.0
        bare_share = np.clip(moving_average(bare, half), 0.02, 0.995)
        covered = np.maximum(moving_average(1.0 - bare, half), 1e-3)
        height = np.clip(moving_average((1.0 - bare) * np.clip(r, 0.0, 200.0), half) / covered, 3.0, 200.0)
        # stiffness in units of the local noise; more of it where little is bare
        local = moving_average(sigma**2, int(period / 8.0) + 1)[1:-1]
        stiffness = (period / (2.0 * np.pi)) ** 4 / (local * bare_share[1:-1] ** 2)
        new = shape + _whittaker(z - shape, bare / sigma**2, stiffness)
        settled = bool(np.max(np.abs(new - level) / sigma) < 0.1)
        level = new
        if settled:
            break
    return level, bare


def _tail_kernel(fwhm: float) -> Array:
    """Return what a unit area sends beyond 1.5 FWHM, as far as 30 FWHM, per node."""
    reach = int(30.0 * fwhm) + 1
    distance = np.arange(-reach, reach + 1)
    kernel: Array = TAIL_MIXING * (2.0 / np.pi / fwhm) / (1.0 + 4.0 * (distance / fwhm) ** 2)
    kernel[np.abs(distance) < 1.5 * fwhm] = 0.0
    return kernel


def _convolved(values: Array, kernel: Array) -> Array:
    """Return values (m,) convolved with an odd, centred kernel, zeros assumed beyond the ends."""
    size = values.size + kernel.size - 1
    full = np.fft.irfft(np.fft.rfft(values, size) * np.fft.rfft(kernel, size), size)
    start = kernel.size // 2
    return np.asarray(full[start : start + values.size])


def _raise_on_quiet_stretches(z: Array, noise: Array, shape: Array, fwhm: float, period: float) -> Array:
    """Return the shape (m,) lifted to the mean of z where z curves no more than its noise.

    Clipping cuts the top off a hump by the sagitta of its windows. A stretch of two FWHM whose second
    differences at a lag of two FWHM are noise alone holds no peak and no valley between peaks.
    """
    lag = int(2.0 * fwhm) + 1
    if z.size < 8 * lag:
        return shape
    bend = np.zeros(z.size)
    bend[lag:-lag] = (z[: -2 * lag] - 2.0 * z[lag:-lag] + z[2 * lag :]) ** 2 / 6.0
    bend[:lag], bend[-lag:] = bend[lag], bend[-lag - 1]
    variance = moving_average(noise**2, lag)
    restless = moving_average(bend, lag) / variance
    allowed = 1.0 + 3.0 * np.sqrt(2.0 / (2 * lag + 1))
    weight = np.where(restless < allowed, 1.0, 0.03) / variance
    target = np.where(restless < allowed, z - shape, 0.0)
    stiffness = (period / (2.0 * np.pi)) ** 4 / variance[1:-1]
    return shape + _whittaker(target, weight, stiffness)


def _bin(values: Array, factor: int) -> Array:
    """Return means (⌈n/factor⌉,) of runs of ``factor`` values, the last run filled with the last value."""
    nodes = -(-values.size // factor)
    padded = np.pad(values, (0, nodes * factor - values.size), mode="edge")
    mean: Array = padded.reshape(nodes, factor).mean(axis=1)
    return mean


def _background_on_nodes(z: Array, sigma: Array, widths: PeakWidths | None, factor: int, step: float) -> Array:
    """Return the background (m,) of the binned pattern z (m,); ``step``: share of the range of one node."""
    wide = 0.0 if widths is None else widths.wide / factor
    clip = max(CLIP_FWHM * wide, CLIP_SHARE / step) + 1.0
    period = max(STIFF_FWHM * wide, STIFF_SHARE / step)
    shape = _shape(z, clip)
    fwhm = QUIET_SHARE / step if widths is None else wide
    shape = _raise_on_quiet_stretches(z, sigma, shape, fwhm, 0.5 * period)
    level, bare = _fit_level(z, sigma, shape, shape, period)
    if widths is None:
        return level
    kernel = _tail_kernel(widths.typical / factor)
    tails = np.zeros(z.size)
    for _ in range(TAIL_ROUNDS - 1):
        net = np.maximum(z - level - tails, 0.0) * (1.0 - bare)
        tails = np.maximum(_convolved(net, kernel), 0.0)
        uncertain = np.sqrt(sigma**2 + (0.3 * tails) ** 2)
        level, bare = _fit_level(z - tails, uncertain, level, shape, period)
    return level


def estimate_background(pattern: Pattern) -> Array:
    """Return the mean intensity (n,) that the pattern would have without its peaks.

    Windows follow from the peak widths found in the data: sharp peaks leave room for a background that
    curves within a few degrees, peaks of 1–2° make it stiff so that it does not enter them. A maximum
    broader than 2.5° 2θ is background.

    Parameters
    ----------
    pattern
        The pattern; its ``sigma`` enters as shape of the noise, the scale is measured.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(10.0, 60.0, 0.02)
    >>> counts = np.random.default_rng(1).poisson(100.0 + 900.0 * np.exp(-(((x - 30.0) / 0.1) ** 2)))
    >>> background = estimate_background(Pattern(x, counts, np.sqrt(counts + 1.0)))
    >>> bool(np.all(np.abs(background - 100.0) < 10.0))  # the s.u. of a point
    True
    """
    n = len(pattern)
    if n < 20:
        return np.full(n, float(np.median(pattern.intensity)))
    noise = noise_level(pattern)
    span = float(pattern.x[-1] - pattern.x[0])
    widest = HUMP_FWHM * (n - 1) / span if pattern.axis == "two_theta" else HUMP_SHARE * n
    widths = measure_peak_widths(pattern.intensity, noise, widest)
    sampling = widest / 15.0 if widths is None else widths.narrow / 3.0
    factor = int(max(1.0, min(sampling, n / 200.0), np.ceil(n / MOST_NODES)))
    nodes = _bin(np.arange(n, dtype=np.float64), factor)
    z, sigma = _bin(pattern.intensity, factor), np.sqrt(_bin(noise**2, factor) / factor)
    share = factor / n if pattern.axis != "two_theta" else factor * span / (n - 1) / 80.0
    if pattern.axis in ("d", "tof"):
        level = _background_on_nodes(z[::-1].copy(), sigma[::-1].copy(), widths, factor, share)[::-1]
    else:
        level = _background_on_nodes(z, sigma, widths, factor, share)
    return np.interp(np.arange(n, dtype=np.float64), nodes, level)
