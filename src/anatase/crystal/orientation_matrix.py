"""Orientations of a single crystal: the matrices B and UB, rotations."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.lattice import Lattice
from anatase.errors import PhysicsError

__all__ = ["b_matrix", "orientation_from_two", "random_orientation", "rotation_about"]

Array = NDArray[np.float64]


def b_matrix(lattice: Lattice) -> Array:
    """Return B (3, 3), Å⁻¹: B h is the reciprocal vector of hkl, a* along x and b* in the xy plane.

    Busing & Levy (1967) Acta Cryst. 22, 457, equation 3, without the factor 2π; BᵀB = G*.

    Examples
    --------
    >>> b_matrix(Lattice(4.0, 5.0, 8.0)).diagonal().tolist()
    [0.25, 0.2, 0.125]
    """
    return np.asarray(np.linalg.cholesky(lattice.reciprocal_metric).T, dtype=np.float64)


def rotation_about(axis: ArrayLike, angle: float) -> Array:
    """Return the rotation (3, 3) by an angle (degrees), right-handed about an axis (3,), after Rodrigues."""
    n = _unit(np.asarray(axis, dtype=float), "a rotation axis")
    cross = np.array([[0.0, -n[2], n[1]], [n[2], 0.0, -n[0]], [-n[1], n[0], 0.0]])
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    return np.asarray(np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross), dtype=np.float64)


def orientation_from_two(first: ArrayLike, second: ArrayLike, first_to: ArrayLike, second_to: ArrayLike) -> Array:
    """Return the rotation U (3, 3) that turns one vector onto a direction and a second one into a half-plane.

    Busing & Levy (1967), equations 23 to 27: triads t₁ = first, t₃ = first × second, t₂ = t₃ × t₁ of both
    pairs; U = T_to Tᵀ. With ``first = B h₁`` it orients a crystal by two reflections.

    Raises
    ------
    PhysicsError
        When two vectors of a pair are parallel.
    """
    return np.asarray(_triad(first_to, second_to) @ _triad(first, second).T, dtype=np.float64)


def random_orientation(rng: np.random.Generator) -> Array:
    """Return a rotation (3, 3), all orientations equally likely (Shoemake, 1992, Graphics Gems III, 124)."""
    w, x, y, z = _unit(rng.standard_normal(4), "a quaternion")
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def _triad(first: ArrayLike, second: ArrayLike) -> Array:
    """Return the orthonormal columns t₁, t₂, t₃ (3, 3) of two vectors."""
    one = _unit(np.asarray(first, dtype=float), "an oriented vector")
    two = _unit(np.asarray(second, dtype=float), "an oriented vector")
    normal = np.cross(one, two)
    if np.linalg.norm(normal) < 1e-9:
        raise PhysicsError(f"the vectors {np.round(one, 4)} and {np.round(two, 4)} are parallel; give two directions")
    normal = normal / np.linalg.norm(normal)
    return np.stack([one, np.cross(normal, one), normal], axis=1)


def _unit(vector: Array, what: str) -> Array:
    length = float(np.linalg.norm(vector))
    if not (np.isfinite(length) and length > 0.0):
        raise PhysicsError(f"{what} cannot be {vector}; give finite numbers, not all zero")
    return np.asarray(vector / length)
