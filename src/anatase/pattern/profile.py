"""Peak profiles of powder lines: pseudo-Voigt after Thompson, Cox & Hastings, axial-divergence asymmetry."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["accumulate", "axial_divergence", "thompson_cox_hastings"]

Array = NDArray[np.float64]

LN2 = np.log(2.0)
GAUSS_HEIGHT = 2.0 * np.sqrt(LN2 / np.pi)  # height of a Gaussian of unit area and unit FWHM
LORENTZ_HEIGHT = 2.0 / np.pi
# nodes u in (0, 1) and weights of four-point Gauss–Legendre quadrature over the divergence h = 2a u
NODES = (np.polynomial.legendre.leggauss(4)[0] + 1.0) / 2.0
NODE_WEIGHTS = np.polynomial.legendre.leggauss(4)[1] / 2.0


def thompson_cox_hastings(gauss: Array, lorentz: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Return FWHM and mixing η (n,) of the pseudo-Voigt for Gaussian and Lorentzian FWHM (n,).

    Thompson, Cox & Hastings (1987) J. Appl. Cryst. 20, 79, equations 6 and 7. Also returned:
    ∂FWHM/∂gauss, ∂FWHM/∂lorentz, ∂η/∂gauss, ∂η/∂lorentz.
    """
    g, x = gauss, lorentz
    a, b, c, e = 2.69269, 2.42843, 4.47163, 0.07842
    fifth = g**5 + a * g**4 * x + b * g**3 * x**2 + c * g**2 * x**3 + e * g * x**4 + x**5
    fwhm = fifth**0.2
    scale = 1.0 / (5.0 * fwhm**4)
    d_gauss = (5 * g**4 + 4 * a * g**3 * x + 3 * b * g**2 * x**2 + 2 * c * g * x**3 + e * x**4) * scale
    d_lorentz = (a * g**4 + 2 * b * g**3 * x + 3 * c * g**2 * x**2 + 4 * e * g * x**3 + 5 * x**4) * scale
    q = x / fwhm
    eta = 1.36603 * q - 0.47719 * q**2 + 0.11116 * q**3
    d_eta_q = 1.36603 - 0.95438 * q + 0.33348 * q**2
    eta_gauss = -d_eta_q * q / fwhm * d_gauss
    eta_lorentz = d_eta_q * (1.0 - q * d_lorentz) / fwhm
    return fwhm, eta, d_gauss, d_lorentz, eta_gauss, eta_lorentz


def axial_divergence(two_theta: Array, divergence: float) -> tuple[Array, Array]:
    """Return shifts (n, 4) in degrees and weights (n, 4) that spread lines at two_theta (n,) as axial divergence does.

    Finger, Cox & Jephcoat (1994) J. Appl. Cryst. 27, 892 for equal sample and detector
    half-heights ``divergence`` = S/L = H/L. With h the axial coordinate over L their equation 12 becomes
    a smooth weight (2a − h)/((1 + h²) sin 2φ) in 0 ≤ h ≤ 2a, cos 2φ = cos 2θ √(1 + h²),
    which four Gauss–Legendre nodes integrate.
    """
    tt = np.radians(two_theta)[:, None]
    h = 2.0 * divergence * NODES[None, :]
    cosine = np.clip(np.cos(tt) * np.sqrt(1.0 + h**2), -1.0, 1.0)
    phi = np.arccos(cosine)
    weight = NODE_WEIGHTS * (2.0 * divergence - h) / ((1.0 + h**2) * np.maximum(np.sin(phi), 1e-3))
    weight /= weight.sum(axis=1, keepdims=True)
    return np.degrees(phi - tt), weight


@njit(cache=True, fastmath=True)
def accumulate(
    x: Array,
    position: Array,
    fwhm: Array,
    eta: Array,
    area: Array,
    reach: Array,
    d_position: Array,
    d_fwhm: Array,
    d_eta: Array,
    d_area: Array,
    y: Array,
    jacobian: Array,
) -> None:
    """Add pseudo-Voigt lines to y (n,) and their derivatives by k parameters to jacobian (k, n).

    position, fwhm, eta, area, reach: (m,); a line is cut off ``reach`` away from its position.
    d_position, d_fwhm, d_eta, d_area: (m, k) derivatives of a line's quantities by the parameters.
    ``jacobian`` with no rows leaves the derivatives out.
    """
    n, k = x.size, jacobian.shape[0]
    by_position = np.empty(n)
    by_width = np.empty(n)
    by_mix = np.empty(n)
    shape = np.empty(n)
    for i in range(position.size):
        centre, width, mix, strength = position[i], fwhm[i], eta[i], area[i]
        first = np.searchsorted(x, centre - reach[i])
        last = np.searchsorted(x, centre + reach[i])
        inverse = 1.0 / width
        for j in range(first, last):
            u = (x[j] - centre) * inverse
            u2 = u * u
            gauss = GAUSS_HEIGHT * inverse * np.exp(-4.0 * LN2 * u2)
            denominator = 1.0 / (1.0 + 4.0 * u2)
            lorentz = LORENTZ_HEIGHT * inverse * denominator
            value = mix * lorentz + (1.0 - mix) * gauss
            y[j] += strength * value
            # derivative of the normalised profile by u, then by position and width
            by_u = -8.0 * u * (mix * lorentz * denominator + (1.0 - mix) * gauss * LN2)
            shape[j] = value
            by_position[j] = -strength * by_u * inverse
            by_width[j] = -strength * (by_u * u + value) * inverse
            by_mix[j] = strength * (lorentz - gauss)
        for m in range(k):
            a, b, c, d = d_position[i, m], d_fwhm[i, m], d_eta[i, m], d_area[i, m]
            if a != 0.0:
                for j in range(first, last):
                    jacobian[m, j] += a * by_position[j]
            if b != 0.0 or c != 0.0:
                for j in range(first, last):
                    jacobian[m, j] += b * by_width[j] + c * by_mix[j]
            if d != 0.0:
                for j in range(first, last):
                    jacobian[m, j] += d * shape[j]
