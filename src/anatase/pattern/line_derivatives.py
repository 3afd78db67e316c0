"""The compiled loop that draws powder lines together with their derivatives by many parameters.

The points are taken sixteen at a time. On such a tile the shapes of all lines that reach it, eight at once, are
computed with their derivatives by position, widths and asymmetry; each parameter's row of the Jacobian is
then a sum of these shapes, a small matrix product that stays in the nearest memory.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.axial_divergence import LEAST_DIVERGENCE, MOST_NODES, axial_divergence
from anatase.pattern.exponential import power_of_two
from anatase.pattern.line_reach import FAR_WIDTH, GAUSS_REACH, first_at, pieces_of
from anatase.pattern.profile import GAUSS_HEIGHT, thompson_cox_hastings

__all__ = ["SHAPES", "differentiate_lines"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

TILE = 16  # points
GROUP = 8  # lines
SHAPES = {"area": 0, "position": 1, "gauss": 2, "lorentz": 3, "s_over_l": 4, "h_over_l": 5, "reciprocal": 6}
POINTS = 7 * TILE  # where a tile's points stand, behind its seven shapes
STRIDE = GROUP * TILE
# unsigned, so that no index is looked at whether it counts from the end
ONE_TILE, EIGHT_TILES = np.uint64(TILE), np.uint64(STRIDE)
U1, U2, U3, U4, U5 = (np.uint64(i * TILE) for i in range(1, 6))
V1, V2, V3, V4, V5, V6 = (np.uint64(i * STRIDE) for i in range(1, 7))
SLOPE = 8.0 * float(np.log(2.0))  # of the logarithm of a Gaussian, times u


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _add_gaussian(place: float, rate: float, share: float, nodes: Array, n: int, asymmetric: bool, by: Array) -> None:
    """Add the Gaussian part of one node on a tile to by (7, TILE); ``share`` is 1 − η, ``node`` a column of nodes."""
    weight, moved, turned = nodes[n, 1], nodes[n, 1] * (1.0 + nodes[n, 2]), nodes[n, 3]
    by_sample, by_slit = nodes[n, 5], nodes[n, 7]
    along_sample, along_slit = weight * nodes[n, 4], weight * nodes[n, 6]
    for j in range(TILE):
        u = (by[POINTS + j] - place) * rate
        value = GAUSS_HEIGHT * rate * power_of_two(-4.0 * u * u)
        shape = share * value
        slope = -SLOPE * u * rate * shape
        by[j] += weight * shape
        by[TILE + j] += turned * shape - moved * slope
        by[2 * TILE + j] -= weight * (rate * shape + slope * u)
        by[3 * TILE + j] -= weight * value
        if asymmetric:
            by[4 * TILE + j] += by_sample * shape - along_sample * slope
            by[5 * TILE + j] += by_slit * shape - along_slit * slope


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _add_lorentzian(
    place: float,
    gamma: float,
    inner: float,
    outer: float,
    ends: float,
    eta: float,
    nodes: Array,
    n: int,
    asymmetric: bool,
    by: Array,
) -> None:
    """Add a piece of a Lorentzian of half width gamma, between two reaches, on a tile to by (7, TILE).

    The piece is γ/π f(E), E = δ² + γ², with f = (r⁴ − q⁴)/E, r = 1 − E/D, D = R² + γ² of the outer reach, q the same
    of the inner; or f = 1/E as far as the outer reach, where it ends (``ends`` 1) (``tail_grid``).
    """
    weight, moved, turned = nodes[n, 1], nodes[n, 1] * (1.0 + nodes[n, 2]), nodes[n, 3]
    gamma2, scale = gamma * gamma, gamma / np.pi
    in_inverse, out_inverse = 1.0 / (inner * inner + gamma2), 1.0 / (outer * outer + gamma2)
    fourth = 1.0 - ends
    by_sample, by_slit = nodes[n, 5], nodes[n, 7]
    along_sample, along_slit = weight * nodes[n, 4], weight * nodes[n, 6]
    for j in range(TILE):
        delta = by[POINTS + j] - place
        e = delta * delta + gamma2
        over = 1.0 / e
        r, q = max(0.0, 1.0 - e * out_inverse), max(0.0, 1.0 - e * in_inverse)
        r3, q3 = r * r * r, q * q * q
        whole = ends if r > 0.0 else 0.0
        f = (whole + fourth * (r3 * r - q3 * q)) * over
        # ∂r/∂E = −1/D and ∂r/∂D = E/D²
        along_r, along_q = 4.0 * fourth * r3 * out_inverse, 4.0 * fourth * q3 * in_inverse
        by_e = (along_q - along_r - f) * over
        by_d = along_r * out_inverse - along_q * in_inverse
        value = scale * f
        shape, slope = eta * value, 2.0 * eta * scale * delta * by_e
        by[j] += weight * shape
        by[TILE + j] += turned * shape - moved * slope
        by[2 * TILE + j] += weight * eta * (0.5 / np.pi * f + gamma * scale * (by_e + by_d))
        by[3 * TILE + j] += weight * value
        if asymmetric:
            by[4 * TILE + j] += by_sample * shape - along_sample * slope
            by[5 * TILE + j] += by_slit * shape - along_slit * slope


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _shapes(
    inner: float,
    outer: float,
    ends: float,
    gaussian: bool,
    fwhm: float,
    eta: float,
    centre: float,
    nodes: Array,
    begin: int,
    end: int,
    asymmetric: bool,
    by: Array,
) -> None:
    """Fill by (7, TILE) with the shape of a line of unit area on a tile and its derivatives.

    Rows: the shape; by position; by FWHM; by η; by S/L; by H/L. nodes (n, 8), in degrees, and by degree.
    """
    for j in range(POINTS):
        by[j] = 0.0
    low, high = by[POINTS], by[POINTS + TILE - 1]
    for n in range(begin, end):
        place = centre + nodes[n, 0]
        if gaussian and place + GAUSS_REACH * fwhm > low and place - GAUSS_REACH * fwhm < high:
            _add_gaussian(place, 1.0 / fwhm, 1.0 - eta, nodes, n, asymmetric, by)
        if place + outer > low and place - outer < high:
            _add_lorentzian(place, 0.5 * fwhm, inner, outer, ends, eta, nodes, n, asymmetric, by)


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _combine(mixing: Array, i: int, by: Array, place: int, out: Array) -> None:
    """Turn ∂/∂FWHM and ∂/∂η in by (7, TILE) into ∂/∂gauss and ∂/∂lorentz and fill the row of ∂/∂(1/d²).

    mixing (8,): ∂FWHM/∂gauss, ∂FWHM/∂lorentz, ∂η/∂gauss, ∂η/∂lorentz; and what 1/d² does to position, gauss, lorentz,
    and to the logarithm of the area.
    """
    m0, m1, m2, m3 = mixing[i, 0], mixing[i, 1], mixing[i, 2], mixing[i, 3]
    m4, m5, m6, m7 = mixing[i, 4], mixing[i, 5], mixing[i, 6], mixing[i, 7]
    o = np.uint64(place) * ONE_TILE
    for j in range(ONE_TILE):
        gauss = m0 * by[U2 + j] + m2 * by[U3 + j]
        lorentz = m1 * by[U2 + j] + m3 * by[U3 + j]
        out[o + j], out[o + V1 + j] = by[j], by[U1 + j]
        out[o + V2 + j], out[o + V3 + j] = gauss, lorentz
        out[o + V4 + j], out[o + V5 + j] = by[U4 + j], by[U5 + j]
        out[o + V6 + j] = m4 * by[U1 + j] + m5 * gauss + m6 * lorentz + m7 * by[j]


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _spread(attributes: Array, fwhm: Array, divergence: tuple[float, float], far: float) -> tuple[Array, Indices]:
    """Return the nodes (k, 8) of all lines, in and by degree, and where those of each begin (2, m + 1).

    Row 0 is for the first grid, row 1 for the coarser ones, to which a line of less spread than ``far`` (°) is one.
    """
    m = fwhm.size
    start = np.zeros((2, m + 1), np.int64)
    if divergence[0] + divergence[1] <= LEAST_DIVERGENCE:
        nodes = np.zeros((1, 8))
        nodes[0, 1] = 1.0
        return nodes, start
    nodes, one = np.empty((4 * m + MOST_NODES, 8)), np.empty((MOST_NODES, 8))
    end = 0
    for row in range(2):
        for i in range(m):
            width = fwhm[i] if row == 0 else max(fwhm[i], far)
            count = axial_divergence(np.radians(attributes[0, i]), divergence[0], divergence[1], np.radians(width), one)
            if end + count > nodes.shape[0]:
                more = np.empty((2 * nodes.shape[0], 8))
                for n in range(end):
                    for a in range(8):
                        more[n, a] = nodes[n, a]
                nodes = more
            for n in range(count):
                for a in range(8):
                    factor = 1.0 if a == 1 or a == 2 or a == 5 or a == 7 else 180.0 / np.pi
                    nodes[end, a] = one[n, a] * (np.pi / 180.0 if a == 3 else factor)
                end += 1
            start[row, i + 1] = end
        if row == 0:
            start[1, 0] = end
    return nodes, start


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _reached_tiles(
    points: Array,
    begin: int,
    end: int,
    inverse_step: float,
    position: Array,
    fwhm: Array,
    level: int,
    outer: float,
    pieces: Indices,
    own: Array,
    nodes: Array,
    node_start: Indices,
) -> tuple[Indices, Indices]:
    """Return the first tile of a grid that each line reaches, and the one after the last (m,)."""
    first, last = np.zeros(fwhm.size, np.int64), np.zeros(fwhm.size, np.int64)
    for i in range(fwhm.size):
        if level >= pieces[i]:
            continue
        arm = own[i] if own[i] > 0.0 else outer
        if level == 0:
            arm = max(arm, GAUSS_REACH * fwhm[i])
        left = right = position[i]
        for n in range(node_start[i], node_start[i + 1]):
            left, right = min(left, position[i] + nodes[n, 0]), max(right, position[i] + nodes[n, 0])
        low = first_at(points, begin, end, inverse_step, left - arm)
        high = first_at(points, begin, end, inverse_step, right + arm)
        if high > low:
            first[i], last[i] = (low - begin) // TILE, (high - 1 - begin) // TILE + 1
    return first, last


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _lines_on_tiles(first: Indices, last: Indices, tiles: int) -> tuple[Indices, Indices]:
    """Return where each tile's list of lines begins (tiles + 1,), and the lists, one after the other."""
    start = np.zeros(tiles + 2, np.int64)
    for i in range(first.size):
        for tile in range(first[i], last[i]):
            start[tile + 2] += 1
    for tile in range(2, tiles + 2):
        start[tile] += start[tile - 1]
    lists = np.empty(start[tiles + 1], np.int64)
    for i in range(first.size):
        for tile in range(first[i], last[i]):
            lists[start[tile + 1]] = i
            start[tile + 1] += 1
    return start[:-1], lists


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _add_products(
    lines: Indices, change: Array, basis: Indices, parameter: Indices, shapes: Array, total: Array
) -> None:
    """Add Σ over eight lines of change (m, k) times shapes (7, 8, TILE) to rows of total (p, TILE)."""
    a, b, c, d, e, f, g, h = lines
    for k in range(parameter.size):
        o, row = np.uint64(basis[k]) * EIGHT_TILES, np.uint64(parameter[k]) * ONE_TILE
        va, vb, vc, vd = change[a, k], change[b, k], change[c, k], change[d, k]
        ve, vf, vg, vh = change[e, k], change[f, k], change[g, k], change[h, k]
        for j in range(ONE_TILE):
            total[row + j] += (
                va * shapes[o + j]
                + vb * shapes[o + ONE_TILE + j]
                + vc * shapes[o + np.uint64(2 * TILE) + j]
                + vd * shapes[o + np.uint64(3 * TILE) + j]
                + ve * shapes[o + np.uint64(4 * TILE) + j]
                + vf * shapes[o + np.uint64(5 * TILE) + j]
                + vg * shapes[o + np.uint64(6 * TILE) + j]
                + vh * shapes[o + np.uint64(7 * TILE) + j]
            )


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def differentiate_lines(
    points: Array,
    start: Indices,
    inverse_step: Array,
    reach: Array,
    attributes: Array,
    divergence: tuple[float, float],
    floor: float,
    by_reciprocal: Array,
    basis: Indices,
    parameter: Indices,
    change: Array,
    total: Array,
) -> None:
    """Write sums of the lines' shapes to total (p, N), on all grids.

    Parameters
    ----------
    points, start, inverse_step, reach
        The grids: see ``TailGrid``.
    attributes
        Position, Gaussian and Lorentzian FWHM and area of the lines (4, m); the area counts for tails only.
    by_reciprocal
        What 1/d² does to position, Gaussian and Lorentzian FWHM and the logarithm of the area (4, m).
    basis, parameter, change
        For each of k terms the row of ``SHAPES``, the row of total, and the factor of each line (m + 1, k), the last
        line being none, with factors of zero.
    """
    m = attributes.shape[1]
    asymmetric = divergence[0] + divergence[1] > LEAST_DIVERGENCE
    fwhm, eta, own, pieces, mixing = np.empty(m), np.empty(m), np.empty(m), np.empty(m, np.int64), np.empty((m, 8))
    for i in range(m):
        fwhm[i], eta[i], mixing[i, 0], mixing[i, 1], mixing[i, 2], mixing[i, 3] = thompson_cox_hastings(
            attributes[1, i], attributes[2, i]
        )
        for a in range(4):
            mixing[i, 4 + a] = by_reciprocal[a, i]
        pieces[i], own[i] = pieces_of(reach, fwhm[i], abs(attributes[3, i]) * eta[i] * fwhm[i] / (2.0 * np.pi), floor)
    nodes, node_start = _spread(attributes, fwhm, divergence, FAR_WIDTH * reach[1])
    shapes, rows = np.zeros(7 * STRIDE), np.empty(total.shape[0] * TILE)
    shape, group = np.empty(8 * TILE), np.empty(GROUP, np.int64)
    for level in range(start.size - 1):
        begin, end, spread = start[level], start[level + 1], min(level, 1)
        first, last = _reached_tiles(
            points, begin, end, inverse_step[level], attributes[0], fwhm, level, reach[level + 1], pieces, own, nodes,
            node_start[spread],
        )  # fmt: skip
        tiles = (end - begin + TILE - 1) // TILE
        list_start, lists = _lines_on_tiles(first, last, tiles)
        for tile in range(tiles):
            here = begin + tile * TILE
            size = min(TILE, end - here)
            for j in range(TILE):
                shape[POINTS + j] = points[here + min(j, size - 1)]
            for j in range(rows.size):
                rows[j] = 0.0
            for g in range(list_start[tile], list_start[tile + 1], GROUP):
                for k in range(GROUP):
                    group[k] = m
                    if g + k >= list_start[tile + 1]:
                        continue
                    i = group[k] = lists[g + k]
                    outer = own[i] if own[i] > 0.0 else reach[level + 1]
                    ends = 1.0 if 0.0 < own[i] < reach[1] else 0.0
                    node, stop = (node_start[spread, i], node_start[spread, i + 1]) if asymmetric else (0, 1)
                    _shapes(
                        reach[level], outer, ends, level == 0, fwhm[i], eta[i], attributes[0, i], nodes,
                        node, stop, asymmetric, shape,
                    )  # fmt: skip
                    _combine(mixing, i, shape, k, shapes)
                _add_products(group, change, basis, parameter, shapes, rows)
            for p in range(total.shape[0]):
                for j in range(size):
                    total[p, here + j] = rows[p * TILE + j]
