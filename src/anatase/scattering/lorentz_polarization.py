"""Lorentz and polarization factors of powder lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.scattering.radiation import Radiation

__all__ = ["effective_polarization", "lorentz_polarization"]


def effective_polarization(radiation: Radiation) -> float:
    """Return K cos²2θ_M, the weight of cos²2θ in the polarization factor: 0 for neutrons."""
    if radiation.probe == "neutron":
        return 0.0
    return radiation.polarization * float(np.cos(np.radians(radiation.monochromator_two_theta))) ** 2


def lorentz_polarization(two_theta: ArrayLike, radiation: Radiation) -> NDArray[np.float64]:
    """Return the Lorentz-polarization factor (n,) of powder lines at two_theta (n,) in degrees.

    L = 1/(sin²θ cosθ) and P = 1 + K M cos²2θ with M = cos²2θ of the monochromator (International Tables C, 6.2),
    without the constant 1/(1 + K M) that a scale factor takes up. P is 1 for neutrons.
    """
    tt = np.radians(np.asarray(two_theta, dtype=float))
    lorentz = 1.0 / (np.sin(tt / 2.0) ** 2 * np.cos(tt / 2.0))
    k = effective_polarization(radiation)
    return np.asarray(lorentz * (1.0 + k * np.cos(tt) ** 2))
