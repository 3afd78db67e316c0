"""Fillings with more symmetry than their group: well-known structure types, and moyo's verdict."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.random.accidental_symmetry import has_accidental_symmetry
from anatase.crystal.random.filling import draw_filling, draw_units
from anatase.crystal.random.packed_sites import has_symmetry, pack
from anatase.crystal.random.primitive_orbits import primitive_orbits
from anatase.crystal.random.random_cell import random_metric
from anatase.crystal.space_group import SpaceGroup


@pytest.mark.parametrize(
    ("number", "sites", "accidental"),
    [
        (221, ["Aa", "Bb"], False),  # caesium chloride
        (221, ["Aa", "Ab"], True),  # alike atoms: body-centred, Im-3m
        (221, ["Aa", "Bb", "Cc"], False),  # perovskite
        (225, ["Aa", "Bb"], False),  # halite
        (225, ["Aa", "Ab"], True),  # alike atoms: primitive cubic with half the edge
        (225, ["Ac"], True),  # 8c alone: primitive cubic
        (227, ["Aa"], False),  # diamond
        (227, ["Aa", "Ab"], True),  # alike atoms: body-centred
        (227, ["Aa", "Bb"], False),  # NaTl
        (136, ["Aa", "Bf"], False),  # rutile
        (136, ["Aa"], True),  # I4/mmm
        (194, ["Ac"], False),  # hexagonal close packing
        (2, ["Aa", "Bi"], False),
        (2, ["Aa", "Ab"], True),  # c is halved
        (216, ["Aa", "Bc"], False),  # sphalerite
        (216, ["Aa", "Ac"], True),  # alike atoms: diamond
        (216, ["Aa", "Bb"], True),  # halite
        (222, ["Aa", "Bb"], True),  # Im-3m
    ],
)
def test_structure_types(number: int, sites: list[str], accidental: bool):
    orbits = primitive_orbits(SpaceGroup.from_number(number))
    letters = [position.letter for position in orbits.positions]
    filling = [(ord(site[0]), letters.index(site[1])) for site in sites]
    assert has_accidental_symmetry(orbits, filling) is accidental


def test_moyo_agrees_wherever_symmetry_is_called_accidental():
    called = exact = 0
    for number in range(1, 231):
        rng = np.random.default_rng(number)
        group = SpaceGroup.from_number(number)
        orbits = primitive_orbits(group)
        units = draw_units(rng, orbits, (1, 2), (3, 36))
        filling = None if units is None else draw_filling(rng, orbits, (units, 2 * units))
        if units is None or filling is None:
            continue
        metric = random_metric(rng, group, 12.0 * units * 3 / abs(np.linalg.det(orbits.basis)), orbits.basis, 1.0)
        assert metric is not None
        packed = pack(rng, orbits, filling, metric, np.full((2, 2), 0.8), 8.0)
        if packed is None:
            continue
        accidental = has_accidental_symmetry(orbits, filling)
        found = has_symmetry(packed, group, 0.01)
        assert not (accidental and found), (number, filling)
        called += accidental
        exact += found
    assert called > 5
    assert exact > 100
