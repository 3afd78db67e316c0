"""Bounds of parameters and of the variables that they follow."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound
from anatase.refine.constraint.variable_bounds import given_bounds, natural_bounds, variable_ends


def test_bounds_of_both_kinds_meet():
    values = {"A.x": 0.1, "A.y": 0.2}
    narrow = [Bound(("A.*",), 0.0, 0.5), Bound(("A.y",), 0.1)]
    assert given_bounds(narrow, values, {"A.x": (-0.1, 0.3)}) == {"A.x": (0.0, 0.3), "A.y": (0.1, 0.5)}
    # what a recipe says goes before what a program finds handy
    assert given_bounds([Bound(("A.x",), 0.4, 0.5)], values, {"A.x": (0.0, 0.2)})["A.x"] == (0.4, 0.5)


def test_a_variable_is_bound_by_all_that_follows_it():
    names, values = ["A.x", "A.y"], {"A.x": 0.1, "A.y": -0.2}
    matrix, offset = np.array([[1.0], [-2.0]]), np.zeros(2)
    low, high = variable_ends(names, np.zeros(2, bool), matrix, offset, values, {"A.y": (-0.6, -0.1)})
    assert (low[0], high[0]) == pytest.approx((0.05, 0.3))
    with pytest.raises(InputError, match="leave no range"):
        variable_ends(names, np.zeros(2, bool), matrix, offset, values, {"A.x": (0.5, 0.6), "A.y": (-0.6, -0.1)})


def test_sizes_are_bound_by_their_reciprocal():
    low, high = variable_ends(
        ["A.lab.size"], np.array([True]), np.eye(1), np.zeros(1), {"A.lab.size": 500.0}, {"A.lab.size": (100.0, 1000.0)}
    )
    assert (low[0], high[0]) == pytest.approx((0.001, 0.01))


def test_natural_bounds_go_by_the_last_part_of_a_name():
    assert natural_bounds("A.O.u_iso", 0.01) == (-0.02, 0.5)
    assert natural_bounds("A.lab.march_r0", 1.0) == (0.05, 20.0)
    assert natural_bounds("A.O.u_iso", 0.7) == (-0.02, 0.7)
