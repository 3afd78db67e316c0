"""Absorption at one angle and many wavelengths against the cylinder at each thickness by itself."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.scattering.absorption_cylinder import cylinder
from anatase.scattering.absorption_flight import cylinder_over_wavelengths

WAVELENGTHS = np.linspace(0.3, 4.0, 13)


@pytest.mark.parametrize("mu_r", [0.05, 0.7, 2.0])
def test_each_wavelength_has_the_factor_of_its_thickness(mu_r):
    # the polynomial in μR holds to 2e-7 for μR up to 8
    factor, _, _ = cylinder_over_wavelengths(mu_r, 144.8, WAVELENGTHS)
    alone = [cylinder(mu_r * one, [144.8])[0][0] for one in WAVELENGTHS]
    np.testing.assert_allclose(factor, alone, rtol=3e-7)


def test_slopes_are_those_of_central_differences():
    step = 1e-5
    _, by_mu_r, by_wavelength = cylinder_over_wavelengths(0.7, 90.0, WAVELENGTHS)
    above, below = (cylinder_over_wavelengths(0.7 + s, 90.0, WAVELENGTHS)[0] for s in (step, -step))
    np.testing.assert_allclose(by_mu_r, (above - below) / (2.0 * step), rtol=1e-7)
    above, below = (cylinder_over_wavelengths(0.7, 90.0, WAVELENGTHS + s)[0] for s in (step, -step))
    np.testing.assert_allclose(by_wavelength, (above - below) / (2.0 * step), rtol=1e-7)


@pytest.mark.parametrize("mu_r", [-0.1, 5.0, np.nan])
def test_an_impossible_or_too_thick_cylinder_is_refused(mu_r):
    with pytest.raises(PhysicsError, match="μR"):
        cylinder_over_wavelengths(mu_r, 90.0, WAVELENGTHS)
