"""Rotation of rigid groups."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatase.refine.single_crystal.rigid_group import rotated


@pytest.mark.parametrize("rotation", [(0.0, 0.0, 0.0), (1e-5, 0.0, 0.0), (20.0, -35.0, 80.0), (0.0, 0.0, 180.0)])
def test_rotation_and_its_derivatives(rotation: tuple[float, float, float]):
    vectors = np.random.default_rng(0).normal(size=(4, 3))
    turned, slopes = rotated(vectors, np.array(rotation))
    np.testing.assert_allclose(turned, Rotation.from_rotvec(rotation, degrees=True).apply(vectors), atol=1e-12)
    for k in range(3):
        step = 1e-3 * np.eye(3)[k]
        ends = [rotated(vectors, np.array(rotation) + sign * step)[0] for sign in (1.0, -1.0)]
        np.testing.assert_allclose(slopes[k], (ends[0] - ends[1]) / 2e-3, atol=1e-8)
