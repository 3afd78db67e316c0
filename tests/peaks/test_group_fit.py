"""The least-squares fit of one group."""

from __future__ import annotations

import numpy as np

from anatase.peaks.group_fit import Group, _model, add_profiles, area_factor, fit_group


def test_derivatives_against_central_differences() -> None:
    x = np.linspace(29.0, 31.0, 401)
    weight = np.array([1.0, 0.5])
    start = np.array([29.8003, 30.2004, 100.0, 60.0, np.log(0.12), np.log(0.2), 0.4, 0.15])

    def model(theta: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
        centre = np.stack([theta[:2], 1.002 * theta[:2]])
        slope = np.stack([np.ones(2), np.full(2, 1.002)])
        return _model(x, centre, slope, weight, theta[2:4], np.exp(theta[4:6]), theta[6], theta[7], jacobian)

    analytic, scratch = np.empty((9, x.size)), np.empty((9, x.size))
    model(start, analytic)
    for i in range(8):
        step = np.zeros(8)
        step[i] = 1e-6
        numeric = (model(start + step, scratch) - model(start - step, scratch)) / 2e-6
        assert np.allclose(analytic[i], numeric, atol=2e-4 * np.abs(numeric).max()), i


def test_area_factor_is_the_integral() -> None:
    x = np.arange(-400.0, 400.0, 0.01)
    for mixing in (0.0, 0.5, 1.0):
        y = np.zeros(x.size)
        add_profiles(x, np.zeros(1), np.ones(1), np.ones(1), np.full(1, mixing), np.zeros(1), 400.0, y)
        assert abs(y.sum() * 0.01 - float(area_factor(mixing))) < 2e-3  # the Lorentzian beyond ±400 FWHM holds 1.2e-3


def test_fit_recovers_a_noise_free_group() -> None:
    x = np.arange(29.0, 31.0, 0.01)
    y = np.zeros(x.size)
    truth = np.array([29.9, 30.1]), np.array([1000.0, 400.0]), np.array([0.12, 0.13])
    add_profiles(x, *truth, np.full(2, 0.7), np.full(2, 0.1), 100.0, y)
    start = Group(np.array([29.92, 30.08]), np.array([800.0, 500.0]), np.full(2, 0.1), np.full(2, 0.1), 0.5, 0.0, 0.3)
    fit = fit_group(x, y, np.full(x.size, 0.1), start, np.ones(1), np.ones(1), "two_theta")
    assert np.allclose(fit.group.position, truth[0], atol=1e-4)
    assert np.allclose(fit.group.height, truth[1], rtol=2e-3)
    assert np.allclose(fit.group.fwhm, truth[2], rtol=2e-3)
    assert abs(fit.group.mixing - 0.7) < 0.01
    assert abs(fit.group.asymmetry - 0.1) < 0.01
