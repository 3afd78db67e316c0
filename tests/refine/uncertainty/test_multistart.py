"""Starts from afar: minima that are known to exist are found, told apart and put in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.refine.uncertainty.multistart import Minimum, MultiStart, multistart
from anatase.refine.uncertainty.refit import refit

SWAP = {"centre_1": (-1.5, 1.5), "centre_2": (-1.5, 1.5)}


@pytest.fixture
def case(peaks):
    problem = peaks(np.random.default_rng(1))
    return problem, refit(problem, problem.start)


def test_one_minimum_near_the_solution(case):
    problem, fit = case
    found = multistart(problem, fit, np.random.default_rng(1), starts=10)
    assert len(found.minima) == 1
    assert found.minima[0].hits == 10
    assert found.minima[0].values == pytest.approx(fit.values, rel=1e-3)
    assert found.given == 0
    assert found.rivals == ()
    assert found.warnings == ()


def test_peaks_that_change_places_fit_as_well(case):
    problem, fit = case
    found = multistart(problem, fit, np.random.default_rng(1), starts=30, ranges=SWAP)
    assert len(found.rivals) == 1
    both = sorted((one.values for one in (found.minima[0], found.rivals[0])), key=lambda values: values[1])
    assert both[1] == pytest.approx(both[0][[2, 3, 0, 1, 4, 5, 6]], rel=1e-3)  # heights and centres exchanged
    assert {name for name, _, _ in found.differences(found.rivals[0])} == {
        "height_1",
        "centre_1",
        "height_2",
        "centre_2",
    }
    assert "another minimum fits as well: Rwp" in found.warnings[0]


def test_rwp_is_that_of_the_pattern_alone(case):
    problem, fit = case
    restrained = replace(problem, stretches=((0, 150),))
    found = multistart(restrained, fit, np.random.default_rng(1), starts=1)
    part = slice(0, 150)
    w, y = problem.weights[part], problem.observed[part]
    assert found.minima[0].rwp == pytest.approx(100 * np.sqrt(w @ (y - fit.model[part]) ** 2 / (w @ y**2)))


def test_a_better_minimum_than_the_one_given_is_told(peaks):
    # both peaks at the place of one, the other place empty: a poor minimum, from which the starts lead away
    problem = peaks(np.random.default_rng(1))
    low, high = problem.prior.low.copy(), problem.prior.high.copy()
    high[3] = -0.2
    poor = refit(replace(problem, prior=replace(problem.prior, high=high, low=low)), np.clip(problem.start, low, high))
    found = multistart(problem, poor, np.random.default_rng(2), starts=10, ranges=SWAP)
    assert found.given > 0
    assert found.minima[0].objective < poor.objective
    assert "another start fits better: Rwp" in found.warnings[0]


def test_bounds_and_ranges_hold_at_every_start(case):
    problem, fit = case
    low = np.full(7, -np.inf)
    low[4] = 0.95 * fit.values[4]
    seen = []

    def noted(values):
        seen.append(values.copy())
        return problem.evaluate(values)

    bounded = replace(problem, evaluate=noted, prior=replace(problem.prior, low=low))
    found = multistart(bounded, fit, np.random.default_rng(1), starts=5, spread=30.0)
    assert np.array(seen)[:, 4].min() >= low[4]
    assert found.failures == 0


def test_one_seed_gives_one_answer(case):
    problem, fit = case
    first, second = (multistart(problem, fit, np.random.default_rng(3), starts=5, ranges=SWAP) for _ in range(2))
    assert [one.values.tobytes() for one in first.minima] == [one.values.tobytes() for one in second.minima]


def test_starts_that_lead_nowhere_are_counted(case):
    problem, fit = case

    def nowhere(values):
        raise PhysicsError("the cell collapses")

    told = []
    found = multistart(
        replace(problem, evaluate=nowhere), fit, np.random.default_rng(1), starts=3, tick=lambda *at: told.append(at)
    )
    assert found.failures == 3
    assert found.warnings == ("3 of 3 starts led nowhere: minima may be missing",)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_unknown_name_is_refused(case):
    with pytest.raises(InputError, match="no free parameter is called 'zero'"):
        multistart(*case, np.random.default_rng(1), ranges={"zero": (0.0, 1.0)})


def test_a_range_beyond_the_bounds_is_refused(case):
    problem, fit = case
    low = np.full(7, -np.inf)
    low[4] = 0.1
    bounded = replace(problem, prior=replace(problem.prior, low=low))
    with pytest.raises(InputError, match=r"width cannot start between 0\.1 and 0\.05"):
        multistart(bounded, fit, np.random.default_rng(1), ranges={"width": (-1.0, 0.05)})


def test_any_difference_from_a_bound_counts_and_none_of_what_is_open():
    def end(values, su):
        return Minimum(np.array(values), np.array(su), np.eye(3), 1.0, 5.0, 1)

    at_bound, inside = end([0.0, 1.0, 2.0], [np.nan, 0.1, np.inf]), end([0.4, 1.1, 9.0], [0.1, 0.1, np.inf])
    found = MultiStart(("size", "a", "open"), (inside, at_bound), 0, 2, 0, 0.01)
    assert found.differences(at_bound) == (("size", 0.0, 0.4),)
    assert found.differences(end([0.0, 1.0, 2.0], [np.nan, 0.1, 1.0]), at_bound) == ()


def test_what_follows_from_the_parameters_has_the_su_of_its_slopes(case):
    problem, fit = case
    found = multistart(problem, fit, np.random.default_rng(1), starts=1)
    slopes = np.array([[1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], np.eye(7)[4]])
    seen = found.through(("both", "width"), lambda values: (slopes @ values, slopes)).minima[0]
    assert seen.values == pytest.approx(
        [found.minima[0].values[0] + found.minima[0].values[2], fit.values[4]], rel=1e-3
    )
    assert seen.su[0] == pytest.approx(np.sqrt(slopes[0] @ found.minima[0].covariance @ slopes[0]))
    assert seen.su[1] == pytest.approx(found.minima[0].su[4])
