"""Where motions lead: lengths kept, derivatives against central differences with torsions upon torsions."""

from __future__ import annotations

import numpy as np

from anatase.refine.rigid_body.kinematics import moved_places

SHAPE = np.array([[0, 0, 0], [1.5, 0, 0], [2.1, 1.3, 0], [3.5, 1.4, 0.3], [4.1, 2.7, 0.2]], dtype=float)
TURNS = ((0, 1, (2, 3, 4)), (1, 2, (3, 4)), (2, 3, (4,)))
AXES = np.array([[7.0, 0, 0], [-1.0, 8.0, 0], [0.5, 1.0, 9.0]])
MOTIONS = np.array([0.1, 0.2, 0.3, 25.0, -40.0, 70.0, 33.0, -52.0, 110.0])


def test_derivatives():
    _, slopes, _ = moved_places(SHAPE, TURNS, MOTIONS, AXES)
    for i, step in enumerate(1e-4 * np.eye(9)):
        ends = [moved_places(SHAPE, TURNS, MOTIONS + s, AXES)[0] for s in (step, -step)]
        np.testing.assert_allclose(slopes[i], (ends[0] - ends[1]) / 2e-4, atol=1e-9)


def test_bonds_keep_their_lengths_and_angles():
    _, _, points = moved_places(SHAPE, TURNS, MOTIONS, AXES)
    for apart in (1, 2):  # torsions change distances of 1–4, not of 1–2 and 1–3
        before, after = (np.linalg.norm(p[apart:] - p[:-apart], axis=1) for p in (SHAPE, points))
        np.testing.assert_allclose(after, before, atol=1e-12)
    assert abs(np.linalg.norm(points[3] - points[0]) - np.linalg.norm(SHAPE[3] - SHAPE[0])) > 0.05


def test_at_rest_nothing_moves():
    places, _, points = moved_places(SHAPE, TURNS, np.zeros(9), AXES)
    np.testing.assert_allclose(points, SHAPE, atol=1e-15)
    np.testing.assert_allclose(places @ AXES, SHAPE, atol=1e-14)
