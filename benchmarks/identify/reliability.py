"""The reliability of stated probabilities: in bins, how often what was said to be likely was right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["reliability"]

EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0)


def reliability(stated: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[list[tuple[int, float, float]], float]:
    """Return for each bin the number, mean probability and share that was right, and the expected calibration error."""
    which = np.clip(np.searchsorted(EDGES, stated, side="right") - 1, 0, len(EDGES) - 2)
    bins, total = [], 0.0
    for i in range(len(EDGES) - 1):
        inside = which == i
        if inside.any():
            mean, share = float(stated[inside].mean()), float(right[inside].mean())
            bins.append((int(inside.sum()), mean, share))
            total += inside.sum() * abs(mean - share)
    return bins, float(total / max(stated.size, 1))
