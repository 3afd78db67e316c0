"""Profiles of powder lines: areas, widths, derivatives, and axial divergence against the published integral."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq

from anatase.pattern.profile import MOST_NODES, axial_divergence, pseudo_voigt, thompson_cox_hastings

Array = NDArray[np.float64]
ETAS = (0.0, 0.3, 1.0)


@pytest.mark.parametrize("eta", ETAS)
def test_pseudo_voigt_has_unit_area_and_unit_width(eta: float):
    # within ±400 FWHM lies all of the Gaussian and 2/π atan(800) of the Lorentzian
    area = quad(lambda u: pseudo_voigt(u, eta)[0], -400, 400, points=[0.0], limit=400)[0]
    assert area == pytest.approx(eta * 2.0 / np.pi * np.arctan(800.0) + 1.0 - eta, abs=1e-7)
    half = pseudo_voigt(0.0, eta)[0] / 2.0
    edge = brentq(lambda u: pseudo_voigt(u, eta)[0] - half, 0.1, 2.0)
    assert edge == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("eta", ETAS)
@pytest.mark.parametrize("u", [-2.1, -0.4, 0.0, 0.7, 5.0])
def test_pseudo_voigt_derivatives(u: float, eta: float):
    step = 1e-5
    _, by_u, by_eta = pseudo_voigt(u, eta)
    numeric = (pseudo_voigt(u + step, eta)[0] - pseudo_voigt(u - step, eta)[0]) / (2 * step)
    assert by_u == pytest.approx(numeric, abs=1e-8)
    assert by_eta == pytest.approx(pseudo_voigt(u, 1.0)[0] - pseudo_voigt(u, 0.0)[0], abs=1e-14)


def voigt_fwhm(gauss: float, lorentz: float) -> float:
    """FWHM of the true Voigt function, by root finding on the Faddeeva function."""
    from scipy.special import voigt_profile

    sigma, gamma = gauss / np.sqrt(8.0 * np.log(2.0)), lorentz / 2.0
    half = voigt_profile(0.0, sigma, gamma) / 2.0
    return 2.0 * brentq(lambda x: voigt_profile(x, sigma, gamma) - half, 0.0, 2.0 * (gauss + lorentz))


@pytest.mark.parametrize(("gauss", "lorentz"), [(0.1, 0.01), (0.1, 0.05), (0.05, 0.05), (0.03, 0.1), (0.02, 0.3)])
def test_thompson_cox_hastings_has_the_width_of_the_voigt_function(gauss: float, lorentz: float):
    # the pseudo-Voigt nearest to a Voigt function as a whole is up to 0.5 % narrower at half height
    assert thompson_cox_hastings(gauss, lorentz)[0] == pytest.approx(voigt_fwhm(gauss, lorentz), rel=5e-3)


def test_thompson_cox_hastings_by_hand():
    # equal widths of 1: FWHM = (1 + 2.69269 + 2.42843 + 4.47163 + 0.07842 + 1)^(1/5) = 11.67117^(1/5) = 1.634643
    # and with q = 1/FWHM = 0.611754: η = 1.36603 q − 0.47719 q² + 0.11116 q³ = 0.682539
    fwhm, eta = thompson_cox_hastings(1.0, 1.0)[:2]
    assert (fwhm, eta) == pytest.approx((11.67117**0.2, 0.682539), abs=2e-6)


@pytest.mark.parametrize(("gauss", "lorentz", "fwhm", "eta"), [(0.1, 0.0, 0.1, 0.0), (1e-9, 0.1, 0.1, 1.0)])
def test_thompson_cox_hastings_limits(gauss: float, lorentz: float, fwhm: float, eta: float):
    # 1.36603 − 0.47719 + 0.11116 = 1.00000
    assert thompson_cox_hastings(gauss, lorentz)[:2] == pytest.approx((fwhm, eta), abs=1e-6)


@pytest.mark.parametrize(("gauss", "lorentz"), [(0.1, 0.001), (0.07, 0.03), (0.05, 0.05), (0.02, 0.3)])
def test_thompson_cox_hastings_derivatives(gauss: float, lorentz: float):
    # the compiled function takes no complex numbers: central differences, error O(step²)
    step = 1e-6
    _, _, fwhm_g, fwhm_l, eta_g, eta_l = thompson_cox_hastings(gauss, lorentz)
    up_g, down_g = thompson_cox_hastings(gauss + step, lorentz), thompson_cox_hastings(gauss - step, lorentz)
    up_l, down_l = thompson_cox_hastings(gauss, lorentz + step), thompson_cox_hastings(gauss, lorentz - step)
    assert (fwhm_g, eta_g) == pytest.approx([(up_g[i] - down_g[i]) / (2 * step) for i in (0, 1)], rel=1e-5, abs=1e-6)
    assert (fwhm_l, eta_l) == pytest.approx([(up_l[i] - down_l[i]) / (2 * step) for i in (0, 1)], rel=1e-5, abs=1e-6)


def nodes_of(two_theta: float, divergence: float, fwhm: float) -> tuple[Array, Array, Array]:
    """Return shifts (°), weights and slopes (°) of the nodes, angles given in degrees."""
    shifts, weights, slopes = np.empty((3, MOST_NODES))
    n = axial_divergence(np.radians(two_theta), divergence, np.radians(fwhm), shifts, weights, slopes)
    return np.degrees(shifts[:n]), weights[:n], np.degrees(slopes[:n])


def profile(x: Array, fwhm: float) -> Array:
    """Half Gaussian, half Lorentzian of unit area, written independently of the package."""
    u2 = (2.0 * x / fwhm) ** 2
    gauss = 2.0 * np.sqrt(np.log(2.0) / np.pi) / fwhm * np.exp(-np.log(2.0) * u2)
    return 0.5 * (gauss + 2.0 / np.pi / fwhm / (1.0 + u2))


def published(x: Array, two_theta: float, divergence: float, fwhm: float) -> Array:
    """Integrate Finger, Cox & Jephcoat (1994), equations 10 to 15, over 2φ for S = H = divergence·L.

    D(2φ, 2θ) = L/(2H h cos 2φ) W with h/L = √(cos²2φ/cos²2θ − 1) and W = H + S − h from 2φ_min to 2θ.
    D grows as 1/h towards 2θ: the variable t with 2φ = 2θ ∓ t² takes the singularity away.
    """
    centre = np.radians(two_theta)
    end = np.arccos(np.cos(centre) * np.sqrt((2.0 * divergence) ** 2 + 1.0))
    width = np.sqrt(abs(centre - end))
    t = (np.arange(4000) + 0.5) / 4000 * width
    phi = centre - np.sign(centre - end) * t**2
    h = np.sqrt(np.maximum(np.cos(phi) ** 2 / np.cos(centre) ** 2 - 1.0, 0.0))
    density = (2.0 * divergence - h) / (h * np.abs(np.cos(phi))) * 2.0 * t
    return profile(x[:, None] - np.degrees(phi)[None], fwhm) @ (density / density.sum())


@pytest.mark.parametrize("two_theta", [8.0, 20.0, 60.0, 120.0, 165.0])
@pytest.mark.parametrize(("divergence", "fwhm"), [(0.005, 0.03), (0.02, 0.05), (0.02, 0.1), (0.04, 0.1)])
def test_axial_divergence_is_the_published_integral(two_theta: float, divergence: float, fwhm: float):
    shifts, weights, _ = nodes_of(two_theta, divergence, fwhm)
    x = np.arange(two_theta + shifts.min() - 3 * fwhm, two_theta + shifts.max() + 3 * fwhm, fwhm / 40)
    expected = published(x, two_theta, divergence, fwhm)
    made = profile(x[:, None] - two_theta - shifts[None], fwhm) @ weights
    assert np.abs(made - expected).max() < 0.005 * expected.max()  # as the module states


def test_a_spread_beyond_the_densest_nodes_keeps_its_area_and_mean():
    # 32 nodes ripple beyond 15 FWHM, but weights and first moment stay those of the integral, here by 4,000 nodes
    shifts, weights, _ = nodes_of(6.0, 0.05, 0.02)
    u = (np.arange(4000) + 0.5) / 4000
    h = 0.1 * u
    phi = np.arccos(np.cos(np.radians(6.0)) * np.sqrt(1.0 + h**2))
    dense = (1.0 - u) / ((1.0 + h**2) * np.sin(phi))
    mean = np.degrees(phi) @ dense / dense.sum() - 6.0
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    assert shifts @ weights == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("two_theta", [15.0, 60.0, 100.0, 150.0])
def test_axial_divergence_leans_away_from_90_degrees(two_theta: float):
    # the cone of a line below 90° curves towards the beam, beyond 90° away from it
    shifts, weights, _ = nodes_of(two_theta, 0.02, 0.05)
    assert np.all(shifts * (90.0 - two_theta) <= 0)
    # leading order of the mean: −(2a)²/6 · cot 2θ / 2
    expected = -np.degrees(0.04**2 / 12.0 / np.tan(np.radians(two_theta)))
    assert shifts @ weights == pytest.approx(expected, rel=0.02)


def test_no_axial_divergence_at_90_degrees():
    shifts, weights, _ = nodes_of(90.0, 0.02, 0.05)
    assert shifts == pytest.approx([0.0], abs=1e-12)
    assert weights.tolist() == [1.0]


@pytest.mark.parametrize(("two_theta", "fwhm"), [(6.0, 0.05), (25.0, 0.1), (140.0, 0.05), (85.0, 0.1)])
def test_slopes_are_the_derivatives_of_the_shifts(two_theta: float, fwhm: float):
    step = 1e-7
    shifts, _, slopes = nodes_of(two_theta, 0.03, fwhm)
    up, down = nodes_of(two_theta, 0.03 + step, fwhm)[0], nodes_of(two_theta, 0.03 - step, fwhm)[0]
    assert up.size == down.size == shifts.size
    np.testing.assert_allclose(slopes, (up - down) / (2 * step), rtol=1e-5, atol=1e-6)


def test_nodes_beyond_the_beam_carry_no_weight():
    # at 2θ = 2° and S/L = 0.04 the cone ends at h = tan 2°, before h = 2a = 0.08
    shifts, weights, _ = nodes_of(2.0, 0.04, 0.1)
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    assert np.any(weights == 0.0)
    assert np.all(2.0 + shifts[weights > 0] > 0.0)
