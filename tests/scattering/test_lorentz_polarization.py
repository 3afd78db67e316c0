"""The Lorentz-polarization factor at angles where it can be worked out by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from anatase.scattering.lorentz_polarization import (
    effective_polarization,
    lorentz_polarization,
    lorentz_polarization_at,
    lorentz_polarization_slope,
    lorentz_whole_ring,
)
from anatase.scattering.radiation import Radiation

LINE = ((1.5406, 1.0),)
TUBE = Radiation("xray", LINE, polarization=1.0)


@pytest.mark.parametrize(
    ("two_theta", "expected"),
    [
        (60.0, 4.0 / (sqrt(3.0) / 2.0) * (1.0 + 0.25)),  # sin θ = 1/2, cos θ = √3/2, cos 2θ = 1/2
        (90.0, 2.0 * sqrt(2.0)),  # sin θ = cos θ = 1/√2, cos 2θ = 0
        (120.0, 4.0 / 3.0 / 0.5 * (1.0 + 0.25)),  # sin θ = √3/2, cos θ = 1/2, cos 2θ = −1/2
    ],
)
def test_unpolarized_tube(two_theta: float, expected: float):
    assert lorentz_polarization(two_theta, TUBE) == pytest.approx(expected, rel=1e-14)


def test_a_monochromator_weighs_the_in_plane_part():
    # graphite 002, 2θ_M = 26.6°: 1 + cos²26.6° cos²60° = 1 + 0.79951/4
    graphite = Radiation("xray", LINE, polarization=1.0, monochromator_two_theta=26.6)
    ratio = lorentz_polarization(60.0, graphite) / lorentz_polarization(60.0, Radiation("xray", LINE, polarization=0.0))
    assert ratio == pytest.approx(1.0 + 0.79951 / 4.0, rel=1e-5)


@pytest.mark.parametrize("probe", ["xray", "neutron", "electron"])
def test_neutrons_and_synchrotron_beams_have_the_lorentz_factor_alone(probe: str):
    polarization = 0.0 if probe == "xray" else 1.0  # neutrons and electrons: whatever the field says
    radiation = Radiation(probe, LINE, polarization=polarization)
    assert effective_polarization(radiation) == 0.0
    assert lorentz_polarization([60.0, 90.0], radiation) == pytest.approx([8.0 / sqrt(3.0), 2.0 * sqrt(2.0)], rel=1e-14)


def test_shape_follows_the_angles():
    assert lorentz_polarization(np.linspace(5.0, 170.0, 7), TUBE).shape == (7,)


@pytest.mark.parametrize("radiation", [TUBE, Radiation("xray", LINE, 1.0, 26.6), Radiation("neutron", LINE)])
def test_the_slope_is_the_derivative(radiation: Radiation):
    two_theta, step = np.linspace(5.0, 165.0, 33), 1e-3
    difference = lorentz_polarization(two_theta + step, radiation) - lorentz_polarization(two_theta - step, radiation)
    scale = np.abs(difference / (2 * step)).min() * 1e-6
    np.testing.assert_allclose(
        lorentz_polarization_slope(two_theta, radiation), difference / (2 * step), rtol=1e-6, atol=scale
    )


def test_a_whole_ring_is_the_fixed_length_times_its_circumference():
    two_theta = np.linspace(5.0, 170.0, 9)
    fixed = lorentz_polarization(two_theta, Radiation("neutron", LINE))
    ratio = lorentz_whole_ring(two_theta) / (fixed * np.sin(np.radians(two_theta)))
    np.testing.assert_allclose(ratio, 0.5, rtol=1e-12)


def test_the_factor_at_a_spacing_is_that_at_its_angle():
    # the same function of 2θ = 2 arcsin(λ/2d), written with sin θ alone: equal to rounding
    two_theta = np.linspace(1.0, 178.0, 60)
    monochromated = Radiation("xray", LINE, polarization=0.8, monochromator_two_theta=26.6)
    for radiation in (TUBE, monochromated, Radiation("neutron", LINE, polarization=0.0)):
        d = LINE[0][0] / (2.0 * np.sin(np.radians(two_theta / 2.0)))
        expected = lorentz_polarization(two_theta, radiation)
        assert lorentz_polarization_at(d, radiation) == pytest.approx(expected, rel=1e-11)


def test_there_is_no_factor_below_half_the_wavelength():
    factor = lorentz_polarization_at([1.0, 0.5 * LINE[0][0], 0.5], TUBE)
    assert np.isfinite(factor).tolist() == [True, False, False]
    assert np.isnan(factor).tolist() == [False, False, True]
