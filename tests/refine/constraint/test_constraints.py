"""Constraints as data: what they say, and that no table or word of them is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.refine.constraint.constraints import (
    Bound,
    Equal,
    Fixed,
    Linear,
    Tie,
    constraint_from_table,
    constraint_table,
    described,
)
from anatase.refine.parameters.parameters import matching

NUMBERS = st.floats(-1e9, 1e9)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
SEVERAL = st.lists(NAMES, min_size=1, max_size=4).map(tuple)
CONSTRAINTS = st.one_of(
    st.builds(Equal, SEVERAL),
    st.builds(Fixed, SEVERAL),
    st.builds(Tie, NAMES, NAMES, NUMBERS, NUMBERS),
    st.builds(
        Linear,
        st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=4).map(lambda d: tuple((f, n) for n, f in d.items())),
        NUMBERS,
    ),
    st.tuples(SEVERAL, NUMBERS, NUMBERS).filter(lambda t: t[1] < t[2]).map(lambda t: Bound(*t)),
    st.builds(Bound, SEVERAL, low=NUMBERS),
)


@given(CONSTRAINTS)
def test_tables_give_the_constraint_back(constraint):
    assert constraint_from_table(json.loads(json.dumps(constraint_table(constraint)))) == constraint


@given(CONSTRAINTS)
def test_every_constraint_has_words(constraint):
    assert described(constraint)


def test_words():
    assert described(Fixed(("lab.zero",))) == "lab.zero is held"
    assert described(Bound(("*.u_iso",), 0.0, 0.1)) == "0 ≤ *.u_iso ≤ 0.1"
    assert described(Bound(("*.u_iso",), low=0.0)) == "0 ≤ *.u_iso"
    assert described(Equal(("*.u_iso",))) == "all of *.u_iso are equal"
    assert described(Linear(((2.0, "A.x"), (-1.0, "B.x")), 0.5)) == "2 × A.x - B.x = 0.5"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "none"),
        ({"equal": ["a", "b"], "fix": ["a"]}, "equal, fix"),
        ({"equal": ["a", "b"], "total": 1}, "no key 'total'"),
        ({"equal": 3}, "give a list of names"),
        ({"sum": {"a": 1.0}}, "needs factors by name, and a total"),
        ({"sum": {"a": "one"}, "total": 1.0}, "'a' of a constraint is 'one'"),
        ({"tie": "a"}, "needs two names"),
        ({"tie": "a", "to": "b", "factor": True}, "'factor' of a constraint is True"),
        ({"bound": "a", "low": 2, "high": 1}, "hold no range"),
    ],
)
def test_tables_that_state_no_constraint(table, words):
    with pytest.raises(InputError, match=words):
        constraint_from_table(table)


def test_a_name_written_wrongly_is_answered_with_those_like_it():
    with pytest.raises(InputError, match=r"'PbSO4.O1.uiso' names no parameter.*did you mean PbSO4.O1.u_iso"):
        matching(["PbSO4.O1.uiso"], ["PbSO4.a", "PbSO4.O1.u_iso", "lab.zero"])


def test_a_name_with_signs_of_a_glob_means_itself():
    assert matching(["A.[x]"], ["A.[x]", "A.x"]) == ("A.[x]",)
