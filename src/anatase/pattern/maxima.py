"""Local maxima of a curve with their prominences and widths."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["prominent_maxima"]

Array = NDArray[np.float64]


@njit(cache=True)
def prominent_maxima(y: Array, least: Array) -> tuple[NDArray[np.int64], Array, Array]:
    """Return index, prominence and full width at half prominence (points) of the maxima of y (n,).

    The prominence of a maximum is its height over the higher of the lowest points that separate it from
    higher ground on either side (or from the end). Maxima less prominent than ``least`` (n,) are left out.
    A plateau counts at its middle.
    """
    n = y.size
    index, prominence, width = np.empty(n, np.int64), np.empty(n), np.empty(n)
    m = 0
    i = 1
    while i < n - 1:
        if y[i] <= y[i - 1]:
            i += 1
            continue
        end = i
        while end < n - 1 and y[end + 1] == y[i]:
            end += 1
        if end == n - 1 or y[end + 1] > y[i]:
            i = end + 1
            continue
        top = (i + end) // 2
        left_low, right_low = y[top], y[top]
        left = top
        while left >= 0 and y[left] <= y[top]:
            left_low = min(left_low, y[left])
            left -= 1
        right = top
        while right < n and y[right] <= y[top]:
            right_low = min(right_low, y[right])
            right += 1
        rise = y[top] - max(left_low, right_low)
        if rise >= least[top]:
            level = y[top] - 0.5 * rise
            a = top
            while a > left + 1 and y[a] > level:
                a -= 1
            b = top
            while b < right - 1 and y[b] > level:
                b += 1
            start, stop = float(a), float(b)
            if y[a] < level:
                start += (level - y[a]) / (y[a + 1] - y[a])
            if y[b] < level:
                stop -= (level - y[b]) / (y[b - 1] - y[b])
            index[m], prominence[m], width[m] = top, rise, stop - start
            m += 1
        i = end + 1
    return index[:m].copy(), prominence[:m].copy(), width[:m].copy()
