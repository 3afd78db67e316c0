"""Anisotropic strain: the number and form of the terms for every Laue class, in any setting, and derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import PhysicsError
from anatase.pattern.stephens import (
    QUARTIC,
    quartic_columns,
    stephens_broadening,
    stephens_names,
    stephens_terms,
)

HKL = np.array([(h, k, l) for h in range(-3, 4) for k in range(-3, 4) for l in range(-3, 4) if h or k or l])


# Stephens (1999) table 1; 4/m, −3 and 6/m by counting invariants (Molien): 5, 5, 3
@pytest.mark.parametrize(
    ("number", "terms"),
    [(2, 15), (14, 9), (62, 6), (87, 5), (141, 4), (148, 5), (167, 4), (176, 3), (194, 3), (205, 2), (225, 2)],
)
def test_number_of_terms(number: int, terms: int):
    group = SpaceGroup.from_number(number)
    assert stephens_terms(group).shape == (terms, 15)
    assert len(set(stephens_names(group))) == terms


@pytest.mark.parametrize("symbol", ["P 21/c", "P 1 1 2/m", "R -3 m:R", "R -3 m:H", "F d -3 m:2", "I 41/a", "C 1 2/c 1"])
def test_terms_are_invariant(symbol: str):
    group = SpaceGroup.from_symbol(symbol)
    here = quartic_columns(HKL, group)
    for rotation in group.rotations:
        np.testing.assert_allclose(quartic_columns(HKL @ rotation, group), here, atol=1e-8)


def test_published_forms():
    # Stephens (1999): cubic S400 (h⁴+k⁴+l⁴) + 3 S220 (h²k²+…); hexagonal S400 (h⁴+k⁴+2h³k+2hk³+3h²k²)
    cubic = {QUARTIC[i]: c for i, c in enumerate(stephens_terms(SpaceGroup.from_number(225))[0]) if c}
    assert cubic == {(4, 0, 0): 1.0, (0, 4, 0): 1.0, (0, 0, 4): 1.0}
    hexagonal = {QUARTIC[i]: round(c, 9) for i, c in enumerate(stephens_terms(SpaceGroup.from_number(194))[0]) if c}
    assert hexagonal == {(4, 0, 0): 1, (0, 4, 0): 1, (3, 1, 0): 2, (1, 3, 0): 2, (2, 2, 0): 3}


def test_isotropic_strain_is_among_the_forms():
    # σ(1/d²) = ε/d² is a uniform relative strain: a width ε tan θ for every reflection
    lattice, group = Lattice(8.1, 12.8, 7.2, 94.2, 116.6, 87.7), SpaceGroup.from_number(2)
    inverse_d2, columns = lattice.inverse_d_squared(HKL), quartic_columns(HKL, SpaceGroup.from_number(2))
    strains = np.linalg.lstsq(columns, (1e-3 * inverse_d2) ** 2, rcond=None)[0]
    two_theta = 2.0 * np.degrees(np.arcsin(0.2 * np.sqrt(inverse_d2)))
    made = stephens_broadening(two_theta, inverse_d2, columns, strains).value
    np.testing.assert_allclose(made, np.degrees(1e-3 * np.tan(np.radians(two_theta / 2.0))), rtol=1e-6)
    assert group.laue_class == "-1"


def test_derivatives():
    # central differences, relative error 1e-9
    group, lattice = SpaceGroup.from_number(62), Lattice(5.0, 6.0, 7.0)
    columns, inverse_d2 = quartic_columns(HKL, group), lattice.inverse_d_squared(HKL)
    two_theta, strains = np.linspace(20.0, 140.0, len(HKL)), np.array([3.0, 2.0, 1.0, 0.5, 0.7, 0.2]) * 1e-8
    answer = stephens_broadening(two_theta, inverse_d2, columns, strains)
    ends = [stephens_broadening(two_theta + d, inverse_d2, columns, strains).value for d in (1e-4, -1e-4)]
    np.testing.assert_allclose(answer.by_two_theta, (ends[0] - ends[1]) / 2e-4, rtol=1e-6)
    ends = [stephens_broadening(two_theta, inverse_d2 * (1 + d), columns, strains).value for d in (1e-6, -1e-6)]
    np.testing.assert_allclose(answer.by_hkl, (ends[0] - ends[1]) / (2e-6 * inverse_d2), rtol=1e-6)
    for i in range(6):
        step = 1e-5 * strains[i] * np.eye(6)[i]
        ends = [stephens_broadening(two_theta, inverse_d2, columns, strains + s * step).value for s in (1, -1)]
        np.testing.assert_allclose(
            answer.by_parameter[i], (ends[0] - ends[1]) / (2e-5 * strains[i]), rtol=1e-6, atol=1e-4
        )


def test_negative_variances_are_refused():
    group = SpaceGroup.from_number(225)
    with pytest.raises(PhysicsError, match="negative variance"):
        stephens_broadening(
            np.full(len(HKL), 40.0), np.ones(len(HKL)), quartic_columns(HKL, group), np.array([-1.0, 0.1])
        )
