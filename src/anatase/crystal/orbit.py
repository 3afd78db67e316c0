"""Orbits: the images of a site under a space group, special positions recognised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Orbit", "nearest_images", "orbit_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Orbit:
    """The images of one position in the cell.

    Parameters
    ----------
    xyz
        The position (3,), moved onto its special position.
    images
        Distinct images (m, 3) in 0 ≤ x < 1, ``xyz`` first; m is the multiplicity.
    operations
        For each image (m,) the index of an operation that makes it from ``xyz``.
    stabilizer
        Indices of the operations that leave ``xyz`` in place (site symmetry).
    """

    xyz: Array
    images: Array
    operations: NDArray[np.int64]
    stabilizer: NDArray[np.int64]

    @property
    def multiplicity(self) -> int:
        """Number of images in the cell."""
        return len(self.images)


def nearest_images(metric: Array, points: ArrayLike, origin: ArrayLike) -> tuple[Array, Array]:
    """Return shortest vectors (n, 3), fractional, from ``origin`` to points (n, 3), and their lengths (n,) in Å.

    The nearest lattice translation is taken per axis: exact for lengths below half the smallest interplanar
    spacing, which is all that a search for coincident atoms needs.
    """
    difference = np.asarray(points, dtype=float) - np.asarray(origin, dtype=float)
    difference -= np.round(difference)
    squared = np.einsum("ni,ij,nj->n", difference, metric, difference)
    return difference, np.sqrt(np.maximum(squared, 0.0))


def orbit_of(
    metric: Array, rotations: NDArray[np.int64], translations: Array, xyz: ArrayLike, tolerance: float = 0.1
) -> Orbit:
    """Return the orbit of a position; images closer than ``tolerance`` count as one.

    Parameters
    ----------
    metric
        Direct metric tensor (3, 3), Å².
    rotations, translations
        Operations (n, 3, 3) and (n, 3) of the group, centring included.
    xyz
        Fractional position (3,).
    tolerance
        Distance in Å under which an image is the position itself. It is halved until the operations that
        leave the position in place form a subgroup.
    """
    start = np.asarray(xyz, dtype=float)
    n = len(rotations)
    position, stabilizer = start, np.zeros(1, dtype=np.int64)
    while tolerance > 1e-7:
        position = _settled(metric, rotations, translations, start, tolerance)
        distance = nearest_images(metric, rotations @ position + translations, position)[1]
        stabilizer = np.flatnonzero(distance < min(1e-4, tolerance))
        if len(stabilizer) and n % len(stabilizer) == 0 and not np.any((distance >= 1e-4) & (distance < tolerance)):
            break
        tolerance /= 2.0
    images, chosen = _distinct(rotations @ position + translations, n // max(len(stabilizer), 1))
    return Orbit(position, images, chosen, stabilizer)


def _settled(metric: Array, rotations: NDArray[np.int64], translations: Array, xyz: Array, tolerance: float) -> Array:
    """Move a position to the mean of its images within the tolerance."""
    position = xyz
    for _ in range(3):
        difference, distance = nearest_images(metric, rotations @ position + translations, position)
        shift = difference[distance < tolerance].mean(axis=0)
        position = position + shift
        if np.abs(shift).max() < 1e-12:
            break
    return position


def _distinct(images: Array, expected: int) -> tuple[Array, NDArray[np.int64]]:
    """Return the distinct images in the cell and the operation that made each, in order of operation."""
    wrapped = images - np.floor(images)
    wrapped[wrapped > 1.0 - 1e-9] = 0.0
    first = np.arange(len(wrapped))
    # a grid of 1e-5 splits a pair that straddles a grid line; another offset of the grid then does not
    for offset in (0.37, 0.71, 0.13, 0.57):
        keys = np.floor(wrapped * 1e5 + offset).astype(np.int64) % 100_000
        flat = (keys[:, 0] * 100_000 + keys[:, 1]) * 100_000 + keys[:, 2]
        first = np.sort(np.unique(flat, return_index=True)[1])
        if len(first) == expected:
            break
    return wrapped[first], first
