"""The symmetry-unique reflections of a cell: one of each Laue orbit, systematic absences left out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.independent_operations import independent_operations
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import PhysicsError

__all__ = ["by_spacing", "descending_d", "unique_hkl", "unique_rows"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MAX_LATTICE_POINTS = 4_000_000
TIE = 1e-11  # relative difference of 1/d² that rounding may make


@lru_cache(maxsize=1024)
def _region(space_group: SpaceGroup) -> tuple[Indices, Indices, Array, Array, Array]:
    """Return what ``_enumerate`` takes of a space group, from ``region`` to ``twice_centre``.

    The region is rows c (m, 3) with c·hkl ≥ 0 for the first reflection of every orbit. The first is
    the lexicographic maximum: h ≥ h' for every equivalent (h', k', l'); where h' is h whatever hkl, k ≥ k'; where k' is
    k too, l ≥ l'.
    """
    operations = independent_operations(space_group)
    rows = {(1, 0, 0)}
    for rotation in (*operations.rotations, *(-operations.rotations)):
        for row in np.eye(3, dtype=np.int64) - rotation.T:
            if row.any():
                rows.add(tuple(row.tolist()))
                break
    twice_centre = 2.0 * operations.centre[None, :] if operations.centrosymmetric else np.empty((0, 3))
    region, centring = np.array(sorted(rows), dtype=np.int64), operations.centring[1:].copy()
    return region, operations.rotations, operations.translations, centring, twice_centre


@njit(cache=True, nogil=True)
def _powder_multiplicity(h: int, k: int, l: int, rotations: Indices, translations: Array, twice_centre: Array) -> int:
    """Return how many reflections share the line, or 0 where hkl is absent or not the first of its orbit.

    The first of an orbit is its lexicographic maximum. ``twice_centre`` is (1, 3), or (0, 3) without a centre.
    """
    same, opposite = 0, 0
    for i in range(rotations.shape[0]):
        hi = h * rotations[i, 0, 0] + k * rotations[i, 1, 0] + l * rotations[i, 2, 0]
        ki = h * rotations[i, 0, 1] + k * rotations[i, 1, 1] + l * rotations[i, 2, 1]
        li = h * rotations[i, 0, 2] + k * rotations[i, 1, 2] + l * rotations[i, 2, 2]
        turned = hi < 0 or (hi == 0 and (ki < 0 or (ki == 0 and li < 0)))
        if turned:
            hi, ki, li = -hi, -ki, -li
        if hi > h or (hi == h and (ki > k or (ki == k and li > l))):
            return 0
        if hi == h and ki == k and li == l:
            phase = h * translations[i, 0] + k * translations[i, 1] + l * translations[i, 2]
            if not turned:
                same += 1
            else:
                opposite += 1
                if twice_centre.shape[0] == 0:
                    continue
                phase -= h * twice_centre[0, 0] + k * twice_centre[0, 1] + l * twice_centre[0, 2]
            if abs(phase - np.floor(phase + 0.5)) > 1e-4:
                return 0
    orbit: int = 2 * rotations.shape[0] // (same + opposite)
    return orbit


@njit(cache=True, nogil=True)
def _bound(fixed: int, slope: int, low: int, high: int) -> tuple[int, int]:
    """Return the part of the integers low … high where fixed + slope·i is not negative."""
    if slope > 0:
        low = max(low, -(fixed // slope))
    elif slope < 0:
        high = min(high, fixed // -slope)
    return low, high


@njit(cache=True, nogil=True)
def _enumerate(
    g_star: Array,
    s_min: float,
    s_max: float,
    reach: tuple[int, int],
    region: Indices,
    rotations: Indices,
    translations: Array,
    centring: Array,
    twice_centre: Array,
    hkl: Indices,
    multiplicity: Indices,
    inverse_d2: Array,
) -> int:
    """Fill hkl (n, 3), multiplicity (n,) and 1/d² (n,) in the order of h, k, l as far as they reach; return n."""
    n, g33 = 0, g_star[2, 2]
    for h in range(reach[0] + 1):
        first, last = -reach[1], reach[1]
        for row in range(region.shape[0]):
            if region[row, 2] == 0:
                first, last = _bound(h * region[row, 0], region[row, 1], first, last)
        for k in range(first, last + 1):
            half = h * g_star[0, 2] + k * g_star[1, 2]
            plane = h * h * g_star[0, 0] + k * k * g_star[1, 1] + 2 * h * k * g_star[0, 1]
            discriminant = half * half - g33 * (plane - s_max)
            if discriminant < 0.0:
                continue
            root = np.sqrt(discriminant)
            low, high = int(np.ceil((-half - root) / g33 - 1e-9)), int(np.floor((-half + root) / g33 + 1e-9))
            for row in range(region.shape[0]):
                low, high = _bound(h * region[row, 0] + k * region[row, 1], region[row, 2], low, high)
            for l in range(1 if h == 0 and k == 0 else low, high + 1):
                s = plane + 2 * half * l + l * l * g33
                if s < s_min or s > s_max:
                    continue
                centred = True
                for i in range(centring.shape[0]):
                    phase = h * centring[i, 0] + k * centring[i, 1] + l * centring[i, 2]
                    centred = centred and abs(phase - np.floor(phase + 0.5)) < 1e-4
                count = _powder_multiplicity(h, k, l, rotations, translations, twice_centre) if centred else 0
                if count == 0:
                    continue
                if n < multiplicity.size:
                    hkl[n, 0], hkl[n, 1], hkl[n, 2] = h, k, l
                    multiplicity[n], inverse_d2[n] = count, s
                n += 1
    return n


def unique_rows(
    lattice: Lattice, space_group: SpaceGroup, d_min: float, d_max: float = np.inf
) -> tuple[Indices, Indices, Array]:
    """Return hkl (n, 3), powder multiplicity (n,) and 1/d² (n,) in Å⁻² of the unique reflections, by h, k, l.

    Raises
    ------
    PhysicsError
        When d_min is not positive or the sphere of radius 1/d_min holds more than four million lattice points.
    """
    if not d_min > 0.0:
        raise PhysicsError(f"d_min is {d_min:g} Å; it must be positive")
    points = 4.0 / 3.0 * np.pi * lattice.volume / d_min**3
    if points > MAX_LATTICE_POINTS:
        raise PhysicsError(
            f"{points:.2g} reflections beyond d = {d_min:g} Å in a cell of {lattice.volume:.0f} Å³; "
            "raise d_min (end at lower 2θ, or begin at a later time of flight) until there are fewer than "
            f"{MAX_LATTICE_POINTS:.2g}"
        )
    symmetry = _region(space_group)
    room = int(0.6 * points / (len(symmetry[1]) * (len(symmetry[3]) + 1))) + 200
    while True:
        hkl, multiplicity, inverse_d2 = np.empty((room, 3), np.int64), np.empty(room, np.int64), np.empty(room)
        n = _enumerate(
            lattice.reciprocal_metric,
            (1.0 - 1e-12) / d_max**2,
            (1.0 + 1e-12) / d_min**2,
            (int(lattice.a / d_min + 1e-9), int(lattice.b / d_min + 1e-9)),
            *symmetry,
            hkl,
            multiplicity,
            inverse_d2,
        )
        if n <= room:
            return hkl[:n], multiplicity[:n], inverse_d2[:n]
        room = n  # the faces of the region hold more than the estimate


@njit(cache=True, nogil=True)
def by_spacing(inverse_d2: Array) -> Indices:
    """Return the order (n,) of rising 1/d²; reflections that coincide to 1e-11 stay in theirs, whatever the rounding.

    They are dealt into n bins of equal volume of reciprocal space, which leaves little to sort.
    """
    n = inverse_d2.size
    order, bins, ends = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    if n == 0:
        return order
    largest = 0.0
    for i in range(n):
        largest = max(largest, inverse_d2[i])
    scale = (n - 1) / (largest * np.sqrt(largest))
    for i in range(n):
        bins[i] = int(scale * inverse_d2[i] * np.sqrt(inverse_d2[i]))
        ends[bins[i] + 1] += 1
    for i in range(n):
        ends[i + 1] += ends[i]
    for i in range(n):
        order[ends[bins[i]]] = i
        ends[bins[i]] += 1
    for place in range(1, n):
        i, before = order[place], place - 1
        while before >= 0:
            other = order[before]
            gap = inverse_d2[other] - inverse_d2[i]
            same = abs(gap) <= TIE * inverse_d2[i]
            if (same and other < i) or (not same and gap < 0.0):
                break
            order[before + 1] = other
            before -= 1
        order[before + 1] = i
    return order


def descending_d(inverse_d2: Array, order: Indices) -> Array:
    """Return d (n,) in Å in an order of ``by_spacing``, levelled where coinciding reflections differ by rounding."""
    return np.minimum.accumulate(1.0 / np.sqrt(inverse_d2[order]))


def unique_hkl(
    lattice: Lattice, space_group: SpaceGroup, d_min: float, d_max: float = np.inf
) -> tuple[Indices, Indices, Array]:
    """Return hkl (n, 3), powder multiplicity (n,) and d (n,) in Å of the unique reflections, in descending d.

    Equivalents under the Laue group are merged and systematic absences left out. Lines that coincide but are not
    equivalent (333 and 511) stay apart, in the order of their indices. Raises as ``unique_rows`` does.
    """
    hkl, multiplicity, inverse_d2 = unique_rows(lattice, space_group, d_min, d_max)
    order = by_spacing(inverse_d2)
    return hkl.take(order, axis=0), multiplicity[order], descending_d(inverse_d2, order)
