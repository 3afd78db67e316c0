"""Symmetry elements against the diagrams of International Tables A, and against the operations of all 230 groups."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.symmetry_elements import symmetry_elements, symmetry_operations
from anatase.crystal.symmetry_operation import SymmetryElement

# counted on the diagrams of International Tables A: symbols per cell, whole-cell translations apart
DIAGRAMS = {
    "P 1 21/c 1": {"-1": 8, "2_1": 4, "c": 2},
    "P n m a": {"-1": 8, "2_1": 12, "a": 2, "m": 2, "n": 2},
    "P 63/m": {"-1": 6, "6_3": 1, "-6": 6, "-3": 2, "2_1": 3, "m": 2},
}


@pytest.mark.parametrize("symbol", DIAGRAMS)
def test_elements_count_as_in_the_diagrams(symbol: str):
    found = Counter(e.name for e in symmetry_elements(SpaceGroup.from_symbol(symbol)))
    assert dict(found) == DIAGRAMS[symbol]


def test_p21c_is_named_and_placed_as_in_international_tables():
    # International Tables A, No. 14, "Symmetry operations": (1) 1, (2) 2(0,1/2,0) 0,y,1/4, (3) -1 0,0,0, (4) c x,1/4,z
    texts = [str(e) for e in symmetry_operations(SpaceGroup.from_symbol("P 1 21/c 1"))]
    assert sorted(texts) == [
        "-1 at 0,0,0",
        "1",
        "2_1 (0,1/2,0) along [010] at 0,y,1/4",
        "c (0,0,1/2) perpendicular to [010] at x,1/4,z",
    ]


def test_centres_sit_on_their_wyckoff_positions():
    # R-3c: -3 on 6b, -1 on 18d; Fd-3m: -4 on 8a and 8b in three directions, -3 on 16c and 16d; I41/amd: -1 on 8c, 8d
    rhombohedral = Counter(e.name for e in symmetry_elements(SpaceGroup.from_symbol("R -3 c:H")))
    assert (rhombohedral["-3"], rhombohedral["-1"]) == (6, 18)
    spinel = Counter(e.name for e in symmetry_elements(SpaceGroup.from_symbol("F d -3 m:2")))
    assert (spinel["-4"], spinel["-3"], spinel["-1"]) == (3 * 16, 16 + 16, 0)
    anatase = symmetry_elements(SpaceGroup.from_symbol("I 41/a m d:2"))
    assert Counter(e.name for e in anatase)["-1"] == 8 + 8
    # site symmetry -4m2 of 4a (0,3/4,1/8) and 4b (0,1/4,3/8), origin choice 2
    assert {(0.0, 0.75, 0.125), (0.0, 0.25, 0.375)} <= {e.point for e in anatase if e.name == "-4"}


def test_double_glide_is_e():
    # Cmce, No. 64: e perpendicular to c at z = 1/4 (de Wolff et al. 1992, Acta Cryst. A48, 727)
    planes = [e for e in symmetry_elements(SpaceGroup.from_symbol("C m c e")) if e.name == "e"]
    assert [(e.direction, e.location) for e in planes] == [((0, 0, 1), "x,y,1/4"), ((0, 0, 1), "x,y,3/4")]


def test_chiral_screws_are_told_apart():
    right = {e.name for e in symmetry_elements(SpaceGroup.from_symbol("P 41 21 2"))}
    left = {e.name for e in symmetry_elements(SpaceGroup.from_symbol("P 43 21 2"))}
    assert "4_1" in right
    assert "4_3" in left
    assert "4_3" not in right
    assert "4_1" not in left


@pytest.mark.parametrize("number", range(1, 231))
def test_each_element_is_an_operation_of_the_group(number: int):
    """Rebuild x' = R(x - p) + p + w from type, direction, point and translation, and find it in the group."""
    group = SpaceGroup.from_number(number)
    known = {_key(r, t) for r, t in zip(group.rotations, group.translations, strict=True)}
    for element in symmetry_elements(group):
        point, shift = np.array(element.point), np.array(element.translation)
        fitting = [r for r in group.rotations if _is_part_of(r, element)]
        assert any(_key(r, point + shift - r @ point) in known for r in fitting), str(element)


def _key(rotation: np.ndarray, translation: np.ndarray) -> tuple[bytes, tuple[int, ...]]:
    return rotation.tobytes(), tuple(int(x) % 48 for x in np.rint(translation * 48))


def _is_part_of(rotation: np.ndarray, element: SymmetryElement) -> bool:
    """Tell whether a rotation part has the element's type and direction."""
    sign = round(np.linalg.det(rotation))
    order = {3: 1, -1: 2, 0: 3, 1: 4, 2: 6}[int(np.trace(rotation * sign))] * sign
    return order == element.order and np.array_equal(sign * rotation @ np.array(element.direction), element.direction)
