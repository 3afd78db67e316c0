"""From a pattern to its peaks: background, search, fit, search of the remainder, fit again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.pattern.background import HUMP_FWHM, HUMP_SHARE, estimate_background
from anatase.pattern.noise import moving_average, noise_level
from anatase.pattern.pattern import Pattern
from anatase.pattern.peak_width import measure_peak_widths
from anatase.peaks.decomposition import Decomposition, NetPattern, decompose, model_of, start_from
from anatase.peaks.group_fit import area_factor
from anatase.peaks.peaks import Peaks
from anatase.peaks.search import search_peaks
from anatase.peaks.spectral_lines import line_positions, spectrum

__all__ = ["find_peaks"]

Array = NDArray[np.float64]

FINEST = 2.5  # points, the narrowest FWHM looked for
GHOST_SHARE, GHOST_REACH = 5e-4, 60.0  # of a peak's height and in its FWHM: what lies below is that peak's own tail
FLANK_SHARE, FLANK_REACH = 0.03, 2.5  # the same beside a peak, of its height: axial divergence draws out its flank
SHOULDER_DISTANCE = 0.6  # FWHM; nearer than that two peaks cannot be told from one of another profile
SHOULDER_SHARE = 0.05  # of the model where it stands; less than that is the profile's misfit


def _search_widths(pattern: Pattern, noise: Array) -> Array:
    """Return the FWHM (k,) in points to look for, a factor of 1.6 apart, from the data's narrowest to widest."""
    n, span = len(pattern), float(pattern.x[-1] - pattern.x[0])
    widest = HUMP_FWHM * (n - 1) / span if pattern.axis == "two_theta" else HUMP_SHARE * n
    found = measure_peak_widths(pattern.intensity, noise, widest)
    if found is None:
        return np.geomspace(max(widest / 25.0, FINEST), max(widest / 2.5, 2.0 * FINEST), 3)
    low, high = max(0.8 * found.narrow, FINEST), max(1.2 * found.wide, 1.6 * FINEST)
    steps = int(np.ceil(np.log(max(high / low, 1.6)) / np.log(1.6)))
    return np.asarray(low * 1.6 ** np.arange(steps + 1), dtype=np.float64)


def _without_second_lines(position: Array, fwhm: Array, strength: Array, net: NetPattern) -> NDArray[np.bool_]:
    """Return which candidates (m,) are not merely the Kα2 of a stronger one."""
    keep = np.ones(position.size, dtype=bool)
    for ratio, weight in zip(net.ratios[1:], net.weights[1:], strict=True):
        second, _ = line_positions(position, float(ratio), net.axis)
        for i in range(position.size):
            near = np.abs(position - second[i]) < 0.4 * fwhm[i]
            near[i] = False
            keep &= ~(near & (strength < (weight + 0.3) * strength[i]))
    return keep


def _candidates(net: NetPattern, y: Array, widths: Array, threshold: float) -> tuple[Decomposition, Array]:
    """Return peaks not yet fitted, with the response (m,) of the filter."""
    where, size, strength = search_peaks(y, net.noise, widths, threshold)
    points = np.arange(net.x.size, dtype=np.float64)
    position = np.interp(where, points, net.x)
    step = np.interp(where, points, np.gradient(net.x))
    index = where.astype(np.intp)
    keep = _without_second_lines(position, size * step, strength, net)
    height = np.maximum(moving_average(y, 1)[index], 0.5 * net.noise[index])
    return start_from(position[keep], height[keep], (size * step)[keep]), strength[keep]


def _with_model_noise(net: NetPattern, background: Array, intensity: Array, peaks: Decomposition) -> NetPattern:
    """Return the pattern with noise that follows the fitted intensity, not the scattered counts.

    Weights from the counts themselves pull a fit down by about one count per point.
    """
    seen = moving_average(intensity, 5)
    fitted = moving_average(background + model_of(net, peaks), 0)
    usable = (seen > 0.0) & (fitted > 0.0)
    ratio = np.ones(net.x.size)
    np.divide(fitted, seen, out=ratio, where=usable)
    noise = net.noise * np.sqrt(np.clip(ratio, 0.3, 5.0))
    return NetPattern(net.x, net.net, noise, net.axis, net.ratios, net.weights)


def _merge(a: Decomposition, b: Decomposition) -> Decomposition:
    """Return both sets of peaks in order of position."""
    joined = {name: np.concatenate((values, vars(b)[name])) for name, values in vars(a).items()}
    return Decomposition(**joined).take(np.argsort(joined["position"]))


def _shoulders(more: Decomposition, peaks: Decomposition, model: Array) -> NDArray[np.bool_]:
    """Return which candidates (k,) of the remainder are peaks rather than misfits of the model (k,) under them."""
    distance = np.abs(more.position[:, None] - peaks.position[None, :])
    clear = (distance > SHOULDER_DISTANCE * peaks.fwhm[None, :]).all(axis=1)
    beside = distance < FLANK_REACH * peaks.fwhm[None, :]
    flank = np.where(beside, FLANK_SHARE * peaks.height[None, :], 0.0).max(axis=1)
    clear &= more.height > flank
    shoulders: NDArray[np.bool_] = clear & (more.height > SHOULDER_SHARE * model)
    return shoulders


def _ghosts(peaks: Decomposition) -> NDArray[np.bool_]:
    """Return which peaks (m,), sorted by position, are so weak beside a strong one that its tails may make them.

    No profile function is right to better than that: thermal diffuse scattering, absorption edges of the
    filter and tungsten lines stand there.
    """
    distance = np.abs(peaks.position[:, None] - peaks.position[None, :])
    near = distance < GHOST_REACH * np.minimum(peaks.fwhm[None, :], 5.0 * np.median(peaks.fwhm))
    strongest = np.where(near, peaks.height[None, :], 0.0).max(axis=1)
    ghosts: NDArray[np.bool_] = peaks.height < GHOST_SHARE * strongest
    return ghosts


def _prune(peaks: Decomposition, net: NetPattern, threshold: float) -> Decomposition:
    """Return the peaks that stand out, lie in the pattern and are not copies of a neighbour."""
    peaks = peaks.take(np.argsort(peaks.position))
    if peaks.position.size == 0:
        return peaks
    good = (peaks.significance >= threshold) & (peaks.height > 0.0)
    good &= ~_ghosts(peaks)
    good &= (peaks.position >= net.x[0]) & (peaks.position <= net.x[-1])
    peaks = peaks.take(good)
    weaker = np.zeros(len(peaks.position), dtype=bool)
    close = np.diff(peaks.position) < 0.25 * np.minimum(peaks.fwhm[1:], peaks.fwhm[:-1])
    for i in np.flatnonzero(close):
        weaker[i if peaks.height[i] < peaks.height[i + 1] else i + 1] = True
    return peaks.take(~weaker)


def find_peaks(pattern: Pattern, *, min_significance: float = 4.0, background: Array | None = None) -> Peaks:
    """Return the peaks of a pattern with their standard uncertainties.

    A matched filter finds what stands ``min_significance`` times its noise out of its surroundings;
    groups of overlapping peaks are fitted with pseudo-Voigts, each with all lines of the radiation at their
    fixed ratio, so that Kα1 and Kα2 give one peak; the remainder is searched for shoulders and
    everything is fitted once more. A pattern without peaks gives an empty answer.

    Parameters
    ----------
    pattern
        The pattern, on any axis. The scale of its ``sigma`` is measured, see ``noise_scale``.
    min_significance
        Smallest height over its s.u. At 4, noise alone gives less than one peak in five patterns.
    background
        Background (n,); estimated when absent.

    Raises
    ------
    InputError
        When the background has another length or ``min_significance`` is not positive.
    """
    if not min_significance > 0.0:
        raise InputError(f"min_significance is {min_significance:g}", "give a positive number, such as 4")
    if background is not None and background.shape != pattern.x.shape:
        found = f"the background has {background.size} points, the pattern {len(pattern)}"
        raise InputError(found, "give one value per point")
    if len(pattern) < 20:
        return Peaks.none(pattern.axis, pattern.radiation)
    level = estimate_background(pattern) if background is None else background
    noise = noise_level(pattern)
    radiation = pattern.radiation if pattern.axis != "tof" else None
    ratios, weights = spectrum(radiation)
    net = NetPattern(pattern.x, pattern.intensity - level, noise, pattern.axis, ratios, weights)
    widths = _search_widths(pattern, noise)
    start, _ = _candidates(net, net.net, widths, min_significance)
    if start.position.size == 0:
        return Peaks.none(pattern.axis, pattern.radiation)
    peaks = decompose(net, start)
    net = _with_model_noise(net, level, pattern.intensity, peaks)
    model = model_of(net, peaks)
    more, _ = _candidates(net, net.net - model, widths[:2], 1.25 * min_significance)
    more = more.take(_shoulders(more, peaks, np.interp(more.position, net.x, model)))
    peaks = _prune(decompose(net, _merge(peaks, more), sweeps=1), net, min_significance)
    if peaks.position.size:
        peaks = _prune(decompose(net, peaks, sweeps=1), net, min_significance)
    area = peaks.height * peaks.fwhm * area_factor(peaks.mixing)
    return Peaks(
        peaks.position, peaks.position_su, peaks.height, peaks.height_su, area, peaks.area_su,
        peaks.fwhm, peaks.fwhm_su, peaks.significance, pattern.axis, pattern.radiation,
    )  # fmt: skip
