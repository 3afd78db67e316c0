"""Pole densities of fibre textures: brute force, limits, normalisation."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import PhysicsError
from anatase.pattern.fibre_texture import FibreTexture, pole_density
from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines

CALCITE = (Lattice(4.9896, 4.9896, 17.061, 90, 90, 120), SpaceGroup.from_number(167))
HKL = np.array([[1, 0, 4], [0, 0, 6], [1, 1, 0], [1, 1, 3], [2, 0, 2]])


@pytest.mark.parametrize("r", [0.1, 0.4, 0.999, 1.0, 1.5, 6.0])
def test_it_is_the_mean_over_all_turns_about_the_normal(r):
    # 4000 turns ω of each crystallite about the scattering vector: 1e-6 of the largest
    cos_psi = np.cos(np.radians([0.0, 5.0, 30.0, 61.0, 90.0]))
    found = pole_density(HKL, cos_psi, FibreTexture((1, 0, 4), r), *CALCITE)
    cosines = np.sqrt(np.minimum(orientation_cosines(HKL, (1, 0, 4), *CALCITE), 1.0))[:, :, None, None]
    omega = (np.arange(4000) + 0.5) * 2.0 * np.pi / 4000
    sines = np.sqrt(1.0 - cosines**2) * np.sqrt(1.0 - cos_psi**2)[:, None]
    cos_alpha = cosines * cos_psi[:, None] + sines * np.cos(omega)
    factor = march_dollase(cos_alpha.reshape(1, -1).T ** 2, r)[0].reshape(cos_alpha.shape)
    expected = factor.mean(axis=(1, 3))
    np.testing.assert_allclose(found, expected, atol=1e-6 * expected.max())


@pytest.mark.parametrize("r", [0.3, 0.8, 2.0])
def test_along_the_axis_it_is_the_factor_of_dollase(r):
    found = pole_density(HKL, np.array([1.0]), FibreTexture((0, 0, 6), r), *CALCITE)
    expected, _ = march_dollase(orientation_cosines(HKL, (0, 0, 6), *CALCITE), r)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-7)


@pytest.mark.parametrize("r", [0.1, 0.5, 3.0, 10.0])
def test_densities_average_to_one_over_the_sphere(r):
    # every plane's normal points somewhere: Gauss quadrature over cos ψ, 1e-8
    nodes, weights = np.polynomial.legendre.leggauss(500)
    density = pole_density(HKL, nodes, FibreTexture((0, 0, 1), r), *CALCITE)
    np.testing.assert_allclose(density @ weights / 2.0, 1.0, atol=1e-8)


@pytest.mark.parametrize(
    "given", [{"r": 0.0}, {"r": 30.0}, {"r": np.nan}, {"hkl": (0, 0, 0)}, {"direction": (0.0, 0.0, 0.0)}]
)
def test_impossible_textures_are_refused(given):
    with pytest.raises(PhysicsError, match=r"give one from 0\.1 to 10|not all zero"):
        FibreTexture(**{"hkl": (0, 0, 1), "r": 0.5, **given})
