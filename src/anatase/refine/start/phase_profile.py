"""The lines of one phase in a whole-pattern fit: where they lie, how wide they are, and how both change."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["MARGIN", "place_lines"]

Array = NDArray[np.float64]

MARGIN = 1.0  # degrees beyond the pattern's ends where lines still count
NARROWEST = 1e-8  # deg², the least Gaussian variance


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
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
    broadening: Array,
) -> tuple[Array, NDArray[np.int64]]:
    """Return the lines (12, m) of all wavelengths from ``low`` to ``high`` (°2θ), and the reflection of each (m,).

    Rows: position (°), Gaussian and Lorentzian FWHM (°), area at scale 1; what 1/d² does to position, both widths and
    the logarithm of the area; lever of the shift, tan θ, 1/cos θ; and area per unit of strength. ``instrument``: shift,
    divergence, W, U; ``broadening``: X, Y.
    """
    n = inverse_d2.size * wavelengths.size
    out, reflection = np.empty((12, n)), np.empty(n, np.int64)
    m = 0
    for w in range(wavelengths.size):
        for i in range(inverse_d2.size):
            sine = 0.5 * wavelengths[w] * np.sqrt(inverse_d2[i])
            if sine >= 0.9998:
                continue
            cosine = np.sqrt(1.0 - sine * sine)
            lever = cosine if displaced else 1.0
            position = np.degrees(2.0 * np.arcsin(sine)) + instrument[0] * lever
            if position < low or position > high:
                continue
            tangent, secant = sine / cosine, 1.0 / cosine
            cos_two_theta = 1.0 - 2.0 * sine * sine
            polarized = 1.0 + polarization * cos_two_theta * cos_two_theta
            factor = polarized / (sine * sine * cosine) * line_weights[w]
            gauss = np.sqrt(max(instrument[2] + instrument[3] * tangent * tangent, NARROWEST))
            lorentz = max(broadening[0] * secant + broadening[1] * tangent, 0.0)
            # by θ in radian, then by 1/d²: dθ = λ²/(8 sin θ cos θ) d(1/d²)
            turn = wavelengths[w] * wavelengths[w] / (8.0 * sine * cosine)
            slide = 2.0 - (np.radians(instrument[0]) * sine if displaced else 0.0)
            polar_slope = -8.0 * polarization * cos_two_theta * sine * cosine / polarized
            out[0, m], out[1, m], out[2, m], out[3, m] = position, gauss, lorentz, strength[i] * factor
            out[4, m] = np.degrees(slide) * turn
            out[5, m] = instrument[3] * tangent * secant * secant / gauss * turn
            out[6, m] = secant * (broadening[0] * tangent + broadening[1] * secant) * turn
            out[7, m] = (polar_slope - 2.0 / tangent + tangent) * turn
            out[8, m], out[9, m], out[10, m], out[11, m] = lever, tangent, secant, factor
            reflection[m] = i
            m += 1
    return out[:, :m].copy(), reflection[:m].copy()
