"""Exponential tails of pulses against scipy's exponentially modified Gaussian, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import exponnorm

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.refine.start.pulse_tails import MEDIAN, PulseTails, widened, with_tails
from anatase.refine.start.whole_pattern import WholePattern, evaluate, line_profiles, phase_curve, phase_lines
from anatase.scattering.radiation import Radiation

X = np.arange(20.0, 60.0, 0.005)
NEUTRONS = Radiation("neutron", ((1.0, 1.0),), 0.0)


def tails(decay: float, rise: float) -> PulseTails:
    return PulseTails(X[[0, -1]], np.full(2, decay), np.full(2, rise))


def gauss(x, place: float, sigma: float):
    return np.exp(-0.5 * ((x - place) / sigma) ** 2) / sigma / np.sqrt(2.0 * np.pi)


@pytest.mark.parametrize("epsilon", [0.02, 0.1, 0.5])
def test_decay_goes_to_lower_angles(epsilon):
    sigma = 0.05
    drawn = with_tails(tails(epsilon, 0.0), X, gauss(X, 40.0, sigma))
    exact = exponnorm.pdf(-X, epsilon / sigma, loc=-40.0, scale=sigma)  # Grushka (1972), mirrored
    assert np.abs(drawn - exact).max() < 2e-3 * exact.max()  # straight lines between points 0.1 σ apart


def test_rise_goes_to_higher_angles():
    drawn = with_tails(tails(0.0, 0.2), X, gauss(X, 40.0, 0.05))
    exact = exponnorm.pdf(X, 4.0, loc=40.0, scale=0.05)
    assert np.abs(drawn - exact).max() < 2e-3 * exact.max()


def test_points_far_apart_conserve_area():
    x = np.arange(20.0, 60.0, 0.25)
    drawn = with_tails(tails(0.3, 0.1), x, gauss(x, 40.0, 0.3))
    assert drawn.sum() * 0.25 == pytest.approx(1.0, abs=1e-3)


def test_no_tails_change_nothing():
    curve = gauss(X, 40.0, 0.1)
    assert with_tails(None, X, curve) is curve
    np.testing.assert_array_equal(widened(None, X, curve), curve)


def model(pulse: PulseTails | None) -> WholePattern:
    hkl = np.array([[1, 1, 1], [2, 2, 0], [3, 1, 1]])
    cell = Lattice(5.431, 5.431, 5.431)
    lines = phase_lines(hkl, np.array([8, 12, 24]), np.ones(3), cell, SpaceGroup.from_number(227), NEUTRONS)
    x = np.arange(15.0, 45.0, 0.01)
    return WholePattern(x, np.ones((1, x.size)), NEUTRONS, (lines,), "zero", floor=0.0, tails=pulse)


P = np.array([5.0, 0.01, 0.0, 0.004, 0.01, 300.0, 0.001, 0.05, 0.04])


def test_half_of_a_line_lies_on_either_side_of_its_place():
    found = phase_curve(model(tails(0.15, 0.01)), P, 0)
    plain = line_profiles(model(None), P, 0)
    told = line_profiles(model(tails(0.15, 0.01)), P, 0)
    np.testing.assert_allclose(told[0], plain[0], atol=1e-6)
    x = model(None).x
    first = (x > 16.5) & (x < 20.5)  # the 111 at 18.4°
    middle = x[first][np.searchsorted(np.cumsum(found[first]), 0.5 * found[first].sum())]
    assert middle == pytest.approx(told[0][0], abs=0.05)
    half = x[first][found[first] > 0.5 * found[first].max()]
    assert told[1][0] == pytest.approx(half[-1] - half[0], rel=0.25)
    assert found.sum() == pytest.approx(phase_curve(model(None), P, 0).sum(), rel=2e-3)


def test_derivatives_with_tails():
    pulse = model(tails(0.3, 0.05))
    jacobian = evaluate(pulse, P)[1]
    for i in range(P.size):
        if i == 2:  # the divergence, which symmetric lines do not have
            continue
        step = 1e-3 if i in (0, 5) else 1e-6
        up, down = P.copy(), P.copy()
        up[i] += step
        down[i] -= step
        numeric = (evaluate(pulse, up)[0] - evaluate(pulse, down)[0]) / (2.0 * step)
        assert np.linalg.norm(jacobian[i] - numeric) < 1e-5 * np.linalg.norm(numeric)


def test_lines_are_drawn_where_neutrons_left():
    pulse = PulseTails(np.array([10.0, 50.0]), np.array([0.1, 0.3]), np.array([0.0, 0.1]))
    assert pulse.offset(np.array([30.0]))[0] == pytest.approx(MEDIAN * (0.2 - 0.05))
