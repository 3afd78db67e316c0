"""The start of preferred orientation: axis and March r of a calculated textured pattern are found again."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.refine.start.texture import best_texture, with_texture_axis
from anatase.refine.start.whole_pattern import WholePattern, evaluate, phase_curve, phase_lines
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.unique_hkl import unique_hkl

CUKA = radiation_from_name("CuKa")
X = np.arange(15.0, 90.0, 0.03)
# background, shift, divergence, W, U; scale, two strains, X, Y
PLAIN = np.array([10.0, 0.0, 0.0, 0.01, 0.0, 1000.0, 0.0, 0.0, 0.03, 0.05])


@pytest.fixture(scope="module")
def model() -> WholePattern:
    """Return a trigonal phase with calcite's cell and even intensities, alone on a flat background."""
    lattice, group = Lattice(4.99, 4.99, 17.06, 90.0, 90.0, 120.0), SpaceGroup.from_symbol("R-3c:H")
    hkl, multiplicity, _ = unique_hkl(lattice, group, 1.0)
    lines = phase_lines(hkl, multiplicity, multiplicity.astype(float), lattice, group, CUKA)
    return WholePattern(X, np.ones((1, X.size)), CUKA, (lines,))


@pytest.mark.parametrize(("axis", "r"), [((0, 0, 1), 0.6), ((1, 0, 4), 0.6), ((0, 0, 1), 1.7)])
def test_axis_and_r_are_found(model, axis, r):
    textured, parameters = with_texture_axis(model, PLAIN, 0, axis, r)
    observed = evaluate(textured, parameters)[0]
    residual = observed - evaluate(model, PLAIN)[0]
    gain, found, start = best_texture(model, PLAIN, 0, residual, np.ones(X.size))
    assert found == axis
    assert start == r  # both stand in the grid of starts
    assert gain > 0.99 * float(residual @ residual)


def test_no_texture_gains_nothing(model):
    gain, _, _ = best_texture(model, PLAIN, 0, np.zeros(X.size), np.ones(X.size))
    assert gain == pytest.approx(0.0, abs=1e-6)


def test_axis_puts_march_r_behind_the_phase_and_keeps_the_rest(model):
    textured, parameters = with_texture_axis(model, PLAIN, 0, (0, 0, 1), 1.0)
    assert parameters[-1] == 1.0
    np.testing.assert_array_equal(parameters[:-1], PLAIN)
    np.testing.assert_allclose(phase_curve(textured, parameters, 0), phase_curve(model, PLAIN, 0), rtol=1e-12)
