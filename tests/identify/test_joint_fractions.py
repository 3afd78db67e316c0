"""Weight fractions on which several patterns agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatase.identify.joint_fractions import agreed_fractions


def test_two_phases_give_the_weighted_mean():
    # textbook: weights 1/σ², σ of the mean 1/√Σ(1/σ²)
    agreed = agreed_fractions(np.array([[0.30, 0.70], [0.33, 0.67]]), np.array([[0.01, 0.01], [0.03, 0.03]]))
    weights = np.array([1e4, 1e4 / 9.0])
    mean = float(weights @ [0.30, 0.33] / weights.sum())
    assert agreed.fractions == pytest.approx([mean, 1.0 - mean], abs=1e-5)
    assert agreed.su == pytest.approx([weights.sum() ** -0.5] * 2, rel=0.01)
    assert agreed.chi2 == 1.0


def test_a_phase_that_one_pattern_does_not_show():
    # one shows A : B = 1 : 1 alone, the other 30, 30, 40 %
    su = np.array([[0.01, 0.01, np.inf], [0.02, 0.02, 0.02]])
    agreed = agreed_fractions(np.array([[0.5, 0.5, 0.0], [0.3, 0.3, 0.4]]), su)
    assert agreed.fractions == pytest.approx([0.3, 0.3, 0.4], abs=1e-4)
    assert agreed.expected[0, :2] == pytest.approx([0.5, 0.5], abs=1e-4)
    assert np.isnan(agreed.expected[0, 2])
    assert np.isnan(agreed.pulls[0, 2])


def test_disagreement_widens_the_s_u_and_pulls():
    agreed = agreed_fractions(np.array([[0.2, 0.8], [0.4, 0.6]]), np.full((2, 2), 0.01))
    assert agreed.chi2 == pytest.approx((0.1 / 0.01) ** 2 * 2.0, rel=1e-3)  # two deviations of 10 s.u., 1 degree
    assert agreed.su[0] == pytest.approx(0.1, rel=0.02)
    assert np.abs(agreed.pulls).max() == pytest.approx(10.0, rel=1e-3)


def test_what_no_pattern_compares_stays_open():
    su = np.array([[0.01, np.inf], [np.inf, 0.01]])
    assert agreed_fractions(np.array([[1.0, 0.0], [0.0, 1.0]]), su).su.min() > 0.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.02, 1.0), min_size=2, max_size=5), st.integers(0, 10))
def test_consistent_patterns_are_explained(masses, seed):
    w = np.array(masses) / sum(masses)
    rng = np.random.default_rng(seed)
    shown = rng.random((3, w.size)) < 0.7
    shown[0] = True
    f = np.where(shown, w, 0.0)
    f /= np.maximum(f.sum(axis=1, keepdims=True), 1e-9)
    agreed = agreed_fractions(f, np.where(shown, 0.01, np.inf))
    assert agreed.fractions == pytest.approx(w, abs=2e-3)
    assert agreed.chi2 == 1.0
