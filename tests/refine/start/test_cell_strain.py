"""Strains that a group allows: how many, and that they keep its symmetry."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.refine.start.cell_strain import strain_basis, strained_lattice

# independent cell parameters of each crystal system, International Tables A, table 2.1.2.1
FREE = {"triclinic": 6, "monoclinic": 4, "orthorhombic": 3, "tetragonal": 2, "trigonal": 2, "hexagonal": 2, "cubic": 1}
CELLS = {
    "triclinic": (5.1, 6.3, 7.7, 83.0, 97.0, 104.0),
    "monoclinic": (5.1, 6.3, 7.7, 90.0, 107.0, 90.0),
    "orthorhombic": (5.1, 6.3, 7.7),
    "tetragonal": (5.1, 5.1, 7.7),
    "trigonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "hexagonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "cubic": (6.3, 6.3, 6.3),
}


def standard(number: int) -> tuple[Lattice, SpaceGroup]:
    group = SpaceGroup.from_number(number)
    return Lattice(*CELLS[group.crystal_system]), group


@pytest.mark.parametrize("number", range(1, 231))
def test_strains_are_as_many_as_the_free_cell_parameters_and_keep_the_group(number: int):
    lattice, group = standard(number)
    basis = strain_basis(lattice, group)
    assert basis.shape == (FREE[group.crystal_system], 3, 3)
    # h → hR makes the metric R B Rᵀ: every strain must stay as it is
    turned = np.einsum("rij,njk,rlk->nril", group.rotations, basis, group.rotations)
    np.testing.assert_allclose(turned, np.broadcast_to(basis[:, None], turned.shape), atol=1e-12)
    strain = np.linspace(0.01, -0.02, len(basis))
    strained = strained_lattice(lattice, basis, strain)
    assert group.fits(strained, 1e-9)
    np.testing.assert_allclose(
        strained.reciprocal_metric, lattice.reciprocal_metric + np.tensordot(strain, basis, 1), atol=1e-12
    )


@pytest.mark.parametrize(
    ("symbol", "cell", "count"),
    [
        ("R -3 c:R", (6.0, 6.0, 6.0, 47.0, 47.0, 47.0), 2),  # rhombohedral axes
        ("P 1 1 21/b", (5.1, 6.3, 7.7, 90.0, 90.0, 107.0), 4),  # unique axis c
        ("P 21/c 1 1", (5.1, 6.3, 7.7, 101.0, 90.0, 90.0), 4),  # unique axis a
    ],
)
def test_other_settings(symbol: str, cell: tuple[float, ...], count: int):
    lattice, group = Lattice(*cell), SpaceGroup.from_symbol(symbol)
    basis = strain_basis(lattice, group)
    assert len(basis) == count
    assert group.fits(strained_lattice(lattice, basis, np.full(count, 0.013)), 1e-9)


@pytest.mark.parametrize("number", [1, 14, 62, 136, 167, 194, 225])
def test_the_first_strain_is_isotropic_and_all_are_orthogonal(number: int):
    lattice, group = standard(number)
    basis = strain_basis(lattice, group)
    np.testing.assert_allclose(basis[0], lattice.reciprocal_metric, rtol=1e-12)
    # in the crystal's Cartesian frame Σ B_i B_j = 3 for the first (the unit matrix), 1 for the others, 0 between them
    inverse = np.linalg.inv(np.linalg.cholesky(lattice.reciprocal_metric))
    cartesian = np.array([inverse @ b @ inverse.T for b in basis])
    products = np.einsum("nij,mij->nm", cartesian, cartesian)
    np.testing.assert_allclose(products, np.diag([3.0] + [1.0] * (len(basis) - 1)), atol=1e-10)


def test_isotropic_strain_by_hand():
    # G* (1 + p) shortens every axis by 1/√(1 + p): p = 0.0201 makes 1/1.01 nearly (1.01² = 1.0201)
    lattice, group = standard(62)
    strained = strained_lattice(lattice, strain_basis(lattice, group), np.array([0.0201, 0.0, 0.0]))
    assert strained.parameters[:3] == pytest.approx([5.1 / 1.01, 6.3 / 1.01, 7.7 / 1.01], rel=1e-12)
    assert strained.parameters[3:] == pytest.approx([90.0, 90.0, 90.0], abs=1e-9)
