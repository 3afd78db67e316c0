"""Phases that a pattern cannot tell apart: elements of one structure, against oxides of one structure that differ."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify import identify
from anatase.identify.equivalent_phases import equivalent_phases
from anatase.identify.hypothesis import Candidate
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.prior_knowledge import PriorKnowledge
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.refine.start.measurement import prepare

SILVER = "ncrystal/Ag_sg225"
PERICLASE = "ncrystal/MgO_sg225_Periclase"
RUTILE = "ncrystal/TiO2_sg136_Rutile"


@pytest.fixture(scope="module")
def fitted(library, simulate):
    """Return ``fitted(ids, fractions…)``: a search space of the whole library, and the right phases fitted."""

    def fit(*ids: str):
        pattern = simulate({name: 1.0 / len(ids) for name in ids}, limits=(25.0, 100.0), step=0.04)
        space = SearchSpace(prepare(pattern), library, np.arange(len(library)), SearchSettings())
        entries = [library.index_of(name) for name in ids]
        hypothesis = fit_hypothesis(space, tuple(Candidate(e, space.lines(e)) for e in entries))
        return space, hypothesis

    return fit


def formulas(library, entries) -> list[str]:
    return [library.formulas[i] for i in entries]


def test_metals_of_one_structure_are_one_answer(library, fitted):
    space, hypothesis = fitted(SILVER)
    equal = equivalent_phases(space, hypothesis, 0)
    # gold's cell is 0.2 % smaller; all lines of a close-packed element have the same structure factor but for f(s)
    assert "Au" in formulas(library, equal)
    assert len({int(library.groups[i]) for i in equal}) == len(equal)  # one entry of each phase
    assert int(library.groups[library.index_of(SILVER)]) not in {int(library.groups[i]) for i in equal}
    # LiF has a cell 1.7 % smaller and other intensities: light anions at half the cell's edges
    assert "LiF" not in formulas(library, equal)


def test_composition_splits_the_group(library, fitted):
    space, hypothesis = fitted(SILVER)
    assert equivalent_phases(space, hypothesis, 0, PriorKnowledge(required=("Ag",))) == ()
    gold = equivalent_phases(space, hypothesis, 0, PriorKnowledge(at_least_one=("Au", "Ag")))
    assert formulas(library, gold) == ["Au"]


def test_intensities_tell_oxides_apart(library, fitted):
    space, hypothesis = fitted(PERICLASE, RUTILE)
    # NiO has the structure of MgO and a cell 1 % smaller, but its odd lines are strong
    assert "NiO" not in formulas(library, equivalent_phases(space, hypothesis, 0))
    assert equivalent_phases(space, hypothesis, 1) == ()


def test_an_answer_lists_its_members(library, simulate):
    pattern = simulate({SILVER: 1.0}, limits=(25.0, 100.0), step=0.04)
    (phase,) = identify(pattern, library).phases
    elements = {phase.label.formula, *(member.formula for member in phase.members)}
    assert {"Ag", "Au"} <= elements  # whichever of them leads
    (alone,) = identify(pattern, library, elements="Ag").phases
    assert (alone.label.formula, alone.members) == ("Ag", ())
