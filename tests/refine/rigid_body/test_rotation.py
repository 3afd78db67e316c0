"""Rotations: against SciPy's, derivatives against central differences, superpositions that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatase.refine.rigid_body.rotation import rotated, rotation_matrix, superposition

POINTS = np.random.default_rng(4).normal(size=(5, 3))


@pytest.mark.parametrize("vector", [(0.0, 0.0, 0.0), (1e-5, -2e-5, 3e-5), (8e-4, 2e-4, 5e-4), (0.3, -1.2, 2.0)])
def test_matrix_and_derivatives(vector):
    vector = np.array(vector)
    np.testing.assert_allclose(rotation_matrix(vector), Rotation.from_rotvec(vector).as_matrix(), atol=1e-14)
    moved, slopes = rotated(POINTS, vector)
    np.testing.assert_allclose(moved, Rotation.from_rotvec(vector).apply(POINTS), atol=1e-14)
    for i, step in enumerate(1e-6 * np.eye(3)):
        numeric = (rotated(POINTS, vector + step)[0] - rotated(POINTS, vector - step)[0]) / 2e-6
        np.testing.assert_allclose(slopes[i], numeric, atol=1e-8)


def test_superposition():
    turn = Rotation.from_rotvec([0.4, -0.3, 2.9]).as_matrix()
    matrix, misfit = superposition(POINTS, POINTS @ turn.T + 3.0)
    np.testing.assert_allclose(matrix, turn, atol=1e-12)
    assert misfit < 1e-12
    # a mirror image is not reached by turning
    assert superposition(POINTS, POINTS * [1.0, 1.0, -1.0])[1] > 0.1
