"""Wyckoff positions against International Tables A and against the orbits of their points."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest

from anatase.crystal.orbit import orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.wyckoff import WyckoffPosition, tabulated_triplets, wyckoff_positions
from anatase.errors import InputError

ALL = [wyckoff_positions(SpaceGroup.from_number(number)) for number in range(1, 231)]

# the order of each crystal class, International Tables A, 3.2.1; oriented symbols without their dots
ORDERS = {
    1: "1", 2: "-1 2 m", 3: "3", 4: "2/m 222 mm2 m2m 2mm 4 -4", 6: "-3 32 3m 6 -6",
    8: "mmm 4/m 422 4mm -42m -4m2", 12: "-3m 23 6/m 622 6mm -62m -6m2", 16: "4/mmm",
    24: "m-3 432 -43m 6/mmm", 48: "m-3m",
}  # fmt: skip


def test_there_are_as_many_as_in_the_tables():
    # 1731 Wyckoff positions in the 230 space-group types: International Tables A
    assert sum(len(positions) for positions in ALL) == 1731
    assert len(ALL[46]) == 27  # P m m m has the most: a to z, and A (alpha in the Tables)
    assert ALL[46][-1].letter == "A"


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        # International Tables A, chapter 2.3
        ("P 42/m n m", WyckoffPosition("f", 4, "m.2m", 4, "x,x,0")),
        ("F d -3 m:2", WyckoffPosition("a", 8, "-43m", 24, "1/8,1/8,1/8")),
        ("F d -3 m:1", WyckoffPosition("a", 8, "-43m", 24, "0,0,0")),
        ("P n m a", WyckoffPosition("c", 4, ".m.", 2, "x,1/4,z")),
        ("P 63/m m c", WyckoffPosition("c", 2, "-6m2", 12, "1/3,2/3,1/4")),
        ("R -3 c:H", WyckoffPosition("e", 18, ".2", 2, "x,0,1/4")),
        ("P b c n", WyckoffPosition("c", 4, ".2.", 2, "0,y,1/4")),
    ],
)
def test_positions_of_the_tables(symbol: str, expected: WyckoffPosition):
    found = {p.letter: p for p in wyckoff_positions(SpaceGroup.from_symbol(symbol))}
    assert found[expected.letter] == expected


def test_multiplicities_are_those_of_orbits():
    rng = np.random.default_rng(1)
    metric = np.diag([400.0, 500.0, 600.0]) + 20.0
    for number, positions in enumerate(ALL, 1):
        group = SpaceGroup.from_number(number)
        for position in positions:
            point = position.coordinates(rng.random(3))
            orbit = orbit_of(metric, group.rotations, group.translations, point, 1e-5)
            assert orbit.multiplicity == position.multiplicity, (number, position)


def test_site_symmetry_symbols_have_the_order_of_the_site_symmetry():
    orders = {symbol: order for order, symbols in ORDERS.items() for symbol in symbols.split()}
    for number, positions in enumerate(ALL, 1):
        group = SpaceGroup.from_number(number)
        point_group = len({rotation.tobytes() for rotation in group.rotations})
        for position in positions:
            assert orders[position.site_symmetry.replace(".", "")] == position.site_symmetry_order, (number, position)
            # the index of the site symmetry in the point group counts the points of a primitive cell
            centring = group.order // point_group
            assert position.multiplicity * position.site_symmetry_order == point_group * centring


def test_free_coordinates_span_the_points_that_the_site_symmetry_fixes():
    for number, positions in enumerate(ALL, 1):
        group = SpaceGroup.from_number(number)
        for position in positions:
            point = position.coordinates(np.array([0.13719, 0.29153, 0.41927]))
            difference = group.rotations @ point + group.translations - point
            fixing = np.abs(difference - np.round(difference)).max(axis=1) < 1e-9
            # trace of the mean of the stabilizer's matrices: the dimension of the space they fix
            assert round(float(np.trace(group.rotations[fixing].mean(axis=0)))) == position.n_free
        assert positions[-1].n_free == 3


def test_other_settings_have_the_positions_of_the_standard_one():
    for setting in gemmi.spacegroup_table():
        found = wyckoff_positions(SpaceGroup.from_gemmi(setting))
        standard = ALL[setting.number - 1]
        assert [(p.letter, p.site_symmetry_order) for p in found] == [
            (p.letter, p.site_symmetry_order) for p in standard
        ]


def test_a_setting_outside_the_tables_is_refused():
    group = SpaceGroup.from_hall("-P 2ybc (x+z,y,z)")
    shifted = SpaceGroup.from_hall("-P 2ybc (x+1/8,y,z)")
    assert tabulated_triplets(shifted.hall) == {}
    assert len(wyckoff_positions(group)) == 5
    with pytest.raises(InputError, match="not tabulated"):
        wyckoff_positions(shifted)
