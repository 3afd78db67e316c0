"""Absorption in a cylinder at one angle and many wavelengths, as of neutrons by time of flight."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError
from anatase.scattering.absorption_cylinder import cylinder

__all__ = ["cylinder_over_wavelengths"]

Array = NDArray[np.float64]

NODES = 20
MOST = 16.0  # μR, and a power of two


@lru_cache(maxsize=64)
def _log_factor(two_theta: float, most: float) -> Chebyshev:
    """Return ln A as a polynomial of μR from 0 to ``most`` at an angle."""
    return Chebyshev.interpolate(
        lambda all_mu: np.array([float(np.log(cylinder(float(mu), [two_theta])[0][0])) for mu in all_mu]),
        NODES - 1,
        domain=[0.0, most],
    )


def cylinder_over_wavelengths(mu_r: float, two_theta: float, wavelength: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the absorption factor (n,) of a cylinder at wavelengths (n,) in Å, and its derivatives by μR and by λ.

    Neutrons are absorbed in proportion to λ: μR(λ) = ``mu_r`` · λ/1 Å, with ``mu_r`` that at 1 Å. Incoherent
    scattering, which does not follow λ, is not told apart.

    Raises
    ------
    PhysicsError
        When μR is negative, or above 16 at the longest wavelength.

    Examples
    --------
    >>> factor, by_mu_r, by_wavelength = cylinder_over_wavelengths(0.5, 90.0, [0.0, 1.0, 2.0])
    >>> factor.round(4).tolist()
    [1.0, 0.4591, 0.2438]
    """
    at = np.asarray(wavelength, dtype=float)
    thickness = mu_r * at
    largest = float(thickness.max(initial=0.0))
    if not (mu_r >= 0.0 and largest <= MOST):
        raise PhysicsError(f"a cylinder with μR = {mu_r:g} at 1 Å, {largest:g} at most; give one from 0 to {MOST:g}")
    log_factor = _log_factor(float(two_theta), max(1.0, 2.0 ** float(np.ceil(np.log2(max(largest, 1e-3))))))
    value = np.exp(log_factor(thickness))
    slope = value * log_factor.deriv()(thickness)
    return value, slope * at, slope * mu_r
