"""Distances, angles, planes and bond valences of atoms, with their derivatives by the atoms' Cartesian positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["angle", "distance", "plane_distances", "valences"]

Array = NDArray[np.float64]

LEAST_SINE = 1e-4  # of an angle: at 0 and 180° it has no derivative
LEAST_GAP = 1e-12  # Å², between the moments of a plane


def distance(points: Array) -> tuple[Array, Array]:
    """Return the distance (1,) in Å of two points (2, 3), and its derivatives (1, 2, 3).

    Examples
    --------
    >>> distance(np.array([[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]]))[0].tolist()
    [5.0]
    """
    vector = points[1] - points[0]
    length = float(np.linalg.norm(vector))
    unit = vector / length
    return np.array([length]), np.array([[-unit, unit]])


def angle(points: Array) -> tuple[Array, Array]:
    """Return the angle (1,) in degrees at the second of three points (3, 3), and its derivatives (1, 3, 3) per Å.

    Examples
    --------
    >>> angle(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]))[0].round(9).tolist()
    [90.0]
    """
    first, second = points[0] - points[1], points[2] - points[1]
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    u, v = first / lengths[0], second / lengths[1]
    cosine = float(np.clip(u @ v, -1.0, 1.0))
    across = float(np.linalg.norm(np.cross(u, v)))
    sine = max(across, LEAST_SINE)
    by_first, by_second = (cosine * u - v) / (lengths[0] * sine), (cosine * v - u) / (lengths[1] * sine)
    slopes = np.degrees(np.array([[by_first, -by_first - by_second, by_second]]))
    return np.array([np.degrees(np.arctan2(across, cosine))]), slopes


def plane_distances(points: Array) -> tuple[Array, Array]:
    """Return the distances (n,) in Å of points (n, 3) from their least-squares plane, and derivatives (n, n, 3).

    The normal n is the eigenvector of the least moment of Σ (x − c)(x − c)ᵀ (Schomaker, Waser, Marsh & Bergman (1959)
    Acta Cryst. 12, 600), and turns with the moments as dn = Σ_j v_j (v_jᵀ dS n)/(λ_0 − λ_j).
    """
    n = len(points)
    from_centre = points - points.mean(axis=0)
    moments, axes = np.linalg.eigh(from_centre.T @ from_centre)
    normal = axes[:, 0]
    out = from_centre @ normal
    along = from_centre @ axes[:, 1:]
    gaps = np.minimum(moments[0] - moments[1:], -LEAST_GAP)
    # v_jᵀ dS n by point i is (v_j·x_i) n + (n·x_i) v_j
    turn = (along[:, :, None] * normal + out[:, None, None] * axes[:, 1:].T) / gaps[:, None]
    slopes = np.einsum("pj,ijc->pic", along, turn)
    slopes += (np.eye(n) - 1.0 / n)[:, :, None] * normal
    return out, slopes


def valences(points: Array, r0: Array, softness: float) -> tuple[Array, Array]:
    """Return the bond valences (n,) of an atom, the first point, with n others (n + 1, 3), and derivatives.

    s = exp((R₀ − R)/b), R₀ (n,) in Å (Brown & Altermatt (1985) Acta Cryst. B41, 244); derivatives (n, n + 1, 3).
    """
    vectors = points[1:] - points[0]
    lengths = np.linalg.norm(vectors, axis=1)
    found = np.exp((r0 - lengths) / softness)
    by_end = -(found / (softness * lengths))[:, None] * vectors
    slopes = np.zeros((len(found), len(points), 3))
    slopes[:, 0] = -by_end
    slopes[np.arange(len(found)), np.arange(1, len(points))] = by_end
    return found, slopes
