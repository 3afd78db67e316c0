"""Errors of intensities: their derivatives, their elimination, and what they do to scales and s.u."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.error_space import eliminated, error_space
from anatase.identify.final import final_fit
from anatase.identify.hypothesis import Candidate
from anatase.identify.intensity_errors import IntensityErrors, line_groups
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.library_lines import library_lines
from anatase.identify.scale_estimates import scale_estimates
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


@pytest.fixture(scope="module")
def fitted(library, simulate):
    """Return measurement and last fit of rutile and corundum, half and half."""
    entries = np.array([library.index_of(RUTILE), library.index_of(CORUNDUM)])
    measurement = prepare(simulate({RUTILE: 0.5, CORUNDUM: 0.5}, seed=3, step=0.04, counts=20_000.0))
    space = SearchSpace(measurement, library, entries, SearchSettings())
    candidates = tuple(Candidate(int(i), library_lines(library, int(i), measurement)) for i in entries)
    return measurement, final_fit(fit_hypothesis(space, candidates), measurement, library)[1]


def test_groups_hold_the_lines(fitted):
    measurement, final = fitted
    for i, structure in enumerate(final.structures):
        groups = line_groups(final.model, final.fit.values, i, structure, measurement.sigma)
        # Σ of the groups is the curve but for tails beyond 3 FWHM (a Lorentzian's hold 11 %) and lines below the noise
        assert groups.curves.sum() / final.curves[i].sum() == pytest.approx(0.93, abs=0.06)
        assert np.all((groups.spread > 0.0) & (groups.spread <= 1.0 + 1e-12))
        # 4π²/d² and 1/sin θ of the same lines: 1/d = 2 sin θ/λ, for the first wavelength within 0.3 %
        inverse_d = np.sqrt(-groups.displacement) / (2.0 * np.pi)
        assert groups.overshoot * inverse_d == pytest.approx(2.0 / measurement.radiation.wavelength, rel=0.01)


def test_texture_of_a_cubic_crystal_begins_with_the_fourth_order(library, simulate):
    halite = library.index_of("ncrystal/NaCl_sg225_SodiumChloride")
    measurement = prepare(simulate({library.ids[halite]: 1.0}, step=0.04))
    space = SearchSpace(measurement, library, np.array([halite]), SearchSettings())
    hypothesis = fit_hypothesis(space, (Candidate(halite, library_lines(library, halite, measurement)),))
    final = final_fit(hypothesis, measurement, library)[1]
    groups = line_groups(final.model, final.fit.values, 0, final.structures[0], measurement.sigma)
    assert groups.orders.tolist() == [4]


def test_elimination_is_the_inverse_of_the_whole_system(fitted):
    """Parameters and errors together in one normal matrix, inverted densely: the same values and covariance."""
    measurement, final = fitted
    space = error_space(final, measurement)
    solved = eliminated(space, 2.0)
    columns = np.vstack([space.jacobian, space.effects.toarray()])
    weights = space.weights / 2.0
    normal = (columns * weights) @ columns.T + np.diag(np.concatenate([space.precision, space.prior**-2.0]))
    k = len(space.precision)
    right = (columns * weights) @ space.residual
    right[:k] -= space.pull / 2.0
    scale = 1.0 / np.sqrt(np.diag(normal))
    inverse = np.linalg.inv(normal * np.outer(scale, scale)) * np.outer(scale, scale)
    su = np.sqrt(np.diag(inverse))
    assert np.abs(solved.change - (inverse @ right)[:k]).max() < 1e-6 * np.abs(inverse @ right).max() + 1e-6
    assert np.sqrt(np.diag(solved.covariance)) == pytest.approx(su[:k], rel=1e-4)
    assert solved.errors == pytest.approx((inverse @ right)[k:], abs=1e-6)
    # a further curve: its own row and column in the same system
    curve = final.curves[0] * np.linspace(0.0, 1.0, measurement.x.size)
    information, amount = solved.remaining(curve[None])
    by = (columns * weights) @ curve
    assert information[0] == pytest.approx((curve * weights) @ curve - by @ inverse @ by, rel=1e-5)
    expected = ((curve * weights) @ space.residual - by @ inverse @ right) / information[0]
    assert amount[0] == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_no_errors_leave_the_fit_as_it_is(fitted):
    measurement, final = fitted
    exact = scale_estimates(final, measurement, IntensityErrors(*[1e-9] * 6))
    index = final.model.offsets[:-1]
    su = np.sqrt(np.diag(final.covariance)[index])
    assert np.all(np.abs(exact.areas - final.fit.values[index]) < 3.0 * su)


def test_many_lines_carry_a_ratio_of_scales(fitted):
    """With errors of 10 % in each line the s.u. of ln of a ratio of scales is below 10 %, and far above counting's.

    What all lines err in together drops out of the ratio.
    """
    measurement, final = fitted

    def su(errors: IntensityErrors | None) -> float:
        covariance = scale_estimates(final, measurement, errors).covariance
        return float(np.sqrt(np.array([1.0, -1.0]) @ covariance @ np.array([1.0, -1.0])))

    assert 3.0 * su(IntensityErrors(*[1e-9] * 6)) < su(None) < 0.1
    assert su(IntensityErrors(line=0.3)) > 1.3 * su(None)


def test_an_untextured_powder_shows_none(fitted):
    measurement, final = fitted
    assert np.all(scale_estimates(final, measurement).texture < 0.03)
