"""Ideal places of riding hydrogen atoms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.refine.single_crystal.hydrogen_geometry import ideal_hydrogens, turned, x_h_distance

Array = NDArray[np.float64]
TETRAHEDRON = np.array([[1.0, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]]) / np.sqrt(3.0)


def angle(a: Array, b: Array) -> float:
    return float(np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))))


def test_the_fourth_corner_of_a_tetrahedron():
    h = ideal_hydrogens(1, list(1.53 * TETRAHEDRON[:3]), np.ones((1, 3)), 0.98, None)
    np.testing.assert_allclose(h[0], 0.98 * TETRAHEDRON[3], atol=1e-12)


def test_two_hydrogens_between_two_bonds():
    h = ideal_hydrogens(2, list(1.5 * TETRAHEDRON[:2]), 0.9 * TETRAHEDRON[2:], 0.97, None)
    np.testing.assert_allclose(np.linalg.norm(h, axis=1), 0.97)
    # 2 (0.9678 + 0.0698 cos 109.47°) radian
    assert angle(h[0], h[1]) == pytest.approx(np.degrees(2 * (0.9678 - 0.0698 / 3)), abs=1e-6)
    assert h[0] @ TETRAHEDRON[2] > 0.9
    swapped = ideal_hydrogens(2, list(1.5 * TETRAHEDRON[:2]), 0.9 * TETRAHEDRON[:1:-1], 0.97, None)
    np.testing.assert_allclose(swapped, h[::-1], atol=1e-12)


def test_an_aromatic_hydrogen_lies_on_the_bisector():
    bonds = [np.array([1.39, 0.0, 0.0]), 1.39 * np.array([-0.5, np.sqrt(0.75), 0.0])]
    h = ideal_hydrogens(4, bonds, np.ones((1, 3)), 0.93, None)[0]
    assert angle(h, bonds[0]) == pytest.approx(120.0)
    assert angle(h, bonds[1]) == pytest.approx(120.0)


@pytest.mark.parametrize("m", [3, 13])
def test_a_methyl_group(m: int):
    axis = np.array([0.0, 0.0, 1.5])
    present = np.array([[0.9, 0.1, -0.3], [-0.5, 0.8, -0.3], [-0.4, -0.8, -0.3]])
    h = ideal_hydrogens(m, [axis], present, 0.96, None)
    for i in range(3):
        assert angle(h[i], axis) == pytest.approx(109.4712, abs=1e-3)
        assert angle(h[i], h[(i + 1) % 3]) == pytest.approx(109.4712, abs=1e-3)
        assert angle(h[i], present[i]) < 15.0  # order and hand of the atoms stay
    torsion = np.degrees(np.arctan2(h[0, 1], h[0, 0]))
    assert torsion == pytest.approx(np.degrees(np.arctan2(0.1, 0.9)))


def test_a_staggered_methyl_group_avoids_the_atom_beyond():
    axis, beyond = np.array([0.0, 0.0, 1.5]), np.array([1.4, 0.0, 0.5])
    h = ideal_hydrogens(3, [axis], np.array([[0.9, 0.1, -0.3], [-0.5, 0.8, -0.3], [-0.4, -0.8, -0.3]]), 0.96, beyond)
    torsions = np.sort(np.degrees(np.arctan2(h[:, 1], h[:, 0])) % 360.0)
    np.testing.assert_allclose(torsions, [60.0, 180.0, 300.0], atol=1e-9)


def test_a_planar_group():
    h = ideal_hydrogens(
        9, [np.array([0.0, 0.0, 1.3])], np.array([[0.8, 0, -0.4], [-0.8, 0, -0.4]]), 0.93, np.array([0.7, 0.7, 0.3])
    )
    assert angle(h[0], h[1]) == pytest.approx(120.0)
    assert h[0] @ np.cross([0.0, 0.0, 1.0], [0.7, 0.7, 0.0]) == pytest.approx(0.0, abs=1e-12)


def test_linear_and_hydroxyl():
    axis = np.array([0.0, 1.2, 0.0])
    np.testing.assert_allclose(ideal_hydrogens(16, [axis], np.ones((1, 3)), 0.93, None), [[0.0, -0.93, 0.0]])
    h = ideal_hydrogens(14, [axis], np.array([[0.5, -0.2, 0.5]]), 0.82, None)
    assert angle(h[0], axis) == pytest.approx(109.4712, abs=1e-3)
    assert h[0, 0] == pytest.approx(h[0, 2])


def test_a_turn():
    np.testing.assert_allclose(turned(np.array([[1.0, 0, 0]]), np.array([0.0, 0, 1]), 90.0), [[0, 1, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("m", "element", "temperature", "distance"),
    [
        (4, "C", 20.0, 0.93),
        (4, "C", -50.0, 0.94),
        (4, "C", -100.0, 0.95),
        (4, "N", 20.0, 0.86),
        (14, "O", -173.0, 0.84),
    ],
)
def test_distances_of_the_manual(m: int, element: str, temperature: float, distance: float):
    assert x_h_distance(m, element, temperature) == pytest.approx(distance)
