"""The spectrum of neutrons that a moderator sends, as GSAS describes it by coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError

__all__ = ["SpectrumKind", "incident_spectrum"]

Array = NDArray[np.float64]
SpectrumKind = Literal["flat", "exponential", "maxwellian"]


def incident_spectrum(time_of_flight: ArrayLike, kind: SpectrumKind, coefficients: Sequence[float] = ()) -> Array:
    """Return the incident intensity (n,) at times of flight (n,) in µs.

    With T in milliseconds (Larson & Von Dreele, GSAS manual, incident spectrum functions 1 and 2):
    ``exponential`` is P1 + P2 exp(−P3 T) + P4 exp(−P5 T²) + P6 exp(−P7 T³) …; in ``maxwellian`` the second term is
    P2 exp(−P3/T²)/T⁵, a Maxwellian in wavelength, above the exponentials of epithermal neutrons.

    Raises
    ------
    InputError
        When a term lacks its second coefficient.
    PhysicsError
        For times that are not positive, or an intensity that is not.

    Examples
    --------
    >>> incident_spectrum([1000.0], "exponential", (1.0, 2.0, 0.5)).round(4).tolist()
    [2.2131]
    """
    t = np.asarray(time_of_flight, dtype=float) / 1000.0
    if t.size and t.min() <= 0.0:
        raise PhysicsError(f"no neutron flies for {1000.0 * t.min():g} µs; give positive times of flight")
    if kind == "flat":
        return np.ones_like(t)
    if len(coefficients) % 2 == 0:
        raise InputError(f"{len(coefficients)} coefficients of a spectrum", "give a constant and pairs after it")
    total = np.full(t.shape, float(coefficients[0]))
    pairs = np.reshape(np.asarray(coefficients[1:], dtype=float), (-1, 2))
    for power, (height, rate) in enumerate(pairs, start=1):
        if kind == "maxwellian" and power == 1:
            total += height * np.exp(-rate / t**2) / t**5
        else:
            total += height * np.exp(-rate * t**power)
    if total.size and total.min() <= 0.0:
        at = 1000.0 * t.flat[int(total.argmin())]
        raise PhysicsError(
            f"the incident spectrum is {total.min():.3g} at {at:g} µs; it holds for other times of flight"
        )
    return total
