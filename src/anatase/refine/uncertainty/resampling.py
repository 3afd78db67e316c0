"""Patterns that might have been measured instead: a fitted curve with new noise, or with its own residuals shuffled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem

__all__ = ["block_length", "with_counting_noise", "with_gaussian_noise", "with_shuffled_residuals"]

Array = NDArray[np.float64]

# Variance over intensity may differ so much between points of one pattern before it is not counting noise
UNLIKE_COUNTS = 3.0


def with_gaussian_noise(problem: Problem, fit: Fit, gof: float, rng: np.random.Generator) -> Problem:
    """Return the fitted curve with Gaussian noise of GOF/√w, and every prior's mean drawn anew from its s.u."""
    sigma = gof * _sigma(problem.weights)
    observed = np.where(problem.weights > 0, fit.model + sigma * rng.normal(size=sigma.size), problem.observed)
    return _with_new_priors(replace(problem, observed=observed), fit, rng)


def with_counting_noise(problem: Problem, fit: Fit, rng: np.random.Generator) -> Problem:
    """Return the fitted curve counted anew, weights by the new counts; restraints and priors by Gaussian noise.

    A count is worth σ²/y, the median of each stretch: 1 where the intensities are counts.

    Raises
    ------
    InputError
        When the weights of a stretch are not those of counts times one constant.
    """
    drawn = with_gaussian_noise(problem, fit, 1.0, rng)
    observed, weights = drawn.observed.copy(), problem.weights.copy()
    for first, last in problem.stretches or ((0, observed.size),):
        part = slice(first, last)
        counted = (weights[part] > 0) & (problem.observed[part] > 0)
        if not counted.any():
            continue
        worth = 1.0 / (weights[part][counted] * problem.observed[part][counted])
        low, unit, high = np.quantile(worth, [0.1, 0.5, 0.9])
        if high > UNLIKE_COUNTS * low:
            raise InputError(
                f"the s.u. of the points are not those of counts: σ²/y goes from {low:.3g} to {high:.3g}",
                "draw Gaussian noise instead",
            )
        counts = rng.poisson(np.maximum(fit.model[part], 0.0) / unit)
        kept = weights[part] > 0
        observed[part] = np.where(kept, unit * counts, observed[part])
        weights[part] = np.where(kept, 1.0 / (unit**2 * np.maximum(counts, 1)), 0.0)
    return replace(drawn, observed=observed, weights=weights)


def with_shuffled_residuals(problem: Problem, fit: Fit, length: int, rng: np.random.Generator) -> Problem:
    """Return the fitted curve with its own normalised residuals in random blocks of ``length`` points.

    Blocks overlap and wrap around their stretch (Politis & Romano, 1992), so that neighbours that misfit together
    still do; residuals are centred, and enlarged by √(N/(N − P)) for what the fit took up.
    """
    drawn = with_gaussian_noise(problem, fit, 1.0, rng)
    sigma = _sigma(problem.weights)
    observed = drawn.observed.copy()
    enlarged = np.sqrt(problem.n_observations / max(problem.n_observations - len(problem.names), 1))
    for first, last in problem.stretches or ((0, observed.size),):
        index = first + np.flatnonzero(problem.weights[first:last] > 0)
        if index.size == 0:
            continue
        residual = (problem.observed[index] - fit.model[index]) / sigma[index]
        starts = rng.integers(index.size, size=-(-index.size // length))
        picked = (starts[:, None] + np.arange(length)).ravel()[: index.size] % index.size
        observed[index] = fit.model[index] + enlarged * sigma[index] * (residual - residual.mean())[picked]
    return replace(drawn, observed=observed)


def block_length(correlation_length: float, n: int) -> int:
    """Return how many neighbours to keep together, of n points with an effective correlation length τ in points.

    b = (3n/2)^⅓ ((τ² − 1)/2τ)^⅔: Politis & White (2004) Econometric Reviews 23, 53, for circular blocks, with
    correlation that decays as ρˡ and τ = (1 + ρ)/(1 − ρ). At most a tenth of the points.

    Examples
    --------
    >>> block_length(1.0, 5000), block_length(3.0, 5000), block_length(19.0, 5000)
    (1, 24, 88)
    """
    tau = max(correlation_length, 1.0)
    best = (1.5 * n) ** (1 / 3) * ((tau**2 - 1.0) / (2.0 * tau)) ** (2 / 3)
    return int(np.clip(round(best), 1, max(n // 10, 1)))


def _sigma(weights: Array) -> Array:
    return np.where(weights > 0, 1.0 / np.sqrt(np.where(weights > 0, weights, 1.0)), 0.0)


def _with_new_priors(problem: Problem, fit: Fit, rng: np.random.Generator) -> Problem:
    """Draw the means of priors around the fitted values: what was known beforehand is an observation as well."""
    prior = problem.prior
    noise = rng.normal(size=prior.su.size)
    known = np.isfinite(prior.su)
    mean = np.where(known, fit.values + np.where(known, prior.su, 0.0) * noise, prior.mean)
    return replace(problem, prior=replace(prior, mean=mean))
