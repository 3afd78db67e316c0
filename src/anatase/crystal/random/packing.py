"""Push the atoms of a random crystal apart, symmetry kept, until no two are closer than allowed."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["push_apart"]

Array = NDArray[np.float64]

SETTLING = 12  # sweeps before the cell begins to grow
GROWTH = 1.012  # of the edges, every third sweep from then on
MARGIN = 1.01  # atoms are pushed this much beyond the shortest distance, so that a chain of them settles
ALMOST = 0.985  # worst distance over shortest allowed from which scaling the cell ends the work
LONGEST_MOVE = 0.5  # Å
FAR = 1e9  # worst distance over its limit where no atoms are near each other


@numba.njit(cache=True, fastmath=True)
def push_apart(
    points: Array,
    projectors: Array,
    basis: Array,
    inverse: Array,
    rotations: Array,
    translations: Array,
    owners: NDArray[np.int64],
    contacts: Array,
    max_scale: float,
) -> tuple[float, float]:
    """Move sites apart in place; return the scale of the cell's edges and the worst distance over its limit.

    Each site moves away from every image that is too close by half of what is missing, and so do all its images.
    The sum of these moves has the symmetry of the site; it is projected onto the free directions all the same, as
    rounding grows where an atom would rather leave its special position. The cell starts as large as sites that
    cannot move need it, and grows from sweep ``SETTLING`` on. The result is legal when the second number is 1 or
    more.

    Parameters
    ----------
    points
        Fractional coordinates (s, 3) of the sites.
    projectors
        For each site the matrix (s, 3, 3) that takes a shift onto the free directions of its position.
    basis
        Row vectors (3, 3) of the cell, Å.
    inverse
        The inverse (3, 3) of ``basis``.
    rotations, translations
        Operations (m, 3, 3) and (m, 3) that make all atoms of the cell.
    owners
        The site (m,) from which each operation makes an atom.
    contacts
        Shortest distances (s, s) in Å between atoms of two sites.
    max_scale
        Largest scale of the edges.
    """
    n_sites, n_atoms = len(points), len(owners)
    density = np.empty(3)  # planes of the lattice per Å across each axis
    for c in range(3):
        density[c] = math.sqrt(inverse[0, c] ** 2 + inverse[1, c] ** 2 + inverse[2, c] ** 2)
    atoms, moves = np.empty((n_atoms, 3)), np.empty((n_sites, 3))
    scale, sweep, anyone, still = 1.0, 0, np.ones(n_sites, dtype=np.bool_), np.empty(n_sites, dtype=np.bool_)
    for i in range(n_sites):  # the trace of a projector is the number of its dimensions
        still[i] = projectors[i, 0, 0] + projectors[i, 1, 1] + projectors[i, 2, 2] < 0.5
    while True:
        for k in range(n_atoms):
            for c in range(3):
                atoms[k, c] = translations[k, c]
                for e in range(3):
                    atoms[k, c] += rotations[k, c, e] * points[owners[k], e]
        if sweep == 0:
            worst = _push(still, points, atoms, owners, basis, density, contacts, scale, moves)
            scale = max(scale, (1.0 + 1e-9) / max(worst, 1e-9))
            if scale > max_scale:
                return scale, worst
        worst = _push(anyone, points, atoms, owners, basis, density, contacts, scale, moves)
        if worst >= 1.0:
            return scale, worst
        if worst >= ALMOST and scale / worst * (1.0 + 1e-9) <= max_scale:
            return scale / worst * (1.0 + 1e-9), 1.0
        if sweep >= SETTLING and sweep % 3 == 0:
            scale *= GROWTH
            if scale > max_scale:
                return scale, worst
        sweep += 1
        _move(points, projectors, inverse, moves, scale)


@numba.njit(cache=True, fastmath=True)
def _move(points: Array, projectors: Array, inverse: Array, moves: Array, scale: float) -> None:
    """Move the sites along their free directions, ``LONGEST_MOVE`` at most."""
    for i in range(len(points)):
        length = math.sqrt(moves[i, 0] ** 2 + moves[i, 1] ** 2 + moves[i, 2] ** 2)
        step = min(1.0, LONGEST_MOVE / max(length, 1e-12)) / scale
        for c in range(3):
            shift = step * (moves[i, 0] * inverse[0, c] + moves[i, 1] * inverse[1, c] + moves[i, 2] * inverse[2, c])
            for e in range(3):
                points[i, e] += projectors[i, e, c] * shift


@numba.njit(cache=True, fastmath=True)
def _push(
    chosen: NDArray[np.bool_],
    points: Array,
    atoms: Array,
    owners: NDArray[np.int64],
    basis: Array,
    density: Array,
    contacts: Array,
    scale: float,
    moves: Array,
) -> float:
    """Write the moves of the chosen sites away from each other in Å; return the worst distance over its limit."""
    worst = FAR
    low, high, start = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3)
    for i in range(len(points)):
        moves[i, 0] = moves[i, 1] = moves[i, 2] = 0.0
        for k in range(len(owners)):
            if not (chosen[i] and chosen[owners[k]]):
                continue
            limit = contacts[i, owners[k]]
            reach = limit * MARGIN / scale
            for c in range(3):
                start[c] = atoms[k, c] - points[i, c]
                start[c] -= math.floor(start[c] + 0.5)
                low[c] = math.ceil(-reach * density[c] - start[c])
                high[c] = math.floor(reach * density[c] - start[c])
            # an operation that opens a new site is the identity: it makes the atom itself
            itself = owners[k] == i and (k == 0 or owners[k - 1] != i)
            for u in range(low[0], high[0] + 1):
                for v in range(low[1], high[1] + 1):
                    for w in range(low[2], high[2] + 1):
                        if itself and u == 0 and v == 0 and w == 0:
                            continue
                        x, y, z = start[0] + u, start[1] + v, start[2] + w
                        dx = scale * (x * basis[0, 0] + y * basis[1, 0] + z * basis[2, 0])
                        dy = scale * (x * basis[0, 1] + y * basis[1, 1] + z * basis[2, 1])
                        dz = scale * (x * basis[0, 2] + y * basis[1, 2] + z * basis[2, 2])
                        distance = math.sqrt(dx * dx + dy * dy + dz * dz)
                        worst = min(worst, distance / limit)
                        missing = limit * MARGIN - distance
                        if missing > 0.0:
                            push = 0.5 * missing / max(distance, 1e-6)
                            moves[i, 0] -= push * dx
                            moves[i, 1] -= push * dy
                            moves[i, 2] -= push * dz
    return worst
