"""Symmetrised harmonics: numbers of terms, orthonormality, invariance, published cubic harmonics, texture index."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError
from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines
from anatase.pattern.spherical_harmonics import (
    HarmonicBasis,
    negative_pole_density,
    real_harmonics,
    symmetrised_harmonics,
    texture_factor,
    texture_index,
)

CELLS: dict[str, tuple[float, ...]] = {
    "triclinic": (5, 6, 7, 80, 95, 105),
    "monoclinic": (5, 6, 7, 90, 105, 90),
    "orthorhombic": (5, 6, 7),
    "tetragonal": (5, 5, 7),
    "cubic": (5, 5, 5),
}
# independent harmonics of order 2, 4, 6, 8, 10, 12 for each Laue class, as Bunge (1982) Texture Analysis in Materials
# Science tabulates them; the same follow from the character formula that the next test sums
TERMS = {
    2: (5, 9, 13, 17, 21, 25),
    14: (3, 5, 7, 9, 11, 13),
    62: (2, 3, 4, 5, 6, 7),
    88: (1, 3, 3, 5, 5, 7),
    136: (1, 2, 2, 3, 3, 4),
    148: (1, 3, 5, 5, 7, 9),
    167: (1, 2, 3, 3, 4, 5),
    176: (1, 1, 3, 3, 3, 5),
    194: (1, 1, 2, 2, 2, 3),
    205: (0, 1, 2, 1, 2, 3),
    225: (0, 1, 1, 1, 1, 2),
}


def crystal(number: int) -> tuple[Lattice, SpaceGroup]:
    group = SpaceGroup.from_number(number)
    return Lattice(*CELLS.get(group.crystal_system, (5, 5, 7, 90, 90, 120))), group


def sphere(n: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Return directions and weights, sum 4π: Gauss–Legendre in z, equal steps in azimuth."""
    z, w = np.polynomial.legendre.leggauss(n)
    phi = np.arange(2 * n) * np.pi / n
    z, w, phi = np.repeat(z, 2 * n), np.repeat(w, 2 * n) * np.pi / n, np.tile(phi, n)
    r = np.sqrt(1.0 - z * z)
    return np.stack([r * np.cos(phi), r * np.sin(phi), z], axis=1), w


@pytest.mark.parametrize("number", TERMS)
def test_number_of_terms(number: int):
    basis = symmetrised_harmonics(*crystal(number), 12)
    assert tuple(int(np.sum(basis.orders == l)) for l in range(2, 13, 2)) == TERMS[number]


@pytest.mark.parametrize("number", [1, 5, 43, 82, 121, 157, 161, 174, 189, 199, 216, 230])
def test_number_of_terms_by_characters(number: int):
    # the invariants of order l number (1/|G|) Σ sin((2l + 1)φ/2)/sin(φ/2), for even l the same for −R as for R
    lattice, group = crystal(number)
    basis = symmetrised_harmonics(lattice, group, 10)
    rotations = np.unique(group.rotations, axis=0)
    traces = np.trace(rotations, axis1=1, axis2=2) * np.round(np.linalg.det(rotations))
    half = np.arccos((traces - 1.0) / 2.0) / 2.0
    for l in range(2, 11, 2):
        safe = np.where(half > 1e-9, half, 1.0)
        characters = np.where(half > 1e-9, np.sin((2 * l + 1) * safe) / np.sin(safe), 2 * l + 1)
        assert np.sum(basis.orders == l) == round(float(characters.mean()))


def test_real_harmonics_are_orthonormal():
    directions, weight = sphere()
    columns = np.hstack([real_harmonics(l, directions) for l in (0, 2, 4, 10, 22)])
    np.testing.assert_allclose((columns * weight[:, None]).T @ columns, np.eye(columns.shape[1]), atol=1e-11)


@pytest.mark.parametrize("number", [2, 14, 88, 167, 194, 205, 225])
def test_the_basis_is_orthonormal_and_invariant(number: int):
    lattice, group = crystal(number)
    basis = symmetrised_harmonics(lattice, group, 10)
    directions, weight = sphere()
    values = basis.values(directions)
    np.testing.assert_allclose((values * weight[:, None]).T @ values, np.eye(len(basis.orders)), atol=1e-11)
    for h in ((1, 2, 4), (3, 1, -2)):
        columns = basis.columns(np.unique(np.array(h) @ group.rotations, axis=0), 37.0)
        np.testing.assert_allclose(columns - columns[0], 0.0, atol=1e-10)


@pytest.mark.parametrize("symbol", ["P 1 1 2/m", "P 2/m 1 1", "P 1 2/m 1"])
def test_any_setting(symbol: str):
    group = SpaceGroup.from_symbol(symbol)
    cell = {
        "P 1 1 2/m": (5, 6, 7, 90, 90, 105),
        "P 2/m 1 1": (5, 6, 7, 105, 90, 90),
        "P 1 2/m 1": (5, 6, 7, 90, 105, 90),
    }
    basis = symmetrised_harmonics(Lattice(*cell[symbol]), group, 6)
    assert len(basis.orders) == 3 + 5 + 7


def test_cubic_harmonics_are_the_published_ones():
    # von der Lage & Bethe (1947) Phys. Rev. 71, 612: K4 ∝ x⁴ + y⁴ + z⁴ − 3/5,
    # K6 ∝ x²y²z² + (1/22)(x⁴ + y⁴ + z⁴ − 3/5) − 1/105
    basis = symmetrised_harmonics(Lattice(4.0, 4.0, 4.0), SpaceGroup.from_number(225), 6)
    directions, weight = sphere()
    fourth = np.sum(directions**4, axis=1) - 0.6
    sixth = np.prod(directions**2, axis=1) + fourth / 22.0 - 1.0 / 105.0
    for column, published in zip(basis.values(directions).T, (fourth, sixth), strict=True):
        scaled = published / np.sqrt(np.sum(weight * published**2))
        assert min(np.abs(column - scaled).max(), np.abs(column + scaled).max()) < 1e-12


def test_texture_index_is_the_mean_square_density():
    basis = symmetrised_harmonics(*crystal(167), 8)
    coefficients = np.random.default_rng(4).normal(0.0, 0.3, len(basis.orders))
    directions, weight = sphere()
    along = texture_factor(basis.values(directions) * np.sqrt(4 * np.pi / (2 * basis.orders + 1.0)), coefficients)
    assert np.sum(weight * along) / (4 * np.pi) == pytest.approx(1.0, abs=1e-12)
    assert np.sum(weight * along**2) / (4 * np.pi) == pytest.approx(
        texture_index(basis.orders, coefficients), rel=1e-12
    )
    assert texture_index(basis.orders, 0.0 * coefficients) == 1.0


def march_coefficients(basis: HarmonicBasis, r: float) -> np.ndarray:
    """Project the March density about c onto the basis: C = √((2l + 1)/4π) ∫ P k dΩ."""
    directions, weight = sphere(60)
    density = march_dollase((directions[:, 2] ** 2)[:, None], r)[0]
    return np.sqrt((2 * basis.orders + 1.0) / (4 * np.pi)) * ((weight * density) @ basis.values(directions))


def test_it_reproduces_march_dollase():
    # a March density about c at r = 0.7 is a series that converges: within 1 % at order 22, seen along the axis
    lattice, group = Lattice(5.0, 5.0, 7.0, 90.0, 90.0, 120.0), SpaceGroup.from_number(194)
    basis = symmetrised_harmonics(lattice, group, 22)
    hkl = np.array([[0, 0, 2], [1, 0, 1], [1, 1, 0], [1, 0, 4], [2, 1, 3]])
    columns = basis.columns(hkl)
    factor = texture_factor(columns, march_coefficients(basis, 0.7))
    expected = march_dollase(orientation_cosines(hkl, (0, 0, 1), lattice, group), 0.7)[0]
    np.testing.assert_allclose(factor, expected, rtol=0.01)
    # at 90° to the axis: the mean of the density over directions at right angles to h, by quadrature
    angle = np.linspace(0.0, 2 * np.pi, 720, endpoint=False)
    c = hkl @ np.linalg.inv(lattice.vectors).T
    sine2 = 1.0 - (c[:, 2] / np.linalg.norm(c, axis=1)) ** 2
    turned = march_dollase(sine2[:, None] * np.cos(angle) ** 2, 0.7)[0]
    np.testing.assert_allclose(
        texture_factor(basis.columns(hkl, 90.0), march_coefficients(basis, 0.7)), turned, rtol=0.01
    )


def test_a_negative_density_is_told():
    basis = symmetrised_harmonics(*crystal(225), 4)
    assert negative_pole_density(basis, [0.1]) == ()
    assert "negative over" in negative_pole_density(basis, [5.0])[0]


def test_misuse_is_refused():
    with pytest.raises(InputError, match="even order"):
        symmetrised_harmonics(*crystal(225), 5)
    with pytest.raises(PhysicsError, match="symmetry"):
        symmetrised_harmonics(Lattice(4.0, 5.0, 6.0), SpaceGroup.from_number(225), 4)
