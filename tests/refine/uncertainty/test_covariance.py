"""Covariance, GOF scaling, correlation, bounds, and the coverage of the s.u."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.refine.covariance import covariance, strong_correlations
from anatase.refine.least_squares import Prior
from anatase.refine.problem import Problem


def line(x, y, weights, prior=None, names=("level", "slope")):
    nothing = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, -np.inf), np.full(2, np.inf))
    rows = np.array([np.ones_like(x), x])
    return Problem(names, np.zeros(2), lambda p: (p @ rows, rows), y, weights, prior or nothing)


def test_a_straight_line_has_the_textbook_covariance(solved):
    # Σ(x − x̄)² = 10, n = 5: su²(slope) = 1/10, su²(level) = 1/5 + x̄²/10, cov = −x̄/10
    x = np.arange(5.0)
    y = 1.0 + 2.0 * x + np.array([0.1, -0.2, 0.0, 0.2, -0.1])
    problem = line(x, y, np.ones(5))
    found = covariance(problem, solved(problem))
    assert found.matrix == pytest.approx(np.array([[0.6, -0.2], [-0.2, 0.1]]), rel=1e-9)
    assert found.correlation[0, 1] == pytest.approx(-0.2 / np.sqrt(0.06))
    assert found.degrees_of_freedom == 3
    residual = y - found.values @ np.array([np.ones(5), x])
    assert found.gof == pytest.approx(np.sqrt(residual @ residual / 3))
    assert found.su == pytest.approx(np.sqrt([0.6, 0.1]) * found.gof)
    assert found.scaled == pytest.approx(found.matrix * found.gof**2)
    assert found.warnings == ()


def test_points_of_no_weight_do_not_count(solved):
    x = np.arange(6.0)
    problem = line(x, 2.0 * x, np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]))
    assert covariance(problem, solved(problem)).degrees_of_freedom == 2


def test_a_prior_is_an_observation(solved):
    # a level known to ±0.1 beforehand: precision 5 + 100 beside the slope's column
    x = np.arange(5.0) - 2.0
    prior = Prior(np.array([1.0, 0.0]), np.array([0.1, np.inf]), np.full(2, -np.inf), np.full(2, np.inf))
    problem = line(x, 1.0 + x, np.ones(5), prior)
    found = covariance(problem, solved(problem))
    assert found.degrees_of_freedom == 4
    assert found.su_unscaled[0] == pytest.approx(1.0 / np.sqrt(105.0))


def test_parameters_that_cannot_be_told_apart_have_no_su(solved):
    x = np.arange(5.0)
    rows = np.array([np.ones(5), x, 2.0 * x])
    nothing = Prior(np.zeros(3), np.full(3, np.inf), np.full(3, -np.inf), np.full(3, np.inf))
    y = 1.0 + x + np.array([0.1, -0.1, 0.1, 0.0, -0.1])
    problem = Problem(("level", "zero", "shift"), np.zeros(3), lambda p: (p @ rows, rows), y, np.ones(5), nothing)
    found = covariance(problem, solved(problem))
    assert found.undetermined.tolist() == [False, True, True]
    assert np.isinf(found.su[1:]).all()
    assert found.su_unscaled[0] == pytest.approx(np.sqrt(0.6), rel=1e-6)  # that of level beside one slope
    assert found.warnings == ("the pattern does not change when zero rises and shift falls together",)


def test_a_parameter_held_at_its_bound_has_no_su_and_is_not_counted(solved):
    x = np.arange(5.0)
    low = Prior(np.zeros(2), np.full(2, np.inf), np.array([-np.inf, 3.0]), np.full(2, np.inf))
    problem = line(x, 1.0 + 2.0 * x, np.ones(5), low)
    found = covariance(problem, solved(problem))
    assert found.at_bound.tolist() == [False, True]
    assert np.isnan(found.su[1])
    assert found.su_unscaled[0] == pytest.approx(1.0 / np.sqrt(5.0))  # the mean of five points
    assert found.degrees_of_freedom == 4
    assert found.warnings == ("slope stands at its bound; it has no s.u.",)


def test_as_many_parameters_as_points_are_warned_of(solved):
    problem = line(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.ones(2))
    found = covariance(problem, solved(problem))
    assert found.gof == 1.0
    assert "no s.u. can be trusted" in found.warnings[0]


def test_strong_correlations_come_strongest_first(peaks, solved):
    problem = peaks(np.random.default_rng(1))
    found = covariance(problem, solved(problem))
    pairs = strong_correlations(found, above=0.3)
    sizes = [abs(pair.coefficient) for pair in pairs]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 0.3
    first, second = problem.names.index(pairs[0].first), problem.names.index(pairs[0].second)
    assert pairs[0].coefficient == found.correlation[first, second]
    assert len(pairs) == np.count_nonzero(np.abs(found.correlation) > 0.3) // 2 - 3  # 7 on the diagonal
    assert strong_correlations(found, above=0.999) == ()


@pytest.mark.parametrize("understated", [1.0, 3.0])
def test_the_truth_lies_within_one_su_in_68_of_100_patterns(peaks, solved, truth, understated):
    # 300 simulated patterns of 7 parameters: 68.3 % of 2100 correlated cases are expected within one s.u., 95.4 %
    # within two, to 5 and 3 %: several standard deviations. Weights that overstate the data are made good by GOF.
    rng = np.random.default_rng(20)
    pulls, gofs = [], []
    for _ in range(300):
        problem = peaks(rng, understated)
        found = covariance(problem, solved(problem))
        pulls.append((found.values - truth) / found.su)
        gofs.append(found.gof)
    inside = np.abs(np.array(pulls))
    assert np.mean(inside < 1.0) == pytest.approx(0.683, abs=0.05)
    assert np.mean(inside < 2.0) == pytest.approx(0.954, abs=0.03)
    assert np.all(np.abs(np.mean(inside < 1.0, axis=0) - 0.683) < 0.09)  # each parameter by itself: 3.3 of √(pq/300)
    assert np.mean(gofs) == pytest.approx(understated, rel=0.02)


def test_su_do_not_depend_on_the_unit_of_the_weights(peaks, solved):
    problem = peaks(np.random.default_rng(3))
    other = replace(problem, weights=problem.weights * 100.0)
    one, two = covariance(problem, solved(problem)), covariance(other, solved(other))
    assert two.su == pytest.approx(one.su, rel=1e-4)
    assert two.su_unscaled == pytest.approx(one.su_unscaled / 10.0, rel=1e-4)
