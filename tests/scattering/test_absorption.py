"""Absorption of flat plates against integrals over the depth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from anatase.errors import PhysicsError
from anatase.scattering.absorption import plate_reflection, plate_transmission

TWO_THETA = np.array([5.0, 20.0, 50.0, 75.0])


def by_depth(mu_t: float, entry: float, leaving: float, backwards: bool) -> float:
    """Return ∫ exp(−μ · way) dz over the plate's thickness 1 along its normal; cosines of the beams to the normal."""

    def passed(z: float) -> float:
        return np.exp(-mu_t * (z / entry + (z if backwards else 1.0 - z) / leaving)) / entry

    return quad(passed, 0.0, 1.0, epsabs=1e-13, epsrel=1e-12)[0]


@pytest.mark.parametrize("incidence", [None, 2.0])
@pytest.mark.parametrize("mu_t", [0.01, 0.3, 2.0, 15.0])
def test_reflection_is_the_integral_over_the_depth(mu_t: float, incidence: float | None):
    for two_theta in TWO_THETA:
        alpha = np.radians(two_theta / 2.0 if incidence is None else incidence)
        beta = np.radians(two_theta) - alpha
        # the thick symmetric plate has ∫ exp(−2μz/sin θ) dz/sin θ = 1/(2μ)
        expected = by_depth(mu_t, np.sin(alpha), np.sin(beta), backwards=True) * 2.0 * mu_t
        assert plate_reflection(mu_t, two_theta, incidence)[0] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("incidence", [None, 0.0, 20.0])
@pytest.mark.parametrize("mu_t", [0.0, 1e-5, 0.3, 2.0, 8.0])
def test_transmission_is_the_integral_over_the_depth(mu_t: float, incidence: float | None):
    for two_theta in TWO_THETA:
        phi = np.radians(two_theta / 2.0 if incidence is None else incidence)
        psi = np.radians(two_theta) - phi
        expected = by_depth(mu_t, np.cos(phi), np.cos(psi), backwards=False)
        assert plate_transmission(mu_t, two_theta, incidence)[0] == pytest.approx(expected, rel=1e-8)


def test_a_thick_plate_in_symmetric_reflection_needs_no_correction():
    factor, slope = plate_reflection(float("inf"), TWO_THETA)
    np.testing.assert_array_equal(factor, 1.0)
    np.testing.assert_array_equal(slope, 0.0)


def test_grazing_incidence_on_a_thick_plate():
    # 2/(1 + sin α/sin β) for α = 1°, β = 30°: 2/(1 + 0.0174524/0.5)
    assert plate_reflection(float("inf"), [31.0], 1.0)[0][0] == pytest.approx(2.0 / (1.0 + 0.0174524 / 0.5), rel=1e-6)


@pytest.mark.parametrize("call", [plate_reflection, plate_transmission])
@pytest.mark.parametrize("incidence", [None, 3.0])
def test_derivatives(call, incidence: float | None):
    for mu_t in (0.05, 0.7, 4.0):
        step = 1e-5
        difference = (
            call(mu_t + step, TWO_THETA, incidence)[0] - call(mu_t - step, TWO_THETA, incidence)[0]
        ) / (2 * step)  # fmt: skip
        np.testing.assert_allclose(call(mu_t, TWO_THETA, incidence)[1], difference, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: plate_reflection(-0.1, [20.0]), "optical thickness of a sample is -0.1"),
        (lambda: plate_reflection(1.0, [3.0], 5.0), "under 5 deg reflects nothing at 2θ = 3 deg"),
        (lambda: plate_transmission(1.0, [95.0], 0.0), "transmits nothing at 2θ = 95 deg"),
        (lambda: plate_transmission(float("nan"), [20.0]), "optical thickness of a sample is nan"),
    ],
)
def test_impossible_geometries_are_refused(call, said: str):
    with pytest.raises(PhysicsError, match=said):
        call()
