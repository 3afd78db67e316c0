"""Absorption factors of flat plates, with their derivatives by the optical thickness.

``mu_t`` is the linear attenuation coefficient times the thickness, packing included (``attenuation.py``).
Equations: International Tables C, 6.3.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError

__all__ = ["plate_reflection", "plate_transmission"]

Array = NDArray[np.float64]


def _checked(mu_t: float, two_theta: ArrayLike) -> Array:
    """Return 2θ (n,) in radian, refusing a negative optical thickness."""
    if not mu_t >= 0.0:
        raise PhysicsError(f"the optical thickness of a sample is {mu_t:g}; give a product μt of 0 or more")
    return np.asarray(np.radians(np.asarray(two_theta, dtype=float)))


def plate_reflection(mu_t: float, two_theta: ArrayLike, incidence: float | None = None) -> tuple[Array, Array]:
    """Return the absorption factor (n,) of a plate in reflection, and its derivative (n,) by ``mu_t``.

    A = 2/(1 + sin α/sin β) · {1 − exp[−μt (1/sin α + 1/sin β)]}, α the angle of incidence and β = 2θ − α that of exit,
    relative to the infinitely thick plate in symmetric reflection (α = β = θ), whose constant 1/(2μ) a scale factor
    takes up. A thick plate (``mu_t`` infinite) has no derivative: 0.

    Parameters
    ----------
    mu_t
        μt, dimensionless; ``float("inf")`` for an infinitely thick sample.
    two_theta
        Degrees, (n,).
    incidence
        Fixed angle α between beam and surface, degrees; ``None`` for symmetric reflection (Bragg-Brentano).

    Raises
    ------
    PhysicsError
        When μt is negative, or a reflection would leave through the back (2θ ≤ α).

    Examples
    --------
    >>> [float(a.round(3)) for a in plate_reflection(0.5, [30.0, 90.0])[0]]
    [0.979, 0.757]
    """
    tt = _checked(mu_t, two_theta)
    if mu_t == 0.0:
        raise PhysicsError("a plate of optical thickness μt = 0 reflects nothing; give a positive μt")
    alpha = tt / 2.0 if incidence is None else np.full_like(tt, np.radians(incidence))
    beta = tt - alpha
    if (np.minimum(np.sin(alpha), np.sin(beta)) <= 0.0).any():
        raise PhysicsError(
            f"a plate under {incidence or 0.0:g} deg reflects nothing at 2θ = {np.degrees(tt.min()):g} deg; "
            "give angles 2θ above that of incidence and below 180 deg more than it"
        )
    path = 1.0 / np.sin(alpha) + 1.0 / np.sin(beta)
    share = 2.0 * np.sin(beta) / (np.sin(alpha) + np.sin(beta))
    if np.isinf(mu_t):
        return share, np.zeros_like(share)
    return np.asarray(-share * np.expm1(-mu_t * path)), np.asarray(share * path * np.exp(-mu_t * path))


def plate_transmission(mu_t: float, two_theta: ArrayLike, incidence: float | None = None) -> tuple[Array, Array]:
    """Return the absorption factor (n,) of a plate in transmission, and its derivative (n,) by ``mu_t``.

    A = [exp(−μt/cos φ) − exp(−μt/cos ψ)] / [μt cos φ (1/cos ψ − 1/cos φ)] with φ between beam and normal, ψ = 2θ − φ;
    in symmetric transmission (φ = ψ = θ) A = exp(−μt/cos θ)/cos θ. Relative to a thin plate across the beam: the
    1/cos φ of the illuminated volume is in it.

    Parameters
    ----------
    mu_t
        μt, dimensionless.
    two_theta
        Degrees, (n,).
    incidence
        Fixed angle φ between beam and the plate's normal, degrees (0: plate across the beam); ``None`` for a plate
        that turns with θ.

    Raises
    ------
    PhysicsError
        When μt is negative, or a reflection would leave along the plate or backwards (2θ − φ ≥ 90°).

    Examples
    --------
    >>> [float(a.round(3)) for a in plate_transmission(1.0, [0.0, 60.0])[0]]
    [0.368, 0.364]
    """
    tt = _checked(mu_t, two_theta)
    phi = tt / 2.0 if incidence is None else np.full_like(tt, np.radians(incidence))
    entry, leaving = np.cos(phi), np.cos(tt - phi)
    if (np.minimum(entry, leaving) <= 1e-9).any():
        raise PhysicsError(
            f"a plate {incidence or 0.0:g} deg off the beam transmits nothing at 2θ = {np.degrees(tt.max()):g} deg; "
            "give angles less than 90 deg from the plate's normal"
        )
    step = 1.0 / leaving - 1.0 / entry
    mean, slope = _mean_exponential(mu_t * step)
    front = np.exp(-mu_t / entry) / entry
    return np.asarray(front * mean), np.asarray(front * (slope * step - mean / entry))


def _mean_exponential(x: Array) -> tuple[Array, Array]:
    """Return g = [1 − exp(−x)]/x and dg/dx, by their series near 0."""
    small = np.abs(x) < 1e-3
    safe = np.where(small, 1.0, x)
    g = np.where(small, 1.0 - x / 2.0 + x * x / 6.0 - x**3 / 24.0, -np.expm1(-safe) / safe)
    slope = np.where(small, -0.5 + x / 3.0 - x * x / 8.0 + x**3 / 30.0, (np.exp(-safe) - g) / safe)
    return g, slope
