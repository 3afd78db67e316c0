"""Relations among parameters: what follows what, against numbers solved by hand, and refusals that say why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound, Equal, Fixed, Linear, Tie
from anatase.refine.constraint.relations import Dependence, dependences, related

VALUES = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}


def test_the_first_of_equal_ones_leads():
    found = dependences([Equal(("b", "a", "c"))], VALUES)
    assert found == {"a": Dependence(((1.0, "b"),), 0.0), "c": Dependence(((1.0, "b"),), 0.0)}


def test_chains_end_at_what_leads():
    found = dependences([Tie("c", "b", 2.0, 1.0), Tie("b", "a", 3.0, -1.0)], VALUES)
    assert found["b"] == Dependence(((3.0, "a"),), -1.0)
    assert found["c"] == Dependence(((6.0, "a"),), -1.0)  # 2 (3 a − 1) + 1


def test_what_is_held_leads_and_enters_as_a_number():
    found = dependences([Fixed(("b",)), Linear(((1.0, "a"), (1.0, "b")), 5.0)], VALUES)
    assert found == {"a": Dependence((), 3.0)}


def test_freeing_one_frees_all_that_move_with_it():
    constraints = [Equal(("a", "b")), Linear(((1.0, "b"), (2.0, "c"), (1.0, "d")), 9.0), Fixed(("c",))]
    assert related(constraints, ["a"], VALUES) == ("a", "b", "d")
    assert related(constraints, ["c"], VALUES) == ()


@given(st.data())
def test_solutions_satisfy_the_equations(data):
    # any consistent system: its totals are made from values
    names = list("pqrstuv")
    values = dict(zip(names, data.draw(st.lists(st.integers(-5, 5), min_size=7, max_size=7)), strict=True))
    rows = data.draw(st.lists(st.lists(st.integers(-3, 3), min_size=7, max_size=7), min_size=1, max_size=4))
    a = np.array(rows, dtype=float)
    constraints = [
        Linear(tuple((f, n) for f, n in zip(row, names, strict=True)), float(np.dot(row, list(values.values()))))
        for row in rows
    ]
    if np.linalg.matrix_rank(a) < len(rows):
        with pytest.raises(InputError):
            dependences(constraints, values)
        return
    found = dependences(constraints, values)
    rng = np.random.default_rng(1)
    free = {name: rng.normal() for name in names if name not in found}
    full = {**free, **{n: d.offset + sum(f * free[o] for f, o in d.terms) for n, d in found.items()}}
    totals = a @ np.array(list(values.values()))
    np.testing.assert_allclose(a @ np.array([full[name] for name in names]), totals, atol=1e-8)


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ([Linear(((1.0, "a"), (1.0, "b")), 1.0), Linear(((2.0, "a"), (2.0, "b")), 3.0)],
         r"'a \+ b = 1' and '2 × a \+ 2 × b = 3' contradict each other"),
        ([Equal(("a", "b")), Equal(("b", "c")), Equal(("c", "a"))], "'a = b' and 'b = c' and 'c = a' say the same"),
        ([Tie("a", "b", 2.0), Tie("b", "c"), Tie("c", "a", 0.5)], "'b = c', 'c = 0.5 × a' run in a circle"),
        ([Tie("a", "a")], "run in a circle"),
        ([Equal(("a", "b")), Fixed(("a", "b"))], "'a = b' and 'a and b are held' contradict each other"),
        ([Equal(("a", "x1"))], "'x1' names no parameter"),
        ([Linear(((0.0, "a"),), 1.0)], "relates no parameters"),
        ([Tie("[ab]", "c")], "means 2 parameters where one is needed"),
        ([Equal(("a", "b")), Tie("a", "b", 2.0)], r"'a = b' and 'a = 2 × b' can only hold where b is 0, and it is 2"),
        ([Linear(((1.0, "a"), (1.0, "b")), 0.0), Linear(((1.0, "a"), (-1.0, "b")), 0.0)], "can only hold where"),
    ],
)  # fmt: skip
def test_constraints_that_cannot_be(constraints, words):
    with pytest.raises(InputError, match=words):
        dependences(constraints, VALUES)


def test_held_values_that_satisfy_a_relation_contradict_nothing():
    assert dependences([Fixed(("a", "b")), Linear(((1.0, "a"), (1.0, "b")), 3.0), Bound(("c",), 0.0)], VALUES) == {}


def test_what_follows_from_the_rest_may_be_said_where_that_is_no_error():
    twice = [Equal(("a", "b")), Tie("b", "c"), Tie("c", "b"), Tie("a", "c", 1.0, 0.0)]
    found = dependences(twice, VALUES, strict=False)
    assert len(found) == 2  # of three equal ones one leads
    assert {rule.terms for rule in found.values()} == {((1.0, "c"),)}
    with pytest.raises(InputError, match="run in a circle"):
        dependences([Tie("a", "b", 2.0), Tie("b", "a", 2.0)], VALUES, strict=False)
    with pytest.raises(InputError, match="contradict"):
        dependences([Equal(("a", "b")), Linear(((1.0, "a"), (-1.0, "b")), 1.0)], VALUES, strict=False)


def test_zeros_stay_zeros():
    both = [Equal(("a", "b")), Tie("a", "b", 2.0)]
    assert dependences(both, {"a": 0.0, "b": 0.0}) == {"a": Dependence((), 0.0), "b": Dependence((), 0.0)}
    assert dependences([Linear(((1.0, "a"),), 0.0)], VALUES) == {"a": Dependence((), 0.0)}  # one that says so is meant
    assert dependences([Fixed(("a",)), Equal(("a", "b"))], {"a": 0.0, "b": 1.0}) == {"b": Dependence((), 0.0)}
