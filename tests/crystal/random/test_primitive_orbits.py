"""Points of Wyckoff positions in the primitive cell against the orbits in the conventional cell."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.orbit import orbit_of
from anatase.crystal.random.primitive_orbits import primitive_orbits
from anatase.crystal.space_group import SpaceGroup


@pytest.mark.parametrize(
    "symbol", ["P 1", "C 1 2/c 1", "A m a 2", "F d d 2", "I 41/a m d:2", "R -3 c:H", "R 3:R", "F d -3 c:1"]
)
def test_points_are_those_of_the_conventional_orbit(symbol: str):
    group = SpaceGroup.from_symbol(symbol)
    orbits = primitive_orbits(group)
    centring = round(1.0 / abs(np.linalg.det(orbits.basis)))
    rng = np.random.default_rng(3)
    for i, position in enumerate(orbits.positions):
        assert orbits.multiplicities[i] * centring == position.multiplicity
        point = position.coordinates(rng.random(3))
        expected = orbit_of(np.eye(3) * 100.0, group.rotations, group.translations, point, 1e-5).images
        inside = orbits.rotations[i] @ (np.linalg.inv(orbits.basis) @ point) + orbits.translations[i]
        found = inside @ orbits.basis.T
        assert found[0] == pytest.approx(point)  # the identity comes first
        # every point of the primitive cell is one of the conventional orbit, and they differ by no lattice vector
        difference = found[:, None] - expected[None]
        assert np.abs(difference - np.round(difference)).max(axis=2).min(axis=1).max() < 1e-9
        apart = inside[:, None] - inside[None] + np.eye(len(inside))[:, :, None] * 0.5
        assert np.abs(apart - np.round(apart)).max(axis=2).min() > 1e-6


def test_projectors_keep_the_free_directions():
    orbits = primitive_orbits(SpaceGroup.from_number(136))
    # 4f is x, x, 0: the part of a shift along [110] stays
    assert orbits.projectors[5] @ [0.2, 0.0, 0.3] == pytest.approx([0.1, 0.1, 0.0])
