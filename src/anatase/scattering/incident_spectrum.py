"""The spectrum of neutrons that a moderator sends, as GSAS describes it by coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError

__all__ = ["SpectrumKind", "incident_spectrum"]

Array = NDArray[np.float64]
SpectrumKind = Literal["flat", "exponential", "maxwellian", "chebyshev", "maxwellian_chebyshev"]


def incident_spectrum(time_of_flight: ArrayLike, kind: SpectrumKind, coefficients: Sequence[float] = ()) -> Array:
    """Return the incident intensity (n,) at times of flight (n,) in µs.

    With T in milliseconds (Larson & Von Dreele, LAUR 86-748, incident spectrum functions 1 to 4):
    ``exponential`` is P1 + P2 exp(−P3 T) + P4 exp(−P5 T²) + P6 exp(−P7 T³) …; in ``maxwellian`` the second term is
    P2 exp(−P3/T²)/T⁵, a Maxwellian in wavelength, above the exponentials of epithermal neutrons. ``chebyshev`` is
    Σ P_j T_{j−1}(x), polynomials of the first kind in x = 2/T − 1, from T = 1 on; ``maxwellian_chebyshev`` is
    P1 + P2 exp(−P3/T²)/T⁵ + Σ P_j T_{j−3}(x) over j ≥ 4.

    Raises
    ------
    InputError
        When a term lacks its second coefficient, or a Maxwellian one of its three.
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
    values = np.asarray(coefficients, dtype=float)
    total = _polynomials(t, kind, values) if "chebyshev" in kind else _exponentials(t, kind, values)
    if total.size and total.min() <= 0.0:
        at = 1000.0 * t.flat[int(total.argmin())]
        raise PhysicsError(
            f"the incident spectrum is {total.min():.3g} at {at:g} µs; it holds for other times of flight"
        )
    return total


def _exponentials(t: Array, kind: SpectrumKind, values: Array) -> Array:
    if values.size % 2 == 0:
        raise InputError(f"{values.size} coefficients of a spectrum", "give a constant and pairs after it")
    total = np.full(t.shape, values[0])
    for power, (height, rate) in enumerate(values[1:].reshape(-1, 2), start=1):
        maxwellian = kind == "maxwellian" and power == 1
        total += _maxwellian(t, height, rate) if maxwellian else height * np.exp(-rate * t**power)
    return total


def _polynomials(t: Array, kind: SpectrumKind, values: Array) -> Array:
    x = 2.0 / t - 1.0
    if kind == "chebyshev":
        return np.asarray(np.polynomial.chebyshev.chebval(x, values if values.size else [0.0]))
    if values.size < 3:
        raise InputError(f"{values.size} coefficients of a spectrum", "give a constant, and two of the Maxwellian")
    series = np.array([values[0], *values[3:]])  # the constant is that of the polynomial
    return np.asarray(np.polynomial.chebyshev.chebval(x, series)) + _maxwellian(t, values[1], values[2])


def _maxwellian(t: Array, height: float, rate: float) -> Array:
    return np.asarray(height * np.exp(-rate / t**2) / t**5)
