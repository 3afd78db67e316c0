"""Pushing atoms apart: cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.random.packing import push_apart

IDENTITY = np.eye(3)[None]


def _push(points, edge, rotations, translations, owners, limit, most):
    points = np.array(points, dtype=float)
    sites = len(points)
    scale, worst = push_apart(
        points,
        np.repeat(IDENTITY, sites, 0),
        np.eye(3) * edge,
        np.eye(3) / edge,
        np.ascontiguousarray(rotations, dtype=float),
        np.ascontiguousarray(translations, dtype=float),
        np.array(owners, dtype=np.int64),
        np.full((sites, sites), limit),
        most,
    )
    return points, scale, worst


def test_two_atoms_part_along_their_line():
    start = [[0.38, 0.5, 0.5], [0.62, 0.5, 0.5]]
    points, scale, worst = _push(start, 10.0, np.repeat(IDENTITY, 2, 0), np.zeros((2, 3)), [0, 1], 3.0, 1.2)
    assert (scale, worst >= 1.0) == (1.0, True)
    # half of what is missing to 1.01 × 3 Å each
    assert points[:, 0] == pytest.approx([0.5 - 0.1515, 0.5 + 0.1515], abs=1e-9)
    assert points[:, 1:] == pytest.approx(np.full((2, 2), 0.5), abs=1e-12)


def test_an_atom_leaves_the_mirror_plane_that_it_is_too_near():
    mirror = np.stack([np.eye(3), np.diag([1.0, 1.0, -1.0])])
    points, _, worst = _push([[0.2, 0.3, 0.04]], 10.0, mirror, np.zeros((2, 3)), [0, 0], 2.0, 1.2)
    assert worst >= 1.0
    assert points[0] == pytest.approx([0.2, 0.3, 0.101], abs=1e-9)  # 2 × 1.01 Å from its image


def test_a_narrow_cell_grows_to_the_shortest_distance():
    # one atom, its translates 2.9 Å away, 3 Å wanted: within 1.5 % of it no growth step is needed but 3/2.9
    _, scale, worst = _push([[0.1, 0.2, 0.3]], 2.97, IDENTITY, np.zeros((1, 3)), [0], 3.0, 1.2)
    assert worst >= 1.0
    assert scale == pytest.approx(3.0 / 2.97, rel=1e-6)
    _, _, worst = _push([[0.1, 0.2, 0.3]], 2.0, IDENTITY, np.zeros((1, 3)), [0], 3.0, 1.2)
    assert worst < 1.0


def test_atoms_that_cannot_move_enlarge_the_cell_at_once():
    points = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    scale, worst = push_apart(
        points,
        np.zeros((2, 3, 3)),
        np.eye(3) * 3.0,
        np.eye(3) / 3.0,
        np.repeat(IDENTITY, 2, 0),
        np.zeros((2, 3)),
        np.array([0, 1]),
        np.full((2, 2), 2.0),
        2.0,
    )
    assert (scale, worst >= 1.0) == (1.0, True)  # 3 √3 / 2 = 2.598 Å apart
    near = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0]])  # 1.5 Å apart
    scale, worst = push_apart(
        near,
        np.zeros((2, 3, 3)),
        np.eye(3) * 15.0,
        np.eye(3) / 15.0,
        np.repeat(IDENTITY, 2, 0),
        np.zeros((2, 3)),
        np.array([0, 1]),
        np.full((2, 2), 2.0),
        2.0,
    )
    assert worst >= 1.0
    assert scale == pytest.approx(2.0 / 1.5, rel=1e-6)


def test_an_atom_stays_on_its_axis_where_it_would_rather_buckle():
    # twofold axis along z, the atom 3 Å from its translates and 4 Å wanted: only the cell can help
    axis = np.diag([0.0, 0.0, 1.0])[None]
    points = np.array([[1e-14, 0.0, 0.1], [0.0, 1e-14, 0.6]])
    cell = np.diag([12.0, 12.0, 5.0])
    scale, worst = push_apart(
        points,
        np.repeat(axis, 2, 0),
        cell,
        np.linalg.inv(cell),
        np.repeat(IDENTITY, 2, 0),
        np.zeros((2, 3)),
        np.array([0, 1]),
        np.full((2, 2), 4.0),
        2.0,
    )
    assert np.abs(points[:, :2]).max() < 1e-13
    assert worst >= 1.0
    assert scale == pytest.approx(8.0 / 5.0, rel=0.02)
