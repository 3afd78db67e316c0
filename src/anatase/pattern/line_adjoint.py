"""The derivatives of a weighted sum over a pattern by position, widths and area of every powder line.

Where the derivatives of L = Σ w y are wanted and not those of every point y, each line's part of them is
a sum over the points that it reaches: no Jacobian is built, and the time is that of the pattern times a small number
however many parameters stand behind the lines (reverse accumulation: Linnainmaa 1976, BIT 16, 146).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.axial_divergence import LEAST_DIVERGENCE, MOST_NODES, axial_divergence
from anatase.pattern.exponential import power_of_two
from anatase.pattern.line_reach import FAR_WIDTH, GAUSS_REACH, first_at, pieces_of
from anatase.pattern.profile import GAUSS_HEIGHT, thompson_cox_hastings

__all__ = ["weigh_lines"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SLOPE = 8.0 * float(np.log(2.0))  # of the logarithm of a Gaussian, times u
DEGREES = 180.0 / float(np.pi)


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _weigh_gaussian(
    x: Array, weights: Array, place: float, rate: float, height: float, y: Array
) -> tuple[float, float, float]:
    """Add a Gaussian to y, and return Σ w g, Σ w u g and Σ w u² g with g = 2^(−4u²), u in FWHM."""
    first, second, third = 0.0, 0.0, 0.0
    for j in range(x.size):
        u = (x[j] - place) * rate
        g = power_of_two(-4.0 * u * u)
        y[j] += height * g
        part = weights[j] * g
        first += part
        second += part * u
        third += part * u * u
    return first, second, third


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _weigh_lorentzian(
    x: Array,
    weights: Array,
    place: float,
    gamma2: float,
    inner: float,
    outer: float,
    ends: bool,
    strength: float,
    y: Array,
) -> tuple[float, float, float]:
    """Add a piece of a Lorentzian to y, and return Σ w f, Σ w δ ∂f/∂E and Σ w (∂f/∂E + ∂f/∂D) (``line_shapes``)."""
    in_inverse, out_inverse = 1.0 / (inner * inner + gamma2), 1.0 / (outer * outer + gamma2)
    first, second, third = 0.0, 0.0, 0.0
    if ends:
        for j in range(x.size):
            delta = x[j] - place
            f = 1.0 / (delta * delta + gamma2)
            y[j] += strength * f
            part = weights[j] * f
            first += part
            second -= part * f * delta
            third -= part * f
        return first, second, third
    for j in range(x.size):
        delta = x[j] - place
        e = delta * delta + gamma2
        over = 1.0 / e
        r, q = max(0.0, 1.0 - e * out_inverse), max(0.0, 1.0 - e * in_inverse)
        r3, q3 = r * r * r, q * q * q
        f = (r3 * r - q3 * q) * over
        along_r, along_q = 4.0 * r3 * out_inverse, 4.0 * q3 * in_inverse
        by_e = (along_q - along_r - f) * over
        by_d = along_r * out_inverse - along_q * in_inverse
        y[j] += strength * f
        first += weights[j] * f
        second += weights[j] * delta * by_e
        third += weights[j] * (by_e + by_d)
    return first, second, third


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _add_node(nodes: Array, n: int, shape: float, by_place: float, by_fwhm: float, by_eta: float, sums: Array) -> None:
    """Add to sums (6,) what one node of the axial divergence gives: area, position, FWHM, η, S/L, H/L."""
    weight = nodes[n, 1]
    sums[0] += weight * shape
    sums[1] += nodes[n, 3] / DEGREES * shape + weight * (1.0 + nodes[n, 2]) * by_place
    sums[2] += weight * by_fwhm
    sums[3] += weight * by_eta
    sums[4] += nodes[n, 5] * shape + weight * nodes[n, 4] * DEGREES * by_place
    sums[5] += nodes[n, 7] * shape + weight * nodes[n, 6] * DEGREES * by_place


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def weigh_lines(
    points: Array,
    start: Indices,
    inverse_step: Array,
    reach: Array,
    attributes: Array,
    divergence: tuple[float, float],
    floor: float,
    weights: Array,
    y: Array,
    by_line: Array,
) -> None:
    """Add lines to y (N,) on all grids, and fill by_line (6, m) with the derivatives of Σ w y by them.

    Parameters
    ----------
    points, start, inverse_step, reach
        The grids: see ``TailGrid``.
    attributes
        Position, Gaussian and Lorentzian FWHM and area of the lines (4, m).
    divergence, floor
        S/L and H/L; the intensity under which a tail may be left out.
    weights
        w (N,) on all grids: see ``spread_weights``.
    by_line
        Rows by area, position, Gaussian and Lorentzian FWHM, S/L and H/L; all but the first of lines of unit area.
    """
    nodes, count = np.zeros((MOST_NODES, 8)), 1
    nodes[0, 1] = 1.0
    sums = np.empty(6)
    for i in range(attributes.shape[1]):
        centre, area = attributes[0, i], attributes[3, i]
        fwhm, eta, f_gauss, f_lorentz, e_gauss, e_lorentz = thompson_cox_hastings(attributes[1, i], attributes[2, i])
        gamma, arm, rate = 0.5 * fwhm, GAUSS_REACH * fwhm, 1.0 / fwhm
        gamma2, bell, scale = gamma * gamma, GAUSS_HEIGHT * rate, gamma / np.pi
        pieces, own = pieces_of(reach, fwhm, abs(area) * eta * scale, floor)
        for a in range(6):
            sums[a] = 0.0
        for level in range(pieces):
            begin, end = start[level], start[level + 1]
            outer = own if own > 0.0 else reach[level + 1]
            if level < 2 and divergence[0] + divergence[1] > LEAST_DIVERGENCE:
                width = fwhm if level == 0 else max(fwhm, FAR_WIDTH * reach[1])
                count = axial_divergence(centre / DEGREES, divergence[0], divergence[1], width / DEGREES, nodes)
            for n in range(count):
                place, part = centre + DEGREES * nodes[n, 0], area * nodes[n, 1]
                if level == 0:
                    low = first_at(points, begin, end, inverse_step[0], place - arm)
                    high = first_at(points, begin, end, inverse_step[0], place + arm)
                    height = (1.0 - eta) * bell
                    s, t, v = _weigh_gaussian(
                        points[low:high], weights[low:high], place, rate, height * part, y[low:high]
                    )
                    _add_node(
                        nodes,
                        n,
                        height * s,
                        height * SLOPE * rate * t,
                        height * rate * (SLOPE * v - s),
                        -bell * s,
                        sums,
                    )
                low = first_at(points, begin, end, inverse_step[level], place - outer)
                high = first_at(points, begin, end, inverse_step[level], place + outer)
                s, t, v = _weigh_lorentzian(
                    points[low:high], weights[low:high], place, gamma2, reach[level], outer, own > 0.0,
                    eta * scale * part, y[low:high],
                )  # fmt: skip
                by_fwhm = eta * (0.5 / np.pi * s + gamma * scale * v)
                _add_node(nodes, n, eta * scale * s, -2.0 * eta * scale * t, by_fwhm, scale * s, sums)
        by_line[0, i], by_line[1, i], by_line[4, i], by_line[5, i] = sums[0], sums[1], sums[4], sums[5]
        by_line[2, i] = f_gauss * sums[2] + e_gauss * sums[3]
        by_line[3, i] = f_lorentz * sums[2] + e_lorentz * sums[3]
