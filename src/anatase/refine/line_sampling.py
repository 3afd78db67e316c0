"""Whether a pattern has points enough on its lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import Histogram

__all__ = ["points_per_line", "sampling_doubts"]

Array = NDArray[np.float64]

FEWEST = 3.0  # points on the full width at half maximum; McCusker et al. (1999) J. Appl. Cryst. 32, 36 ask for 5
HIGH = 0.1  # of the highest line: those that count


def points_per_line(curve: Array) -> float:
    """Return the median number of points at or above half of the maximum, of the high maxima of a Bragg curve (n,).

    Examples
    --------
    >>> points_per_line(np.array([0.0, 0.2, 0.6, 1.0, 0.6, 0.2, 0.0, 0.3, 0.9, 0.8, 0.1]))
    2.5
    """
    inner = curve[1:-1]
    tops = 1 + np.flatnonzero((inner > curve[:-2]) & (inner >= curve[2:]) & (inner > HIGH * curve.max(initial=0.0)))
    counts = []
    for top in tops:
        below = np.flatnonzero(curve < 0.5 * curve[top])
        after = int(np.searchsorted(below, top))
        first = int(below[after - 1]) if after else -1
        last = int(below[after]) if after < below.size else curve.size
        counts.append(last - first - 1)
    return float(np.median(counts)) if counts else float(curve.size)


def sampling_doubts(histogram: Histogram, curve: Calculated) -> list[str]:
    """Return a warning of a pattern whose steps are too wide for its lines."""
    bragg = np.sum(curve.phases, axis=0)
    if not bragg.any() or (points := points_per_line(bragg)) >= FEWEST:
        return []
    return [
        f"{histogram.name} has {points:g} points to the width of a line: widths, heights and places of lines cannot be "
        "told, whatever the fit says; measure with steps of a fifth of the width"
    ]
