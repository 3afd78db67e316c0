"""The bootstrap beside the covariance, with correlated noise, failures and seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.uncertainty.bootstrap import bootstrap


@pytest.mark.parametrize("kind", ["residuals", "gaussian", "counts"])
def test_white_noise_gives_the_su_of_the_covariance(peaks, solved, kind):
    # 300 refits know an s.u. to 1/√600 = 4 %; the shape of 161 residuals and the curvature of the model add some
    problem = peaks(np.random.default_rng(2))
    fit = solved(problem)
    expected = covariance(problem, fit).su
    found = bootstrap(problem, fit, np.random.default_rng(1), refits=300, kind=kind)
    assert found.failures == 0
    assert found.su == pytest.approx(expected, rel=0.2)
    interval = found.interval()
    assert (interval[:, 1] - interval[:, 0]) / 2 == pytest.approx(expected, rel=0.25)
    shapes = found.bias[:5]  # of heights, centres and width: to 0.3 s.u., of which 1/√300 is chance
    assert np.all(np.abs(shapes) < 0.3 * expected[:5])


def test_weights_from_counts_pull_the_background_down(peaks, solved):
    # weights 1/y favour points that came out low: a constant fitted to them is their harmonic mean, y − 1 on
    # average (Baker & Cousins, 1984, Nucl. Instrum. Methods 221, 437). Only the counted bootstrap sees it.
    problem = peaks(np.random.default_rng(2))
    fit = solved(problem)
    counted = bootstrap(problem, fit, np.random.default_rng(1), refits=300, kind="counts")
    even = bootstrap(problem, fit, np.random.default_rng(1), refits=300, kind="gaussian")
    assert counted.bias[5] == pytest.approx(-1.0, abs=0.2)  # s.u. of the level 0.77, of this mean 0.05
    assert abs(even.bias[5]) < 0.2
    assert counted.warnings == ("the refits do not scatter about the fitted value of level",)
    assert even.warnings == ()


def correlated(problem, rho, rng):
    """Return the ideal curve with noise whose coefficient of correlation at lag l is ρˡ."""
    steps = rng.normal(size=problem.weights.size)
    noise = np.empty_like(steps)
    noise[0] = steps[0]
    for i in range(1, noise.size):
        noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * steps[i]
    return replace(problem, observed=problem.observed + noise / np.sqrt(problem.weights))


def test_blocks_see_the_correlation_that_the_covariance_does_not(peaks, solved):
    # noise of ρ = 0.6 makes true s.u. √((1 + ρ)/(1 − ρ)) = 2 times those of white noise; what 200 simulated
    # patterns scatter by is the measure. The mean of six bootstraps of 40 refits is good to 5 %.
    rng = np.random.default_rng(11)
    problems = [correlated(peaks(None, points=641), 0.6, rng) for _ in range(200)]
    fits = [solved(problem) for problem in problems]
    real = np.std([fit.values for fit in fits], axis=0)
    raw = np.mean([covariance(*pair).su for pair in zip(problems, fits, strict=True)], axis=0)
    few = list(zip(problems[:6], fits[:6], strict=True))
    found = [bootstrap(problem, fit, np.random.default_rng(1), refits=40) for problem, fit in few]
    assert min(one.block_length for one in found) > 5
    assert np.all(raw < 0.6 * real)
    assert np.mean(np.mean([one.su for one in found], axis=0) / real) == pytest.approx(0.95, abs=0.15)


def test_one_seed_gives_one_answer(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    fit = solved(problem)
    first, second, other = (bootstrap(problem, fit, np.random.default_rng(seed), refits=5) for seed in (4, 4, 5))
    assert first.samples.tobytes() == second.samples.tobytes()
    assert not np.array_equal(first.samples, other.samples)


def test_every_refit_is_told(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    told = []
    bootstrap(problem, solved(problem), np.random.default_rng(4), refits=3, tick=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_failures_are_counted_and_told(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    fit = solved(problem)
    calls = iter(range(10_000))

    def sometimes(values):
        if np.array_equal(values, fit.values) and next(calls) % 3 == 0:
            raise PhysicsError("the cell collapses")
        return problem.evaluate(values)

    found = bootstrap(replace(problem, evaluate=sometimes), fit, np.random.default_rng(4), refits=9)
    assert (found.failures, len(found.samples)) == (3, 6)
    assert found.warnings[0] == "3 of 9 refits failed: the fit is not stable"
    assert "only 6 refits" in found.warnings[1]


def test_when_all_fail_there_is_no_answer(peaks, solved):
    problem = peaks(np.random.default_rng(2))

    def never(values):
        raise PhysicsError("the cell collapses")

    with pytest.raises(ConvergenceError, match="4 of 4 refits failed"):
        bootstrap(replace(problem, evaluate=never), solved(problem), np.random.default_rng(4), refits=4)


def test_one_refit_is_refused(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    with pytest.raises(InputError, match="at least 2"):
        bootstrap(problem, solved(problem), np.random.default_rng(4), refits=1)


def test_one_side_of_a_bound_is_no_bias(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    high = np.full(7, np.inf)
    high[4] = solved(problem).values[4] - 0.002  # a third of an s.u. below what the data want
    bounded = replace(problem, prior=replace(problem.prior, high=high))
    found = bootstrap(bounded, solved(bounded), np.random.default_rng(1), refits=60, kind="gaussian")
    assert found.values[4] == high[4] >= found.samples[:, 4].max()
    assert abs(found.bias[4]) > 0.5 * found.su[4]
    assert found.warnings == ()
