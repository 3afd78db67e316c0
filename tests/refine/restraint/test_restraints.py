"""Restraints as data: nothing of a table is lost, and a wrong one says what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.refine.restraint.restraints import (
    Angle,
    Distance,
    Formula,
    Plane,
    Total,
    Valence,
    restraint_from_table,
    restraint_table,
    said,
)

NUMBERS = st.floats(-1e9, 1e9)
NEAR = st.floats(0.1, 12.0)
POSITIVE = st.floats(min_value=1e-6, max_value=1e6)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=10)
BY_NAME = st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=3)
RESTRAINTS = st.one_of(
    st.builds(Distance, st.tuples(NAMES, NAMES), NUMBERS, POSITIVE, st.none() | NEAR),
    st.builds(Angle, st.tuples(NAMES, NAMES, NAMES), NUMBERS, POSITIVE, st.none() | NEAR),
    st.builds(Plane, st.lists(NAMES, min_size=4, max_size=6).map(tuple), POSITIVE),
    st.builds(Formula, NAMES, NAMES, POSITIVE, st.integers(0, 20)),
    st.builds(
        Valence,
        NAMES,
        NUMBERS,
        POSITIVE,
        st.dictionaries(NAMES, NEAR, min_size=1, max_size=3).map(lambda d: tuple(d.items())),
        NEAR,
        st.floats(0.2, 0.6),
    ),
    st.builds(Total, BY_NAME.map(lambda d: tuple((f, n) for n, f in d.items())), NUMBERS, POSITIVE),
)


@given(RESTRAINTS)
def test_tables_give_the_restraint_back(restraint):
    assert restraint_from_table(json.loads(json.dumps(restraint_table(restraint)))) == restraint
    assert said(restraint)


def test_words():
    assert said(Angle(("A.O1", "A.S", "A.O2"), 109.5, 1.0)) == "angle A.O1 – A.S – A.O2: 109.5 ± 1°"
    assert said(Total(((1.0, "A.x"), (2.0, "B.x")), 1.0, 0.1)) == "A.x + 2 × B.x: 1 ± 0.1"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"distanse": ["a", "b"]}, "has the keys distanse"),
        ({"distance": ["a", "b"], "su": 0.1}, "lacks 'target'"),
        ({"distance": ["a"], "target": 1.0, "su": 0.1}, "give a list of 2 atoms"),
        ({"distance": ["a", "b"], "target": 1.0, "su": 0.0}, "give a positive one"),
        ({"distance": ["a", "b"], "target": "long", "su": 0.1}, "give a number"),
        ({"angle": ["a", "b", "c"], "target": 1.0, "su": 0.1, "r0": 1.0}, "no key 'r0'"),
        ({"distance": ["a", "b"], "target": 1.0, "su": 0.1, "within": 1e9}, "give one up to 12 Å"),
        ({"valence": "a", "target": 2.0, "su": 0.1, "r0": {"O": 1e9}, "within": 3.0}, "'r0' of O is no length"),
        ({"plane": ["a", "b", "c"], "su": 0.1}, "always lie in a plane"),
        ({"formula": "TiO2", "phase": 3, "su": 0.1}, "give a name"),
        ({"valence": "a", "target": 2.0, "su": 0.1, "r0": 1.6, "within": 3.0}, "numbers by name"),
    ],
)
def test_tables_that_state_no_restraint(table, words):
    with pytest.raises(InputError, match=words):
        restraint_from_table(table)
