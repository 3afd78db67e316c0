"""The shape of a powder line on sixteen points, with its derivatives by position, widths and asymmetry."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.exponential import power_of_two
from anatase.pattern.line_reach import GAUSS_REACH
from anatase.pattern.profile import GAUSS_HEIGHT

__all__ = ["EIGHT_TILES", "GROUP", "ONE_TILE", "POINTS", "SHAPES", "STRIDE", "TILE", "fill_shapes", "store_shapes"]

Array = NDArray[np.float64]

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
def fill_shapes(
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
def store_shapes(mixing: Array, i: int, by: Array, place: int, out: Array) -> None:
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
