"""How much of a phase a pattern could hide: limits that hold, and fall as counts grow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import truncnorm

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.identify import identify
from anatase.identify.detection_limit import detection_limits, polymorphs, upper_limit
from anatase.identify.final import final_fit
from anatase.identify.hypothesis import Candidate
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.library_lines import library_lines
from anatase.identify.quantify import Quantify
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.weighing import weighed
from anatase.refine.quantity import InternalStandard
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


@pytest.fixture(scope="module")
def fitted(library, simulate):
    """Return ``fitted(fraction, counts, seed, cell, fwhm)``: zincite and corundum fitted beside rutile, left out."""
    known = [library.index_of(ZINCITE), library.index_of(CORUNDUM)]

    def fit(
        fraction: float, counts: float, seed: int, cell: tuple[float, float, float] = (1.0, 1.0, 1.0), fwhm: float = 0.1
    ):
        shares = {RUTILE: fraction, ZINCITE: 0.6 * (1.0 - fraction), CORUNDUM: 0.4 * (1.0 - fraction)}
        drawn = {"counts": counts, "seed": seed, "step": 0.3 * fwhm, "fwhm": fwhm}
        measurement = prepare(simulate(shares, cells={RUTILE: cell}, **drawn))
        space = SearchSpace(measurement, library, np.array(known), SearchSettings())
        candidates = tuple(Candidate(i, library_lines(library, i, measurement)) for i in known)
        return measurement, final_fit(fit_hypothesis(space, candidates), measurement, library)[1], known

    return fit


@pytest.fixture(scope="module")
def limit_of_rutile(library, fitted):
    """Return ``limit(fraction, counts, seed, cell)``: that of rutile beside zincite and corundum."""

    def limit(*sample) -> float:
        measurement, final, _ = fitted(*sample)
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


def test_limits_hold_where_the_cell_is_another(limit_of_rutile):
    """Calculated cells are 1 to 2 % off, solid solutions too; a and c need not change alike."""
    rng = np.random.default_rng(8)
    amounts = np.tile([0.004, 0.01, 0.04], 5)
    failed = []
    for seed, amount in enumerate(amounts):
        length = rng.uniform(-0.018, 0.018)
        other = rng.uniform(-0.003, 0.003)  # of a; c changes by twice as much the other way: traceless, |p| < 0.0074
        cell = (1.0 + length + other, 1.0 + length + other, 1.0 + length - 2.0 * other)
        limit = limit_of_rutile(float(amount), 6000.0, seed, cell)
        failed += [(amount, limit, cell)] if limit < amount else []
        assert limit < 3.0 * amount + 0.01  # and says something
    assert len(failed) <= 2, failed  # of 15: three or more have a chance of 4 % at the stated 95 %


def test_no_cell_escapes_between_two(limit_of_rutile):
    """Lines of 0.015° are narrower than their way from one cell to the next: half a step aside is the worst case."""
    cells = [1.0 + 1e-3 * (5.0 + way) for way in (0.25, 0.5, 0.75)]
    limits = [limit_of_rutile(0.02, 6000.0, seed, (cell,) * 3, 0.015) for seed, cell in enumerate(cells)]
    assert min(limits) > 0.02


def test_limits_are_of_what_the_fractions_are_of(fitted, library):
    """By hand: m/(m + T) of the crystalline part, m (1 − A)/T of a specimen of which A is amorphous."""
    measurement, final, known = fitted(0.0, 6000.0, 5)
    spike = InternalStandard("corundum", Estimate(0.1))
    limits = []
    for options in (Quantify(microabsorption=False), Quantify(internal_standard=spike, microabsorption=False)):
        amounts = weighed(final, measurement, library, known, options)
        found = detection_limits(final, measurement, library, [library.index_of(RUTILE)], amounts=amounts)
        limits.append(found[0].weight_fraction)
    assert amounts.amorphous.value == pytest.approx(0.75, abs=0.02)  # 40 % of what diffracts is 10 % of the specimen
    expected = limits[0] / (1.0 - limits[0]) * (1.0 - amounts.amorphous.value)
    assert limits[1] == pytest.approx(expected, rel=1e-9)


def test_grains_hide_what_is_not_found_too(fitted, library):
    """Rutile absorbs more than zincite and corundum together: coarse grains of it show less than they weigh."""
    measurement, final, known = fitted(0.0, 6000.0, 5)
    fine, coarse = (
        detection_limits(
            final, measurement, library, [library.index_of(RUTILE)],
            amounts=weighed(final, measurement, library, known, options),
        )[0].weight_fraction
        for options in (Quantify(microabsorption=False), Quantify(particle_size=3.0))
    )  # fmt: skip
    assert coarse > 1.02 * fine


def test_limits_fall_as_counting_goes_on(limit_of_rutile):
    limits = [limit_of_rutile(0.0, counts, 5) for counts in (1_000.0, 6_000.0, 40_000.0)]
    assert limits[0] > limits[1] > limits[2] > 0.0
    # the s.u. of a share falls with 1/√counts where noise is all there is; here the background does not grow besides
    assert limits[0] / limits[2] > np.sqrt(40.0)


def test_polymorphs_of_what_was_found_have_limits(library, simulate):
    pattern = simulate({RUTILE: 0.6, CORUNDUM: 0.4}, seed=7)
    answer = identify(pattern, library, elements="Ti,Al,O")
    assert {one.label.formula for one in answer.phases} == {"TiO2", "Al2O3"}
    limits = {one.label.name: one for one in answer.detection_limits}
    assert limits["anatase"].level == 0.95
    assert 0.0 < limits["anatase"].weight_fraction < 0.02


def test_polymorphs_are_other_phases_of_one_composition(library):
    found = polymorphs(library, [library.index_of(RUTILE)])
    assert {library.formulas[i] for i in found} == {"TiO2"}
    assert {library.names[i] for i in found} == {"anatase", "brookite"}


def test_a_level_that_is_none_is_refused():
    with pytest.raises(InputError, match="level of 2"):
        detection_limits(None, None, None, [], level=2.0)
