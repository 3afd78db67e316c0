"""Estimated backgrounds against simulated patterns whose background is known."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.io import read
from anatase.pattern.background import _whittaker, estimate_background
from anatase.pattern.noise import noise_level, noise_scale
from anatase.pattern.pattern import Pattern
from anatase.pattern.peak_width import measure_peak_widths

Array = NDArray[np.float64]
X = np.arange(10.0, 90.0, 0.02)


def peaks_at(x: Array, position: Array, area: Array, fwhm: float) -> Array:
    """Pseudo-Voigts, half Lorentzian, without Kα2; written independently of the package."""
    y = np.zeros(x.size)
    for centre, size in zip(position, area, strict=True):
        u2 = (2.0 * (x - centre) / fwhm) ** 2
        gauss = 2.0 * np.sqrt(np.log(2.0) / np.pi) / fwhm * np.exp(-np.log(2.0) * u2)
        y += 0.5 * size * (gauss + 2.0 / np.pi / fwhm / (1.0 + u2))
    return y


def errors(background: Array, peaks: Array, seed: int, x: Array = X) -> tuple[Array, float]:
    """Error of the estimate (n,) in units of the background's √counts, and its integral as share of the peaks'."""
    counts = np.random.default_rng(seed).poisson(background + peaks).astype(np.float64)
    estimate = estimate_background(Pattern(x, counts, np.sqrt(np.maximum(counts, 1.0))))
    difference = estimate - background
    return difference / np.sqrt(background), float(difference.sum() / max(peaks.sum(), 1e-9))


def air(x: Array) -> Array:
    """A laboratory scan: constant and the rise at low angle."""
    return 60.0 + 4e4 / x**2.2


def rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def sparse(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.uniform(15.0, 88.0, 25), 30.0 + rng.exponential(400.0, 25)


@pytest.mark.parametrize(("level", "limit"), [(3.0, 0.12), (100.0, 0.06), (1e6, 0.06)])
def test_mean_of_bare_noise(level: float, limit: float) -> None:
    """No peaks: the mean level, not an envelope below it (2 to 3 σ low). Counts of 3 are skewed, which costs 0.08 σ."""
    error, _ = errors(np.full(X.size, level), np.zeros(X.size), 1)
    assert abs(error.mean()) < limit
    assert np.abs(error).max() < 0.6


@pytest.mark.parametrize(("strength", "limit"), [(0.1, 0.3), (1.0, 0.6), (10.0, 3.5)])
def test_sparse_peaks(strength: float, limit: float) -> None:
    """Peaks of 30 to 40,000 counts on 60 to 300; the tails of the strongest are what remains of the error."""
    position, area = sparse(2)
    error, share = errors(air(X), peaks_at(X, position, strength * area, 0.1), 2)
    assert rms(error) < limit
    assert abs(share) < 0.02 / min(strength, 1.0) ** 0.9


def test_crowded_high_angles() -> None:
    """300 peaks of FWHM 0.12°, denser with angle as for a monoclinic cell: nothing is bare above 35°."""
    rng = np.random.default_rng(4)
    position = 12.0 + 78.0 * rng.power(2.5, 300)
    error, share = errors(air(X), peaks_at(X, position, rng.exponential(40.0, 300), 0.12), 4)
    assert rms(error) < 2.0
    assert -0.02 < share < 0.12


@pytest.mark.parametrize(("fwhm", "limit"), [(1.0, 0.06), (2.0, 0.08)])
def test_broad_peaks_are_not_eaten(fwhm: float, limit: float) -> None:
    """Rutile-like positions, nanocrystalline; all the area that the background takes is peak area lost."""
    position = np.array([27.4, 36.1, 39.2, 41.2, 44.0, 54.3, 56.6, 62.8, 64.0, 69.0])
    area = 30.0 * np.array([100.0, 50.0, 8.0, 25.0, 10.0, 60.0, 20.0, 10.0, 10.0, 20.0])
    error, share = errors(air(X), peaks_at(X, position, area, fwhm), 5)
    assert abs(share) < limit
    assert rms(error) < 2.0


def test_amorphous_hump_is_background() -> None:
    """A glass with and without sharp peaks on it: FWHM 6.7°, 900 counts high on 400."""
    hump = 300.0 + 900.0 * np.exp(-(((X - 24.0) / 4.0) ** 2)) + 2000.0 / X
    bare, _ = errors(hump, np.zeros(X.size), 6)
    assert rms(bare) < 0.4
    position, area = sparse(6)
    error, _ = errors(hump, peaks_at(X, position, area, 0.1), 6)
    assert rms(error) < 0.6


def test_steep_rise_at_low_angle() -> None:
    """6,000 counts at 3° fall to 150 at 10°."""
    x = np.arange(3.0, 70.0, 0.02)
    rng = np.random.default_rng(7)
    peaks = peaks_at(x, rng.uniform(8.0, 68.0, 20), rng.exponential(300.0, 20), 0.15)
    error, _ = errors(50.0 + 2e5 / x**3.2, peaks, 7, x)
    assert rms(error) < 1.0


def test_peak_at_the_end_of_the_scan() -> None:
    """A peak cut in half by the last point must not lift the background there."""
    error, _ = errors(np.full(X.size, 100.0), peaks_at(X, np.array([40.0, 89.98]), np.array([300.0, 300.0]), 0.2), 8)
    assert np.abs(error).max() < 2.0


def test_synchrotron_is_fast() -> None:
    """38,000 points with FWHM of six points in under 0.15 s of processor time (0.04 s on an idle machine)."""
    x = np.arange(2.0, 40.0, 0.001)
    rng = np.random.default_rng(9)
    peaks = peaks_at(x, rng.uniform(4.0, 40.0, 80), rng.exponential(3000.0, 80), 0.006)
    background = 3000.0 + 1500.0 * np.exp(-(((x - 8.0) / 3.0) ** 2))
    error, _ = errors(background, peaks, 9, x)
    assert rms(error) < 1.5
    counts = background + peaks
    pattern = Pattern(x, counts, np.sqrt(counts))
    start = time.process_time()
    estimate_background(pattern)
    assert time.process_time() - start < 0.15


def test_whittaker_solves_its_equations() -> None:
    """Against the dense normal equations (W + D'ΛD) b = W y."""
    rng = np.random.default_rng(0)
    y, weight, stiffness = rng.normal(size=30), rng.uniform(0.1, 1.0, 30), rng.uniform(1.0, 50.0, 28)
    second = np.diff(np.eye(30), 2, axis=0)
    dense = np.linalg.solve(np.diag(weight) + second.T @ np.diag(stiffness) @ second, weight * y)
    assert np.allclose(_whittaker(y, weight, stiffness), dense, atol=1e-10)


def test_noise_scale_of_counts_and_of_wrong_sigma() -> None:
    counts = np.random.default_rng(1).poisson(air(X)).astype(np.float64)
    sigma = np.sqrt(np.maximum(counts, 1.0))
    assert abs(noise_scale(Pattern(X, counts, sigma)) - 1.0) < 0.1
    assert abs(noise_scale(Pattern(X, counts, 3.0 * sigma)) - 1.0 / 3.0) < 0.04


def test_noise_of_an_interpolated_pattern() -> None:
    """Counts on a step three times as wide, interpolated: neighbours agree, averages scatter as before.

    A mean over k points has the variance 3σ²/k of k/3 independent counts: an effective σ of √3 σ per point.
    Neighbours alone suggest 0.12 σ; bins of three points are still correlated and give somewhat less than √3.
    """
    counts = np.random.default_rng(2).poisson(np.full(1500, 400.0)).astype(np.float64)
    fine = np.arange(0.0, 1499.0, 1.0 / 3.0)
    y = np.interp(fine, np.arange(1500.0), counts)
    scale = noise_scale(Pattern(fine, y, np.sqrt(y)))
    assert 0.7 < scale < 1.9


def test_peak_widths_of_a_mixture() -> None:
    position, area = sparse(3)
    y = air(X) + peaks_at(X, position, area, 0.1)
    counts = np.random.default_rng(3).poisson(y).astype(np.float64)
    pattern = Pattern(X, counts, np.sqrt(np.maximum(counts, 1.0)))
    widths = measure_peak_widths(counts, noise_level(pattern), 125.0)
    assert widths is not None
    assert 4.0 < widths.narrow <= widths.typical < 8.0  # FWHM is five points
    assert widths.wide < 25.0


def test_measured_pattern_of_a_glass(shared_data: Path) -> None:
    """Obsidian is glass: of the intensity above the lowest level, most belongs to the hump, not to peaks."""
    pattern = read(shared_data / "powder" / "powdr" / "rockjock_library" / "OBSIDIAN.xy")
    background = estimate_background(pattern)
    floor = background.min()
    assert (background - floor).sum() > 0.7 * (pattern.intensity - floor).sum()
