"""Derivatives of distances, angles, planes and valences against central differences; values worked by hand."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from anatase.refine.restraint.bond_geometry import angle, distance, plane_distances, valences

POINTS = np.random.default_rng(3).normal(size=(6, 3)) * [2.0, 2.0, 0.2]
VALENCES = partial(valences, r0=np.array([1.62, 1.7, 1.9, 2.1, 1.5]), softness=0.37)


@pytest.mark.parametrize(("measure", "n"), [(distance, 2), (angle, 3), (plane_distances, 6), (VALENCES, 6)])
def test_derivatives(measure, n):
    points = POINTS[:n]
    _, slopes = measure(points)
    assert slopes.shape == (measure(points)[0].size, n, 3)
    for i in range(n):
        for j in range(3):
            step = np.zeros((n, 3))
            step[i, j] = 1e-6
            numeric = (measure(points + step)[0] - measure(points - step)[0]) / 2e-6
            np.testing.assert_allclose(slopes[:, i, j], numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("degrees", [0.5, 60.0, 109.4712, 179.5])
def test_angles(degrees):
    points = np.array([[1.3, 0, 0], [0, 0, 0], [2 * np.cos(np.radians(degrees)), 2 * np.sin(np.radians(degrees)), 0]])
    assert angle(points)[0][0] == pytest.approx(degrees, abs=1e-9)


def test_atoms_in_a_plane_are_none_from_it():
    flat = POINTS @ np.diag([1.0, 1.0, 0.0]) + 1.0
    out, slopes = plane_distances(flat)
    assert np.abs(out).max() < 1e-12
    assert np.isfinite(slopes).all()
    # a plane: as much above as below
    assert plane_distances(POINTS)[0].sum() == pytest.approx(0.0, abs=1e-12)


def test_a_bond_of_the_reference_length_has_valence_one():
    found, _ = valences(np.array([[0.0, 0, 0], [1.62, 0, 0], [0, 1.62 + 0.37, 0]]), np.array([1.62, 1.62]), 0.37)
    assert found == pytest.approx([1.0, np.exp(-1.0)])
