"""Fill the Wyckoff positions of a space group with the atoms of a formula."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.random.primitive_orbits import PrimitiveOrbits

__all__ = ["draw_filling", "draw_units"]

SITE_WEIGHT = 0.7  # a filling's weight is multiplied by this for every site that it has
Available = tuple[int, ...]  # how many positions without free coordinates are left, by multiplicity


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Positions by multiplicity: ``fixed`` ones can be taken once, ``free`` ones, with a coordinate, repeatedly."""

    fixed: tuple[int, ...]
    fixed_positions: tuple[tuple[int, ...], ...]
    free: tuple[int, ...]
    free_positions: tuple[tuple[int, ...], ...]

    @property
    def available(self) -> Available:
        return tuple(len(members) for members in self.fixed_positions)


def draw_units(
    rng: np.random.Generator, orbits: PrimitiveOrbits, numbers: tuple[int, ...], n_atoms: tuple[int, int]
) -> int | None:
    """Return a random number of formula units in the primitive cell, or ``None`` where the positions hold none.

    All numbers for which multiplicities make up the atoms of each element are alike.

    Parameters
    ----------
    rng
        Source of random numbers.
    orbits
        The positions of the group.
    numbers
        Atoms (k,) of each element in the formula.
    n_atoms
        Least and most atoms in the primitive cell.
    """
    kinds = _kinds(orbits)
    total, ordered = sum(numbers), sorted(numbers, reverse=True)
    units = np.arange(-(-n_atoms[0] // total), n_atoms[1] // total + 1)
    for z in rng.permutation(units).tolist():
        if _is_possible(tuple(z * n for n in ordered), kinds.available, kinds):
            return int(z)
    return None


def draw_filling(
    rng: np.random.Generator, orbits: PrimitiveOrbits, counts: tuple[int, ...]
) -> list[tuple[int, int]] | None:
    """Return random sites (element, position) for the atoms (k,) of each element, or ``None`` where none fit.

    Combinations with few sites are likelier, by ``SITE_WEIGHT`` for each more; a position without free
    coordinates is taken once at most.
    """
    kinds = _kinds(orbits)
    left = kinds.available
    pools = [list(rng.permutation(members)) for members in kinds.fixed_positions]
    order = sorted(range(len(counts)), key=lambda i: -counts[i])
    sites: list[tuple[int, int]] = []
    for place, element in enumerate(order):
        rest = tuple(counts[i] for i in order[place + 1 :])
        choices = [
            (taken, after, remainder)
            for taken, after, remainder in _fixed_choices(counts[element], left, kinds)
            if _is_possible(rest, after, kinds)
        ]
        if not choices:
            return None
        ways = _ways(kinds.free, counts[element])[-1]
        weights = np.cumsum([SITE_WEIGHT ** sum(taken) * ways[remainder] for taken, _, remainder in choices])
        taken, left, remainder = choices[int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))]
        for pool, n in zip(pools, taken, strict=True):
            sites += [(element, int(pool.pop())) for _ in range(n)]
        for kind in _draw_free(rng, kinds.free, remainder):
            members = kinds.free_positions[kind]
            sites.append((element, members[int(rng.integers(len(members)))]))
    return sites


@lru_cache(maxsize=600)
def _kinds(orbits: PrimitiveOrbits) -> _Kinds:
    groups: dict[tuple[bool, int], list[int]] = {}
    for i, (position, multiplicity) in enumerate(zip(orbits.positions, orbits.multiplicities.tolist(), strict=True)):
        groups.setdefault((position.n_free > 0, multiplicity), []).append(i)
    fixed = sorted(m for free, m in groups if not free)
    free = sorted(m for free, m in groups if free)
    return _Kinds(
        tuple(fixed),
        tuple(tuple(groups[False, m]) for m in fixed),
        tuple(free),
        tuple(tuple(groups[True, m]) for m in free),
    )


@lru_cache(maxsize=20_000)
def _fixed_choices(count: int, available: Available, kinds: _Kinds) -> list[tuple[Available, Available, int]]:
    """Return how many fixed positions to take, how many are left then, and the atoms left for free positions."""
    found = []
    ways = _ways(kinds.free, count)[-1]
    for taken in itertools.product(*(range(n + 1) for n in available)):
        remainder = count - sum(n * m for n, m in zip(taken, kinds.fixed, strict=True))
        if remainder >= 0 and ways[remainder] > 0:
            found.append((taken, tuple(a - n for a, n in zip(available, taken, strict=True)), remainder))
    return found


@lru_cache(maxsize=50_000)
def _is_possible(counts: tuple[int, ...], available: Available, kinds: _Kinds) -> bool:
    if not counts:
        return True
    return any(_is_possible(counts[1:], after, kinds) for _, after, _ in _fixed_choices(counts[0], available, kinds))


@lru_cache(maxsize=5_000)
def _ways(free: tuple[int, ...], count: int) -> NDArray[np.float64]:
    """Return the summed weight [j, n] of the ways in which the first j free multiplicities make up n atoms.

    The recurrence of partitions: w_j(n) = w_{j-1}(n) + ``SITE_WEIGHT`` w_j(n - m_j).
    """
    ways = np.zeros((len(free) + 1, count + 1))
    ways[0, 0] = 1.0
    for j, multiplicity in enumerate(free, 1):
        ways[j] = ways[j - 1]
        for n in range(multiplicity, count + 1):
            ways[j, n] += SITE_WEIGHT * ways[j, n - multiplicity]
    return ways


def _draw_free(rng: np.random.Generator, free: tuple[int, ...], count: int) -> list[int]:
    """Draw free multiplicities (their indices) that make up a number of atoms, in proportion to their weights."""
    ways, chosen = _ways(free, count), []
    j, n = len(free), count
    while n:
        if rng.random() * ways[j, n] < ways[j - 1, n]:
            j -= 1
        else:
            chosen.append(j - 1)
            n -= free[j - 1]
    return chosen
