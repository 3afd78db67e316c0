"""March–Dollase: normalisation, symmetry, derivative, values by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError
from anatase.pattern.preferred_orientation import (
    march_dollase,
    march_dollase_across,
    march_dollase_mixture,
    orientation_cosines,
)

CALCITE = (Lattice(4.9896, 4.9896, 17.061, 90, 90, 120), SpaceGroup.from_number(167))


@pytest.mark.parametrize("r", [0.2, 0.5, 1.0, 1.7, 4.0])
def test_the_factor_averages_to_one_over_the_sphere(r: float):
    # Dollase (1986), equation 1: ∫ P sin α dα from 0 to π/2 = 1, cos α being the variable here
    mean = quad(lambda c: march_dollase(np.array([[c * c]]), r)[0][0], 0.0, 1.0, epsabs=1e-12)[0]
    assert mean == pytest.approx(1.0, abs=1e-9)


def test_plates_and_needles():
    # along the axis P = r⁻³, at right angles to it P = r^(3/2)
    for r in (0.5, 2.0):
        factor, _ = march_dollase(np.array([[1.0], [0.0]]), r)
        assert factor == pytest.approx([r**-3, r**1.5], rel=1e-14)


def test_no_texture_is_one():
    factor, _ = march_dollase(np.random.default_rng(1).uniform(size=(5, 3)), 1.0)
    np.testing.assert_allclose(factor, 1.0, rtol=1e-14)


@pytest.mark.parametrize("r", [0.4, 1.0, 2.5])
def test_derivative(r: float):
    # complex step: exact to rounding
    cos2 = np.random.default_rng(2).uniform(size=(20, 6))
    exact = march_dollase(cos2, r + 1e-30j)[0].imag / 1e-30  # type: ignore[arg-type]
    np.testing.assert_allclose(march_dollase(cos2, r)[1], exact, rtol=1e-12, atol=1e-14)


def test_cosines_to_the_equivalents_of_the_cleavage():
    # calcite 104 has three equivalents; they stand at 74.9° to each other (the cleavage angle of calcite, 74°55′
    # between face normals) and at 44.6° to c: tan = (c/a)(2/√3)/4 = 3.4193 · 1.1547/4 = 0.98707
    lattice, group = CALCITE
    cosines = np.sqrt(orientation_cosines(np.array([[1, 0, 4], [0, 0, 6]]), (1, 0, 4), lattice, group))
    distinct = np.unique(np.round(np.degrees(np.arccos(np.clip(cosines[0], 0, 1))), 1))
    assert distinct == pytest.approx([0.0, 74.9], abs=0.1)
    assert np.degrees(np.arccos(cosines[1])) == pytest.approx(np.full(cosines.shape[1], 44.63), abs=0.02)


@pytest.mark.parametrize("number", [2, 14, 62, 88, 136, 148, 167, 176, 194, 205, 225])
def test_equivalent_reflections_share_their_factor(number: int):
    group = SpaceGroup.from_number(number)
    cells = {"monoclinic": (5, 6, 7, 90, 105, 90), "triclinic": (5, 6, 7, 80, 95, 105), "orthorhombic": (5, 6, 7)}
    cells |= {"tetragonal": (5, 5, 7), "cubic": (5, 5, 5)}
    lattice = Lattice(*cells.get(group.crystal_system, (5, 5, 7, 90, 90, 120)))
    equivalents = np.unique(np.array([1, 2, 4]) @ group.rotations, axis=0)
    factor, _ = march_dollase(orientation_cosines(equivalents, (1, 0, 2), lattice, group), 0.6)
    np.testing.assert_allclose(factor, factor[0], rtol=1e-12)


def test_axis_length_does_not_count():
    lattice, group = CALCITE
    hkl = np.array([[1, 0, 4], [1, 1, 0], [2, 1, 1]])
    np.testing.assert_allclose(
        orientation_cosines(hkl, (0, 0, 1), lattice, group), orientation_cosines(hkl, (0, 0, 6), lattice, group)
    )


def test_a_mixture_of_axes():
    rng = np.random.default_rng(3)
    cos2 = [rng.uniform(size=(12, 4)), rng.uniform(size=(12, 3))]
    factor, by_r, by_share = march_dollase_mixture(cos2, [0.6, 1.8], [0.5, 0.2])
    parts = [march_dollase(c, r)[0] for c, r in zip(cos2, (0.6, 1.8), strict=True)]
    np.testing.assert_allclose(factor, 0.5 * parts[0] + 0.2 * parts[1] + 0.3, rtol=1e-14)
    for k in range(2):
        step = np.eye(2)[k] * 1e-6
        up, down = (march_dollase_mixture(cos2, list([0.6, 1.8] + s * step), [0.5, 0.2])[0] for s in (1, -1))
        np.testing.assert_allclose(by_r[k], (up - down) / 2e-6, rtol=1e-6, atol=1e-9)
        up, down = (march_dollase_mixture(cos2, [0.6, 1.8], list([0.5, 0.2] + s * step))[0] for s in (1, -1))
        np.testing.assert_allclose(by_share[k], (up - down) / 2e-6, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(march_dollase_mixture(cos2[:1], [0.6], [1.0])[0], parts[0], rtol=1e-14)


def test_impossible_mixtures_are_refused():
    cos2 = [np.full((2, 1), 0.3)]
    for r, share in (([-0.5], [0.5]), ([0.5], [1.5]), ([0.5], [-0.1])):
        with pytest.raises(PhysicsError, match="March"):
            march_dollase_mixture(cos2, r, share)
    with pytest.raises(InputError, match="axes"):
        march_dollase_mixture(cos2, [0.5, 0.6], [0.5])


@pytest.mark.parametrize("r", [0.05, 0.5, 0.999, 1.0, 1.7, 6.0])
def test_across_the_axis_it_is_the_mean_over_the_azimuth(r: float):
    # independent quadrature over the azimuth; exact derivatives against central differences
    cos2 = np.array([[1.0], [0.7], [0.2], [0.0]])
    factor, by_r, by_cos2 = march_dollase_across(cos2, r)
    for c, value in zip(cos2[:, 0], factor, strict=True):

        def march(w: float, c: float = c) -> float:
            return float(march_dollase(np.array([[(1.0 - c) * np.cos(w) ** 2]]), r)[0][0])

        assert value == pytest.approx(quad(march, 0.0, np.pi / 2.0, epsabs=1e-11)[0] * 2.0 / np.pi, rel=1e-9)
    step = 1e-5 * r
    ends = [march_dollase_across(cos2, r + sign * step)[0] for sign in (1.0, -1.0)]
    np.testing.assert_allclose(by_r, (ends[0] - ends[1]) / (2.0 * step), rtol=1e-6, atol=1e-9)
    inside = cos2[1:3]
    ends = [march_dollase_across(inside + sign * 1e-6, r)[0] for sign in (1.0, -1.0)]
    np.testing.assert_allclose(by_cos2[1:3, 0], (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-8)
