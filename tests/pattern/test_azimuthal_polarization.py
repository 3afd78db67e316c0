"""The polarization factor out of the plane: Thomson's limits, the powder factor, pyFAI's formula."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.pattern.azimuthal_polarization import azimuthal_polarization, horizontal_share
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Radiation, radiation_from_name

TWO_THETA, CHI = np.meshgrid(np.linspace(0.0, 170.0, 35), np.linspace(-180.0, 180.0, 73))


@pytest.mark.parametrize("polarization", [0.0, 0.3, 1.0])
def test_upwards_it_is_the_factor_of_powders(polarization):
    # 1 + K M cos²2θ, International Tables C, 6.2
    beam = Radiation("xray", ((1.5, 1.0),), polarization=polarization, monochromator_two_theta=26.0)
    factor = azimuthal_polarization(TWO_THETA[0], 90.0, beam)
    expected = 1.0 + effective_polarization(beam) * np.cos(np.radians(TWO_THETA[0])) ** 2
    np.testing.assert_allclose(factor, expected, atol=1e-14)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.99, 1.0])
def test_it_is_the_formula_of_pyfai(share):
    # Geometry.polarization of pyFAI with factor 2f − 1, times 1/f: 0.5 (1 + cos²2θ − p cos 2χ sin²2θ)
    tt, chi = np.radians(TWO_THETA), np.radians(CHI)
    theirs = 0.5 * (1.0 + np.cos(tt) ** 2 - (2.0 * share - 1.0) * np.cos(2.0 * chi) * np.sin(tt) ** 2)
    ours = azimuthal_polarization(TWO_THETA, CHI, radiation_from_name("0.5"), share=share)
    np.testing.assert_allclose(ours, theirs / share, atol=1e-13)


def test_no_wave_goes_along_its_own_field():
    assert azimuthal_polarization(90.0, 0.0, radiation_from_name("0.5")) == pytest.approx(0.0, abs=1e-15)
    assert azimuthal_polarization(90.0, 90.0, radiation_from_name("0.5")) == pytest.approx(1.0, abs=1e-15)


def test_a_tube_is_half_horizontal_and_neutrons_are_not_polarized():
    assert horizontal_share(radiation_from_name("CuKa")) == 0.5
    assert horizontal_share(radiation_from_name("0.4")) == 1.0
    np.testing.assert_array_equal(azimuthal_polarization(TWO_THETA, CHI, radiation_from_name("1.5", "neutron")), 1.0)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_impossible_shares_are_refused(share):
    with pytest.raises(PhysicsError, match="polarized horizontally; give one above 0"):
        azimuthal_polarization(10.0, 0.0, radiation_from_name("0.4"), share=share)
