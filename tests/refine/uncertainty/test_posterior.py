"""Sampled posteriors against those that algebra or quadrature gives."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import ConvergenceError, InputError, MissingExtra, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Prior
from anatase.refine.problem import Problem
from anatase.refine.uncertainty.posterior import sample_posterior
from anatase.refine.uncertainty.refit import refit

# Chains of 50 autocorrelation times and 32 walkers hold some 1600 independent samples: medians to 0.03 s.u.,
# standard deviations to 2 %. Tolerances are some four times that.


def line(n=30, low=None):
    x = np.linspace(0.0, 1.0, n)
    y = 1.0 + 2.0 * x + 0.3 * np.random.default_rng(1).normal(size=n)
    rows = np.array([np.ones(n), x])
    least = np.full(2, -np.inf) if low is None else np.array(low)
    prior = Prior(np.zeros(2), np.full(2, np.inf), least, np.full(2, np.inf))
    return Problem(("level", "slope"), np.array([1.0, 2.0]), lambda p: (p @ rows, rows), y, np.full(n, 4.0), prior)


@pytest.fixture
def emcee():
    return pytest.importorskip("emcee", reason="emcee is not installed: pip install anatase[mcmc]")


@pytest.mark.parametrize("noise", ["gof", "weights"])
def test_a_linear_model_has_the_gaussian_of_its_covariance(emcee, noise):
    problem = line()
    fit = refit(problem, problem.start)
    found = sample_posterior(problem, fit, np.random.default_rng(1), noise=noise)
    known = covariance(problem, fit)
    su = known.su if noise == "gof" else known.su_unscaled
    assert found.converged
    assert found.warnings == ()
    assert found.su == pytest.approx(su, rel=0.08)
    assert np.abs(found.median - fit.values) / su == pytest.approx(0.0, abs=0.12)
    assert np.corrcoef(found.samples.T)[0, 1] == pytest.approx(known.correlation[0, 1], abs=0.05)
    assert found.interval(0.954) == pytest.approx(fit.values[:, None] + np.outer(su, [-2.0, 2.0]), abs=0.25 * su.max())
    assert found.noise == pytest.approx([known.gof if noise == "gof" else 1.0])


def test_sampled_noise_is_that_of_the_residuals(emcee):
    # s of ν = 28 residuals: ln s has a s.d. of 1/√(2ν), and the parameters are Student's: √(ν/(ν − 2)) wider
    problem = line()
    fit = refit(problem, problem.start)
    known = covariance(problem, fit)
    found = sample_posterior(problem, fit, np.random.default_rng(1), noise="free")
    assert np.median(found.noise) == pytest.approx(known.gof, rel=0.04)
    assert np.log(found.noise).std() == pytest.approx(1 / np.sqrt(56), rel=0.12)
    assert found.su == pytest.approx(known.su * np.sqrt(28 / 26), rel=0.08)
    assert found.samples.shape[1] == 2


def test_a_curved_model_has_the_quantiles_of_quadrature(emcee):
    nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    y = np.exp(0.5) + np.tile([1.0, -1.0], 5)
    problem = Problem(
        ("rate",),
        np.zeros(1),
        lambda p: (np.full(10, np.exp(p[0])), np.full((1, 10), np.exp(p[0]))),
        y,
        np.ones(10),
        replace(nothing, low=np.array([-2.0])),  # flat towards −∞, where the posterior would have no integral
    )
    found = sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1))
    p = np.linspace(-2.0, 2.0, 40001)
    weight = np.exp(-0.5 * 9.0 * (np.exp(p) - np.exp(0.5)) ** 2)  # 10 points, scaled by GOF² = 10/9
    below = np.cumsum(weight) / weight.sum()
    for level in (0.683, 0.954):
        expected = np.interp([(1 - level) / 2, (1 + level) / 2], below, p)
        assert found.interval(level)[0] == pytest.approx(expected, abs=0.06)
    assert found.median[0] == pytest.approx(np.interp(0.5, below, p), abs=0.03)


def test_a_bound_cuts_the_posterior(emcee):
    # a lower bound at the unbounded optimum of an otherwise known level leaves half a Gaussian: median 0.6745 σ
    problem = line()
    best = refit(problem, problem.start)
    bounded = replace(problem, prior=replace(problem.prior, low=np.array([-np.inf, best.values[1]])))
    found = sample_posterior(bounded, refit(bounded, best.values), np.random.default_rng(1))
    assert found.samples[:, 1].min() >= best.values[1]
    su = covariance(problem, best).su[1]
    assert (found.median[1] - best.values[1]) / su == pytest.approx(0.6745, abs=0.1)


def test_a_prior_narrows_the_posterior(emcee):
    problem = line()
    known = replace(problem, prior=replace(problem.prior, mean=np.array([1.0, 2.0]), su=np.array([np.inf, 0.05])))
    fit = refit(known, known.start)
    found = sample_posterior(known, fit, np.random.default_rng(1), noise="weights")
    assert found.su == pytest.approx(covariance(known, fit).su_unscaled, rel=0.08)


def test_two_peaks_agree_with_their_covariance(emcee, peaks):
    problem = peaks(np.random.default_rng(2))
    fit = refit(problem, problem.start)
    told = []
    found = sample_posterior(problem, fit, np.random.default_rng(1), tick=lambda *at: told.append(at))
    assert found.converged
    assert found.su == pytest.approx(covariance(problem, fit).su, rel=0.1)
    assert np.all(found.autocorrelation_time < 5.0)
    assert found.acceptance > 0.3
    assert told == [(50 * (i + 1), 2000) for i in range(found.steps // 50)]


def test_one_seed_gives_one_answer(emcee):
    problem = line()
    fit = refit(problem, problem.start)
    np.random.seed(5)  # noqa: NPY002 - the state of numpy's global generator must not matter
    first = sample_posterior(problem, fit, np.random.default_rng(3), steps=100)
    second = sample_posterior(problem, fit, np.random.default_rng(3), steps=100)
    other = sample_posterior(problem, fit, np.random.default_rng(4), steps=100)
    assert first.samples.tobytes() == second.samples.tobytes()
    assert first.samples[0, 0] != other.samples[0, 0]


def test_short_chains_are_told(emcee, peaks):
    problem = peaks(np.random.default_rng(2))
    found = sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1), steps=50)
    assert not found.converged
    assert found.warnings[0].startswith("the chains are too short: each took 50 steps")


def test_as_many_steps_as_asked_are_taken(emcee):
    problem = line()
    fit = refit(problem, problem.start)
    told: list[tuple[int, int]] = []
    for steps in (2, 20, 70):
        found = sample_posterior(
            problem, fit, np.random.default_rng(1), steps=steps, tick=lambda done, most: told.append((done, most))
        )
        assert found.steps == steps
        assert np.isfinite(found.samples).all()
        wanted = int(found.warnings[0].partition("ask for ")[2].partition(" ")[0])
        assert wanted >= max(2 * steps, 50.0 * found.autocorrelation_time.max())
    assert told == [(2, 2), (20, 20), (50, 70), (70, 70)]
    with pytest.raises(InputError, match="1 steps"):
        sample_posterior(problem, fit, np.random.default_rng(1), steps=1)


def test_an_interrupt_leaves_no_traceback(emcee, capfd):
    """emcee itself prints one of whatever its function raises."""
    problem = line()
    fit = refit(problem, problem.start)
    asked = 0

    def interrupted(p):
        nonlocal asked
        asked += 1
        if asked > 100:
            raise KeyboardInterrupt
        return problem.evaluate(p)[0]

    with pytest.raises(KeyboardInterrupt):
        sample_posterior(replace(problem, curve=interrupted), fit, np.random.default_rng(1))
    assert asked == 101
    assert capfd.readouterr() == ("", "")


def test_the_curve_alone_is_used_where_there_is_one(emcee):
    problem = line()
    fit = refit(problem, problem.start)

    def dear(values):
        raise AssertionError("derivatives are not needed")

    cheap = replace(problem, curve=lambda values: problem.evaluate(values)[0], evaluate=dear)
    assert sample_posterior(cheap, fit, np.random.default_rng(1), steps=50).steps == 50


def test_where_no_crystal_is_there_is_no_probability(emcee):
    problem = line()
    fit = refit(problem, problem.start)

    def limited(values):
        if values[1] < fit.values[1] - 0.05:
            raise PhysicsError("the cell collapses")
        return problem.evaluate(values)

    found = sample_posterior(replace(problem, evaluate=limited), fit, np.random.default_rng(1))
    assert found.samples[:, 1].min() >= fit.values[1] - 0.05


def test_nothing_around_the_fit_is_an_error(emcee):
    problem = line()
    fit = refit(problem, problem.start)

    def nowhere(values):
        raise PhysicsError("the cell collapses")

    with pytest.raises(ConvergenceError, match="around the fitted values"):
        sample_posterior(replace(problem, evaluate=nowhere), fit, np.random.default_rng(1))


def alike(low, high):
    """Two shifts that act alike: 10 points see only their sum."""
    rows = np.ones((2, 10))
    prior = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, low), np.full(2, high))
    y = 1.0 + np.tile([0.1, -0.1], 5)
    return Problem(("zero", "shift"), np.array([0.5, 0.5]), lambda p: (p @ rows, rows), y, np.full(10, 100.0), prior)


def test_what_nothing_determines_is_refused(emcee):
    problem = alike(-np.inf, np.inf)
    with pytest.raises(InputError, match=r"zero rises and shift falls together, and no bound limits them; hold one"):
        sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1))


def test_bounds_determine_what_the_data_do_not(emcee):
    # zero + shift = 1 within 0 and 2 each: zero is even between 0 and 1 where the sum is sharp
    problem = alike(0.0, 2.0)
    found = sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1))
    assert found.samples.min() >= 0.0
    assert found.su[0] == pytest.approx(1 / np.sqrt(12), rel=0.1)
    assert np.std(found.samples.sum(axis=1)) == pytest.approx(0.1 / np.sqrt(9), rel=0.1)


def test_without_emcee_the_pip_line_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    problem = line()
    with pytest.raises(MissingExtra, match=r"pip install 'anatase\[mcmc\]'"):
        sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1))
