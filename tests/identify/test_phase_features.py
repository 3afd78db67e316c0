"""Features of phases and answers: finite, and on the right side where a phase is false or missing."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.phase_features import answer_features, phase_features
from anatase.identify.search import search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.refine.start.measurement import prepare


def entry_of(library, formula, number):
    described = list(zip(library.formulas, library.space_group_numbers.tolist(), strict=True))
    return described.index((formula, number))


@pytest.fixture(scope="module")
def searched(library, simulate):
    """Return space and result of a search for rutile and zincite, with both in the library and without zincite."""
    rutile, zincite = entry_of(library, "TiO2", 136), entry_of(library, "ZnO", 186)
    pattern = simulate({library.ids[rutile]: 0.6, library.ids[zincite]: 0.4}, counts=8000.0)
    measurement = prepare(pattern)
    oxides = library.select(allowed=("Ti", "Zn", "O"))
    zinc_oxides = [i for i in oxides if library.formulas[i] == "ZnO"]
    spaces = [
        SearchSpace(measurement, library, entries, SearchSettings())
        for entries in (oxides, np.setdiff1d(oxides, zinc_oxides))
    ]
    return [(space, search(space)) for space in spaces]


def test_features_are_finite_numbers(searched):
    for space, result in searched:
        named = [answer_features(space, result)]
        named += [phase_features(case, space, result) for case in result.evidence.values()]
        assert all(np.isfinite(value) for features in named for value in features.values())


def test_a_missing_phase_shows(searched):
    whole, lacking = (answer_features(*one) for one in searched)
    assert lacking["unexplained"] > whole["unexplained"] + 1.0
    assert lacking["peaks"] > whole["peaks"]
    assert lacking["left"] > whole["left"]
    assert whole["phases"] == 2.0


def test_true_phases_gain_much_at_little_strain(searched):
    space, result = searched[0]
    assert len(result.evidence) == 2
    for case in result.evidence.values():
        features = phase_features(case, space, result)
        assert features["gain"] > np.log(100.0)
        # the cells are those of the library: within 0.1 %
        assert features["strain"] < 0.1
        assert features["chemistry"] == 1.0
