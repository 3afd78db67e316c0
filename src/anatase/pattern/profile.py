"""The pseudo-Voigt profile of powder lines, and its widths after Thompson, Cox & Hastings."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["GAUSS_HEIGHT", "pseudo_voigt", "pseudo_voigts", "thompson_cox_hastings"]

Array = NDArray[np.float64]

LN2 = float(np.log(2.0))
GAUSS_HEIGHT = 2.0 * float(np.sqrt(LN2 / np.pi))  # height of a Gaussian of unit area and unit FWHM
LORENTZ_HEIGHT = 2.0 / float(np.pi)


@njit(cache=True, fastmath=True, inline="always")
def pseudo_voigt(u: float, eta: float) -> tuple[float, float, float]:
    """Return value, ∂/∂u and ∂/∂η of the pseudo-Voigt of unit area and unit FWHM at u = (x − x0)/FWHM."""
    u2 = u * u
    gauss = GAUSS_HEIGHT * np.exp(-4.0 * LN2 * u2)
    fall = 1.0 / (1.0 + 4.0 * u2)
    lorentz = LORENTZ_HEIGHT * fall
    slope = -8.0 * u * (eta * lorentz * fall + (1.0 - eta) * gauss * LN2)
    return eta * lorentz + (1.0 - eta) * gauss, slope, lorentz - gauss


@njit(cache=True, fastmath=True)
def thompson_cox_hastings(gauss: float, lorentz: float) -> tuple[float, float, float, float, float, float]:
    """Return FWHM and mixing η of the pseudo-Voigt for a Gaussian and a Lorentzian FWHM.

    Thompson, Cox & Hastings (1987) J. Appl. Cryst. 20, 79, equations 6 and 7. Also returned:
    ∂FWHM/∂gauss, ∂FWHM/∂lorentz, ∂η/∂gauss, ∂η/∂lorentz.
    """
    g, x = gauss, lorentz
    a, b, c, e = 2.69269, 2.42843, 4.47163, 0.07842
    g2, x2 = g * g, x * x
    g4, x4 = g2 * g2, x2 * x2
    fifth = g4 * g + a * g4 * x + b * g2 * g * x2 + c * g2 * x2 * x + e * g * x4 + x4 * x
    fwhm = fifth**0.2
    scale = fwhm / (5.0 * fifth)
    d_gauss = (5 * g4 + 4 * a * g2 * g * x + 3 * b * g2 * x2 + 2 * c * g * x2 * x + e * x4) * scale
    d_lorentz = (a * g4 + 2 * b * g2 * g * x + 3 * c * g2 * x2 + 4 * e * g * x2 * x + 5 * x4) * scale
    q = x / fwhm
    eta = 1.36603 * q - 0.47719 * q * q + 0.11116 * q * q * q
    d_eta_q = 1.36603 - 0.95438 * q + 0.33348 * q * q
    return fwhm, eta, d_gauss, d_lorentz, -d_eta_q * q / fwhm * d_gauss, d_eta_q * (1.0 - q * d_lorentz) / fwhm


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def pseudo_voigts(gauss: Array, lorentz: Array) -> tuple[Array, Array]:
    """Return FWHM (m,) and η (m,) of lines of Gaussian and Lorentzian FWHM (m,): see ``thompson_cox_hastings``."""
    fwhm, eta = np.empty(gauss.size), np.empty(gauss.size)
    for i in range(gauss.size):
        fwhm[i], eta[i], _, _, _, _ = thompson_cox_hastings(gauss[i], lorentz[i])
    return fwhm, eta
