"""Lorentz and polarization factors of powder lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.scattering.radiation import Radiation

__all__ = ["lorentz_polarization"]


def lorentz_polarization(two_theta: ArrayLike, radiation: Radiation) -> NDArray[np.float64]:
    """Return the Lorentz-polarization factor (n,) of powder lines at two_theta (n,) in degrees.

    L = 1/(sin²θ cosθ) and P = (1 + K M cos²2θ)/(1 + K M) with M = cos²2θ of the monochromator
    (International Tables C, 6.2). P is 1 for neutrons.
    """
    tt = np.radians(np.asarray(two_theta, dtype=float))
    lorentz = 1.0 / (np.sin(tt / 2.0) ** 2 * np.cos(tt / 2.0))
    if radiation.probe == "neutron" or radiation.polarization == 0.0:
        return np.asarray(lorentz)
    k = radiation.polarization * np.cos(np.radians(radiation.monochromator_two_theta)) ** 2
    return np.asarray(lorentz * (1.0 + k * np.cos(tt) ** 2) / (1.0 + k))
