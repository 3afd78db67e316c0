"""The choice of a background."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.refine.start.background_choice import choose_background, linear_names, polynomial_background

X = np.linspace(10.0, 120.0, 5501)
ALL = np.ones(X.size, dtype=bool)


def test_a_line_needs_the_fewest_terms():
    model = choose_background(X, 300.0 - X, np.full(X.size, 15.0), ALL)
    assert len(model.chebyshev) == 3
    np.testing.assert_allclose(model.intensity(X), 300.0 - X, atol=1e-6)
    assert linear_names(model) == ("chebyshev_0", "chebyshev_1", "chebyshev_2")


def test_waves_need_more_terms():
    level = 200.0 + 60.0 * np.cos(X / 8.0)
    model = choose_background(X, level, np.full(X.size, 15.0), ALL)
    assert len(model.chebyshev) > 8
    assert np.abs(model.intensity(X) - level).max() < 15.0


def test_air_scattering_is_taken_by_the_inverse():
    x = np.linspace(2.0, 120.0, 5501)
    level = 50.0 + 4000.0 / x
    model = choose_background(x, level, np.full(x.size, 7.0), ALL)
    assert model.inverse == pytest.approx(4000.0, rel=0.01)
    assert "inverse" in linear_names(model)


def test_steps_that_no_polynomial_follows_get_nodes():
    level = 100.0 + 900.0 / (1.0 + np.exp((X - 40.0) / 0.8))
    model = choose_background(X, level, np.full(X.size, 5.0), ALL)
    assert model.nodes
    assert np.sqrt(np.mean((model.intensity(X) - level) ** 2)) < 5.0


def test_excluded_points_do_not_pull():
    spoilt = np.where((X > 50.0) & (X < 60.0), 1e5, 300.0 - X)
    used = (X <= 50.0) | (X >= 60.0)
    model = choose_background(X, spoilt, np.full(X.size, 15.0), used)
    np.testing.assert_allclose(model.intensity(X[used]), 300.0 - X[used], atol=1e-4)


def test_a_polynomial_of_given_length():
    assert len(polynomial_background(X, 300.0 - X, 7).chebyshev) == 7
