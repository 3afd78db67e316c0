"""Patterns drawn anew: their mean, their noise, and what must not change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.least_squares import Prior
from anatase.refine.uncertainty.resampling import (
    block_length,
    with_counting_noise,
    with_gaussian_noise,
    with_shuffled_residuals,
)

RUNS = 400  # the mean of so many draws is known to σ/20


def draws(draw):
    rng = np.random.default_rng(7)
    return np.array([draw(rng) for _ in range(RUNS)])


@pytest.fixture
def case(peaks, solved):
    problem = peaks(np.random.default_rng(2))
    return problem, solved(problem), 1.0 / np.sqrt(problem.weights)


def test_gaussian_noise_has_the_width_of_the_weights_times_gof(case):
    problem, fit, sigma = case
    pulls = (draws(lambda rng: with_gaussian_noise(problem, fit, 2.0, rng).observed) - fit.model) / sigma
    assert np.abs(pulls.mean(axis=0)).max() < 2.0 * 5 / 20
    assert pulls.std() == pytest.approx(2.0, rel=0.02)


def test_counts_have_the_variance_of_counts_and_new_weights(case):
    problem, fit, _ = case
    worth = 2.5  # a pattern in units of 2.5 per count
    scaled = replace(
        problem, observed=worth * problem.observed, weights=1.0 / (worth**2 * np.maximum(problem.observed, 1.0))
    )
    curve = replace(fit, model=worth * fit.model)
    rng = np.random.default_rng(3)
    many = [with_counting_noise(scaled, curve, rng) for _ in range(RUNS)]
    observed = np.array([one.observed for one in many])
    assert observed.var(axis=0) / curve.model == pytest.approx(worth, rel=0.35)  # 5 of √(2/400)
    assert np.mean(observed.var(axis=0) / curve.model) == pytest.approx(worth, rel=0.03)
    assert many[0].weights == pytest.approx(1.0 / (worth * observed[0]), rel=1e-9)


def test_counting_is_refused_where_nothing_was_counted(case):
    problem, fit, _ = case
    with pytest.raises(InputError, match="not those of counts"):
        with_counting_noise(replace(problem, weights=np.ones_like(problem.weights)), fit, np.random.default_rng(0))


def test_shuffled_residuals_are_the_residuals(case):
    problem, fit, sigma = case
    drawn = with_shuffled_residuals(problem, fit, 5, np.random.default_rng(1))
    enlarged = np.sqrt(161 / 154)
    residual = (problem.observed - fit.model) / sigma
    before = np.round(enlarged * (residual - residual.mean()), 9)
    after = np.round((drawn.observed - fit.model) / sigma, 9)
    assert set(after) <= set(before)
    position = [int(np.flatnonzero(before == one)[0]) for one in after]
    steps = np.diff(position) % 161
    assert all(steps[i] == 1 for i in range(160) if (i + 1) % 5)  # neighbours within a block stay neighbours


def test_residuals_stay_in_their_stretch(case):
    problem, fit, _ = case
    quiet = replace(problem, observed=np.where(np.arange(161) < 80, problem.observed, fit.model))
    parted = replace(quiet, stretches=((0, 80), (80, 161)))
    drawn = with_shuffled_residuals(parted, fit, 10, np.random.default_rng(1))
    assert drawn.observed[80:] == pytest.approx(fit.model[80:], rel=1e-12)
    assert np.abs(drawn.observed[:80] - fit.model[:80]).max() > 1.0


def test_points_of_no_weight_are_left_alone_and_restraints_are_drawn(case):
    problem, fit, _ = case
    weights = problem.weights.copy()
    weights[:7] = 0.0
    parted = replace(problem, weights=weights, stretches=((0, 150),))
    for draw in (
        lambda rng: with_gaussian_noise(parted, fit, 1.0, rng),
        lambda rng: with_counting_noise(parted, fit, rng),
        lambda rng: with_shuffled_residuals(parted, fit, 4, rng),
    ):
        drawn = draw(np.random.default_rng(5))
        np.testing.assert_array_equal(drawn.observed[:7], problem.observed[:7])
        np.testing.assert_array_equal(drawn.weights[:7], 0.0)
        assert np.all(drawn.observed[150:] != problem.observed[150:])


def test_the_means_of_priors_are_drawn_with_their_su(case):
    problem, fit, _ = case
    su = np.array([np.inf, 0.05, np.inf, np.inf, np.inf, np.inf, np.inf])
    known = replace(problem, prior=Prior(np.zeros(7), su, np.full(7, -np.inf), np.full(7, np.inf)))
    means = draws(lambda rng: with_gaussian_noise(known, fit, 1.0, rng).prior.mean)
    assert means[:, 1].std() == pytest.approx(0.05, rel=0.15)
    assert means[:, 1].mean() == pytest.approx(fit.values[1], abs=0.0125)
    np.testing.assert_array_equal(means[:, 0], 0.0)


def test_block_lengths_follow_politis_and_white():
    # ρ = 0.5 of 1000 points: G/g = 2ρ/(1 − ρ²), b = (3/2 · 1000 · (4/3)²)^⅓
    assert block_length(3.0, 1000) == round((1.5 * 1000 * (4 / 3) ** 2) ** (1 / 3))
    assert block_length(0.5, 1000) == 1
    assert block_length(1e3, 200) == 20
