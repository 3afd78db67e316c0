"""A problem small enough to be solved thousands of times: two overlapping Gaussian peaks on a slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.refine.least_squares import Fit, Prior, levenberg_marquardt
from anatase.refine.problem import Problem

Array = NDArray[np.float64]

NAMES = ("height_1", "centre_1", "height_2", "centre_2", "width", "level", "slope")
TRUTH = np.array([400.0, -0.6, 250.0, 0.7, 0.5, 50.0, 3.0])


def two_peaks(x: Array, p: Array) -> tuple[Array, Array]:
    """h₁ exp(−(x − c₁)²/2w²) + h₂ exp(−(x − c₂)²/2w²) + level + slope x, and its derivatives."""
    u, v = (x - p[1]) / p[4], (x - p[3]) / p[4]
    e, g = np.exp(-0.5 * u**2), np.exp(-0.5 * v**2)
    rows = [e, p[0] * e * u / p[4], g, p[2] * g * v / p[4], (p[0] * e * u**2 + p[2] * g * v**2) / p[4]]
    return p[0] * e + p[2] * g + p[5] + p[6] * x, np.array([*rows, np.ones_like(x), x])


def wide(k: int) -> Prior:
    return Prior(np.zeros(k), np.full(k, np.inf), np.full(k, -np.inf), np.full(k, np.inf))


def two_peak_problem(rng: np.random.Generator | None, understated: float = 1.0, points: int = 161) -> Problem:
    """Return a pattern with Poisson-like noise (none without ``rng``), s.u. of the points too small by a factor."""
    x = np.linspace(-4.0, 4.0, points)
    ideal = two_peaks(x, TRUTH)[0]
    sigma = np.sqrt(ideal)
    noise = 0.0 if rng is None else rng.normal(size=points) * sigma
    weights = (understated / sigma) ** 2
    return Problem(NAMES, TRUTH.copy(), lambda p: two_peaks(x, p), ideal + noise, weights, wide(7))


def solve(problem: Problem) -> Fit:
    return levenberg_marquardt(
        problem.evaluate, problem.start, problem.observed, problem.weights, problem.prior, tolerance=1e-10
    )


@pytest.fixture
def truth() -> Array:
    return TRUTH


@pytest.fixture
def peaks() -> Callable[..., Problem]:
    return two_peak_problem


@pytest.fixture
def solved() -> Callable[[Problem], Fit]:
    return solve
