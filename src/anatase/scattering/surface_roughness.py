"""Surface roughness: what the micro-absorption of a rough plate takes from reflections at low angles.

Both factors are 1 at 2θ = 180° and multiply the intensities of a plate in reflection.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError

__all__ = ["pitschke_roughness", "suortti_roughness"]

Array = NDArray[np.float64]


def _sine(two_theta: ArrayLike) -> Array:
    return np.asarray(np.sin(np.radians(np.asarray(two_theta, dtype=float)) / 2.0))


def suortti_roughness(two_theta: ArrayLike, p: float, q: float) -> tuple[Array, Array, Array]:
    """Return the factor (n,) at two_theta (n,) in degrees and its derivatives (n,) by p and by q.

    S = [p + (1 − p) exp(−q/sin θ)] / [p + (1 − p) exp(−q)] (Suortti (1972) J. Appl. Cryst. 5, 325).

    Raises
    ------
    PhysicsError
        When p is not above 0 and at most 1, or q is negative.

    Examples
    --------
    >>> float(suortti_roughness([20.0], 0.3, 0.5)[0][0].round(3))
    0.468
    """
    if not 0.0 < p <= 1.0 or not q >= 0.0:
        raise PhysicsError(
            f"surface roughness with p = {p:g}, q = {q:g}; give p above 0, at most 1, and q of 0 or more"
        )
    sine = _sine(two_theta)
    here, normal = np.exp(-q / sine), np.exp(-q)
    below = p + (1.0 - p) * normal
    factor = (p + (1.0 - p) * here) / below
    by_p = ((1.0 - here) - factor * (1.0 - normal)) / below
    by_q = (1.0 - p) * (factor * normal - here / sine) / below
    return factor, by_p, by_q


def pitschke_roughness(two_theta: ArrayLike, p: float, q: float) -> tuple[Array, Array, Array]:
    """Return the factor (n,) at two_theta (n,) in degrees and its derivatives (n,) by p and by q.

    S = [1 − p (1/sin θ − q/sin²θ)] / [1 − p (1 − q)] (Pitschke, Hermann & Mattern (1993) Powder Diffr. 8, 74).

    Raises
    ------
    PhysicsError
        When the factor is not positive at some angle.

    Examples
    --------
    >>> float(pitschke_roughness([20.0], 0.1, 0.05)[0][0].round(3))
    0.652
    """
    inverse = 1.0 / _sine(two_theta)
    above, below = 1.0 - p * (inverse - q * inverse**2), 1.0 - p * (1.0 - q)
    if not below > 0.0 or not (above > 0.0).all():
        raise PhysicsError(
            f"surface roughness with p = {p:g}, q = {q:g} leaves no intensity at some angle; "
            "give a smaller p or leave out the lowest angles"
        )
    factor = above / below
    by_p = (-inverse + q * inverse**2 + factor * (1.0 - q)) / below
    by_q = p * (inverse**2 - factor) / below
    return factor, by_p, by_q
