"""Counting: means, variances, the honesty of the stated s.u., dead time by simulation of single counts."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.pattern.counting import Detector, count_pattern
from anatase.pattern.pattern import Pattern

N = 20_000


def flat(rate: float) -> Pattern:
    return Pattern(np.arange(1.0, N + 1.0), np.full(N, rate), np.ones(N))


@pytest.mark.parametrize("rate", [40.0, 2_000.0])
def test_poisson(rate: float):
    counted = count_pattern(flat(rate), np.random.default_rng(3), time=2.0)
    # standard errors over 20,000 points: σ/√n of the mean, √(2/n) = 1 % of the variance
    assert counted.intensity.mean() == pytest.approx(2 * rate, abs=4 * np.sqrt(2 * rate / N))
    assert counted.intensity.var() == pytest.approx(2 * rate, rel=0.04)
    np.testing.assert_array_equal(counted.sigma, np.sqrt(np.maximum(counted.intensity, 1.0)))


def test_scaled_to_a_maximum():
    x = np.linspace(10.0, 20.0, 101)
    ideal = Pattern(x, np.exp(-(((x - 15.0) / 0.5) ** 2)) + 0.01, np.ones(x.size))
    counted = count_pattern(ideal, np.random.default_rng(0), maximum=1e6)
    np.testing.assert_allclose(counted.intensity, ideal.intensity * 1e6 / 1.01, atol=5_000, rtol=0.05)
    assert counted.metadata["scale"] == pytest.approx(1e6 / 1.01)


@pytest.mark.parametrize(("rate", "dead_time"), [(1_000.0, 1e-4), (1_000.0, 1e-3), (300.0, 3e-3), (1e5, 1e-5)])
def test_dead_time(rate: float, dead_time: float):
    raw = count_pattern(flat(rate), np.random.default_rng(2), detector=Detector(dead_time), correct=False)
    busy = 1.0 + rate * dead_time
    # Müller (1973): mean n/(1 + nτ) and variance n/(1 + nτ)³, to a fraction of a count
    assert raw.intensity.mean() == pytest.approx(rate / busy, abs=0.6)
    assert raw.intensity.var() == pytest.approx(rate / busy**3, rel=0.05, abs=0.3)
    corrected = count_pattern(flat(rate), np.random.default_rng(2), detector=Detector(dead_time))
    # a detector that starts ready counts up to half a count more, which the correction magnifies by (1 + nτ)²
    assert 0.0 <= corrected.intensity.mean() - rate + 4 * np.sqrt(rate * busy / N) <= 0.5 * busy**2 + 0.002 * rate
    assert np.std((corrected.intensity - rate) / corrected.sigma) == pytest.approx(1.0, abs=0.03)


def test_dead_time_by_counting_one_after_the_other():
    # independent: waits of mean 1/100 s after each dead time of 5 ms, in one second
    rng = np.random.default_rng(5)
    waits = rng.exponential(0.01, (N, 260))
    arrivals = np.cumsum(waits, axis=1) + 0.005 * np.arange(260)
    by_hand = (arrivals <= 1.0).sum(axis=1)
    raw = count_pattern(flat(100.0), np.random.default_rng(6), detector=Detector(0.005), correct=False).intensity
    assert raw.mean() == pytest.approx(by_hand.mean(), abs=5 * np.sqrt(2 * by_hand.var() / N))
    assert raw.var() == pytest.approx(by_hand.var(), rel=0.06)
    for quantile in (0.01, 0.25, 0.75, 0.99):
        assert abs(np.quantile(raw, quantile) - np.quantile(by_hand, quantile)) <= 1.0


@pytest.mark.parametrize(
    "detector",
    [Detector(), Detector(2e-4), Detector(0.0, 500.0), Detector(0.0, 0.0, 60.0), Detector(2e-4, 300.0, 25.0)],
)
def test_sigma_is_honest(detector: Detector):
    counted = count_pattern(flat(2_000.0), np.random.default_rng(9), detector=detector)
    expected = 2_000.0 + detector.dark_rate
    pull = (counted.intensity - expected) / counted.sigma
    assert pull.mean() == pytest.approx(0.0, abs=0.06)  # counts below the mean claim a smaller s.u.
    assert pull.std() == pytest.approx(1.0, abs=0.03)


def test_same_seed_same_counts():
    first, second = (count_pattern(flat(50.0), np.random.default_rng(1), detector=Detector(1e-3)) for _ in range(2))
    np.testing.assert_array_equal(first.intensity, second.intensity)


def test_impossible_values_are_refused():
    with pytest.raises(PhysicsError):
        Detector(dead_time=-1.0)
    for pattern, kwargs in (
        (flat(-1.0), {}),
        (flat(1.0), {"time": 0.0}),
        (flat(0.0), {"maximum": 100.0}),
        (flat(1e7), {"detector": Detector(1e-4)}),
    ):
        with pytest.raises(PhysicsError):
            count_pattern(pattern, np.random.default_rng(1), **kwargs)
