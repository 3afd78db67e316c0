"""The optimiser on certified problems, and its priors, bounds and flags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.refine.least_squares import Fit, Prior, levenberg_marquardt

Array = NDArray[np.float64]
Model = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Certified:
    """A problem of NIST's Statistical Reference Datasets (StRD, www.itl.nist.gov/div898/strd), with its answer."""

    model: Callable[[Array, Array], tuple[Array, Array]]
    x: Array
    y: Array
    starts: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]
    su: tuple[float, ...]
    rss: float


def saturation(x: Array, b: Array) -> tuple[Array, Array]:
    """b1 (1 − exp(−b2 x)): Misra1a and BoxBOD."""
    fall = np.exp(-b[1] * x)
    return b[0] * (1 - fall), np.array([1 - fall, b[0] * x * fall])


def rational(x: Array, b: Array) -> tuple[Array, Array]:
    """(b1 + b2 x + b3 x² + b4 x³)/(1 + b5 x + b6 x² + b7 x³): Thurber."""
    upper, lower = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3, 1 + b[4] * x + b[5] * x**2 + b[6] * x**3
    powers = [x**i for i in range(4)]
    return upper / lower, np.array([*(p / lower for p in powers), *(-upper / lower**2 * p for p in powers[1:])])


MISRA1A = Certified(
    saturation,
    np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]),
    np.array([10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]),
    ((500.0, 0.0001), (250.0, 0.0005)),
    (2.3894212918e02, 5.5015643181e-04),
    (2.7070075241e00, 7.2668688436e-06),
    1.2455138894e-01,
)
BOX_BOD = Certified(
    saturation,
    np.array([1.0, 2.0, 3.0, 5.0, 7.0, 10.0]),
    np.array([109.0, 149.0, 149.0, 191.0, 213.0, 224.0]),
    ((100.0, 0.75),),  # from the far start (1, 1) an undamped first step overflows, as NIST warns of this problem
    (2.1380940889e02, 5.4723748542e-01),
    (1.2354515176e01, 1.0455993237e-01),
    1.1680088766e03,
)
THURBER_X = """
-3.067 -2.981 -2.921 -2.912 -2.840 -2.797 -2.702 -2.699 -2.633 -2.481 -2.363 -2.322 -1.501 -1.460 -1.274 -1.212 -1.100
-1.046 -0.915 -0.714 -0.566 -0.545 -0.400 -0.309 -0.109 -0.103 0.010 0.119 0.377 0.790 0.963 1.006 1.115 1.572 1.841
2.047 2.200
"""
THURBER_Y = """
80.574 84.248 87.264 87.195 89.076 89.608 89.868 90.101 92.405 95.854 100.696 101.060 401.672 390.724 567.534 635.316
733.054 759.087 894.206 990.785 1090.109 1080.914 1122.643 1178.351 1260.531 1273.514 1288.339 1327.543 1353.863
1414.509 1425.208 1421.384 1442.962 1464.350 1468.705 1447.894 1457.628
"""
THURBER_VALUES = """
1.2881396800E+03 1.4910792535E+03 5.8323836877E+02 7.5416644291E+01
9.6629502864E-01 3.9797285797E-01 4.9727297349E-02
"""
THURBER_SU = """
4.6647963344E+00 3.9571156086E+01 2.8698696102E+01 5.5675370270E+00
3.1333340687E-02 1.4984928198E-02 6.5842344623E-03
"""
THURBER = Certified(
    rational,
    np.array(THURBER_X.split(), dtype=float),
    np.array(THURBER_Y.split(), dtype=float),
    ((1000.0, 1000.0, 400.0, 40.0, 0.7, 0.3, 0.03), (1300.0, 1500.0, 500.0, 75.0, 1.0, 0.4, 0.05)),
    tuple(float(word) for word in THURBER_VALUES.split()),
    tuple(float(word) for word in THURBER_SU.split()),
    5.6427082397e03,
)
PROBLEMS = {"Misra1a": MISRA1A, "BoxBOD": BOX_BOD, "Thurber": THURBER}
CASES = [(name, start) for name, problem in PROBLEMS.items() for start in problem.starts]


def free(k: int) -> Prior:
    return Prior(np.zeros(k), np.full(k, np.inf), np.full(k, -np.inf), np.full(k, np.inf))


def solve(problem: Certified, start: tuple[float, ...], tolerance: float = 1e-14, iterations: int = 200) -> Fit:
    return levenberg_marquardt(
        lambda b: problem.model(problem.x, b),
        np.array(start),
        problem.y,
        np.ones(problem.y.size),
        free(len(start)),
        max_iterations=iterations,
        tolerance=tolerance,
    )


@pytest.mark.parametrize(("name", "start"), CASES)
def test_certified_values(name: str, start: tuple[float, ...]):
    problem = PROBLEMS[name]
    fit = solve(problem, start)
    assert fit.converged
    assert fit.values == pytest.approx(problem.values, rel=1e-6)
    assert fit.objective == pytest.approx(problem.rss, rel=1e-9)
    variance = fit.objective / (problem.y.size - fit.values.size)
    su = np.sqrt(np.diag(np.linalg.inv(fit.normal)) * variance)
    assert su == pytest.approx(problem.su, rel=1e-5)


@pytest.mark.parametrize(("name", "start"), CASES)
def test_the_default_tolerance_stops_well_within_one_su(name: str, start: tuple[float, ...]):
    problem = PROBLEMS[name]
    fit = solve(problem, start, tolerance=1e-4)
    assert fit.converged
    assert np.all(np.abs(fit.values - problem.values) < 0.1 * np.array(problem.su))


@pytest.mark.parametrize(("name", "start"), CASES)
def test_the_objective_never_rises(name: str, start: tuple[float, ...]):
    problem = PROBLEMS[name]
    last = np.inf
    for iterations in range(12):
        objective = solve(problem, start, iterations=iterations).objective
        assert objective <= last
        last = objective


def test_too_few_iterations_are_not_called_converged():
    fit = solve(THURBER, THURBER.starts[0], iterations=2)
    assert not fit.converged


def test_what_is_returned_belongs_to_the_values_returned():
    fit = solve(MISRA1A, MISRA1A.starts[0], iterations=3)
    y, jacobian = saturation(MISRA1A.x, fit.values)
    np.testing.assert_array_equal(fit.model, y)
    np.testing.assert_array_equal(fit.jacobian, jacobian)
    np.testing.assert_allclose(fit.normal, jacobian @ jacobian.T, rtol=1e-14)
    assert fit.objective == pytest.approx(np.sum((MISRA1A.y - y) ** 2), rel=1e-14)


def constant(n: int) -> Model:
    return lambda p: (np.full(n, p[0]), np.ones((1, n)))


@pytest.mark.parametrize("su", [0.01, 1.0, 100.0])
def test_a_prior_pulls_by_its_precision(su: float):
    # mean of n points of unit weight and a prior: (n ȳ + m/su²)/(n + 1/su²), as two Gaussians multiply
    y = np.array([4.0, 5.0, 6.0, 9.0])
    prior = Prior(np.array([2.0]), np.array([su]), np.array([-np.inf]), np.array([np.inf]))
    fit = levenberg_marquardt(constant(4), np.array([0.0]), y, np.ones(4), prior, tolerance=1e-12)
    expected = (4 * 6.0 + 2.0 / su**2) / (4 + 1 / su**2)
    assert fit.values[0] == pytest.approx(expected, rel=1e-6)
    assert fit.normal[0, 0] == pytest.approx(4 + 1 / su**2)
    assert fit.objective == pytest.approx(np.sum((y - expected) ** 2) + ((expected - 2.0) / su) ** 2)


def test_weights_count():
    # weighted mean: (1·4 + 3·8)/4
    fit = levenberg_marquardt(
        constant(2), np.array([0.0]), np.array([4.0, 8.0]), np.array([1.0, 3.0]), free(1), tolerance=1e-12
    )
    assert fit.values[0] == pytest.approx(7.0, rel=1e-6)


def test_bounds_hold_at_every_step_and_the_rest_finds_its_own_optimum():
    # y = p0 + p1 x, true p1 = 2 beyond its bound of 1.5: the best p0 is then the mean of y − 1.5 x
    x = np.linspace(0.0, 1.0, 11)
    y = 1.0 + 2.0 * x
    seen: list[Array] = []

    def line(p: Array) -> tuple[Array, Array]:
        seen.append(p.copy())
        return p[0] + p[1] * x, np.array([np.ones_like(x), x])

    prior = Prior(np.zeros(2), np.full(2, np.inf), np.array([-5.0, 0.0]), np.array([5.0, 1.5]))
    fit = levenberg_marquardt(line, np.array([4.0, 9.0]), y, np.ones(11), prior, tolerance=1e-12, max_iterations=50)
    assert all(np.all((p >= prior.low) & (p <= prior.high)) for p in seen)
    assert fit.values == pytest.approx([np.mean(y - 1.5 * x), 1.5], abs=1e-6)
    assert fit.converged


def test_a_bound_is_left_when_the_gradient_points_inwards():
    prior = Prior(np.zeros(1), np.full(1, np.inf), np.array([0.0]), np.array([np.inf]))
    fit = levenberg_marquardt(constant(3), np.array([0.0]), np.full(3, 2.0), np.ones(3), prior, tolerance=1e-12)
    assert fit.values[0] == pytest.approx(2.0, rel=1e-6)


def test_parameters_that_do_nothing_stay():
    # a line outside the pattern has a zero row in the Jacobian
    prior = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, -np.inf), np.full(2, np.inf))
    fit = levenberg_marquardt(
        lambda p: (np.full(4, p[0]), np.array([np.ones(4), np.zeros(4)])),
        np.array([0.0, 0.7]),
        np.full(4, 3.0),
        np.ones(4),
        prior,
    )
    assert fit.values == pytest.approx([3.0, 0.7], abs=1e-3)


def test_steps_into_nonsense_are_not_taken():
    # √p is not a number below zero; the full step from 4 lands there
    def root(p: Array) -> tuple[Array, Array]:
        with np.errstate(invalid="ignore"):
            return np.sqrt(p), (0.5 / np.sqrt(p))[:, None]

    fit = levenberg_marquardt(root, np.array([4.0]), np.array([0.1]), np.ones(1), free(1), tolerance=1e-12)
    assert fit.values[0] == pytest.approx(0.01, rel=1e-3)


def test_a_fit_stopped_by_the_impossible_has_not_converged():
    # the minimum lies where there is no crystal: the fit ends at the edge and says so
    def edge(p: Array) -> tuple[Array, Array]:
        if p[0] < 1.0:
            raise PhysicsError("no such crystal")
        return p.copy(), np.eye(1)

    nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    fit = levenberg_marquardt(edge, np.array([1.0]), np.zeros(1), np.ones(1), nothing)
    assert not fit.converged
    assert fit.values[0] == 1.0


def test_a_jump_of_the_objective_beside_the_minimum_costs_few_trials():
    # where a line comes or goes the model jumps; no step across gains anything, and short ones lead nowhere
    x = np.linspace(0.0, 1.0, 101)
    y = 1.0 + 2.0 * x + np.random.default_rng(3).normal(size=101)
    columns = np.array([np.ones_like(x), x])
    best = np.linalg.lstsq(columns.T, y, rcond=None)[0]
    edge = best[0] - 1e-3  # 0.5 % of the s.u. of 0.2
    known = np.column_stack([columns.T, y])
    line = np.cos(20.0 * x)
    line -= known @ np.linalg.lstsq(known, line, rcond=None)[0]  # nothing makes up for it
    calls = 0

    def jumping(p: Array) -> tuple[Array, Array]:
        nonlocal calls
        calls += 1
        return p @ columns + 0.1 * line * (p[0] > edge), columns

    start = np.array([edge - 0.01, best[1]])
    fit = levenberg_marquardt(
        jumping, start, y, np.ones(101), free(2), max_iterations=100, tolerance=0.0, shift_tolerance=0.02
    )
    assert fit.converged
    assert calls <= 12
    assert best[0] - 0.02 * 0.2 <= fit.values[0] <= edge
