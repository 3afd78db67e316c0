"""Absorption of a cylinder against adaptive integration over its section."""

from __future__ import annotations

from functools import cache
from math import cos, exp, radians, sin, sqrt

import numpy as np
import pytest
from scipy.integrate import dblquad

from anatase.errors import PhysicsError
from anatase.scattering.absorption_cylinder import cylinder, cylinder_lobanov

TWO_THETA = np.array([0.0, 5.0, 30.0, 80.0, 130.0, 180.0])


@cache
def integrated(mu_r: float, two_theta: float) -> float:
    """Return the mean of exp(−μ way) over the unit circle, in Cartesian coordinates, to 1e-8."""
    c, s = cos(radians(two_theta)), sin(radians(two_theta))

    def passed(y: float, x: float) -> float:
        entering = x + sqrt(max(1.0 - y * y, 0.0))
        leaving = -(x * c + y * s) + sqrt(max(1.0 - (y * c - x * s) ** 2, 0.0))
        return exp(-mu_r * (entering + leaving))

    edge = lambda x: sqrt(max(1.0 - x * x, 0.0))  # noqa: E731
    return dblquad(passed, -1.0, 1.0, lambda x: -edge(x), edge, epsabs=1e-9, epsrel=1e-7)[0] / np.pi


@pytest.mark.parametrize(("mu_r", "tolerance"), [(0.2, 1e-6), (1.0, 1e-6), (3.0, 2e-5), (6.0, 3e-4)])
def test_the_integral(mu_r: float, tolerance: float):
    expected = [integrated(mu_r, two_theta) for two_theta in (0.0, 30.0, 130.0)]
    assert cylinder(mu_r, [0.0, 30.0, 130.0])[0] == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("mu_r", [0.0, 0.1, 0.5, 1.0, 2.0, 2.99, 3.01, 4.0, 7.0, 10.0])
def test_the_closed_formula_keeps_its_claim(mu_r: float):
    # as the docstring says
    np.testing.assert_allclose(cylinder_lobanov(mu_r, TWO_THETA)[0], cylinder(mu_r, TWO_THETA)[0], rtol=0.015)


def test_weak_absorption_is_the_mean_way():
    # A → 1 − μR · 16/(3π): the mean way through a disc in and out at 2θ = 0 is the mean of chords, 16/(3π) R
    factor, slope = cylinder(0.0, [0.0])
    assert factor[0] == pytest.approx(1.0, abs=1e-12)
    assert slope[0] == pytest.approx(-16.0 / (3.0 * np.pi), rel=1e-7)


@pytest.mark.parametrize("call", [cylinder, cylinder_lobanov])
@pytest.mark.parametrize("mu_r", [0.1, 1.5, 4.0, 9.0])
def test_derivatives(call, mu_r: float):
    step = 1e-5
    difference = (call(mu_r + step, TWO_THETA)[0] - call(mu_r - step, TWO_THETA)[0]) / (2.0 * step)
    np.testing.assert_allclose(call(mu_r, TWO_THETA)[1], difference, rtol=1e-6)


def test_absorption_raises_high_angles():
    factor = cylinder(2.0, np.linspace(0.0, 180.0, 50))[0]
    assert (np.diff(factor) > 0.0).all()


@pytest.mark.parametrize(("call", "limit"), [(cylinder, 20), (cylinder_lobanov, 10)])
def test_what_lets_nothing_through_is_refused(call, limit: int):
    for mu_r in (-0.1, limit + 0.1, float("nan")):
        with pytest.raises(PhysicsError, match=f"from 0 to {limit}"):
            call(mu_r, [20.0])
