"""Many crystals: the same from one process or two, and whatever their number."""

from __future__ import annotations

import pytest

from anatase.crystal.random.many_crystals import CHUNK, random_crystals
from anatase.errors import InputError, PhysicsError


def test_the_crystals_depend_on_the_seed_alone():
    n = CHUNK + 5
    alone = list(random_crystals(n, seed=3))
    assert list(random_crystals(n, seed=3, workers=2)) == alone
    assert list(random_crystals(4, seed=3)) == alone[:4]
    assert list(random_crystals(4, seed=4)) != alone[:4]
    assert alone[3].origin.source == "anatase random crystal, seed 3, number 3"


def test_errors_come_from_the_workers():
    with pytest.raises(PhysicsError, match="space group 230"):
        list(random_crystals(2, seed=1, workers=2, space_group=230, composition={"Ti": 1}, n_atoms=(1, 3)))


def test_what_is_no_task_is_refused():
    with pytest.raises(InputError, match="workers = 0"):
        random_crystals(1, seed=1, workers=0)
