"""What is believed of a mixture: probabilities that add up, fits that belong to their sets, phases that stay."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify import identify
from anatase.identify.acceptance import REPORTED, accepted, entries_of
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.search import search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.verdict import verdict
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ANATASE = "ncrystal/TiO2_sg141_Anatase"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
QUARTZ = "ncrystal/SiO2_sg154_AlphaQuartz"


def space_of(library, pattern, elements, present=()) -> SearchSpace:
    return SearchSpace(prepare(pattern), library, library.select(allowed=elements), SearchSettings(), present)


@pytest.fixture(scope="module")
def looked_at(library, simulate):
    space = space_of(library, simulate({RUTILE: 0.3, ZINCITE: 0.7}, seed=31), ["Ti", "Zn", "O"])
    result = search(space)
    return space, result, accepted(space, result)


def test_true_phases_are_believed(library, looked_at):
    _, result, believed = looked_at
    assert {library.ids[entry] for entry in believed.phases} == {RUTILE, ZINCITE}
    assert all(p is not None and p > 0.8 for p in believed.phases.values())
    assert set(result.evidence) == set(entries_of(result.best))


def test_probabilities_add_up_to_one_at_most(looked_at):
    space, result, believed = looked_at
    found = verdict(space, result, believed)
    assert found.answer is not None
    assert found.unknown is not None
    own = frozenset(space.group(entry) for entry in entries_of(believed.best))
    poorer = [one for one in found.others if {space.group(e) for e in one.entries} < own]
    richer = [one for one in found.others if one not in poorer]
    assert found.answer + found.unknown + sum(one.probability for one in poorer) <= 1.0 + 1e-9
    assert sum(one.probability for one in richer) <= found.unknown
    stated = [one.probability for one in found.others]
    assert stated == sorted(stated, reverse=True)


def test_alternatives_are_fits_of_their_own_phases(looked_at):
    space, result, believed = looked_at
    doubted = believed.reduced_to(believed.best.without(1))
    found = verdict(space, result, doubted)
    assert found.unknown is not None
    whole = next(one for one in found.others if set(one.entries) == set(entries_of(believed.best)))
    assert whole.fit.y == pytest.approx(believed.best.y, rel=0.02, abs=5.0)  # the same set, fitted again
    again = fit_hypothesis(space, tuple(whole.fit.candidates))
    assert entries_of(again) == whole.entries


def test_a_forbidden_answer_has_no_probability(looked_at):
    space, result, believed = looked_at
    found = verdict(space, result, believed, lambda entries: False)
    assert found.answer == 0.0
    assert found.unknown == pytest.approx(1.0)
    assert found.others == ()


def test_a_phase_that_the_last_fit_drops_is_doubted(looked_at):
    _, _, believed = looked_at
    lost = entries_of(believed.best)[0]
    left = believed.reduced_to(believed.best.without(0))
    assert lost not in left.phases
    assert left.doubted[lost] == believed.phases[lost]


def test_stated_phase_is_any_of_its_polymorphs(library, simulate):
    titania = np.array([library.index_of(RUTILE), library.index_of(ANATASE)])
    pattern = simulate({ANATASE: 0.5, ZINCITE: 0.5}, seed=32)
    space = space_of(library, pattern, ["Ti", "Zn", "O"], (titania, titania))
    believed = accepted(space, search(space))
    assert {library.ids[entry] for entry in believed.phases} == {ANATASE, ZINCITE}
    assert believed.phases[library.index_of(ANATASE)] is None  # stated, not inferred
    assert (believed.phases[library.index_of(ZINCITE)] or 0.0) > REPORTED


def test_stated_phase_stays_though_it_is_not_seen(library, simulate):
    rutile = library.index_of(RUTILE)
    space = space_of(library, simulate({ZINCITE: 1.0}, seed=33), ["Ti", "Zn", "O"], (np.array([rutile]),))
    believed = accepted(space, search(space))
    assert rutile in believed.phases
    assert believed.phases[rutile] is None


def test_what_is_missing_widens_the_stated_fractions(library, simulate):
    pattern = simulate({RUTILE: 0.4, ZINCITE: 0.3, ANATASE: 0.3}, seed=34)
    whole = identify(pattern, library, elements=["Ti", "Zn", "O"])
    lacking = identify(pattern, library, elements=["Zn", "O"])  # no titania may be named: most stays unexplained
    assert (whole.unknown_probability or 1.0) < 0.5 < (lacking.unknown_probability or 0.0)
    (zincite,) = lacking.phases
    assert zincite.weight_fraction.value == 1.0
    assert (zincite.weight_fraction.su or 0.0) > 0.3  # it is 0.3 of the sample
    assert all((phase.weight_fraction.su or 0.0) < 0.1 for phase in whole.phases)
