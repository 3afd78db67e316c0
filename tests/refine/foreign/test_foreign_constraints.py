"""Constraints of other programs' files on the parameters of a model."""

from __future__ import annotations

from anatase.io.foreign import LinearRelation, SharedShift
from anatase.refine.constraint.constraints import Linear
from anatase.refine.foreign.foreign_constraints import constraints_of_foreign

VALUES = {"A.O1.x": 0.2, "A.O2.x": 0.3, "A.M.Ca.occupancy": 0.4, "A.M.Sr.occupancy": 0.6}


def test_opposite_shifts_keep_their_sum():
    (found,), warnings = constraints_of_foreign([SharedShift(((1.0, "A.O1.x"), (-1.0, "A.O2.x")))], [], VALUES)
    assert found == Linear(((-1.0, "A.O1.x"), (-1.0, "A.O2.x")), -0.5)
    assert warnings == ()


def test_what_symmetry_says_is_left_out_with_a_word():
    found, warnings = constraints_of_foreign([SharedShift(((1.0, "A.O1.x"), (2.0, "A.O1.y")))], [], VALUES)
    assert found == ()
    assert len(warnings) == 1
    assert "A.O1.y" in warnings[0]


def test_what_is_said_twice_is_said_once():
    relation = LinearRelation(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0)
    other = LinearRelation(((2.0, "A.M.Ca.occupancy"), (2.0, "A.M.Sr.occupancy")), 2.0)
    found, warnings = constraints_of_foreign([], [relation, other], VALUES)
    assert found == (Linear(relation.terms, 1.0),)
    assert "was left out" in warnings[0]
