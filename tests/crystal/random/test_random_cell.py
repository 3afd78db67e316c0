"""Random cells have the symmetry of their group, the volume asked for and no vector too short."""

from __future__ import annotations

import itertools

import gemmi
import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.random.primitive_orbits import primitive_orbits
from anatase.crystal.random.random_cell import random_metric
from anatase.crystal.space_group import SpaceGroup

NEAR = np.array([v for v in itertools.product(range(-3, 4), repeat=3) if any(v)], dtype=float)


def test_every_setting_gets_cells_of_its_symmetry():
    for setting in list(gemmi.spacegroup_table())[::3]:
        group = SpaceGroup.from_gemmi(setting)
        primitive = primitive_orbits(group).basis
        metric = random_metric(np.random.default_rng(setting.number), group, 200.0, primitive, 2.5)
        assert metric is not None
        lattice = Lattice.from_metric(metric)
        assert group.fits(lattice, 1e-9), setting.xhm()
        assert lattice.volume == pytest.approx(200.0, rel=1e-9)
        vectors = NEAR @ primitive.T
        assert np.einsum("ni,ij,nj->n", vectors, metric, vectors).min() >= 2.5**2 * (1 - 1e-12)


def test_what_symmetry_leaves_free_varies():
    group = SpaceGroup.from_number(2)
    rng = np.random.default_rng(5)
    metrics = [random_metric(rng, group, 300.0, np.eye(3), 2.0) for _ in range(400)]
    cells = np.array([Lattice.from_metric(m).parameters for m in metrics if m is not None])
    assert len(cells) > 380
    assert cells[:, 3:].min() >= 65.0 - 1e-6
    assert cells[:, 3:].max() <= 115.0 + 1e-6
    # ln a of spread 0.35, less what the fixed volume takes: 0.35 √(2/3) = 0.286, and the angles' share
    assert np.log(cells[:, :3]).std(axis=0) == pytest.approx(np.full(3, 0.29), abs=0.04)


def test_no_cell_is_wide_enough_for_a_vector_beyond_the_densest_packing():
    # a lattice of volume V has no shortest vector above (√2 V)^(1/3): face-centred cubic
    assert random_metric(np.random.default_rng(0), SpaceGroup.from_number(1), 27.0, np.eye(3), 3.4) is None
