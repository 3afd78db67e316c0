"""The Sobol sequence beside scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from anatase.refine.start.sobol import sobol_points


@pytest.mark.parametrize("dimensions", range(1, 7))
def test_points_are_those_of_scipy(dimensions):
    # scipy takes the same direction numbers (Joe & Kuo 2008); its first point is the origin
    expected = qmc.Sobol(dimensions, scramble=False).random(512)[1:]
    np.testing.assert_array_equal(sobol_points(511, dimensions), expected)


def test_points_fill_the_box_evenly():
    # of 2^8 points in three dimensions each of 8 equal boxes holds 32, the origin included
    points = np.vstack([np.zeros(3), sobol_points(255, 3)])
    counts = np.bincount((points >= 0.5) @ np.array([1, 2, 4]), minlength=8)
    assert counts.tolist() == [32] * 8
