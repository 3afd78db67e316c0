"""Space groups: tables against gemmi and International Tables, untabulated settings against themselves."""

from __future__ import annotations

import pickle

import gemmi
import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError


def test_order_of_general_position_is_that_of_international_tables():
    # International Tables A, multiplicity of the general position
    for symbol, order in {"P 1 21/c 1": 4, "P n m a": 8, "I 41/a m d:2": 32, "R -3 c:H": 36, "F d -3 m:2": 192}.items():
        assert SpaceGroup.from_symbol(symbol).order == order


def test_bravais_types_are_fourteen_with_the_known_numbers_of_groups():
    counts: dict[str, int] = {}
    for number in range(1, 231):
        bravais = SpaceGroup.from_number(number).bravais_type
        counts[bravais] = counts.get(bravais, 0) + 1
    # numbers of space-group types per Bravais type: International Tables A, table 2.1.2.1 and 8.2.8.1
    assert counts == {
        "aP": 2, "mP": 8, "mS": 5, "oP": 30, "oS": 15, "oI": 9, "oF": 5, "tP": 49, "tI": 19,
        "hR": 7, "hP": 45, "cP": 15, "cF": 11, "cI": 10,
    }  # fmt: skip


def test_traits_count_as_in_international_tables():
    groups = [SpaceGroup.from_number(n) for n in range(1, 231)]
    # 92 centrosymmetric, 65 Sohncke and 68 polar types: Flack (2003) Helv. Chim. Acta 86, 905; Int. Tables A, 10.2
    assert sum(g.is_centrosymmetric for g in groups) == 92
    assert sum(g.is_chiral for g in groups) == 65
    assert sum(g.is_polar for g in groups) == 68


def test_classes_of_fd3m_and_quartz():
    spinel, quartz = SpaceGroup.from_number(227), SpaceGroup.from_number(154)
    assert (spinel.symbol, spinel.point_group, spinel.laue_class) == ("F d -3 m:2", "m-3m", "m-3m")
    assert (quartz.crystal_system, quartz.point_group, quartz.laue_class) == ("trigonal", "32", "-3m")


def _in_another_setting(group: SpaceGroup, change: np.ndarray, shift: np.ndarray) -> list[str]:
    """Write x' = Q x + q; ``shift`` in 24ths."""
    inverse = np.rint(np.linalg.inv(change)).astype(int)
    rotations = change @ group.rotations @ inverse
    translations = np.rint(group.translations * 24).astype(int) @ change.T + shift - rotations @ shift
    triplets = []
    for rotation, translation in zip(rotations, translations, strict=True):
        op = gemmi.Op()
        op.rot, op.tran = (rotation * 24).tolist(), (translation % 24).tolist()
        triplets.append(op.triplet())
    return triplets


def test_untabulated_settings_keep_their_operations_and_number():
    change, shift = np.array([[1, 1, 0], [0, 1, 0], [0, -1, 1]]), np.array([3, 5, 9])
    for number in range(1, 231, 3):
        triplets = _in_another_setting(SpaceGroup.from_number(number), change, shift)
        found = SpaceGroup.from_operations(triplets)
        assert found.number == number
        assert set(found.triplets) == set(triplets)
        assert set(SpaceGroup.from_hall(found.hall).triplets) == set(triplets)


def test_operations_that_are_no_group_are_refused():
    with pytest.raises(InputError, match="no group"):
        SpaceGroup.from_operations(["x,y,z", "y,z,x"])


@pytest.mark.parametrize("symbol", ["P 99/x", "", "-"])
def test_wrong_symbols_are_refused(symbol: str):
    with pytest.raises(InputError, match="no space group symbol"):
        SpaceGroup.from_symbol(symbol)


def test_a_cell_must_have_the_symmetry_of_its_group():
    cubic, trigonal = SpaceGroup.from_symbol("F m -3 m"), SpaceGroup.from_symbol("R -3 c:R")
    assert cubic.fits(Lattice(5.64, 5.64, 5.64))
    assert not cubic.fits(Lattice(5.64, 5.64, 6.1))
    assert trigonal.fits(Lattice(5.1, 5.1, 5.1, 55.3, 55.3, 55.3))
    assert not trigonal.fits(Lattice(4.76, 4.76, 12.99, 90, 90, 120))


def test_a_group_that_was_used_travels_between_processes():
    # gemmi's objects cannot be pickled, so that none may stay with the group
    group = SpaceGroup.from_number(62)
    used = (group.triplets, group.crystal_system, group.laue_class, group.centring, group.rotations)
    assert pickle.loads(pickle.dumps(group)) == group
    assert len(used[0]) == group.order
