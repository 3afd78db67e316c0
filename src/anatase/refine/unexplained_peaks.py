"""Peaks of the difference between pattern and model: of no phase, or of a line that is far too weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.peaks import find_peaks
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import Histogram, RefinementModel

__all__ = ["unexplained_peaks"]

Array = NDArray[np.float64]

MOST_PEAKS = 6
CLEAR, OF_STRONGEST, OF_MODEL = 6.0, 0.02, 0.5  # s.u., of the highest calculated peak, of the Bragg intensity nearby
LINE = 0.03  # of an unexplained peak, from which a calculated line counts as lying there


def unexplained_peaks(model: RefinementModel, histogram: Histogram, curve: Calculated) -> list[str]:
    """Return warnings of the peaks that a model leaves in one of its histograms, whose ``curve`` is calculated.

    A peak of the difference counts from six s.u. on, when it has 2 % of the highest calculated peak and more than
    half of the calculated Bragg intensity around it: misfitted lines are no new peaks. Where a phase has a line within
    half a width, of at least 3 % of the peak, the line is named as too weak, not as missing.
    """
    foreign, weak, names = list[float](), list[float](), dict[str, None]()
    for place, width, height in _left_over(histogram, curve).T.tolist():
        owners = _with_line_at(model, histogram, curve, place, width, height)
        (weak if owners else foreign).append(place)
        names |= dict.fromkeys(owners)
    told = []
    if foreign:
        told.append(f"no phase explains the peaks of {histogram.name} at {_named(foreign, histogram)}")
    if weak:
        told.append(
            f"the peaks of {histogram.name} at {_named(weak, histogram)} are far higher than the lines of "
            f"{', '.join(names)} there: texture, coarse grains, or a phase that was not given"
        )
    return told


def _named(places: Sequence[float], histogram: Histogram) -> str:
    unit = {"two_theta": "° 2θ", "tof": " µs"}.get(histogram.pattern.axis, "")
    more = f" and {len(places) - MOST_PEAKS} more" if len(places) > MOST_PEAKS else ""
    return ", ".join(f"{place:.2f}" for place in places[:MOST_PEAKS]) + more + unit


def _with_line_at(
    model: RefinementModel, histogram: Histogram, curve: Calculated, place: float, width: float, height: float
) -> list[str]:
    """Return the phases that have a line of some height within half a width of a place."""
    near = np.flatnonzero(np.abs(histogram.pattern.x - place) <= 0.5 * width)
    near = near[(near > 0) & (near < len(histogram.pattern) - 1)]
    found = []
    for phase, part in zip(model.phases, curve.phases, strict=True):
        top = (part[near] > part[near - 1]) & (part[near] >= part[near + 1])
        if np.any(top & (part[near] > LINE * height)):
            found.append(phase.name)
    return found


def _left_over(histogram: Histogram, curve: Calculated) -> Array:
    """Return positions, widths and heights (3, m) of the peaks of the difference, the highest first."""
    pattern, bragg = histogram.pattern, np.sum(curve.phases, axis=0)
    rest = replace(pattern, intensity=np.where(histogram.used, pattern.intensity - bragg, curve.background))
    peaks = find_peaks(rest, min_significance=CLEAR, background=curve.background)
    if not len(peaks):
        return np.empty((3, 0))
    near = np.array(
        [
            bragg[np.abs(pattern.x - x) <= 2.0 * w].max(initial=0.0)
            for x, w in zip(peaks.position, peaks.fwhm, strict=True)
        ]
    )
    strong = (peaks.height > OF_STRONGEST * bragg.max()) & (peaks.height > OF_MODEL * near)
    which = np.flatnonzero(strong)[np.argsort(-peaks.height[strong])]
    return np.array([peaks.position[which], peaks.fwhm[which], peaks.height[which]])
