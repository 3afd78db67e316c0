"""How far a powder line reaches on each of the grids that carry its tails."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.tail_grid import FIRST_REACH_FWHM

__all__ = ["FAR_WIDTH", "GAUSS_REACH", "NARROWEST", "first_at", "pieces_of"]

Array = NDArray[np.float64]

GAUSS_REACH = 3.0  # FWHM; a Gaussian has fallen to 2^-36 of its height there
FAR_WIDTH = 0.5  # in units of the first reach: the FWHM for which tails are spread by axial divergence
NARROWEST = 3.0  # FWHM that a line reaches at the least, however weak


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def first_at(points: Array, begin: int, end: int, inverse_step: float, value: float) -> int:
    """Return the first index from begin to end whose point is at or beyond the value; the points increase."""
    if value <= points[begin]:
        return begin
    if value > points[end - 1]:
        return end
    j = min(max(begin + int((value - points[begin]) * inverse_step), begin + 1), end - 1)
    for _ in range(8):  # an even axis needs one or two
        if points[j] < value:
            j += 1
        elif points[j - 1] >= value:
            j -= 1
        else:
            return j
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if points[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True, inline="always")
def pieces_of(reach: Array, fwhm: float, strength: float, floor: float) -> tuple[int, float]:
    """Return in how many pieces a Lorentzian is drawn and, of a single one that just ends, its reach, else 0.

    ``strength`` is its height times δ² far out. A tail that is below the floor is left out: beyond its own reach
    √(strength/floor) where that is shorter than the first of the grids, else beyond the first reach of at least twice
    that. Lines too wide to be split come in one piece without end. A negative floor asks for a rough drawing: −floor is
    the floor, and lines too wide to be split end at their own reach too, which is a step of the curve.
    """
    wide = fwhm * FIRST_REACH_FWHM > reach[1] * (1.0 + 1e-9)
    if floor == 0.0:
        return (1, reach[-1]) if wide else (reach.size - 1, 0.0)
    own = max(NARROWEST * fwhm, np.sqrt(strength / abs(floor)))
    if wide:
        return 1, (min(own, reach[-1]) if floor < 0.0 else reach[-1])
    if own < reach[1]:
        return 1, own
    count = 1
    while count < reach.size - 1 and reach[count] < 2.0 * own:
        count += 1
    return count, 0.0
