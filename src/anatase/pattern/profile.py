"""Peak profiles of powder lines: pseudo-Voigt after Thompson, Cox & Hastings, axial-divergence asymmetry."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["axial_divergence", "pseudo_voigt", "thompson_cox_hastings"]

LN2 = float(np.log(2.0))
GAUSS_HEIGHT = 2.0 * float(np.sqrt(LN2 / np.pi))  # height of a Gaussian of unit area and unit FWHM
LORENTZ_HEIGHT = 2.0 / float(np.pi)
# nodes u in (0, 1) and weights of four-point Gauss–Legendre quadrature over the divergence h = 2a u
NODES = (np.polynomial.legendre.leggauss(4)[0] + 1.0) / 2.0
NODE_WEIGHTS = np.polynomial.legendre.leggauss(4)[1] / 2.0


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


@njit(cache=True)
def axial_divergence(two_theta_rad: float, divergence: float, node: int) -> tuple[float, float]:
    """Return the shift (radian) and the unnormalised weight of one of four nodes that spread a line at 2θ.

    Finger, Cox & Jephcoat (1994) J. Appl. Cryst. 27, 892 for equal sample and detector
    half-heights ``divergence`` = S/L = H/L. With h the axial coordinate over L their equation 12 becomes
    a smooth weight (2a − h)/((1 + h²) sin 2φ) in 0 ≤ h ≤ 2a, cos 2φ = cos 2θ √(1 + h²),
    which four Gauss–Legendre nodes integrate.
    """
    h = 2.0 * divergence * NODES[node]
    cosine = min(1.0, max(-1.0, np.cos(two_theta_rad) * np.sqrt(1.0 + h * h)))
    phi = np.arccos(cosine)
    weight = NODE_WEIGHTS[node] * (2.0 * divergence - h) / ((1.0 + h * h) * max(np.sin(phi), 1e-3))
    return phi - two_theta_rad, weight
