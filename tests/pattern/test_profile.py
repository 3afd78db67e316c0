"""Profiles of powder lines: areas, widths, derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from anatase.pattern.profile import pseudo_voigt, pseudo_voigts, thompson_cox_hastings

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


def test_arrays_of_widths_are_those_of_single_lines():
    gauss, lorentz = np.array([0.1, 0.05, 0.2]), np.array([0.02, 0.1, 0.0])
    fwhm, eta = pseudo_voigts(gauss, lorentz)
    for i in range(3):
        assert (fwhm[i], eta[i]) == pytest.approx(thompson_cox_hastings(gauss[i], lorentz[i])[:2], rel=1e-14)
