"""Fingerprints of powder patterns: the strongest lines of each entry in a few bytes, for a first look at many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.reciprocal_metrics import reciprocal_metrics
from anatase.library.line_arrays import LineArrays

__all__ = ["LOG_D_STEP", "LOWEST_LOG", "N_STRONGEST", "Fingerprints", "fingerprints"]

N_STRONGEST = 12
LOWEST_LOG = -5.5  # ln(1/d) of d = 245 Å, beyond the cells that the library takes
LOG_D_STEP = 1e-4  # 0.01 % of d; 65,536 steps reach down to 0.35 Å
SEPARATION = 0.002  # of ln d: closer lines overlap in most patterns and count as one
FULL = 255


@dataclass(frozen=True)
class Fingerprints:
    """The strongest lines of entries (n, 12), strongest first, by their strength I·d² (a rough Lorentz weight).

    ``place`` counts steps of 0.0001 of ln(1/d) from −5.5; ``strength`` is 255 for the strongest line of an
    entry, and 0 where it has no more lines.
    """

    place: NDArray[np.uint16]
    strength: NDArray[np.uint8]


def fingerprints(
    lattices: NDArray[np.float64], line_offset: NDArray[np.int64], lines: LineArrays
) -> tuple[Fingerprints, Fingerprints]:
    """Return the fingerprints for X-rays and for neutrons of entries with lattices (n, 6) and these lines."""
    found = []
    for intensity in (lines.xray, lines.neutron):
        place = np.zeros((len(lattices), N_STRONGEST), np.uint16)
        strength = np.zeros((len(lattices), N_STRONGEST), np.uint8)
        _strongest(reciprocal_metrics(lattices), line_offset, lines.hkl, intensity, place, strength)
        found.append(Fingerprints(place, strength))
    return found[0], found[1]


@njit(cache=True)
def _strongest(
    metrics: NDArray[np.float64],
    offsets: NDArray[np.int64],
    hkl: NDArray[np.int16],
    intensity: NDArray[np.float32],
    place: NDArray[np.uint16],
    strength: NDArray[np.uint8],
) -> None:
    """Write each entry's strongest well-separated lines into ``place`` and ``strength``."""
    for e in range(offsets.size - 1):
        n = offsets[e + 1] - offsets[e]
        u, weight = np.empty(n), np.empty(n)
        merged = 0
        for i in range(offsets[e], offsets[e + 1]):
            h, k, m = float(hkl[i, 0]), float(hkl[i, 1]), float(hkl[i, 2])
            g = metrics[e]
            s2 = h * h * g[0, 0] + k * k * g[1, 1] + m * m * g[2, 2]
            s2 += 2.0 * (h * k * g[0, 1] + h * m * g[0, 2] + k * m * g[1, 2])
            here, w = 0.5 * np.log(s2), intensity[i] / s2
            if w <= 0.0:
                continue
            # d falls within an entry: a line is merged with the one before it
            if merged > 0 and here - u[merged - 1] < SEPARATION:
                total = weight[merged - 1] + w
                u[merged - 1] += (here - u[merged - 1]) * w / total
                weight[merged - 1] = total
            else:
                u[merged], weight[merged] = here, w
                merged += 1
        order = np.argsort(-weight[:merged])[:N_STRONGEST]
        for j in range(order.size):
            cell = (u[order[j]] - LOWEST_LOG) / LOG_D_STEP
            place[e, j] = min(max(round(cell), 0), 65_535)
            strength[e, j] = max(1, round(FULL * weight[order[j]] / weight[order[0]]))
