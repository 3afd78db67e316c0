"""The hot loop of whole-pattern fits: one phase's calculated pattern and its derivatives by every parameter."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.profile import axial_divergence, pseudo_voigt, thompson_cox_hastings

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
    factor = (1.0 + polarization * cos_two_theta**2) / ((1.0 + polarization) * sine * sine * cosine)
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
    ``texture_slope`` (m,) is ∂strength/∂r, empty without texture. The derivatives leave out the change
    of the Lorentz-polarization factor with strain (below 1 %). A line's Lorentzian tail is cut where it falls to ``floor``.
    """
    n, k = x.size, strain_terms.shape[1]
    derivatives = jacobian.shape[0] > 0
    scale, size_x, strain_y = values[0], values[1 + k], values[2 + k]
    by_position, by_width, by_mix, shape = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    shifts, weights = np.empty(4), np.empty(4)
    divergence = instrument[1]
    for w in range(wavelengths.size):
        wavelength = wavelengths[w]
        for i in range(inverse_d2.size):
            if 0.5 * wavelength * np.sqrt(inverse_d2[i]) >= 0.9998:
                continue
            centre, tangent, cosine, factor, lever, gauss, lorentz = _place(
                inverse_d2[i], wavelength, polarization, displaced, instrument, size_x, strain_y
            )
            if centre < x[0] - MARGIN or centre > x[n - 1] + MARGIN:
                continue
            fwhm, eta, fwhm_g, fwhm_l, eta_g, eta_l = thompson_cox_hastings(gauss, lorentz)
            base = factor * line_weights[w]
            unit = strength[i] * base
            nodes = 1
            shifts[0], weights[0] = 0.0, 1.0
            if asymmetric and divergence > 1e-4:
                two_theta = np.radians(centre)
                sine2 = max(np.sin(two_theta), 1e-3)
                spread = 2.0 * divergence * divergence * np.cos(two_theta) / sine2  # of h = 2a
                if abs(np.degrees(spread)) > 0.02 * fwhm:
                    nodes = 4
                    total = 0.0
                    for node in range(4):
                        shifts[node], weights[node] = axial_divergence(two_theta, divergence, node)
                        shifts[node] = np.degrees(shifts[node])
                        total += weights[node]
                    for node in range(4):
                        weights[node] /= total
                else:
                    shifts[0] = -np.degrees(spread) / 6.0  # the mean of h² under the weight is (2a)²/6
            sine = tangent * cosine
            by_metric = np.degrees(wavelength * wavelength / (4.0 * sine * cosine))
            inverse = 1.0 / fwhm
            for node in range(nodes):
                area = scale * unit * weights[node]
                place = centre + shifts[node]
                reach = 0.5 * np.sqrt(max(eta, 0.05) * abs(area) * inverse / floor)
                reach = fwhm * min(WIDEST, max(NARROWEST, reach))
                first, last = np.searchsorted(x, place - reach), np.searchsorted(x, place + reach)
                if not derivatives:
                    for j in range(first, last):
                        y[j] += area * inverse * pseudo_voigt((x[j] - place) * inverse, eta)[0]
                    continue
                for j in range(first, last):
                    u = (x[j] - place) * inverse
                    value, slope, mixing = pseudo_voigt(u, eta)
                    shape[j] = value * inverse
                    by_position[j] = -area * inverse * inverse * slope
                    by_width[j] = -area * inverse * inverse * (slope * u + value)
                    by_mix[j] = area * inverse * mixing
                    y[j] += area * shape[j]
                half = 0.5 / gauss
                w_fwhm, w_eta = fwhm_g * half, eta_g * half
                tangent2 = tangent * tangent
                turn = 2.0 * shifts[node] / max(divergence, 1e-4)
                x_fwhm, x_eta, y_fwhm, y_eta = fwhm_l / cosine, eta_l / cosine, fwhm_l * tangent, eta_l * tangent
                own = unit * weights[node]
                for j in range(first, last):
                    jacobian[0, j] += lever * by_position[j]
                    jacobian[4, j] += own * shape[j]
                if turn != 0.0:
                    for j in range(first, last):
                        jacobian[1, j] += turn * by_position[j]
                for j in range(first, last):
                    by_gauss = w_fwhm * by_width[j] + w_eta * by_mix[j]
                    jacobian[2, j] += by_gauss
                    jacobian[3, j] += tangent2 * by_gauss
                for j in range(first, last):
                    jacobian[5 + k, j] += x_fwhm * by_width[j] + x_eta * by_mix[j]
                    jacobian[6 + k, j] += y_fwhm * by_width[j] + y_eta * by_mix[j]
                for m in range(k):
                    amount = by_metric * strain_terms[i, m]
                    for j in range(first, last):
                        jacobian[5 + m, j] += amount * by_position[j]
                if texture_slope.size:
                    amount = scale * texture_slope[i] * base * weights[node]
                    for j in range(first, last):
                        jacobian[7 + k, j] += amount * shape[j]
