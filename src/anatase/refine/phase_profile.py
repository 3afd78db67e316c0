"""The hot loop of whole-pattern fits: one phase's calculated pattern and its derivatives by every parameter."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.profile import MOST_NODES, axial_divergence, pseudo_voigt, thompson_cox_hastings

__all__ = ["add_phase", "place_lines"]

Array = NDArray[np.float64]

NARROWEST, WIDEST = 3.0, 40.0  # FWHM at which a line is cut off, at the least and at the most
MARGIN = 1.0  # degrees beyond the pattern's ends where lines still count


@njit(cache=True, fastmath=True)
def _place(
    inverse_d2: float, wavelength: float, polarization: float, displaced: bool, instrument: Array, x: float, y: float
) -> tuple[float, float, float, float, float, float, float]:
    """Return position (°), tan θ, cos θ, Lorentz-polarization, lever of the shift, Gaussian and Lorentzian FWHM."""
    sine = 0.5 * wavelength * np.sqrt(inverse_d2)
    cosine = np.sqrt(1.0 - sine * sine)
    tangent = sine / cosine
    cos_two_theta = 1.0 - 2.0 * sine * sine
    factor = (1.0 + polarization * cos_two_theta**2) / (sine * sine * cosine)
    lever = cosine if displaced else 1.0
    position = np.degrees(2.0 * np.arcsin(sine)) + instrument[0] * lever
    gauss = np.sqrt(max(instrument[2] + instrument[3] * tangent * tangent, 1e-8))
    return position, tangent, cosine, factor, lever, gauss, x / cosine + y * tangent


@njit(cache=True, fastmath=True)
def place_lines(
    low: float,
    high: float,
    wavelengths: Array,
    line_weights: Array,
    polarization: float,
    displaced: bool,
    inverse_d2: Array,
    strength: Array,
    instrument: Array,
    widths: tuple[float, float],
) -> tuple[Array, Array, Array, Array]:
    """Return position (°), FWHM (°), η and area at unit scale (m,) of the lines of all wavelengths in a range (°)."""
    n = inverse_d2.size * wavelengths.size
    out = np.empty((4, n))
    m = 0
    for w in range(wavelengths.size):
        for i in range(inverse_d2.size):
            if 0.5 * wavelengths[w] * np.sqrt(inverse_d2[i]) >= 0.9998:
                continue
            position, _, _, factor, _, gauss, lorentz = _place(
                inverse_d2[i], wavelengths[w], polarization, displaced, instrument, widths[0], widths[1]
            )
            if position < low or position > high:
                continue
            fwhm, eta, _, _, _, _ = thompson_cox_hastings(gauss, lorentz)
            out[0, m], out[1, m], out[2, m] = position, fwhm, eta
            out[3, m] = strength[i] * factor * line_weights[w]
            m += 1
    return out[0, :m].copy(), out[1, :m].copy(), out[2, :m].copy(), out[3, :m].copy()


@njit(cache=True, fastmath=True)
def _window(x: Array, place: float, fwhm: float, eta: float, area: float, floor: float) -> tuple[int, int]:
    """Return the first point and the one past the last where a line counts: its Lorentzian tail is above the floor."""
    reach = fwhm * min(WIDEST, max(NARROWEST, 0.5 * np.sqrt(max(eta, 0.05) * abs(area) / (fwhm * floor))))
    return np.searchsorted(x, place - reach), np.searchsorted(x, place + reach)


@njit(cache=True, fastmath=True)
def _add_curve(x: Array, window: tuple[int, int], place: float, fwhm: float, eta: float, area: float, y: Array) -> None:
    """Add one line to y (n,)."""
    inverse = 1.0 / fwhm
    for j in range(window[0], window[1]):
        y[j] += area * inverse * pseudo_voigt((x[j] - place) * inverse, eta)[0]


@njit(cache=True, fastmath=True)
def _differentiate(
    x: Array,
    centre: float,
    fwhm: float,
    eta: float,
    area: float,
    floor: float,
    nodes: tuple[Array, Array, Array],
    y: Array,
    by: Array,
) -> tuple[int, int]:
    """Add one line with all its nodes to y (n,), fill by (5, n) and return the range of points that it covers.

    Rows of by: the shape of unit area, ∂/∂position, ∂/∂FWHM, ∂/∂η and ∂/∂divergence. ``nodes`` are the shifts (radian),
    the weights and the slopes of the shifts by the divergence.
    """
    shifts, weights, slopes = nodes
    low, high = x.size, 0
    for shift, weight in zip(shifts, weights):  # noqa: B905 (numba knows no strict)
        first, last = _window(x, centre + np.degrees(shift), fwhm, eta, area * weight, floor)
        low, high = min(low, first), max(high, last)
    by[:, low:high] = 0.0
    inverse = 1.0 / fwhm
    for node in range(shifts.size):
        place, part, slide = centre + np.degrees(shifts[node]), area * weights[node], np.degrees(slopes[node])
        first, last = _window(x, place, fwhm, eta, part, floor)
        for j in range(first, last):
            u = (x[j] - place) * inverse
            value, slope, mixing = pseudo_voigt(u, eta)
            by[0, j] += weights[node] * inverse * value
            by[1, j] -= part * inverse * inverse * slope
            by[2, j] -= part * inverse * inverse * (slope * u + value)
            by[3, j] += part * inverse * mixing
            by[4, j] -= slide * part * inverse * inverse * slope
            y[j] += part * inverse * value
    return low, high


@njit(cache=True, fastmath=True)
def _add_multiple(window: tuple[int, int], amount: float, by: Array, row: Array) -> None:
    if amount != 0.0:
        for j in range(window[0], window[1]):
            row[j] += amount * by[j]


@njit(cache=True, fastmath=True)
def _add_width(window: tuple[int, int], by_fwhm: float, by_eta: float, by: Array, row: Array) -> None:
    for j in range(window[0], window[1]):
        row[j] += by_fwhm * by[2, j] + by_eta * by[3, j]


@njit(cache=True, fastmath=True)
def add_phase(
    x: Array,
    wavelengths: Array,
    line_weights: Array,
    polarization: float,
    displaced: bool,
    asymmetric: bool,
    floor: float,
    inverse_d2: Array,
    strain_terms: Array,
    strength: Array,
    texture_slope: Array,
    instrument: Array,
    values: Array,
    y: Array,
    jacobian: Array,
) -> None:
    """Add one phase to y (n,) and its derivatives to jacobian (rows, n).

    Rows: shift, divergence, W, U; scale, k strains, size X, strain Y, March r. No rows: no derivatives.
    ``texture_slope`` (m,) is ∂strength/∂r, empty without texture. The strain derivatives hold the movement of the
    lines and leave out what it does to their Lorentz-polarization factor, width and asymmetry (together some
    percent of the derivative at the most). A line's Lorentzian tail is cut where it falls to ``floor``.
    """
    k = strain_terms.shape[1]
    by = np.empty((5, x.size))
    shifts, weights, slopes = np.zeros(MOST_NODES), np.ones(MOST_NODES), np.zeros(MOST_NODES)
    for wavelength, line_weight in zip(wavelengths, line_weights):  # noqa: B905 (numba knows no strict)
        for i in range(inverse_d2.size):
            if 0.5 * wavelength * np.sqrt(inverse_d2[i]) >= 0.9998:
                continue
            centre, tangent, cosine, factor, lever, gauss, lorentz = _place(
                inverse_d2[i], wavelength, polarization, displaced, instrument, values[1 + k], values[2 + k]
            )
            if centre < x[0] - MARGIN or centre > x[-1] + MARGIN:
                continue
            fwhm, eta, fwhm_g, fwhm_l, eta_g, eta_l = thompson_cox_hastings(gauss, lorentz)
            nodes = 1
            if asymmetric and instrument[1] > 1e-4:
                nodes = axial_divergence(np.radians(centre), instrument[1], np.radians(fwhm), shifts, weights, slopes)
            base = factor * line_weight
            by_metric = np.degrees(wavelength * wavelength / (4.0 * tangent * cosine * cosine))
            unit = strength[i] * base
            if jacobian.shape[0] == 0:
                for node in range(nodes):
                    place, area = centre + np.degrees(shifts[node]), values[0] * unit * weights[node]
                    _add_curve(x, _window(x, place, fwhm, eta, area, floor), place, fwhm, eta, area, y)
                continue
            spread = shifts[:nodes], weights[:nodes], slopes[:nodes]
            window = _differentiate(x, centre, fwhm, eta, values[0] * unit, floor, spread, y, by)
            _add_multiple(window, lever, by[1], jacobian[0])
            if asymmetric:
                _add_multiple(window, 1.0, by[4], jacobian[1])
            half = 0.5 / gauss  # ∂gauss/∂W
            _add_width(window, half * fwhm_g, half * eta_g, by, jacobian[2])
            half *= tangent * tangent
            _add_width(window, half * fwhm_g, half * eta_g, by, jacobian[3])
            _add_multiple(window, unit, by[0], jacobian[4])
            for m in range(k):
                _add_multiple(window, by_metric * strain_terms[i, m], by[1], jacobian[5 + m])
            _add_width(window, fwhm_l / cosine, eta_l / cosine, by, jacobian[5 + k])
            _add_width(window, fwhm_l * tangent, eta_l * tangent, by, jacobian[6 + k])
            if texture_slope.size:
                _add_multiple(window, values[0] * texture_slope[i] * base, by[0], jacobian[7 + k])
