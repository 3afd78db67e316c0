"""Niggli reduction against a published cell, gemmi, and itself."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatase.crystal.lattice import Lattice
from anatase.crystal.niggli import lattices_equal, niggli_reduce, primitive_lattice


def test_example_of_krivy_and_gruber():
    # Křivý & Gruber (1976) Acta Cryst. A32, 297: A=9, B=27, C=4, ξ=-5, η=-4, ζ=-22 reduces to 4, 9, 9, 9, 3, 4
    metric = np.array([[9.0, -11.0, -2.0], [-11.0, 27.0, -2.5], [-2.0, -2.5, 4.0]])
    reduced, change = niggli_reduce(Lattice.from_metric(metric))
    g = reduced.metric
    np.testing.assert_allclose([*np.diag(g), 2 * g[1, 2], 2 * g[0, 2], 2 * g[0, 1]], [4, 9, 9, 9, 3, 4], atol=1e-9)
    np.testing.assert_allclose(change.T @ metric @ change, g, atol=1e-9)


SKEW = st.lists(st.tuples(st.permutations([0, 1, 2]), st.sampled_from([-1, 1])), min_size=0, max_size=5)


def _skewed(lattice: Lattice, steps: list) -> Lattice:
    change = np.eye(3, dtype=int)
    for (i, j, _), sign in steps:
        shear = np.eye(3, dtype=int)
        shear[i, j] = sign
        change = change @ shear
    return Lattice.from_metric(change.T @ lattice.metric @ change)


@given(
    st.sampled_from([(5, 5, 5, 90, 90, 90), (4, 4, 4, 60, 60, 60), (5, 5, 8, 90, 90, 120), (5, 6, 7, 80, 95, 100),
                     (3, 4, 5, 90, 105, 90), (5, 5, 5, 109.4712206, 109.4712206, 109.4712206)]),
    SKEW,
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_basis_reduces_to_one_cell_and_to_gemmis(cell: tuple[float, ...], steps: list):
    lattice = Lattice(*cell)
    skewed = _skewed(lattice, steps)
    reduced, change = niggli_reduce(skewed)
    assert round(float(np.linalg.det(change))) == 1
    np.testing.assert_allclose(reduced.parameters, niggli_reduce(lattice)[0].parameters, atol=1e-4)
    gruber = gemmi.GruberVector(gemmi.UnitCell(*skewed.parameters), "P")
    gruber.niggli_reduce(epsilon=1e-5)
    np.testing.assert_allclose(reduced.parameters, gruber.cell_parameters(), atol=1e-4)


@pytest.mark.parametrize(("centring", "points"), [("P", 1), ("A", 2), ("B", 2), ("C", 2), ("I", 2), ("F", 4)])
def test_primitive_cell_has_the_share_of_the_volume(centring: str, points: int):
    lattice = Lattice(5, 6, 7)
    assert primitive_lattice(lattice, centring).volume == pytest.approx(lattice.volume / points)


def test_obverse_rhombohedral_cell_has_equal_edges():
    # corundum: a = 4.7588, c = 12.993 Å gives a_R = 5.129 Å, alpha_R = 55.28 deg (International Tables A, 1.5)
    primitive = primitive_lattice(Lattice(4.7588, 4.7588, 12.993, 90, 90, 120), "R")
    np.testing.assert_allclose(primitive.parameters, [5.129] * 3 + [55.28] * 3, atol=5e-3)


def test_strained_copies_are_equal_and_strangers_are_not():
    cubic = Lattice(5.43, 5.43, 5.43)
    assert lattices_equal(cubic, Lattice(5.44, 5.425, 5.43, 90.1, 89.95, 90.05))
    assert not lattices_equal(cubic, Lattice(5.6, 5.6, 5.6))
    assert lattices_equal(primitive_lattice(Lattice(4, 4, 4), "F"), Lattice(8**0.5, 8**0.5, 8**0.5, 60, 60, 60))
