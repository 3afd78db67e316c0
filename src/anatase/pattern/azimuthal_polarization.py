"""The polarization factor of a beam scattered out of any plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Radiation

__all__ = ["azimuthal_polarization", "horizontal_share"]


def horizontal_share(radiation: Radiation) -> float:
    """Return the share f = 1/(1 + K M) of the beam that is polarized horizontally, 0.5 without polarization.

    K M is the weight of cos²2θ for a detector that scans in the vertical plane, where the horizontal part scatters
    with the factor 1 and the vertical one with cos²2θ.
    """
    return 1.0 / (1.0 + effective_polarization(radiation))


def azimuthal_polarization(
    two_theta: ArrayLike, chi: ArrayLike, radiation: Radiation, share: float | None = None
) -> NDArray[np.float64]:
    """Return the polarization factor of beams at 2θ and χ (degrees), 1 + K M cos²2θ where χ = ±90° (upwards).

    A wave with its field along e scatters into s with 1 − (e·s)² (Thomson; International Tables C, 6.2.2). With a share
    f of the intensity polarized along axis 2 (horizontal, χ = 0) and the rest along axis 1, P = [f (1 − sin²2θ cos²χ) +
    (1 − f)(1 − sin²2θ sin²χ)]/f. It is 1 for neutrons and, at the small angles of their diffraction, for electrons.

    Raises
    ------
    PhysicsError
        When the horizontal ``share`` is not within 0 < f ≤ 1.
    """
    angles = np.broadcast_arrays(np.radians(two_theta), np.radians(chi))
    if radiation.probe != "xray":
        return np.ones(angles[0].shape)
    f = horizontal_share(radiation) if share is None else share
    if not 0.0 < f <= 1.0:
        raise PhysicsError(f"a share of {f:g} of the beam is polarized horizontally; give one above 0 and up to 1")
    sine2 = np.sin(angles[0]) ** 2
    across = sine2 * np.cos(angles[1]) ** 2
    return np.asarray((1.0 - across) + (1.0 - f) / f * (1.0 - sine2 + across))
