"""Peaks against simulations with known truth and against certified cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io import read
from anatase.pattern.pattern import Pattern
from anatase.peaks import find_peaks

Simulate = Callable[..., Pattern]

# one peak every 4°, so that none overlaps the next
ISOLATED = np.arange(15.0, 88.0, 4.0) + 0.137


def isolated_pulls(simulate: Simulate, height: float, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """(measured - true)/s.u. of positions and areas of isolated peaks."""
    factor = 0.5 * np.pi / 2.0 + 0.5 * np.sqrt(np.pi / np.log(2.0)) / 2.0  # area of a unit pseudo-Voigt, η = 0.5
    position, area = [], []
    for seed in range(seeds):
        peaks = find_peaks(simulate(ISOLATED, np.full(ISOLATED.size, height), seed=seed))
        nearest = np.argmin(np.abs(peaks.position[:, None] - ISOLATED[None, :]), axis=0)
        peaks = peaks.select(nearest)
        assert np.abs(peaks.position - ISOLATED).max() < 0.05
        position.append((peaks.position - ISOLATED) / peaks.position_su)
        area.append((peaks.area - height * 0.1 * factor) / peaks.area_su)
    return np.concatenate(position), np.concatenate(area)


@pytest.mark.parametrize("height", [150.0, 1000.0])
def test_su_of_positions_cover_the_truth(simulate: Simulate, height: float) -> None:
    """68 % of normal deviates lie within one s.u.; 190 peaks give that share to ±3.4 %, two sigma of which is 7."""
    position, _ = isolated_pulls(simulate, height, 10)
    assert abs(np.mean(np.abs(position) < 1.0) - 0.683) < 0.10
    assert abs(position.mean()) < 0.25
    assert 0.75 < position.std() < 1.2


def test_su_of_areas_are_not_too_small(simulate: Simulate) -> None:
    """Widths and mixing are partly known beforehand, so the spread is below 1; above would be overconfidence."""
    _, area = isolated_pulls(simulate, 1000.0, 6)
    assert 0.5 < area.std() < 1.2
    assert abs(area.mean()) < 0.5


@pytest.mark.parametrize("background", [3.0, 200.0, 1e4])
def test_noise_gives_less_than_one_peak_in_five_patterns(simulate: Simulate, background: float) -> None:
    """The stated rate is 0.2 per pattern of 4,000 points; 20 patterns then give 4 ± 2."""
    found = [len(find_peaks(simulate(np.empty(0), np.empty(0), background=background, seed=s))) for s in range(20)]
    assert sum(found) <= 6


def test_detection_rises_with_the_significance(simulate: Simulate) -> None:
    """Height/√background · √(points in the peak ≈ 7) is 2.6, 5 and 10: rarely, mostly, always found."""
    rate = []
    for height in (10.0, 22.0, 40.0):
        hits = 0
        for seed in range(4):
            peaks = find_peaks(simulate(ISOLATED, np.full(ISOLATED.size, height), seed=seed))
            distance = np.abs(peaks.position[:, None] - ISOLATED[None, :])
            hits += int((distance < 0.1).any(axis=0).sum()) if len(peaks) else 0
        rate.append(hits / (4 * ISOLATED.size))
    assert rate[0] < 0.3
    assert rate[0] < rate[1] < rate[2]
    assert rate[2] > 0.9


def test_k_alpha_2_is_no_peak_of_its_own(simulate: Simulate) -> None:
    """At 80° the doublet of Cu Kα is 0.24° apart, resolved with FWHM 0.1°."""
    peaks = find_peaks(simulate(np.array([20.0, 50.0, 80.0]), np.full(3, 3000.0)))
    assert len(peaks) == 3
    assert np.allclose(peaks.position, [20.0, 50.0, 80.0], atol=0.003)


def test_overlapping_peaks_are_told_apart(simulate: Simulate) -> None:
    """Two peaks 1.5 FWHM apart, and one a tenth as high on the flank of another at 1.8 FWHM."""
    position = np.array([30.0, 30.15, 60.0, 60.18])
    peaks = find_peaks(simulate(position, np.array([3000.0, 2000.0, 5000.0, 500.0]), wavelength="CuKa1"))
    assert len(peaks) == 4
    assert np.allclose(peaks.position, position, atol=0.01)


def test_broad_and_sharp_peaks_in_one_pattern(simulate: Simulate) -> None:
    """FWHM 1.2° and 0.1° in one pattern; widths back within a tenth."""
    broad = simulate(np.array([30.0]), np.array([800.0]), fwhm=1.2, background=0.0, seed=1)
    sharp = simulate(np.array([45.0, 55.0, 65.0]), np.array([900.0, 700.0, 500.0]), seed=2)
    counts = broad.intensity + sharp.intensity
    peaks = find_peaks(replace(sharp, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0))))
    assert np.allclose(peaks.position, [30.0, 45.0, 55.0, 65.0], atol=0.03)
    assert np.allclose(peaks.fwhm, [1.2, 0.1, 0.1, 0.1], rtol=0.1)


def test_peaks_of_three_points(simulate: Simulate) -> None:
    """Synchrotron: FWHM 0.003° on a step of 0.001°."""
    x = np.arange(5.0, 15.0, 0.001)
    position = np.array([6.0004, 8.1237, 11.5551])
    peaks = find_peaks(simulate(position, np.full(3, 5000.0), fwhm=0.003, x=x, wavelength="0.4131", background=50.0))
    assert np.allclose(peaks.position, position, atol=2e-4)


def test_no_peaks_in_an_amorphous_hump() -> None:
    """A glass: a maximum of 9° FWHM on a slope."""
    x = np.arange(10.0, 80.0, 0.02)
    counts = np.random.default_rng(3).poisson(200.0 + 900.0 * np.exp(-(((x - 23.0) / 5.5) ** 2)) + 2e3 / x)
    peaks = find_peaks(Pattern(x, counts, np.sqrt(np.maximum(counts, 1.0))))
    assert len(peaks) == 0
    assert peaks.d_spacing is None  # no radiation


@pytest.mark.parametrize("axis", ["q", "tof", "d"])
def test_other_axes(axis: str) -> None:
    """A single line on a q, d or time-of-flight axis of constant step."""
    x = np.linspace(1.0, 9.0, 4000)
    y = 100.0 + sum(900.0 * np.exp(-np.log(2.0) * ((x - c) / 0.006) ** 2) for c in (2.0, 4.0, 7.0))
    counts = np.random.default_rng(5).poisson(y)
    peaks = find_peaks(Pattern(x, counts, np.sqrt(counts + 1.0), axis=axis))  # type: ignore[arg-type]
    assert np.allclose(peaks.position, [2.0, 4.0, 7.0], atol=6e-4)
    assert np.allclose(peaks.fwhm, 0.012, rtol=0.1)


def test_scale_of_sigma_does_not_matter(simulate: Simulate) -> None:
    """Counts per second keep their scatter; s.u. taken as √intensity are then wrong by a factor."""
    pattern = simulate(ISOLATED, np.full(ISOLATED.size, 400.0))
    rescaled = replace(pattern, intensity=pattern.intensity / 40.0, sigma=np.sqrt(pattern.intensity / 40.0))
    first, second = find_peaks(pattern), find_peaks(rescaled)
    assert len(first) == len(second) == ISOLATED.size
    assert np.allclose(first.significance, second.significance, rtol=0.05)


def test_bad_arguments(simulate: Simulate) -> None:
    pattern = simulate(ISOLATED, np.full(ISOLATED.size, 400.0))
    with pytest.raises(InputError, match="min_significance is 0"):
        find_peaks(pattern, min_significance=0.0)
    with pytest.raises(InputError, match="3 points"):
        find_peaks(pattern, background=np.zeros(3))


def test_srm_660c_positions(shared_data: Path) -> None:
    """NIST SRM 660c LaB6, certified a = 4.156826 Å; zero and displacement of the diffractometer are fitted."""
    pattern = read(shared_data / "powder" / "gsas2" / "MDtutorials" / "CWInstDemo" / "NIST660CBI.gsas")
    peaks = find_peaks(pattern)
    peaks = peaks.select(peaks.significance > 30.0)
    assert pattern.radiation is not None
    n = np.arange(8)
    squares = np.unique((n[:, None, None] ** 2 + n[None, :, None] ** 2 + n[None, None, :] ** 2).ravel())[1:]
    sine = pattern.radiation.wavelength / 2.0 * np.sqrt(squares) / 4.156826
    expected = 2.0 * np.degrees(np.arcsin(sine[sine < 0.999]))
    expected = expected[(expected > pattern.x[0]) & (expected < pattern.x[-1])]
    assert len(peaks) == expected.size == 20
    shift = peaks.position - expected
    systematic = np.stack([np.ones(20), np.cos(np.radians(expected) / 2.0)], axis=1)
    rest = shift - systematic @ np.linalg.lstsq(systematic, shift, rcond=None)[0]
    assert np.sqrt(np.mean(rest**2)) < 0.0015  # deg; measured 0.0010
    assert np.abs(rest).max() < 0.004
