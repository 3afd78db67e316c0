"""B, UB and rotations: Busing & Levy's definitions, identities, uniformity."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.orientation_matrix import b_matrix, orientation_from_two, random_orientation, rotation_about
from anatase.errors import PhysicsError

TRICLINIC = Lattice(5.0, 6.0, 7.0, 80.0, 95.0, 105.0)


def test_b_is_that_of_busing_and_levy():
    # equation 3 of the paper, written out with the reciprocal angles; 1e-12
    reciprocal = TRICLINIC.reciprocal
    beta, gamma = np.radians([reciprocal.beta, reciprocal.gamma])
    alpha = np.radians(TRICLINIC.alpha)
    expected = [
        [reciprocal.a, reciprocal.b * np.cos(gamma), reciprocal.c * np.cos(beta)],
        [0.0, reciprocal.b * np.sin(gamma), -reciprocal.c * np.sin(beta) * np.cos(alpha)],
        [0.0, 0.0, 1.0 / TRICLINIC.c],
    ]
    np.testing.assert_allclose(b_matrix(TRICLINIC), expected, atol=1e-12)


def test_lengths_are_inverse_spacings():
    hkl = np.array([[1, 2, -3], [0, 1, 4], [5, 0, 0]])
    lengths = np.linalg.norm(hkl @ b_matrix(TRICLINIC).T, axis=1)
    np.testing.assert_allclose(1.0 / lengths, TRICLINIC.d_spacing(hkl), rtol=1e-13)


def test_rotations_are_right_handed():
    np.testing.assert_allclose(rotation_about([0, 0, 5], 90.0) @ [1, 0, 0], [0, 1, 0], atol=1e-15)
    turned = rotation_about([1, 2, 3], 33.0)
    np.testing.assert_allclose(turned @ turned.T, np.eye(3), atol=1e-14)
    np.testing.assert_allclose(turned @ [1, 2, 3], [1, 2, 3], atol=1e-14)
    assert np.degrees(np.arccos((np.trace(turned) - 1.0) / 2.0)) == pytest.approx(33.0, abs=1e-9)


def test_two_vectors_orient_a_crystal():
    b = b_matrix(TRICLINIC)
    u = orientation_from_two(b @ [1, 0, 2], b @ [0, 1, 0], [0, 0, 1], [1, 1, 0])
    assert np.linalg.det(u) == pytest.approx(1.0, abs=1e-12)
    first, second = u @ b @ [1, 0, 2], u @ b @ [0, 1, 0]
    np.testing.assert_allclose(first / np.linalg.norm(first), [0, 0, 1], atol=1e-12)
    assert second[0] == pytest.approx(second[1], abs=1e-12)
    assert second[0] > 0.0


def test_random_orientations_are_uniform():
    # the mean of R is 0 and the mean of R² per element 1/3; 4 standard errors of 20,000 draws
    rng = np.random.default_rng(3)
    drawn = np.array([random_orientation(rng) for _ in range(20_000)])
    np.testing.assert_allclose(np.linalg.det(drawn), 1.0, atol=1e-12)
    assert np.abs(drawn.mean(axis=0)).max() < 4.0 * np.sqrt(1.0 / 3.0 / 20_000)
    assert np.abs((drawn**2).mean(axis=0) - 1.0 / 3.0).max() < 4.0 * np.sqrt(4.0 / 45.0 / 20_000)


def test_degenerate_vectors_are_refused():
    with pytest.raises(PhysicsError, match="parallel; give two directions"):
        orientation_from_two([1, 0, 0], [2, 0, 0], [1, 0, 0], [0, 1, 0])
    with pytest.raises(PhysicsError, match="a rotation axis cannot be"):
        rotation_about([0, 0, 0], 10.0)
