"""Where the sites of a rigid body come by its motions: torsions first, then a turn about the origin, then a shift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.refine.rigid_body.rotation import rotated, rotation_matrix

__all__ = ["Turns", "moved_places"]

Array = NDArray[np.float64]
Turns = tuple[tuple[int, int, tuple[int, ...]], ...]  # of each torsion: ends of the bond, and what it moves


def moved_places(shape: Array, turns: Turns, motions: Array, axes: Array) -> tuple[Array, Array, Array]:
    """Return fractional places (n, 3), derivatives (6 + t, n, 3) by all motions, and Cartesian positions (n, 3)."""
    degree = np.pi / 180.0
    points = shape.copy()
    for (first, second, moved), angle in zip(turns, motions[6:], strict=True):
        axis = points[second] - points[first]
        matrix = rotation_matrix(axis / np.linalg.norm(axis) * angle * degree)
        points[list(moved)] = points[first] + (points[list(moved)] - points[first]) @ matrix.T
    slopes = np.zeros((len(motions), len(points), 3))
    turned, by_vector = rotated(points, motions[3:6] * degree)
    slopes[3:6] = by_vector * degree
    for i, (first, second, moved) in enumerate(turns):
        axis = turned[second] - turned[first]
        slopes[6 + i, list(moved)] = degree * np.cross(axis / np.linalg.norm(axis), turned[list(moved)] - turned[first])
    back = np.linalg.inv(axes)
    slopes = slopes @ back
    slopes[:3] = np.eye(3)[:, None]
    return motions[:3] + turned @ back, slopes, turned
