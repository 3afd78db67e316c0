"""Bérar–Lelann factor, Durbin–Watson d and correlation length of residuals whose correlation is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.refine.uncertainty.serial_correlation import (
    WHITE_FACTOR,
    autocorrelation,
    berar_lelann,
    durbin_watson,
    serial_correlation,
    stretches_of_residuals,
)


def red_noise(rho: float, n: int, seed: int) -> np.ndarray:
    """Return unit-variance noise whose coefficient of correlation at lag l is ρˡ."""
    rng = np.random.default_rng(seed)
    out = np.empty(n)
    out[0] = rng.normal()
    for i, step in enumerate(rng.normal(size=n - 1) * np.sqrt(1.0 - rho**2), start=1):
        out[i] = rho * out[i - 1] + step
    return out


def berar_lelann_point_by_point(a: np.ndarray) -> float:
    """Equations 10 to 12 in a loop, as they stand."""
    total = quadratic = 0.0
    runs, run = 0.0, 0.0
    for i, one in enumerate(a):
        z = 0.0
        if i and one * a[i - 1] > 0:
            root = np.sqrt(2 * np.pi * (one**2 + a[i - 1] ** 2))
            z = root / (2 + root)
        if z == 0.0:
            runs, run = runs + run**2, 0.0
        run += z * one
        quadratic += (1 - z**2) * one**2
        total += one**2
    return float(np.sqrt((quadratic + runs + run**2) / total))


def test_white_residuals_give_the_expected_figures():
    # quadrature gives S″/S = 1.2694; 200 000 points hold the factor to ±0.002
    a = red_noise(0.0, 200_000, 1)
    assert berar_lelann([a]) == pytest.approx(WHITE_FACTOR, abs=0.005)
    assert durbin_watson([a]) == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_factor_follows_its_equations(rho):
    a = red_noise(rho, 500, 4)
    assert berar_lelann([a]) == pytest.approx(berar_lelann_point_by_point(a), rel=1e-12)


def test_runs_do_not_cross_from_one_stretch_to_the_next():
    a, b = np.full(50, 2.0), np.full(50, 2.0)
    apart, joined = berar_lelann([a, b]), berar_lelann([np.concatenate([a, b])])
    assert apart < joined
    assert apart == pytest.approx(berar_lelann([a]), rel=1e-12)
    assert durbin_watson([a, -b]) == 0.0


def test_correlation_of_known_decay():
    # ρˡ at lag l, d = 2 (1 − ρ); the length 1 + 2 Σ ρˡ = (1 + ρ)/(1 − ρ)
    rho = 0.8
    a = red_noise(rho, 100_000, 2)
    assert autocorrelation([a])[:5] == pytest.approx(rho ** np.arange(1, 6), abs=0.02)
    assert durbin_watson([a]) == pytest.approx(2 * (1 - rho), abs=0.02)


def test_a_fit_with_correlated_noise_is_flagged(peaks, solved):
    problem = peaks(None)
    sigma = 1.0 / np.sqrt(problem.weights)
    noisy = replace(problem, observed=problem.observed + red_noise(0.9, sigma.size, 3) * sigma)
    found = serial_correlation(noisy, solved(noisy))
    assert found.durbin_watson < found.band[0]
    assert found.factor > 1.5
    assert 2.0 < found.length < 19.0  # (1 + 0.9)/(1 − 0.9) = 19, of which a fit of 7 parameters takes up a good part
    assert "trust the corrected s.u." in found.warnings[0]


def test_a_fit_with_white_noise_is_not_flagged(peaks, solved):
    problem = peaks(np.random.default_rng(5))
    found = serial_correlation(problem, solved(problem))
    assert found.band[0] < found.durbin_watson < found.band[1]
    assert found.length < 2.0
    assert found.warnings == ()


def test_the_band_is_that_of_hill_and_flack(peaks, solved):
    # Q = 2 [(N − 1)/(N − P) − 3.0901/√(N + 2)] with N = 161, P = 7
    problem = peaks(np.random.default_rng(5))
    low, high = serial_correlation(problem, solved(problem)).band
    assert low == pytest.approx(2 * (160 / 154 - 3.0901 / np.sqrt(163)), rel=1e-12)
    assert low + high == pytest.approx(4.0)


def test_points_without_weight_and_restraints_take_no_part(peaks, solved):
    problem = peaks(np.random.default_rng(5))
    weights = problem.weights.copy()
    weights[10:20] = 0.0
    parted = replace(problem, weights=weights, stretches=((0, 80), (80, 150)))
    pieces = stretches_of_residuals(parted, solved(parted))
    assert [piece.size for piece in pieces] == [70, 70]


def test_a_perfect_fit_has_nothing_to_correct(peaks, solved):
    problem = replace(peaks(None), stretches=((0, 161),))
    assert berar_lelann([np.zeros(9)]) == 1.0
    assert durbin_watson([np.zeros(9)]) == 2.0
    found = serial_correlation(problem, solved(problem))
    assert np.isfinite(found.factor)
    assert np.isfinite(found.length)
