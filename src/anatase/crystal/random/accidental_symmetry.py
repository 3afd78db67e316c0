"""Fillings of Wyckoff positions that have more symmetry than their group, wherever the atoms sit on them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.random.primitive_orbits import PrimitiveOrbits
from anatase.crystal.wyckoff import GENERIC

__all__ = ["has_accidental_symmetry"]

Array = NDArray[np.float64]

OTHER_GENERIC = np.array([0.37317, 0.08863, 0.21931])
# a metric without symmetry: its average over a group has that of the crystal system and no more
TRICLINIC = np.array([[1.0, 0.05, 0.11], [0.05, 1.31, 0.07], [0.11, 0.07, 1.73]])


def has_accidental_symmetry(orbits: PrimitiveOrbits, filling: list[tuple[int, int]]) -> bool:
    """Tell whether operations outside the group leave every orbit of a filling in place.

    Such as the translation by half a body diagonal of a caesium chloride whose atoms are alike. An operation is
    sought among those that keep the lattice and map a special position, or the fixed ones of one element, onto
    itself for any value of the free coordinates; what holds for special values only, or at an origin that moves
    with the atoms of a polar group, is left to the search for symmetry in the finished crystal.

    Parameters
    ----------
    orbits
        The positions of the group.
    filling
        For each site the number of its element and that of its position.
    """
    freedom = [orbits.positions[position].n_free for _, position in filling]
    if max(freedom) == 3:
        return False  # nothing but the group maps a general position onto itself
    together: dict[tuple[int, int], list[int]] = {}
    for i, ((element, position), free) in enumerate(zip(filling, freedom, strict=True)):
        together.setdefault((-1, i) if free else (element, 0), []).append(position)
    common = -1  # all bits
    for members in together.values():
        common &= _preserving(orbits, tuple(sorted(members)))
        if not common:
            return False
    return True


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Operations (c, 3, 3) and (c, 3) outside a group, in its primitive basis, one of each coset."""

    rotations: Array
    translations: Array


@lru_cache(maxsize=50_000)
def _preserving(orbits: PrimitiveOrbits, positions: tuple[int, ...]) -> int:
    """Return, as bits, the candidates that map the points of positions, taken together, onto themselves."""
    candidates = _candidates(orbits)
    kept = np.arange(len(candidates.rotations))
    for xyz in (GENERIC, OTHER_GENERIC):
        points = _points(orbits, positions, xyz)
        kept = kept[_maps_onto_itself(candidates.rotations[kept], candidates.translations[kept], points)]
    return sum(1 << int(i) for i in kept)


def _points(orbits: PrimitiveOrbits, positions: tuple[int, ...], xyz: Array) -> Array:
    """Return the points (m, 3) of positions in the primitive cell for one value of x, y and z."""
    first = [orbits.inverse @ orbits.positions[p].coordinates(xyz) for p in positions]
    return np.concatenate(
        [orbits.rotations[p] @ x + orbits.translations[p] for p, x in zip(positions, first, strict=True)]
    )


def _maps_onto_itself(rotations: Array, translations: Array, points: Array) -> NDArray[np.bool_]:
    images = np.einsum("cij,mj->cmi", rotations, points) + translations[:, None]
    difference = images[:, :, None] - points
    return np.asarray((np.abs(difference - np.rint(difference)).max(axis=3) < 1e-6).any(axis=2).all(axis=1))


@lru_cache(maxsize=600)
def _candidates(orbits: PrimitiveOrbits) -> _Candidates:
    """Return the operations that map a special position onto itself or fixed positions onto each other."""
    turns = _cosets(orbits)
    fixed = [i for i, p in enumerate(orbits.positions) if p.n_free == 0]
    special = [i for i, p in enumerate(orbits.positions) if 0 < p.n_free < 3]
    found: dict[tuple[int, bytes], tuple[Array, Array]] = {}
    for start in (*fixed, *special):
        begin = _points(orbits, (start,), GENERIC)[0]
        same = [p for p in fixed if orbits.multiplicities[p] == orbits.multiplicities[start]]
        ends = _points(orbits, tuple(same) if start in fixed else (start,), GENERIC)
        for number, turn in enumerate(turns):
            for shift in ends - turn @ begin:
                wrapped = shift - np.floor(shift + 1e-6)
                if number or np.abs(wrapped).max() > 1e-5:
                    key = np.rint(wrapped * 1e5).astype(np.int64).tobytes()
                    found.setdefault((number, key), (turn, wrapped))
    if not found:
        return _Candidates(np.empty((0, 3, 3)), np.empty((0, 3)))
    return _Candidates(np.array([r for r, _ in found.values()]), np.array([t for _, t in found.values()]))


def _cosets(orbits: PrimitiveOrbits) -> list[Array]:
    """Return one rotation of each coset of the point group in the symmetry of the lattice, the identity first."""
    own = orbits.rotations[-1]  # those of the general position
    metric = np.mean(own.transpose(0, 2, 1) @ (orbits.basis.T @ TRICLINIC @ orbits.basis) @ own, axis=0)
    chosen: list[Array] = [np.eye(3)]
    seen = {np.rint(r).astype(np.int8).tobytes() for r in own}
    for turn in _symmetry_of_lattice(np.round(metric, 9).tobytes()):
        if np.rint(turn).astype(np.int8).tobytes() not in seen:
            chosen.append(turn)
            seen |= {np.rint(turn @ r).astype(np.int8).tobytes() for r in own}
    return chosen


@lru_cache(maxsize=64)
def _symmetry_of_lattice(metric: bytes) -> Array:
    """Return the integer matrices (n, 3, 3) that leave a metric, RᵀGR = G; those of primitive cells are small."""
    g = np.frombuffer(metric).reshape(3, 3)
    columns = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=3)))
    lengths = np.einsum("ni,ij,nj->n", columns, g, columns)
    # a column of R is the image of a basis vector, as long as it
    images = [columns[np.abs(lengths - g[i, i]) < 1e-6] for i in range(3)]
    matrices = np.array([np.stack(triple, axis=1) for triple in itertools.product(*images)])
    turned = matrices.transpose(0, 2, 1) @ g @ matrices
    return np.asarray(matrices[np.abs(turned - g).max(axis=(1, 2)) < 1e-6])
