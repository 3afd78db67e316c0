"""Rotations by vectors, and the rotation that brings one set of points nearest to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cross_matrix", "rotated", "rotation_matrix", "superposition"]

Array = NDArray[np.float64]

SMALL = 1e-3  # rad, below which the series of the coefficients is taken


def cross_matrix(vector: Array) -> Array:
    """Return the matrix (3, 3) that takes x to vector × x."""
    x, y, z = vector
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def rotation_matrix(vector: Array) -> Array:
    """Return the rotation (3, 3) about a vector (3,) by its length in radians.

    R = 1 + sin φ/φ K + (1 − cos φ)/φ² K² with K x = r × x (Rodrigues 1840).

    Examples
    --------
    >>> (rotation_matrix(np.array([0.0, 0.0, np.pi / 2])) @ [1.0, 0.0, 0.0]).round(9).tolist()
    [0.0, 1.0, 0.0]
    """
    k, angle = cross_matrix(vector), float(np.linalg.norm(vector))
    if angle < SMALL:
        first, second = 1.0 - angle**2 / 6.0, 0.5 - angle**2 / 24.0
    else:
        first, second = np.sin(angle) / angle, (1.0 - np.cos(angle)) / angle**2
    return np.asarray(np.eye(3) + first * k + second * k @ k)


def rotated(points: Array, vector: Array) -> tuple[Array, Array]:
    """Return points (n, 3) turned by a rotation vector (3,) in radians, and derivatives (3, n, 3) by the vector.

    ∂(R x)/∂r = −R [x]× J with J = 1 − (1 − cos φ)/φ² K + (φ − sin φ)/φ³ K² (Chirikjian (2012) Stochastic Models,
    Information Theory, and Lie Groups 2, 10.6.1).
    """
    k, angle = cross_matrix(vector), float(np.linalg.norm(vector))
    if angle < SMALL:
        first, second = 0.5 - angle**2 / 24.0, 1.0 / 6.0 - angle**2 / 120.0
    else:
        first, second = (1.0 - np.cos(angle)) / angle**2, (angle - np.sin(angle)) / angle**3
    matrix, inner = rotation_matrix(vector), np.eye(3) - first * k + second * k @ k
    slopes = [-matrix @ cross_matrix(point) @ inner for point in points]
    return points @ matrix.T, np.array(slopes).reshape(-1, 3, 3).transpose(2, 0, 1)


def superposition(points: Array, onto: Array) -> tuple[Array, float]:
    """Return the rotation (3, 3) that takes points (n, 3) about their centre nearest to others (n, 3), and the r.m.s.

    Without reflection (Kabsch (1976) Acta Cryst. A32, 922).
    """
    first, second = points - points.mean(axis=0), onto - onto.mean(axis=0)
    u, _, v = np.linalg.svd(second.T @ first)
    sign = np.sign(np.linalg.det(u @ v))
    matrix = u @ np.diag([1.0, 1.0, sign]) @ v
    gaps = first @ matrix.T - second
    return np.asarray(matrix), float(np.sqrt((gaps**2).sum(axis=1).mean()))
