"""What makes intensities of electrons comparable to those of X-rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.scattering.electron_form_factors import electron_f
from anatase.scattering.form_factors import gaussian_sum

__all__ = ["xray_over_electron"]

TYPICAL_ATOM = "Fe"  # in the middle: the ratio rises less for O, Na and Zn, more for Al to Ca and the heavy atoms
REFERENCE = 0.5  # Å⁻¹, 1/d at which the ratio is 1


def xray_over_electron(inverse_d: ArrayLike) -> NDArray[np.float64]:
    """Return f_x²/f_e² (n,) of a typical atom at 1/d (n,) in Å⁻¹, over its value at d = 2 Å.

    By the Mott-Bethe formula f_e ∝ (Z − f_x)/s² the lines of most electrons' patterns fade faster with s = 1/2d than
    those of X-rays. With this factor they have about the envelope that X-rays would have, so that the X-ray intensities
    of a library find the phases, and the inner rings do not outweigh all others.

    Examples
    --------
    >>> [float(round(value, 2)) for value in xray_over_electron([0.25, 0.5, 1.0])]
    [0.53, 1.0, 1.75]
    """
    s2 = np.square(np.atleast_1d(np.asarray(inverse_d, dtype=float)) / 2.0)
    reference = np.array([(REFERENCE / 2.0) ** 2])
    return np.asarray(_ratio(s2) / _ratio(reference))


def _ratio(stol2: NDArray[np.float64]) -> NDArray[np.float64]:
    gaussians = gaussian_sum(TYPICAL_ATOM, 0, "IT92", "bonded")
    f_x = gaussians.a @ np.exp(gaussians.minus_b * stol2) + gaussians.c
    return np.asarray((f_x / electron_f(TYPICAL_ATOM, stol2)) ** 2)
