"""Lorentz and polarization factors of powder lines."""

from __future__ import annotations

from math import cos, radians

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from anatase.scattering.radiation import Radiation

__all__ = [
    "effective_polarization",
    "lorentz_polarization",
    "lorentz_polarization_at",
    "lorentz_polarization_slope",
    "lorentz_whole_ring",
]

Array = NDArray[np.float64]


def effective_polarization(radiation: Radiation) -> float:
    """Return K cos²2θ_M, the weight of cos²2θ in the polarization factor: 0 for neutrons and electrons."""
    if radiation.probe != "xray":
        return 0.0
    return radiation.polarization * cos(radians(radiation.monochromator_two_theta)) ** 2


def lorentz_polarization(two_theta: ArrayLike, radiation: Radiation) -> Array:
    """Return the Lorentz-polarization factor (n,) of powder lines at two_theta (n,) in degrees.

    L = 1/(sin²θ cosθ) and P = 1 + K M cos²2θ with M = cos²2θ of the monochromator (International Tables C, 6.2),
    without the constant 1/(1 + K M) that a scale factor takes up. P is 1 for neutrons and electrons. This L holds
    wherever the detector sees a fixed length of each ring: Bragg-Brentano, Debye-Scherrer and transmission
    geometries, a strip detector, a ring averaged over its azimuth. A variable divergence slit adds sin θ;
    time of flight has its own factor (``TofBank``).

    Examples
    --------
    >>> from anatase.scattering.radiation import radiation_from_name
    >>> float(lorentz_polarization([90.0], radiation_from_name("CuKa"))[0].round(4))
    2.8284
    """
    tt = np.radians(np.asarray(two_theta, dtype=float))
    lorentz = 1.0 / (np.sin(tt / 2.0) ** 2 * np.cos(tt / 2.0))
    k = effective_polarization(radiation)
    return np.asarray(lorentz * (1.0 + k * np.cos(tt) ** 2))


def lorentz_polarization_at(d_spacing: ArrayLike, radiation: Radiation) -> Array:
    """Return the Lorentz-polarization factor (n,) of powder lines at the strongest wavelength, at spacings d (n,) in Å.

    With sin θ = λ/2d it is (1 + K M (1 − 2 sin²θ)²)/(sin²θ √(1 − sin²θ)); infinite at d = λ/2, nan below.
    """
    d = np.ascontiguousarray(d_spacing, dtype=np.float64)
    factor = np.empty_like(d)
    _fill_at(d.reshape(-1), radiation.wavelength, effective_polarization(radiation), factor.reshape(-1))
    return factor


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_at(d_spacing: Array, wavelength: float, polarization: float, factor: Array) -> None:
    """Fill the factor (n,); one compiled call takes a tenth of a dozen array operations on a short list."""
    for i in range(d_spacing.size):
        sine2 = (0.5 * wavelength / d_spacing[i]) ** 2
        cosine2 = 1.0 - sine2
        factor[i] = (1.0 + polarization * (cosine2 - sine2) ** 2) / (sine2 * np.sqrt(cosine2))


def lorentz_polarization_slope(two_theta: ArrayLike, radiation: Radiation) -> Array:
    """Return the derivative (n,) of the Lorentz-polarization factor by 2θ, per degree.

    d(LP)/d2θ = L [P (tan θ/2 − cot θ) − K M sin 4θ].
    """
    tt = np.radians(np.asarray(two_theta, dtype=float))
    sine, cosine = np.sin(tt / 2.0), np.cos(tt / 2.0)
    k = effective_polarization(radiation)
    polarization = 1.0 + k * np.cos(tt) ** 2
    slope_rad = polarization * (0.5 * sine / cosine - cosine / sine) - k * np.sin(2.0 * tt)
    return np.asarray(np.radians(slope_rad / (sine * sine * cosine)))


def lorentz_whole_ring(two_theta: ArrayLike) -> Array:
    """Return the Lorentz factor (n,) of intensities summed over whole rings, at two_theta (n,) in degrees.

    1/sin θ: the fixed-length factor 1/(sin²θ cosθ) times the circumference sin 2θ, but for a constant.
    """
    return np.asarray(1.0 / np.sin(np.radians(np.asarray(two_theta, dtype=float)) / 2.0))
