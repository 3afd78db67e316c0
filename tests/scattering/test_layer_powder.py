"""Powder patterns of stacked layers: ordered stacks against reflections, random layers against Warren's band."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.scattering.layer_powder import layer_amplitudes, layer_powder
from anatase.scattering.reflections import reflections
from anatase.scattering.structure_factor import structure_factors

# graphene layers, a = 2.461 Å, 3.354 Å apart (graphite: Trucano & Chen (1975) Nature 258, 136)
CELL = Lattice(2.461, 2.461, 3.354, 90.0, 90.0, 120.0)
CARBON = (Species("C"),)
LAYER = [Site("C1", CARBON, (0.0, 0.0, 0.0), 0.004), Site("C2", CARBON, (1 / 3, 2 / 3, 0.0), 0.004)]
SIMPLE = [[[0.0, 0.0, 1.0]]]


def test_amplitudes_are_structure_factors():
    hkl = np.array([[1, 0, 0], [1, 1, 2], [0, 0, 1], [2, -1, 3]])
    cell = Structure(CELL, SpaceGroup.from_number(1), tuple(LAYER))
    np.testing.assert_allclose(layer_amplitudes([LAYER], CELL, hkl)[0], structure_factors(cell, hkl), rtol=1e-12)


def test_an_ordered_stack_is_a_crystal():
    # AA stacking is one layer per cell: in bins about its lines the pattern holds m |F|², but for what lies outside the
    # bins: of a Lorentzian of FWHM 1/(π N) in l, N = 400, less than 2 % beyond ±0.04 in l
    found = reflections(Structure(CELL, SpaceGroup.from_number(1), tuple(LAYER)), 0.95)
    q = 2.0 * np.pi / found.d_spacing
    edges = np.arange(0.9, 6.6, 0.15)
    expected = np.histogram(q, edges, weights=found.multiplicity * found.f_squared)[0]
    made = layer_powder([LAYER], CELL, [[1.0]], SIMPLE, edges, coherence=400.0, step=1e-4)
    assert made.sum() == pytest.approx(expected.sum(), rel=0.02)
    margin = np.min(np.abs(q[:, None] - edges), axis=0)
    clear = (margin[:-1] > 0.03) & (margin[1:] > 0.03) & (expected > 0.0)
    assert clear.sum() > 5
    np.testing.assert_allclose(made[clear], expected[clear], rtol=0.04)


def test_turbostratic_layers_make_warrens_band():
    # rods hk ≠ 0 of layers shifted at random have |F|² all along; of one rod the bin q1 … q2 holds 2 |F|² Δl,
    # l = √(q² − q_hk²)/c*. Six rods 10, 01, 1-1 and opposites at q = 4π/(√3 a) = 2.948, before 11 at 5.106
    edges = np.array([2.8, 2.948, 3.2, 3.4, 3.6])
    kwargs = {"coherence": 50.0, "spread": (3.0, 3.0, 0.0)}
    made = layer_powder([LAYER], CELL, [[1.0]], SIMPLE, edges, step=1e-3, **kwargs)
    onset = 4.0 * np.pi / (np.sqrt(3.0) * 2.461)
    q = np.linspace(onset, 3.6, 20_001)
    l = np.sqrt(np.maximum(q**2 - onset**2, 0.0)) * 3.354 / (2.0 * np.pi)
    f = layer_amplitudes([LAYER], CELL, np.stack([np.ones_like(l), np.zeros_like(l), l], axis=1))[0]
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(l) * (np.abs(f[1:]) ** 2 + np.abs(f[:-1]) ** 2))])
    expected = 12.0 * np.diff(np.interp(edges, q, cumulative, left=0.0))
    # besides, tails of 001 and 002 of the rod 00, made of layers that are ordered along it
    rod = layer_powder([LAYER], Lattice(0.5, 0.5, 3.354, 90, 90, 120), [[1.0]], SIMPLE, edges, step=1e-3, **kwargs)
    np.testing.assert_allclose(made[1:] - rod[1:], expected[1:], rtol=0.01)
    assert made[0] - rod[0] < 0.03 * expected[1]
    assert expected[1] > expected[2] > expected[3]


def test_misuse_is_refused():
    with pytest.raises(InputError, match="edges"):
        layer_powder([LAYER], CELL, [[1.0]], SIMPLE, [2.0, 1.0])
    with pytest.raises(PhysicsError, match="rods"):
        layer_powder([LAYER], CELL, [[1.0]], SIMPLE, [1.0, 30.0], coherence=10.0, step=1e-6)
    with pytest.raises(PhysicsError, match="coherence"):
        layer_powder([LAYER], CELL, [[1.0]], SIMPLE, [1.0, 3.0])
