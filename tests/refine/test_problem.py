"""A least-squares problem: what must agree, and a quantity held by one observation more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.least_squares import Prior
from anatase.refine.problem import Problem, curve_at, pinned
from anatase.refine.uncertainty.refit import refit

X = np.linspace(0.0, 1.0, 12)
ROWS = np.array([np.ones(12), X])
NOTHING = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, -np.inf), np.full(2, np.inf))


@pytest.fixture
def line() -> Problem:
    y = 1.0 + 2.0 * X + np.tile([0.1, -0.1], 6)
    return Problem(("level", "slope"), np.zeros(2), lambda p: (p @ ROWS, ROWS), y, np.ones(12), NOTHING)


def test_observations_are_points_of_some_weight_and_priors(line):
    weights = np.where(X < 0.5, 1.0, 0.0)
    prior = replace(NOTHING, su=np.array([0.1, np.inf]))
    assert line.n_observations == 12
    assert replace(line, weights=weights, prior=prior).n_observations == 7


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": np.zeros(3)}, "2 names for 3 values"),
        ({"weights": np.ones(5)}, "12 observations and 5 weights"),
        ({"weights": np.eye(12)[0]}, "2 parameters for 1 observations; refine fewer parameters"),
    ],
)
def test_what_disagrees_is_refused(line, wrong, message):
    with pytest.raises(InputError, match=message):
        replace(line, **wrong)


def test_the_curve_alone_is_taken_where_there_is_one(line):
    p = np.array([1.0, 2.0])
    np.testing.assert_array_equal(curve_at(line, p), p @ ROWS)
    np.testing.assert_array_equal(curve_at(replace(line, curve=lambda values: values[0] * X), p), X)


def test_a_pinned_quantity_stays_and_the_rest_is_refined(line):
    # slope held at 1: the level is then the mean of y − x
    held = pinned(line, lambda p: (p[1], np.array([0.0, 1.0])), 1.0, 1e-4)
    found = refit(held, held.start)
    assert found.values[1] == pytest.approx(1.0, abs=1e-6)
    assert found.values[0] == pytest.approx(np.mean(line.observed - X), abs=1e-5)
    assert held.stretches == ((0, 12),)


def test_any_quantity_can_be_pinned(line):
    # level × slope = 1.5, whatever both are
    held = pinned(line, lambda p: (p[0] * p[1], p[::-1].copy()), 1.5, 0.01)
    found = refit(held, np.array([1.0, 2.0]))
    assert found.values.prod() == pytest.approx(1.5, abs=1e-3)
