"""Grids, each coarser than the one before, on which the tails of Lorentzians are drawn piece by piece.

A Lorentzian γ/π/E, E = δ² + γ², falls slowly: beyond k FWHM on both sides lie 1/(πk) of its area, 1 % of it as far
as 32 FWHM out. Yet the farther out, the smoother it is. With reaches 0 = R₀ < R₁ < … < ∞ and
r_k = max(0, 1 − E/(R_k² + γ²)), which is 0 for R₀ and 1 for ∞, it is the sum of the pieces

    γ/π (r_{k+1}⁴ − r_k⁴)/E.

Piece k ends at δ = R_{k+1} and has no structure finer than R_k: a grid of step R_k/4 and fifth-order interpolation
carry it, with an error below 10⁻⁴ of the line's height where R₁ ≥ 4 FWHM. Nothing is cut off.
This is the splitting of multilevel summation (Brandt & Lubrecht 1990, J. Comput. Phys. 90, 348), applied to lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["TailGrid", "interpolate_tails", "tail_grid"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

FIRST_REACH_FWHM = 4.0  # R₁ in units of the FWHM, at the least
FIRST_REACH_STEPS = 40.0  # R₁ in steps of the pattern, at the least
NODES_PER_REACH = 4.0
REACH_RATIO = 8.0
FEW_NODES = 60  # a grid of no more nodes takes all the tails that are left
INFINITE = 1e15  # degrees
# monomials (rows) of the polynomial through values at the nodes −2 … 3
LAGRANGE = np.linalg.inv(np.vander(np.arange(-2.0, 4.0), increasing=True))


@dataclass(frozen=True)
class TailGrid:
    """The points of a pattern followed by those of the coarser grids.

    ``points`` (N,); ``start`` (L + 1,), where each of the L grids begins; ``inverse_step`` (L,), points per unit;
    ``reach`` (L + 1,), R₀ … R_L in units of the points.
    """

    points: Array
    start: Indices
    inverse_step: Array
    reach: Array


def tail_grid(x: Array, fwhm: Array) -> TailGrid:
    """Build the grids for points x (n,), increasing, and lines with FWHM (m,) in the same unit.

    R₁ is a power of two, so that it stays the same while widths are refined. Lines far wider than most are not
    split (``draw_lines`` draws them on the points themselves).
    """
    step = float(x[-1] - x[0]) / (x.size - 1)
    typical = min(float(fwhm.max()), 2.0 * float(fwhm.mean())) if fwhm.size else 0.0
    reach = 2.0 ** np.ceil(np.log2(max(FIRST_REACH_FWHM * typical, FIRST_REACH_STEPS * step)))
    low, high = float(x[0]), float(x[-1])
    grids, reaches, rates = [x], [0.0], [1.0 / step]
    while True:
        reaches.append(reach)
        spacing = reach / NODES_PER_REACH
        low, high = low - 3.0 * spacing, high + 4.0 * spacing
        nodes = low + spacing * np.arange(int((high - low) / spacing) + 1)
        high = float(nodes[-1])
        grids.append(nodes)
        rates.append(1.0 / spacing)
        if nodes.size <= FEW_NODES:
            break
        reach *= REACH_RATIO
    start = np.cumsum([0, *(g.size for g in grids)])
    return TailGrid(np.concatenate(grids), start, np.array(rates), np.array([*reaches, INFINITE]))


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def interpolate_tails(points: Array, start: Indices, inverse_step: Array, rows: Array) -> None:
    """Add to rows (p, N), from the coarsest grid to the finest, what each grid holds for the next finer one."""
    weights = np.empty((6, points.size))
    cell = np.empty(points.size, np.int64)
    for level in range(start.size - 2, 0, -1):
        begin, end, origin = start[level - 1], start[level], points[start[level]]
        for j in range(begin, end):
            t = (points[j] - origin) * inverse_step[level]
            cell[j] = int(t)
            t -= cell[j]
            cell[j] += start[level] - 2
            for a in range(6):
                value = 0.0
                for power in range(5, -1, -1):
                    value = value * t + LAGRANGE[power, a]
                weights[a, j] = value
        for p in range(rows.shape[0]):
            for j in range(begin, end):
                c = cell[j]
                rows[p, j] += (
                    weights[0, j] * rows[p, c]
                    + weights[1, j] * rows[p, c + 1]
                    + weights[2, j] * rows[p, c + 2]
                    + weights[3, j] * rows[p, c + 3]
                    + weights[4, j] * rows[p, c + 4]
                    + weights[5, j] * rows[p, c + 5]
                )
