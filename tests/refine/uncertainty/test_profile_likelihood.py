"""Profile likelihood against intervals that algebra gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Prior
from anatase.refine.problem import Problem
from anatase.refine.uncertainty.profile_likelihood import profile_likelihood
from anatase.refine.uncertainty.refit import refit


def test_a_straight_line_gives_value_and_su(peaks):
    # of a linear model the profile is the parabola of the covariance exactly
    x = np.linspace(0.0, 1.0, 30)
    y = 1.0 + 2.0 * x + 0.1 * np.random.default_rng(1).normal(size=30)
    rows = np.array([np.ones(30), x])
    nothing = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, -np.inf), np.full(2, np.inf))
    problem = Problem(("level", "slope"), np.zeros(2), lambda p: (p @ rows, rows), y, np.ones(30), nothing)
    fit = refit(problem, problem.start)
    su = covariance(problem, fit).su[1]
    found = profile_likelihood(problem, fit, "slope")
    assert found.interval_68 == pytest.approx((fit.values[1] - su, fit.values[1] + su), rel=1e-3)
    assert found.interval_95 == pytest.approx((fit.values[1] - 2 * su, fit.values[1] + 2 * su), rel=1e-3)
    assert found.rise == pytest.approx(((found.grid - found.value) / su) ** 2, abs=1e-3)
    assert found.parabolic
    assert found.warnings == ()
    assert np.all(np.diff(found.grid) > 0)


def test_the_others_are_refined_at_each_place(peaks):
    problem = peaks(np.random.default_rng(4))
    fit = refit(problem, problem.start)
    found = profile_likelihood(problem, fit, "width")
    matrix = covariance(problem, fit).matrix
    follow = matrix[4] / matrix[4, 4]
    near = int(np.argmin(np.abs(found.rise - 1.0)))
    step = found.grid[near] - fit.values[4]
    su = covariance(problem, fit).su
    assert found.parameters[near] == pytest.approx(fit.values + follow * step, abs=0.1 * su.min() + 0.1)
    assert found.interval_68[1] - found.value == pytest.approx(su[4], rel=0.05)


def exponential(n: int, sigma: float = 1.0) -> Problem:
    """Return n points of exp(p) about exp(0.5), each ±1 from it in turn."""
    nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    y = np.exp(0.5) + np.tile([1.0, -1.0], n // 2)
    curve = lambda p: (np.full(n, np.exp(p[0])), np.full((1, n), np.exp(p[0])))  # noqa: E731
    return Problem(("rate",), np.array([0.4]), curve, y, np.full(n, 1 / sigma**2), nothing)


@pytest.mark.parametrize("sigma", [1.0, 5.0])
def test_a_curved_model_has_the_interval_of_its_exponent(sigma):
    # exp(p) is known to 1/√9 after scaling by GOF, whatever the weights say: p to ln(exp(0.5) ± 1/3), ± 2/3
    problem = exponential(10, sigma)
    found = profile_likelihood(problem, refit(problem, problem.start), "rate")
    for interval, level in ((found.interval_68, 1), (found.interval_95, 2)):
        assert interval == pytest.approx(np.log(np.exp(0.5) + np.array([-level, level]) / 3), abs=0.005)
    assert not found.parabolic
    assert found.warnings == ("χ² is no parabola in rate: give the interval, not the s.u.",)


def test_a_side_that_the_data_leave_open_is_told():
    # 4 points: exp(p) to ±1/√3 and ± 2/√3 = 1.155 of 1.649: reached; of 2 points ±1/1, ±2: never reached below
    problem = exponential(2)
    found = profile_likelihood(problem, refit(problem, problem.start), "rate")
    assert found.interval_68[0] == pytest.approx(np.log(np.exp(0.5) - 1.0), abs=0.02)
    assert found.interval_95[0] is None
    assert found.interval_95[1] == pytest.approx(np.log(np.exp(0.5) + 2.0), abs=0.005)
    assert found.warnings[0] == "the data do not bound rate below up to 20 s.u."


def test_a_bound_ends_a_side():
    problem = exponential(10)
    low = Prior(np.zeros(1), np.full(1, np.inf), np.array([0.4]), np.full(1, np.inf))
    problem = replace(problem, prior=low)
    found = profile_likelihood(problem, refit(problem, problem.start), "rate")
    assert found.interval_68[0] is None
    assert found.grid.min() == pytest.approx(0.4, abs=1e-4)  # held to a small part of its s.u. of 0.2
    assert "the data do not bound rate below up to its bound" in found.warnings


def test_a_parameter_at_its_bound_has_one_side():
    problem = exponential(10)
    low = Prior(np.zeros(1), np.full(1, np.inf), np.array([0.7]), np.full(1, np.inf))
    problem = replace(problem, prior=low, start=np.array([0.9]))
    found = profile_likelihood(problem, refit(problem, problem.start), "rate")
    assert found.value == 0.7
    assert found.interval_68[0] is None
    assert found.interval_68[1] > 0.7


def test_what_the_data_do_not_determine_is_open_on_both_sides():
    x = np.linspace(0.0, 1.0, 10)
    rows = np.array([np.ones(10), x, 2.0 * x])
    nothing = Prior(np.zeros(3), np.full(3, np.inf), np.full(3, -np.inf), np.full(3, np.inf))
    y = 1.0 + x + np.tile([0.1, -0.1], 5)
    problem = Problem(("level", "zero", "shift"), np.zeros(3), lambda p: (p @ rows, rows), y, np.ones(10), nothing)
    found = profile_likelihood(problem, refit(problem, problem.start), "zero")
    assert found.interval_68 == (None, None)
    assert not found.parabolic


def test_a_lower_minimum_on_the_way_is_reported():
    # a double well in p: (p² − 1)² is as low at −1 as at +1, and 0.3 p more makes −1 the lower
    def wells(p):
        return np.array([p[0] ** 2 - 1.0, 0.3 * p[0], 0.0]), np.array([[2.0 * p[0], 0.3, 0.0]])

    nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    problem = Problem(("x",), np.ones(1), wells, np.array([0.0, -0.3, 1.0]), np.array([1.0, 1.0, 3.0]), nothing)
    found = profile_likelihood(problem, refit(problem, problem.start), "x")
    assert found.better is not None
    assert found.better[0] < 0.0
    assert not found.parabolic
    assert "GOF² near x = -" in found.warnings[-1]
    assert "refine again from there" in found.warnings[-1]


def test_a_place_that_is_no_crystal_ends_a_side(peaks):
    problem = peaks(np.random.default_rng(4))
    fit = refit(problem, problem.start)

    def limited(values):
        if values[4] < fit.values[4] - 1e-9:
            raise PhysicsError("the crystallites vanish")
        return problem.evaluate(values)

    found = profile_likelihood(replace(problem, evaluate=limited), fit, "width")
    assert found.interval_68[0] is None
    assert found.interval_68[1] is not None
    assert found.warnings[0] == "width: no refit beyond here: the crystallites vanish"


def test_few_refits_serve(peaks):
    problem = peaks(np.random.default_rng(4))
    told = []
    profile_likelihood(problem, refit(problem, problem.start), "width", tick=lambda *at: told.append(at))
    assert len(told) <= 10
    assert told[0] == (1, 12)


def test_an_unknown_name_is_refused(peaks):
    problem = peaks(np.random.default_rng(4))
    with pytest.raises(InputError, match="no free parameter is called 'zero'; choose among height_1"):
        profile_likelihood(problem, refit(problem, problem.start), "zero")


def test_any_quantity_has_a_profile(peaks):
    # Δχ² does not know of units: the interval of 1/width is that of width, upside down
    problem = peaks(np.random.default_rng(4))
    fit = refit(problem, problem.start)
    width = profile_likelihood(problem, fit, "width")
    gradient = np.eye(7)[4]
    sharp = profile_likelihood(problem, fit, "sharpness", quantity=lambda p: (float(1.0 / p[4]), -gradient / p[4] ** 2))
    assert sharp.name == "sharpness"
    assert sharp.value == pytest.approx(1.0 / width.value)
    for one, other in ((sharp.interval_68, width.interval_68), (sharp.interval_95, width.interval_95)):
        assert one == pytest.approx(1.0 / np.array(other[::-1]), rel=3e-4)


def test_the_su_of_a_sum_counts_correlation(peaks):
    problem = peaks(np.random.default_rng(4))
    fit = refit(problem, problem.start)
    both = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    found = profile_likelihood(problem, fit, "heights", quantity=lambda p: (float(both @ p), both))
    su = np.sqrt(both @ covariance(problem, fit).scaled @ both)
    assert found.su == pytest.approx(su)
    assert found.interval_68 == pytest.approx((found.value - su, found.value + su), abs=0.05 * su)
    assert found.grid == pytest.approx(found.parameters @ both)
