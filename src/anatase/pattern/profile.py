"""Peak profiles of powder lines: pseudo-Voigt after Thompson, Cox & Hastings, axial-divergence asymmetry."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["MOST_NODES", "axial_divergence", "pseudo_voigt", "thompson_cox_hastings"]

Array = NDArray[np.float64]

LN2 = float(np.log(2.0))
GAUSS_HEIGHT = 2.0 * float(np.sqrt(LN2 / np.pi))  # height of a Gaussian of unit area and unit FWHM
LORENTZ_HEIGHT = 2.0 / float(np.pi)
# how many nodes spread a line for axial divergence, and the spread in units of its FWHM up to which each number but
# the last is taken; profiles are then within 0.5 % of their height up to a spread of 13 FWHM
NODE_COUNTS = np.array([1, 2, 3, 4, 6, 8, 12, 16, 32])
SPREADS = np.array([0.1, 0.55, 1.1, 1.6, 2.5, 3.5, 5.5, 7.5])
MOST_NODES = int(NODE_COUNTS[-1])


def _divergence_rule(count: int) -> tuple[Array, Array]:
    """Return nodes u in (0, 1) and weights (sum 1) of the Gauss quadrature in u² over the weight 1 − u.

    A line shifts by very nearly u² times its spread, so that n nodes keep 2n − 1 moments of its profile. Golub & Welsch
    (1969) Math. Comp. 23, 221, the recurrence being that of the weight sampled at 400 points.
    """
    u, weight = np.polynomial.legendre.leggauss(400)
    u = (u + 1.0) / 2.0
    weight = weight * (1.0 - u) / np.sum(weight * (1.0 - u))
    before, polynomial, last = np.zeros_like(u), np.ones_like(u), 1.0
    jacobi = np.zeros((count, count))
    for row in range(count):
        norm = float(weight @ polynomial**2)
        jacobi[row, row] = weight @ (u**2 * polynomial**2) / norm
        if row:
            jacobi[row, row - 1] = jacobi[row - 1, row] = np.sqrt(norm / last)
        before, polynomial = polynomial, (u**2 - jacobi[row, row]) * polynomial - (norm / last if row else 0.0) * before
        last = norm
    squares, vectors = np.linalg.eigh(jacobi)
    return np.sqrt(squares), vectors[0] ** 2


NODES, NODE_WEIGHTS = np.zeros((2, NODE_COUNTS.size, MOST_NODES))
for _row, _count in enumerate(NODE_COUNTS):
    NODES[_row, :_count], NODE_WEIGHTS[_row, :_count] = _divergence_rule(_count)


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
def axial_divergence(
    two_theta_rad: float, divergence: float, fwhm_rad: float, shifts: Array, weights: Array, slopes: Array
) -> int:
    """Fill the shifts (radian), weights (sum 1) and ∂shift/∂divergence of the nodes that spread a line at 2θ.

    Finger, Cox & Jephcoat (1994) J. Appl. Cryst. 27, 892 for equal sample and detector
    half-heights ``divergence`` = S/L = H/L. With h the axial coordinate over L their equation 12 becomes
    a smooth weight (2a − h)/((1 + h²) sin 2φ) in 0 ≤ h ≤ 2a, cos 2φ = cos 2θ √(1 + h²),
    over which Gauss nodes integrate. The wider the spread next to the line's FWHM, the more of them: returned
    is their number, at most ``MOST_NODES``, the length of the three arrays.
    """
    cos_two_theta = np.cos(two_theta_rad)
    spread = abs(2.0 * divergence * divergence * cos_two_theta / max(np.sin(two_theta_rad), 1e-3)) / fwhm_rad
    row = np.searchsorted(SPREADS, spread)
    total = 0.0
    for node in range(NODE_COUNTS[row]):
        h = 2.0 * divergence * NODES[row, node]
        root = np.sqrt(1.0 + h * h)
        cosine = cos_two_theta * root
        if abs(cosine) >= 1.0:  # beyond the end of the cone: no intensity
            shifts[node], weights[node], slopes[node] = 0.0, 0.0, 0.0
            continue
        sine = np.sqrt(1.0 - cosine * cosine)
        shifts[node] = np.arccos(cosine) - two_theta_rad
        slopes[node] = -cos_two_theta * h * h / (divergence * root * sine)
        weights[node] = NODE_WEIGHTS[row, node] / ((1.0 + h * h) * sine)
        total += weights[node]
    if total == 0.0:  # closer to the beam than the first node
        shifts[0], weights[0], slopes[0] = 0.0, 1.0, 0.0
        return 1
    for node in range(NODE_COUNTS[row]):
        weights[node] /= total
    return int(NODE_COUNTS[row])
