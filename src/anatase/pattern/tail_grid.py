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

__all__ = ["TailGrid", "fifth_order", "interpolate_tails", "spread_weights", "tail_grid"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

FIRST_REACH_FWHM = 4.0  # R₁ in units of the FWHM, at the least
FIRST_REACH_STEPS = 40.0  # R₁ in steps of the pattern, at the least
NODES_PER_REACH = 4.0
REACH_RATIO = 8.0
FEW_NODES = 60  # a grid of no more nodes takes all the tails that are left
INFINITE = 1e15  # degrees


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


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True, inline="always")
def fifth_order(t: float) -> tuple[float, float, float, float, float, float]:
    """Return the weights of values at −2 … 3 in the polynomial through them at t (Lagrange), 0 ≤ t < 1."""
    a, b, c, d, e = t + 2.0, t + 1.0, t - 1.0, t - 2.0, t - 3.0
    left, right, both = a * b, d * e, t * c
    return (
        -b * both * right / 120.0,
        a * both * right / 24.0,
        -left * c * right / 12.0,
        left * t * right / 12.0,
        -left * both * e / 24.0,
        left * both * d / 120.0,
    )


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def interpolate_tails(points: Array, start: Indices, inverse_step: Array, y: Array) -> None:
    """Add to y (N,), from the coarsest grid to the finest, what each grid holds for the next finer one."""
    for level in range(start.size - 2, 0, -1):
        origin, rate, shift = points[start[level]], inverse_step[level], start[level] - 2
        for j in range(start[level - 1], start[level]):
            t = (points[j] - origin) * rate
            cell = int(t)
            a, b, c, d, e, f = fifth_order(t - cell)
            k = np.uint64(cell + shift)
            y[j] += (
                a * y[k]
                + b * y[k + np.uint64(1)]
                + c * y[k + np.uint64(2)]
                + d * y[k + np.uint64(3)]
                + e * y[k + np.uint64(4)]
                + f * y[k + np.uint64(5)]
            )


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def spread_weights(points: Array, start: Indices, inverse_step: Array, weights: Array) -> None:
    """Add to weights (N,) of the points, finest grid first: the transpose of ``interpolate_tails``.

    With w the result and y what the grids hold before they are interpolated, Σ w y over all grids is the sum of the
    weights of the first grid times what that holds afterwards.
    """
    for level in range(1, start.size - 1):
        origin, rate, shift = points[start[level]], inverse_step[level], start[level] - 2
        for j in range(start[level - 1], start[level]):
            t = (points[j] - origin) * rate
            cell = int(t)
            a, b, c, d, e, f = fifth_order(t - cell)
            k, weight = cell + shift, weights[j]
            weights[k] += a * weight
            weights[k + 1] += b * weight
            weights[k + 2] += c * weight
            weights[k + 3] += d * weight
            weights[k + 4] += e * weight
            weights[k + 5] += f * weight
