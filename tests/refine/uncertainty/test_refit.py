"""A fit begun again: it ends where it should, or says that it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import ConvergenceError, PhysicsError
from anatase.refine.uncertainty.refit import refit


def test_it_ends_at_the_same_place_from_elsewhere(peaks, solved):
    problem = peaks(np.random.default_rng(1))
    fit = solved(problem)
    su = np.sqrt(np.diag(np.linalg.inv(fit.normal)))
    again = refit(problem, fit.values + 3.0 * su * np.array([1, -1, 1, 1, -1, 1, -1]))
    assert np.all(np.abs(again.values - fit.values) < 0.01 * su)


def test_too_few_iterations_raise_and_carry_the_state(peaks):
    problem = peaks(np.random.default_rng(1))
    with pytest.raises(ConvergenceError, match="no convergence in 1 iterations") as error:
        refit(problem, problem.start * 1.3, max_iterations=1)
    assert error.value.state.values.shape == (7,)


def test_a_start_that_is_no_number_raises(peaks):
    problem = peaks(np.random.default_rng(1))
    nowhere = replace(problem, evaluate=lambda p: (problem.observed * np.nan, np.ones((7, problem.observed.size))))
    with pytest.raises(PhysicsError, match="no number"):
        refit(nowhere, problem.start)


def test_a_start_that_is_no_crystal_raises(peaks):
    def collapsed(values):
        raise PhysicsError("the cell collapses")

    problem = replace(peaks(np.random.default_rng(1)), evaluate=collapsed)
    with pytest.raises(PhysicsError, match="collapses"):
        refit(problem, problem.start)
