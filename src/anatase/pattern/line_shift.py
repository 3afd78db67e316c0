"""How far powder lines lie from where Bragg's law puts them: zero error, sample displacement, transparency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError

__all__ = [
    "LineShift",
    "capillary_displacement",
    "plate_displacement",
    "transmission_displacement",
    "transparency",
    "zero_error",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LineShift:
    """A shift of m lines: ``value`` (m,) in degrees 2θ, ``by_two_theta`` (m,), and ``by_parameter`` (k, m)."""

    value: Array
    by_two_theta: Array
    by_parameter: Array


def zero_error(two_theta: Array, zero: float) -> LineShift:
    """Return the constant shift of lines at 2θ (m,) that a zero error (°) gives: observed = true + zero."""
    return LineShift(np.full_like(two_theta, zero), np.zeros_like(two_theta), np.ones((1, two_theta.size)))


def _check(radius: float) -> None:
    if not radius > 0.0:
        raise PhysicsError(f"goniometer radius is {radius:g} mm; it must be positive")


def plate_displacement(
    two_theta: Array, displacement: float, radius: float, incidence: float | None = None
) -> LineShift:
    """Return −2 s cos θ/R (in degrees) for a plate in Bragg–Brentano geometry, s and R in mm.

    Wilson (1963), Mathematical Theory of X-ray Powder Diffractometry; Klug & Alexander (1974), ch. 5: s is positive
    where the surface lies too deep, behind the axis, and lines then move to lower angles. Under a fixed angle of
    incidence α (degrees) the beam meets the surface s/sin α farther on, and the shift is −s sin 2θ/(R sin α).

    Examples
    --------
    >>> plate_displacement(np.array([0.0, 90.0]), 0.1, 200.0).value.round(4).tolist()
    [-0.0573, -0.0405]
    """
    _check(radius)
    if incidence is not None:
        tt, unit_rad = np.radians(two_theta), -1.0 / (radius * np.sin(np.radians(incidence)))
        rows = np.degrees(unit_rad * np.sin(tt))[None]
        return LineShift(displacement * rows[0], displacement * unit_rad * np.cos(tt), rows)
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(-2.0 * np.cos(half) / radius)
    return LineShift(displacement * unit, displacement * np.sin(half) / radius, unit[None])


def transmission_displacement(two_theta: Array, displacement: float, radius: float) -> LineShift:
    """Return −2 s sin θ/R (in degrees) for a plate in symmetric transmission, s along its normal, downstream.

    The beam meets the plate s/cos θ farther on: the shift of a capillary displaced by that along the beam.

    Examples
    --------
    >>> transmission_displacement(np.array([0.0, 60.0]), 0.1, 200.0).value.round(4).tolist()
    [-0.0, -0.0286]
    """
    _check(radius)
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(-2.0 * np.sin(half) / radius)
    return LineShift(displacement * unit, -displacement * np.cos(half) / radius, unit[None])


def capillary_displacement(two_theta: Array, along: float, across: float, radius: float) -> LineShift:
    """Return the shift (°) of a sample off the centre of a circular detector (Debye–Scherrer), lengths in mm.

    Δ2θ = (v cos 2θ − u sin 2θ)/R with u along the beam (downstream positive) and v across it, towards positive 2θ.
    To first order in u/R and v/R.
    """
    _check(radius)
    tt = np.radians(two_theta)
    sine, cosine = np.sin(tt), np.cos(tt)
    rows = np.degrees(np.array([-sine, cosine]) / radius)
    return LineShift(along * rows[0] + across * rows[1], (-across * sine - along * cosine) / radius, rows)


def transparency(two_theta: Array, penetration: float, radius: float, incidence: float | None = None) -> LineShift:
    """Return −sin 2θ/(2 μ R) (in degrees) for a thick transparent plate; penetration 1/μ and radius R in mm.

    Wilson (1963); Klug & Alexander (1974), ch. 5. The mean of the exponential depth profile; its width is not in it.
    Under a fixed angle of incidence α (degrees) the mean depth is 1/[μ (1/sin α + 1/sin β)], β = 2θ − α, and the shift
    that of a surface so much too deep.
    """
    _check(radius)
    tt = np.radians(two_theta)
    if incidence is not None:
        alpha = np.radians(incidence)
        entry, leaving = np.sin(alpha), np.sin(tt - alpha)
        share = leaving / (entry + leaving)
        slope = np.cos(tt) * share + np.sin(tt) * entry * np.cos(tt - alpha) / (entry + leaving) ** 2
        rows = np.degrees(-np.sin(tt) * share / radius)[None]
        return LineShift(penetration * rows[0], -penetration / radius * slope, rows)
    unit = np.degrees(-np.sin(tt) / (2.0 * radius))
    return LineShift(penetration * unit, -penetration * np.cos(tt) / (2.0 * radius), unit[None])
