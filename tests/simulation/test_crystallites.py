"""Spotty rings: how many spots, their statistics."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.orientation_matrix import random_orientation
from anatase.errors import PhysicsError
from anatase.simulation.crystallites import Crystallites, spottiness


def test_spots_are_counted_as_random_crystals_would():
    # 40,000 random crystallites, the eight normals of 111, those within ±1° of 90° − θ from the beam: 3 %, which is
    # 2.5 standard errors of the 6,000 spots
    rng = np.random.default_rng(4)
    normals = np.array([[x, y, z] for x in (1, -1) for y in (1, -1) for z in (1, -1)]) / np.sqrt(3.0)
    two_theta = 60.0
    to_beam = np.array([np.degrees(np.arccos(normals @ random_orientation(rng).T[:, 2])) for _ in range(40_000)])
    counted = np.sum(np.abs(to_beam - (90.0 + two_theta / 2.0)) < 1.0)
    expected = Crystallites(40_000, acceptance=2.0).spots_expected(np.array([8]), np.array([two_theta]))
    assert counted == pytest.approx(expected[0], rel=0.03)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_rings_keep_their_intensity_on_average(spread):
    # of 300 rings with 50 spots each; relative s.d. of a ring √((1 + s²)/50), 4 standard errors
    crystallites = Crystallites(1e4, mosaicity=2.0, volume_spread=spread)
    density = np.tile(1.0 + 0.5 * np.cos(np.arange(720) * np.pi / 360.0), (300, 1))
    drawn = spottiness(crystallites, np.full(300, 50.0), density, np.random.default_rng(2))
    per_ring = drawn.mean(axis=1)
    deviation = np.sqrt((1.0 + spread**2) / 50.0)
    assert per_ring.mean() == pytest.approx(1.0, abs=4.0 * deviation / np.sqrt(300.0))
    assert per_ring.std() == pytest.approx(deviation, rel=0.2)
    # and follow the density: its first harmonic is 0.25
    harmonic = (drawn.mean(axis=0) * np.cos(np.arange(720) * np.pi / 360.0)).mean()
    assert harmonic == pytest.approx(0.25, abs=0.05)


def test_endless_crystallites_make_smooth_rings():
    density = np.ones((3, 720))
    drawn = spottiness(Crystallites(1e12), np.full(3, 1e12), density, np.random.default_rng(2))
    np.testing.assert_allclose(drawn, 1.0, atol=1e-3)


def test_spots_have_the_width_asked_for():
    # one spot: FWHM of its Gaussian along the ring, to a bin of 0.1°
    density = np.zeros((1, 3600))
    density[0, 1800] = 3600.0
    drawn = spottiness(Crystallites(1.0, mosaicity=3.0), np.array([200.0]), density, np.random.default_rng(2))[0]
    assert np.sum(drawn > drawn.max() / 2.0) * 0.1 == pytest.approx(3.0, abs=0.15)


@pytest.mark.parametrize(
    "given", [{"number": 0}, {"number": 10, "mosaicity": -1.0}, {"number": 5, "volume_spread": -1}]
)
def test_impossible_crystallites_are_refused(given):
    with pytest.raises(PhysicsError, match="give positive ones"):
        Crystallites(**given)
