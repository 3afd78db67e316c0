"""How much of a phase a pattern could hide: limits that hold, and fall as counts grow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

from anatase.errors import InputError
from anatase.identify import identify
from anatase.identify.detection_limit import detection_limits, polymorphs, upper_limit
from anatase.identify.final import final_fit
from anatase.identify.hypothesis import Candidate
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.library_lines import library_lines
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


@pytest.fixture(scope="module")
def limit_of_rutile(library, simulate):
    """Return ``limit(fraction, counts, seed)``: that of rutile beside zincite and corundum, fitted without it."""
    known = np.array([library.index_of(ZINCITE), library.index_of(CORUNDUM)])

    def limit(fraction: float, counts: float, seed: int) -> float:
        shares = {RUTILE: fraction, ZINCITE: 0.6 * (1.0 - fraction), CORUNDUM: 0.4 * (1.0 - fraction)}
        measurement = prepare(simulate(shares, counts=counts, seed=seed, step=0.03))
        space = SearchSpace(measurement, library, known, SearchSettings())
        candidates = tuple(Candidate(int(i), library_lines(library, int(i), measurement)) for i in known)
        _, final = final_fit(fit_hypothesis(space, candidates), measurement, library)
        return detection_limits(final, measurement, library, [library.index_of(RUTILE)])[0].weight_fraction

    return limit


def test_upper_limit_is_that_of_a_truncated_normal():
    """scipy's truncated normal distribution is independent; below −1 s.u. the amount counts as −1 s.u."""
    amount, su = np.array([-0.9, 0.0, 0.7, 4.0]), np.array([1.0, 2.0, 0.5, 1.0])
    expected = truncnorm.ppf(0.95, -amount / su, np.inf, loc=amount, scale=su)
    assert upper_limit(amount, su, 0.95) == pytest.approx(expected, rel=1e-9)
    assert upper_limit(np.array([-7.0]), np.array([1.0]), 0.95) == pytest.approx(
        upper_limit(np.array([-1.0]), np.array([1.0]), 0.95)
    )


def test_limits_hold_for_what_is_there(limit_of_rutile):
    """Of phases that are there in every amount about the limit, no more than 1 in 20 lies above its limit.

    24 trials: with the stated 95 % four or more failures have a chance of 3 % (binomial distribution).
    """
    amounts = np.tile([0.001, 0.002, 0.003, 0.004], 6)
    held = [limit_of_rutile(float(x), 6000.0, seed) >= x for seed, x in enumerate(amounts)]
    assert np.sum(held) >= 21


def test_limits_fall_as_counting_goes_on(limit_of_rutile):
    limits = [limit_of_rutile(0.0, counts, 5) for counts in (1_000.0, 6_000.0, 40_000.0)]
    assert limits[0] > limits[1] > limits[2] > 0.0
    # the s.u. of a share falls with 1/√counts where noise is all there is; here the background does not grow besides
    assert limits[0] / limits[2] > np.sqrt(40.0)


def test_what_was_asked_for_and_is_not_there_has_a_limit(library, simulate):
    pattern = simulate({ZINCITE: 0.6, CORUNDUM: 0.4}, seed=7)
    answer = identify(pattern, library, elements="Zn,Al,O", present="rutile")
    limits = {one.label.library_id: one for one in answer.detection_limits}
    assert {one.label.formula for one in answer.phases} == {"ZnO", "Al2O3"}
    assert limits[RUTILE].level == 0.95
    assert 0.0 < limits[RUTILE].weight_fraction < 0.01


def test_polymorphs_are_other_phases_of_one_composition(library):
    found = polymorphs(library, [library.index_of(RUTILE)])
    assert {library.formulas[i] for i in found} == {"TiO2"}
    assert {library.names[i] for i in found} == {"anatase", "brookite"}


def test_a_level_that_is_none_is_refused():
    with pytest.raises(InputError, match="level of 2"):
        detection_limits(None, None, None, [], level=2.0)
