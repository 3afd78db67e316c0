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
from anatase.pattern.line_reach import FAR_WIDTH, GAUSS_REACH, first_at, pieces_of
from anatase.pattern.line_shapes import (
    EIGHT_TILES,
    GROUP,
    ONE_TILE,
    POINTS,
    STRIDE,
    TILE,
    fill_shapes,
    store_shapes,
)
from anatase.pattern.profile import thompson_cox_hastings
from anatase.pattern.tail_grid import fifth_order

__all__ = ["differentiate_lines"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ONE = np.uint64(1)


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
    lines: Indices, change: Array, basis: Indices, parameter: Indices, shapes: Array, rows: Array
) -> None:
    """Add Σ over eight lines of change (m, k) times shapes (7, 8, TILE) to rows (p, TILE)."""
    a, b, c, d, e, f, g, h = lines
    for k in range(parameter.size):
        o, row = np.uint64(basis[k]) * EIGHT_TILES, np.uint64(parameter[k]) * ONE_TILE
        va, vb, vc, vd = change[a, k], change[b, k], change[c, k], change[d, k]
        ve, vf, vg, vh = change[e, k], change[f, k], change[g, k], change[h, k]
        for j in range(ONE_TILE):
            rows[row + j] += (
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
def _add_tails(
    x: Array, points: Array, origin: int, inverse_step: float, weights: Array, total: Array, rows: Array
) -> None:
    """Add to rows (p, TILE), at the TILE points that end x, what the next coarser grid from ``origin`` on holds.

    The weights (8, TILE) of eight of its nodes make this the same small matrix product as that of the lines.
    """
    low = int((x[POINTS] - points[origin]) * inverse_step) - 2
    high = int((x[POINTS + TILE - 1] - points[origin]) * inverse_step) + 4
    for node in range(low, high, GROUP):  # one turn where points are even
        for j in range(STRIDE):
            weights[j] = 0.0
        for j in range(TILE):
            t = (x[POINTS + j] - points[origin]) * inverse_step
            cell = int(t)
            six = fifth_order(t - cell)
            for a in range(6):
                b = cell - 2 + a - node
                if 0 <= b < GROUP:
                    weights[b * TILE + j] = six[a]
        o = np.uint64(origin + node)
        for p in range(total.shape[0]):
            row = np.uint64(p) * ONE_TILE
            va, vb, vc, vd = total[p, o], total[p, o + ONE], total[p, o + np.uint64(2)], total[p, o + np.uint64(3)]
            o += np.uint64(4)
            ve, vf, vg, vh = total[p, o], total[p, o + ONE], total[p, o + np.uint64(2)], total[p, o + np.uint64(3)]
            o -= np.uint64(4)
            for j in range(ONE_TILE):
                rows[row + j] += (
                    va * weights[j]
                    + vb * weights[ONE_TILE + j]
                    + vc * weights[np.uint64(2 * TILE) + j]
                    + vd * weights[np.uint64(3 * TILE) + j]
                    + ve * weights[np.uint64(4 * TILE) + j]
                    + vf * weights[np.uint64(5 * TILE) + j]
                    + vg * weights[np.uint64(6 * TILE) + j]
                    + vh * weights[np.uint64(7 * TILE) + j]
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
    """Write sums of the lines' shapes to total (p, N + 8), from the coarsest grid to the finest, which gets them all.

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
    weights, coarsest = np.empty(STRIDE), start.size - 2
    for p in range(total.shape[0]):
        for j in range(points.size, total.shape[1]):  # nodes after the last: their weights are zero
            total[p, j] = 0.0
    for level in range(coarsest, -1, -1):
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
                    fill_shapes(
                        reach[level], outer, ends, level == 0, fwhm[i], eta[i], attributes[0, i], nodes,
                        node, stop, asymmetric, shape,
                    )  # fmt: skip
                    store_shapes(mixing, i, shape, k, shapes)
                _add_products(group, change, basis, parameter, shapes, rows)
            if level < coarsest:
                _add_tails(shape, points, end, inverse_step[level + 1], weights, total, rows)
            for p in range(total.shape[0]):
                for j in range(size):
                    total[p, here + j] = rows[p * TILE + j]
