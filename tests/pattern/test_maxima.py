"""Maxima against scipy's, which the engine does not import because that takes half a second."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks, peak_widths

from anatase.pattern.maxima import prominent_maxima


def test_maxima_prominences_and_widths_equal_those_of_scipy() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(0, 60, 3000)
    for _ in range(5):
        y = rng.normal(size=x.size) * 0.3 + sum(
            rng.uniform(1, 40) * np.exp(-(((x - rng.uniform(2, 58)) / rng.uniform(0.05, 0.6)) ** 2)) for _ in range(30)
        )
        least = np.full(x.size, 1.5)
        index, prominence, width = prominent_maxima(y, least)
        expected, facts = find_peaks(y, prominence=1.5)
        assert len(expected) > 20
        np.testing.assert_array_equal(index, expected)
        np.testing.assert_allclose(prominence, facts["prominences"], rtol=1e-12)
        np.testing.assert_allclose(width, peak_widths(y, expected, 0.5)[0], rtol=1e-9)


def test_a_plateau_counts_once_at_its_middle_and_ends_do_not_count() -> None:
    y = np.array([5.0, 1.0, 3.0, 3.0, 3.0, 0.0, 4.0])
    index, prominence, _ = prominent_maxima(y, np.zeros(7))
    assert index.tolist() == [3]
    assert prominence.tolist() == [2.0]
