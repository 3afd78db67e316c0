"""The curve of every single line in a pattern, as a sparse matrix: what each point owes to each reflection."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.pattern.axial_divergence import LEAST_DIVERGENCE, MOST_NODES, axial_divergence
from anatase.pattern.draw_lines import Lines
from anatase.pattern.draw_tof_lines import TofLines, reach_of_tof_lines
from anatase.pattern.exponential import power_of_two
from anatase.pattern.line_reach import NARROWEST
from anatase.pattern.profile import GAUSS_HEIGHT, thompson_cox_hastings
from anatase.pattern.tof_profile import sample_back_to_back

__all__ = ["line_curves", "tof_line_curves"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

WIDEST = 30.0  # FWHM that a line reaches at the most; a Lorentzian has 1 % of its area beyond


@njit(cache=True, error_model="numpy", nogil=True)
def _windows(x: Array, attributes: Array, divergence: tuple[float, float], floor: float, windows: Indices) -> None:
    """Set first and one past the last point (m, 2) that each line reaches."""
    nodes = np.zeros((MOST_NODES, 8))
    for i in range(attributes.shape[1]):
        fwhm, eta, _, _, _, _ = thompson_cox_hastings(attributes[1, i], attributes[2, i])
        strength = eta * abs(attributes[3, i]) * fwhm / (2.0 * np.pi)
        own = min(max(NARROWEST, np.sqrt(strength / floor) / fwhm), WIDEST) * fwhm
        low, high = attributes[0, i] - own, attributes[0, i] + own
        if divergence[0] + divergence[1] > LEAST_DIVERGENCE:
            count = axial_divergence(
                np.radians(attributes[0, i]), divergence[0], divergence[1], np.radians(fwhm), nodes
            )
            for n in range(count):
                low = min(low, attributes[0, i] + np.degrees(nodes[n, 0]) - own)
                high = max(high, attributes[0, i] + np.degrees(nodes[n, 0]) + own)
        windows[i, 0], windows[i, 1] = np.searchsorted(x, low), np.searchsorted(x, high)


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _fill(
    x: Array, attributes: Array, divergence: tuple[float, float], windows: Indices, start: Indices, out: Array
) -> None:
    """Fill the values of each line of unit area at the points of its window, one line after another."""
    nodes = np.zeros((MOST_NODES, 8))
    for i in range(attributes.shape[1]):
        fwhm, eta, _, _, _, _ = thompson_cox_hastings(attributes[1, i], attributes[2, i])
        height, strength = (1.0 - eta) * GAUSS_HEIGHT / fwhm, eta * fwhm / (2.0 * np.pi)
        gamma2, rate, count = 0.25 * fwhm * fwhm, 1.0 / fwhm, 1
        nodes[0, 0], nodes[0, 1] = 0.0, 1.0
        if divergence[0] + divergence[1] > LEAST_DIVERGENCE:
            count = axial_divergence(
                np.radians(attributes[0, i]), divergence[0], divergence[1], np.radians(fwhm), nodes
            )
        for n in range(count):
            place, weight = attributes[0, i] + np.degrees(nodes[n, 0]), nodes[n, 1]
            for j in range(windows[i, 1] - windows[i, 0]):
                delta = x[windows[i, 0] + j] - place
                u = delta * rate
                bell = height * power_of_two(-4.0 * u * u)
                out[start[i] + j] += weight * (bell + strength / (delta * delta + gamma2))


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_tof(tof: Array, lines: Array, windows: Indices, start: Indices, out: Array) -> None:
    """Fill the values of each time-of-flight line (position, α, β, σ², γ) of unit area at the points of its window."""
    for i in range(lines.shape[1]):
        count = windows[i, 1] - windows[i, 0]
        x, buffer = np.empty(count), np.empty((6, count))
        for j in range(count):
            x[j] = tof[windows[i, 0] + j] - lines[0, i]
        sample_back_to_back(x, lines[1, i], lines[2, i], lines[3, i], lines[4, i], False, buffer)
        for j in range(count):
            out[start[i] + j] = buffer[0, j]


def _matrix(windows: Indices, values: Array, start: Indices, points: int) -> csr_array:
    columns = np.arange(values.size) + np.repeat(windows[:, 0] - start[:-1], np.diff(start))
    return csr_array((values, columns, start), shape=(len(windows), points))


def line_curves(x: Array, lines: Lines, floor: float) -> csr_array:
    """Return the curve of each line (m, n) for unit area at points x (n,) in °2θ; ``draw_lines`` is area @ curves.

    A line ends where it falls below the floor (an intensity above 0), 3 to 30 FWHM from its position.

    Examples
    --------
    >>> x = np.arange(20.0, 40.0, 0.01)
    >>> one = Lines(np.array([30.0]), np.array([0.1]), np.array([0.0]), np.array([7.0]))
    >>> round(float(line_curves(x, one, 1e-3).sum() * 0.01), 6)
    1.0
    """
    attributes = np.array([lines.position, lines.gauss, lines.lorentz, lines.area], dtype=np.float64)
    divergence = (float(lines.s_over_l), float(lines.h_over_l))
    windows = np.empty((attributes.shape[1], 2), np.int64)
    _windows(np.ascontiguousarray(x), attributes, divergence, float(floor), windows)
    start = np.concatenate([[0], np.cumsum(windows[:, 1] - windows[:, 0])])
    values = np.zeros(start[-1])
    _fill(np.ascontiguousarray(x), attributes, divergence, windows, start, values)
    return _matrix(windows, values, start, x.size)


def tof_line_curves(tof: Array, lines: TofLines, tail: float = 1e-3) -> csr_array:
    """Return the curve of each time-of-flight line (m, n) for unit area at points (n,) in µs.

    ``tail`` is the share of a line's area that may be cut off its tails.
    """
    before, after = reach_of_tof_lines(lines.shape, tail)
    ends = (lines.position - before, lines.position + after)
    windows = np.stack([np.searchsorted(tof, end) for end in ends], axis=1).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(windows[:, 1] - windows[:, 0])])
    shape = lines.shape
    table = np.array([lines.position, shape.alpha, shape.beta, shape.variance, shape.gamma], dtype=np.float64)
    values = np.zeros(start[-1])
    _fill_tof(np.ascontiguousarray(tof, dtype=np.float64), table, windows, start, values)
    return _matrix(windows, values, start, tof.size)
