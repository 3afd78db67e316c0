"""Orbits: the images of a site under a space group, special positions recognised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

__all__ = ["CellContent", "Orbit", "cell_content", "nearest_images", "orbit_of"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

IN_PLACE = 1e-4  # Å, within which an image of a position moved onto its special position is that position
SAME = 1e-6  # fraction of the cell edge, within which two images coincide


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


@dataclass(frozen=True, slots=True)
class CellContent:
    """What a list of sites (s) puts into the cell.

    Parameters
    ----------
    xyz
        The positions (s, 3), moved onto their special positions.
    multiplicities
        Number of images (s,) of each site.
    images
        All positions in the cell (n, 3), site after site.
    operations
        For each of them (n,) the index of an operation that makes it.
    stabilizers
        Whether an operation of the group leaves a site in place (s, order).
    """

    xyz: Array
    multiplicities: Indices
    images: Array
    operations: Indices
    stabilizers: NDArray[np.bool_]

    @property
    def owners(self) -> Indices:
        """Index of the site (n,) of every position."""
        return np.repeat(np.arange(len(self.multiplicities)), self.multiplicities)

    def orbit(self, site: int) -> Orbit:
        """Return the orbit of one site."""
        start = int(self.multiplicities[:site].sum())
        part = slice(start, start + int(self.multiplicities[site]))
        stabilizer = np.flatnonzero(self.stabilizers[site])
        return Orbit(self.xyz[site], self.images[part], self.operations[part], stabilizer)


@njit(cache=True)
def _settle(
    metric: Array,
    rotations: Indices,
    translations: Array,
    start: Array,
    tolerance: float,
    position: Array,
    in_place: NDArray[np.bool_],
) -> int:
    """Fill the position (3,) moved onto its special position, mark the operations that leave it there, count them."""
    n = rotations.shape[0]
    difference, squared = np.empty((n, 3)), np.empty(n)
    count = 0
    while tolerance > 1e-7:
        for j in range(3):
            position[j] = start[j]
        for step in range(4):  # three moves to the mean of the images within the tolerance, and a last look
            near = 0
            shift_x, shift_y, shift_z = 0.0, 0.0, 0.0
            for i in range(n):
                squared[i] = 0.0
                for j in range(3):
                    image = translations[i, j] - position[j]
                    for k in range(3):
                        image += rotations[i, j, k] * position[k]
                    difference[i, j] = image - np.floor(image + 0.5)
                for j in range(3):
                    for k in range(3):
                        squared[i] += difference[i, j] * metric[j, k] * difference[i, k]
                if squared[i] < tolerance * tolerance:
                    near += 1
                    shift_x += difference[i, 0]
                    shift_y += difference[i, 1]
                    shift_z += difference[i, 2]
            if near < 2 or step == 3:
                break
            position[0] += shift_x / near
            position[1] += shift_y / near
            position[2] += shift_z / near
        limit = min(IN_PLACE, tolerance)
        count, doubtful = 0, False
        for i in range(n):
            in_place[i] = squared[i] < limit * limit
            if in_place[i]:
                count += 1
            elif squared[i] < tolerance * tolerance:
                doubtful = True
        if count > 0 and n % count == 0 and not doubtful:
            break
        tolerance /= 2.0
    return count


@njit(cache=True)
def _fill_cell(
    metric: Array,
    rotations: Indices,
    translations: Array,
    xyz: Array,
    tolerance: float,
    settled: Array,
    multiplicities: Indices,
    images: Array,
    operations: Indices,
    stabilizers: NDArray[np.bool_],
) -> int:
    """Fill the fields of ``CellContent`` and return the number of positions in the cell."""
    n = rotations.shape[0]
    end = 0
    for s in range(xyz.shape[0]):
        fixed = _settle(metric, rotations, translations, xyz[s], tolerance, settled[s], stabilizers[s])
        start = end
        for i in range(n):
            for j in range(3):
                value = translations[i, j]
                for k in range(3):
                    value += rotations[i, j, k] * settled[s, k]
                value -= np.floor(value)
                images[end, j] = 0.0 if value > 1.0 - 1e-9 else value
            known = False
            if fixed > 1:
                for other in range(start, end):
                    known = True
                    for j in range(3):
                        gap = images[other, j] - images[end, j]
                        known = known and abs(gap - np.floor(gap + 0.5)) < SAME
                    if known:
                        break
            if not known:
                operations[end] = i
                end += 1
        multiplicities[s] = end - start
    return end


def cell_content(
    metric: Array, rotations: Indices, translations: Array, xyz: ArrayLike, tolerance: float = 0.1
) -> CellContent:
    """Return the content of the cell; images closer than ``tolerance`` count as one.

    Parameters
    ----------
    metric
        Direct metric tensor (3, 3), Å².
    rotations, translations
        Operations (n, 3, 3) and (n, 3) of the group, centring included.
    xyz
        Fractional positions (s, 3).
    tolerance
        Distance in Å under which an image is the position itself. It is halved, site by site, until the
        operations that leave the position in place form a subgroup.
    """
    points = np.ascontiguousarray(xyz, dtype=np.float64).reshape(-1, 3)
    n_sites, order = len(points), len(rotations)
    settled, multiplicities = np.empty((n_sites, 3)), np.empty(n_sites, np.int64)
    images, operations = np.empty((n_sites * order, 3)), np.empty(n_sites * order, np.int64)
    stabilizers = np.zeros((n_sites, order), np.bool_)
    n = _fill_cell(
        metric, rotations, translations, points, tolerance, settled, multiplicities, images, operations, stabilizers
    )
    return CellContent(settled, multiplicities, images[:n], operations[:n], stabilizers)


def orbit_of(metric: Array, rotations: Indices, translations: Array, xyz: ArrayLike, tolerance: float = 0.1) -> Orbit:
    """Return the orbit of one fractional position (3,): see ``cell_content``."""
    return cell_content(metric, rotations, translations, xyz, tolerance).orbit(0)
