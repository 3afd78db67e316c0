"""Time-of-flight lines drawn into a pattern, with the derivatives by what moves, shapes or scales them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.tof_profile import FWHM_PER_SIGMA, TofLineShape, back_to_back, back_to_back_value

__all__ = ["TofLines", "TofSensitivity", "draw_tof_lines", "draw_tof_lines_with_derivatives", "reach_of_tof_lines"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SAMPLES = 1_000_000  # points of lines drawn at a time, some 300 MB with all derivatives


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

    attribute: Literal["position", "area", "alpha", "beta", "variance", "gamma"]
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


def _samples(tof: Array, lines: TofLines, tail: float) -> Iterator[tuple[Indices, Indices]]:
    """Yield, some at a time, the line and the point of each value that is to be added to the pattern."""
    before, after = reach_of_tof_lines(lines.shape, tail)
    first, last = np.searchsorted(tof, lines.position - before), np.searchsorted(tof, lines.position + after)
    counts = last - first
    ends = np.cumsum(counts)
    start = 0
    while start < counts.size:
        done = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, done + SAMPLES)), start + 1)
        line = np.repeat(np.arange(start, stop), counts[start:stop])
        yield line, first[line] + np.arange(done, done + line.size) - (ends - counts)[line]
        start = stop


def draw_tof_lines(tof: Array, lines: TofLines, tail: float = 1e-3) -> Array:
    """Return the intensity (n,) of lines at times of flight (n,) in µs, increasing.

    ``tail`` is the share of a line's area that may be cut off its tails.

    Examples
    --------
    >>> one = TofLineShape(*(np.array([v]) for v in (0.5, 0.05, 40.0, 0.0)))
    >>> tof = np.arange(900.0, 1400.0)
    >>> round(float(draw_tof_lines(tof, TofLines(np.array([1000.0]), np.array([5.0]), one)).sum()), 2)
    5.0
    """
    total = np.zeros(tof.size)
    for line, point in _samples(tof, lines, tail):
        value = back_to_back_value(
            tof[point] - lines.position[line], TofLineShape(*(part[line] for part in lines.shape))
        )
        total += np.bincount(point, weights=lines.area[line] * value, minlength=tof.size)
    return total


def draw_tof_lines_with_derivatives(
    tof: Array, lines: TofLines, sensitivities: Sequence[TofSensitivity], parameters: int, tail: float = 1e-3
) -> tuple[Array, Array]:
    """Return the intensity (n,) and its derivatives (P, n) by parameters on which attributes of the lines depend.

    Where lines are cut off does not move with the parameters.
    """
    total, jacobian = np.zeros(tof.size), np.zeros((parameters, tof.size))
    for line, point in _samples(tof, lines, tail):
        value, slopes = back_to_back(tof[point] - lines.position[line], *(part[line] for part in lines.shape))
        area = lines.area[line]
        total += np.bincount(point, weights=area * value, minlength=tof.size)
        for sensitivity in sensitivities:
            slope = value if sensitivity.attribute == "area" else area * getattr(slopes, sensitivity.attribute)
            for row, change in zip(sensitivity.parameter, sensitivity.change, strict=True):
                if np.any(change[line[0] : line[-1] + 1] if line.size else ()):
                    jacobian[row] += np.bincount(point, weights=change[line] * slope, minlength=tof.size)
    return total, jacobian
