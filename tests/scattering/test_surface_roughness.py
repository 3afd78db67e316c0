"""Surface roughness: limits, values worked out by hand, derivatives."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.scattering.surface_roughness import pitschke_roughness, suortti_roughness

TWO_THETA = np.linspace(15.0, 150.0, 10)


@pytest.mark.parametrize("model", [suortti_roughness, pitschke_roughness])
def test_it_is_one_at_normal_incidence_and_falls_towards_grazing(model):
    factor = model(np.append(TWO_THETA, 180.0), 0.1, 0.05)[0]
    assert factor[-1] == pytest.approx(1.0, abs=1e-14)
    assert (np.diff(factor) > 0.0).all()
    np.testing.assert_allclose(model(TWO_THETA, 1.0 if model is suortti_roughness else 0.0, 0.1)[0], 1.0)


def test_values_at_sixty_degrees():
    # sin θ = 1/2: exp(−q/sin θ) = exp(−1), and 1 − p (2 − 4 q)
    expected = (0.4 + 0.6 * exp(-1.0)) / (0.4 + 0.6 * exp(-0.5))
    assert suortti_roughness([60.0], 0.4, 0.5)[0][0] == pytest.approx(expected, rel=1e-12)
    assert pitschke_roughness([60.0], 0.2, 0.1)[0][0] == pytest.approx((1 - 0.2 * 1.6) / (1 - 0.2 * 0.9), rel=1e-12)


@pytest.mark.parametrize("model", [suortti_roughness, pitschke_roughness])
@pytest.mark.parametrize(("p", "q"), [(0.1, 0.05), (0.05, 0.3), (0.12, 0.15)])
def test_derivatives(model, p: float, q: float):
    step = 1e-6
    by_p = (model(TWO_THETA, p + step, q)[0] - model(TWO_THETA, p - step, q)[0]) / (2 * step)
    by_q = (model(TWO_THETA, p, q + step)[0] - model(TWO_THETA, p, q - step)[0]) / (2 * step)
    _, p_slope, q_slope = model(TWO_THETA, p, q)
    np.testing.assert_allclose(p_slope, by_p, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(q_slope, by_q, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("p", "q"), [(0.0, 0.1), (1.1, 0.1), (0.5, -0.1), (float("nan"), 0.1)])
def test_suortti_refuses_what_is_no_share(p: float, q: float):
    with pytest.raises(PhysicsError, match="surface roughness with p"):
        suortti_roughness(TWO_THETA, p, q)


def test_pitschke_refuses_negative_intensities():
    with pytest.raises(PhysicsError, match="leaves no intensity at some angle"):
        pitschke_roughness([2.0], 0.5, 0.001)
