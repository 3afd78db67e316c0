"""Fillings of Wyckoff positions against enumeration and probabilities worked out by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from anatase.crystal.random.filling import draw_filling, draw_units
from anatase.crystal.random.primitive_orbits import PrimitiveOrbits, primitive_orbits
from anatase.crystal.space_group import SpaceGroup


def _orbits(number: int) -> PrimitiveOrbits:
    return primitive_orbits(SpaceGroup.from_number(number))


@pytest.mark.parametrize(
    ("number", "counts"), [(2, (7, 4)), (47, (9, 12)), (62, (4, 8, 16)), (221, (1, 3, 12)), (227, (2, 4, 8))]
)
def test_fillings_make_up_the_formula(number: int, counts: tuple[int, ...]):
    orbits = _orbits(number)
    for seed in range(50):
        sites = draw_filling(np.random.default_rng(seed), orbits, counts)
        assert sites is not None
        held = Counter[int]()
        for element, position in sites:
            held[element] += int(orbits.multiplicities[position])
        assert tuple(held[i] for i in range(len(counts))) == counts
        fixed = [position for _, position in sites if orbits.positions[position].n_free == 0]
        assert len(fixed) == len(set(fixed))


@cache
def _holds(orbits: PrimitiveOrbits, counts: tuple[int, ...], start: int = 0) -> bool:
    """Try every assignment of positions to elements, one after the other."""
    if not any(counts):
        return True
    if start == len(orbits.positions):
        return False
    if _holds(orbits, counts, start + 1):
        return True
    multiplicity, free = int(orbits.multiplicities[start]), orbits.positions[start].n_free > 0
    left = [tuple(c - multiplicity * (k == i) for k, c in enumerate(counts)) for i in range(len(counts))]
    return any(min(rest) >= 0 and _holds(orbits, rest, start if free else start + 1) for rest in left)


@pytest.mark.parametrize("number", [2, 16, 136, 194, 216, 225, 228, 230])
@pytest.mark.parametrize("numbers", [(1,), (1, 2), (3, 2), (1, 1, 3)])
def test_numbers_of_formula_units_are_those_of_an_exhaustive_search(number: int, numbers: tuple[int, ...]):
    orbits = _orbits(number)
    expected = {z for z in range(1, 25 // sum(numbers)) if _holds(orbits, tuple(z * n for n in numbers))}
    most = max(1, 25 // sum(numbers) - 1) * sum(numbers)
    found = {draw_units(np.random.default_rng(seed), orbits, numbers, (1, most)) for seed in range(150)}
    assert found - {None} == expected


def test_fewer_sites_are_likelier():
    # P-1, two atoms: one site 2i weighs 0.7, two of the eight 1a to 1h weigh 0.49
    orbits = _orbits(2)
    rng = np.random.default_rng(11)
    sites = [draw_filling(rng, orbits, (2,)) for _ in range(4000)]
    share = np.mean([len(s or ()) == 1 for s in sites])
    expected = 0.7 / (0.7 + 0.49)
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 4000))
    letters = Counter(position for s in sites if s and len(s) == 2 for _, position in s)
    assert sorted(letters) == list(range(8))


def test_what_does_not_fit_is_none():
    # I a -3 d: 16a and 16b (8 in the primitive cell) are the smallest positions
    assert draw_filling(np.random.default_rng(0), _orbits(230), (4,)) is None
    assert draw_units(np.random.default_rng(0), _orbits(230), (1,), (1, 7)) is None
