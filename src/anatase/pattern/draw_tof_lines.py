"""Time-of-flight lines drawn into a pattern, with the derivatives by what moves, shapes or scales them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.tof_profile import FWHM_PER_SIGMA, TofLineShape, sample_back_to_back

__all__ = [
    "TofAttribute",
    "TofLines",
    "TofSensitivity",
    "draw_tof_lines",
    "draw_tof_lines_with_derivatives",
    "reach_of_tof_lines",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

TofAttribute = Literal["position", "area", "alpha", "beta", "variance", "gamma"]

# in the order in which the sampled profile and its slopes stand
ATTRIBUTES = ("area", "position", "alpha", "beta", "variance", "gamma")


@dataclass(frozen=True)
class TofLines:
    """Lines (m,): position (µs), area (intensity × µs), and shape (α, β, σ², γ)."""

    position: Array
    area: Array
    shape: TofLineShape


@dataclass(frozen=True)
class TofSensitivity:
    """How one attribute of the lines changes with some of the parameters.

    ``parameter`` (k,): the row of each parameter in the Jacobian. ``change`` (k, m): ∂attribute/∂parameter.
    """

    attribute: TofAttribute
    parameter: Indices
    change: Array


def reach_of_tof_lines(shape: TofLineShape, tail: float) -> tuple[Array, Array]:
    """Return how far (m,) in µs before and after their position lines are drawn, losing at most ``tail`` of the area.

    A Lorentzian of FWHM γ has γ/(π D) of its area beyond ±D; the pseudo-Voigt in its stead up to 1.37 times that.
    """
    sharp = -np.log(tail)
    gauss = FWHM_PER_SIGMA * np.sqrt(shape.variance)
    symmetric = 1.37 * shape.gamma / (np.pi * tail) + 0.75 * gauss * np.sqrt(sharp)
    return symmetric + sharp / shape.alpha, symmetric + sharp / shape.beta


def _reach_above(lines: TofLines, floor: Array | float) -> tuple[Array, Array]:
    """Return how far (m,) in µs before and after their position lines stand above a floor (m,) of intensity."""
    alpha, beta, variance, gamma = lines.shape
    area, total = np.abs(lines.area), alpha + beta
    steep = np.log(np.maximum(area * alpha * beta / total / floor, 1.0))
    symmetric = np.sqrt(1.37 * area * gamma / (2.0 * np.pi * floor)) + np.sqrt(2.0 * variance * steep)
    return symmetric + steep / alpha + alpha * variance, symmetric + steep / beta + beta * variance


@njit(cache=True, error_model="numpy", nogil=True)
def _draw(
    tof: Array,
    first: Indices,
    last: Indices,
    lines: Array,
    rows: Indices,
    attributes: Indices,
    changes: Array,
    by: Array,
) -> None:
    """Add lines (6, m), position, area and shape, to by[0] (n,), and changes (k, m) of attributes to by[rows + 1]."""
    widest = 0
    for i in range(first.size):
        widest = max(widest, last[i] - first[i])
    buffer, x, with_slopes = np.empty((6, widest)), np.empty(widest), rows.size > 0
    for i in range(first.size):
        begin, count = first[i], last[i] - first[i]
        # loops, which compile several times faster than arithmetic on slices
        for j in range(count):
            x[j] = tof[begin + j] - lines[0, i]
        out = buffer[:, :count]
        sample_back_to_back(x[:count], lines[2, i], lines[3, i], lines[4, i], lines[5, i], with_slopes, out)
        for j in range(count):
            by[0, begin + j] += lines[1, i] * out[0, j]
        for k in range(rows.size):
            if changes[k, i] != 0.0:
                # attribute 0 is the area, whose slope is the profile itself
                strength = changes[k, i] * (1.0 if attributes[k] == 0 else lines[1, i])
                for j in range(count):
                    by[rows[k] + 1, begin + j] += strength * out[attributes[k], j]


def draw_tof_lines(tof: Array, lines: TofLines, tail: float = 1e-3, floor: Array | float = 0.0) -> Array:
    """Return the intensity (n,) of lines at times of flight (n,) in µs, increasing.

    ``tail`` is the share of a line's area that may be cut off its tails; or, where a ``floor`` is given, the lines (m,)
    are drawn as far as they stand above it.

    Examples
    --------
    >>> one = TofLineShape(*(np.array([v]) for v in (0.5, 0.05, 40.0, 0.0)))
    >>> tof = np.arange(900.0, 1400.0)
    >>> round(float(draw_tof_lines(tof, TofLines(np.array([1000.0]), np.array([5.0]), one)).sum()), 2)
    5.0
    """
    return draw_tof_lines_with_derivatives(tof, lines, (), 0, tail, floor)[0]


def draw_tof_lines_with_derivatives(
    tof: Array,
    lines: TofLines,
    sensitivities: Sequence[TofSensitivity],
    parameters: int,
    tail: float = 1e-3,
    floor: Array | float = 0.0,
) -> tuple[Array, Array]:
    """Return the intensity (n,) and its derivatives (P, n) by parameters on which attributes of the lines depend.

    Where lines are cut off does not move with the parameters.
    """
    by_share = not np.any(floor)
    before, after = reach_of_tof_lines(lines.shape, tail) if by_share else _reach_above(lines, floor)
    first, last = np.searchsorted(tof, lines.position - before), np.searchsorted(tof, lines.position + after)
    by = np.zeros((parameters + 1, tof.size))
    rows = [row for s in sensitivities for row in s.parameter]
    attributes = [ATTRIBUTES.index(s.attribute) for s in sensitivities for _ in s.parameter]
    changes = np.concatenate([np.empty((0, lines.area.size)), *(s.change for s in sensitivities)])
    _draw(
        np.ascontiguousarray(tof, dtype=np.float64),
        first.astype(np.int64),
        last.astype(np.int64),
        np.stack([lines.position, lines.area, *lines.shape]),
        np.array(rows, dtype=np.int64),
        np.array(attributes, dtype=np.int64),
        np.ascontiguousarray(changes),
        by,
    )
    return by[0], by[1:]
