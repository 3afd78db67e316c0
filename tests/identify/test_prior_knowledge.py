"""What the user says of a sample: phases by id, name or formula; elements that may, must or cannot be there."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.identify import identify
from anatase.identify.named_phases import entries_named
from anatase.identify.prior_knowledge import (
    PriorKnowledge,
    permitted,
    present_phases,
    prior_knowledge,
    satisfies,
    unmet,
)


def ids(library, entries) -> set[str]:
    return {library.ids[i] for i in entries}


def names(library, entries) -> set[str]:
    return {library.names[i] for i in entries}


@pytest.mark.parametrize("text", ["rutile", "Rutile", " RUTILE ", "ncrystal/TiO2_sg136_Rutile", "TiO2_sg136_Rutile"])
def test_a_phase_by_name_or_id(library, text):
    assert ids(library, entries_named(library, text)) == {"ncrystal/TiO2_sg136_Rutile"}


@pytest.mark.parametrize("text", ["TiO2", "O2Ti", "Ti2O4", "tio2"])
def test_a_formula_means_every_polymorph(library, text):
    assert names(library, entries_named(library, text)) == {"rutile", "anatase", "brookite"}


def test_a_name_means_all_records_of_the_phase(library):
    named = np.flatnonzero(np.array(library.names) == "moissanite")
    assert named.size == 3  # three records, of more than one polytype
    expected = np.flatnonzero(np.isin(library.groups, library.groups[named]))
    assert entries_named(library, "moissanite").tolist() == expected.tolist()


def test_hydrogen_counts_in_a_formula(library):
    assert {library.formulas[i] for i in entries_named(library, "H2O")} == {"H2O"}
    for formula in ("MgO", "Mg(OH)2"):  # the key of a phase sets hydrogen aside, a formula must not
        held = library.elements[entries_named(library, formula)]
        assert held[:, 0].all() == ("H" in formula)


def test_near_names_are_told(library):
    with pytest.raises(InputError, match=r"no phase 'rutil'; near it: 'rutile'.*anatase library list"):
        entries_named(library, "rutil")
    with pytest.raises(InputError, match="no phase 'xqzzy'; give a library id"):
        entries_named(library, "xqzzy")
    with pytest.raises(InputError, match="no phase ''"):
        entries_named(library, " ")


def test_capitals_decide_between_formulas(library):
    assert {"CO", "Co"} <= set(library.formulas)
    assert {library.formulas[i] for i in entries_named(library, "CO")} == {"CO"}
    assert "CO" not in {library.formulas[i] for i in entries_named(library, "Co")}


def test_elements_come_as_text_or_as_a_list():
    assert prior_knowledge("ti, O", required=["Ti"]) == PriorKnowledge(("Ti", "O"), required=("Ti",))
    assert prior_knowledge([]).elements == ()
    assert prior_knowledge().elements is None
    with pytest.raises(InputError, match="'Xx' is no chemical element"):
        prior_knowledge(required=["Xx"])


def test_contradictions_are_refused(library):
    with pytest.raises(InputError, match="Ti must be there and is excluded"):
        prior_knowledge(required="Ti,O", exclude="Ti")
    with pytest.raises(InputError, match="In, O may be there and are excluded; say one of the two"):
        prior_knowledge("In,O", exclude="O,In")
    with pytest.raises(InputError, match="one of Zn, Cu must be there and all are excluded"):
        prior_knowledge(at_least_one="Zn,Cu", exclude="Cu,Zn")
    for known in (PriorKnowledge(excluded=("Ti",), present=("rutile",)), PriorKnowledge(("O",), absent=("TiO2",))):
        both = PriorKnowledge(excluded=known.excluded, absent=known.absent, present=("rutile",))
        with pytest.raises(InputError, match="'rutile' is said to be in the sample, and is excluded"):
            present_phases(library, both)


def test_more_certain_phases_than_may_be_reported_are_refused(library, simulate):
    pattern = simulate({"ncrystal/TiO2_sg136_Rutile": 1.0}, step=0.1)
    with pytest.raises(InputError, match="2 phases are said to be there, and 1 may be reported at most"):
        identify(pattern, library, elements="Ti,Zn,O", present=["rutile", "zincite"], max_phases=1)


def test_an_absent_phase_goes_with_all_its_records(library):
    known = PriorKnowledge(("Ti", "O"), absent=("ncrystal/TiO2_sg136_Rutile",))
    assert names(library, permitted(library, known)) >= {"anatase", "brookite"}
    assert "rutile" not in names(library, permitted(library, known))
    left = permitted(library, PriorKnowledge(("Ti", "O"), absent=("TiO2",)))
    assert not {"rutile", "anatase", "brookite"} & names(library, left)


def test_a_present_phase_may_hold_other_elements(library):
    known = PriorKnowledge(("Ti", "O"), present=("corundum",))
    (standard,) = present_phases(library, known)
    assert names(library, standard) == {"corundum"}
    entries = permitted(library, known)
    assert set(standard.tolist()) <= set(entries.tolist())
    others = np.setdiff1d(entries, standard)
    assert {library.formulas[i] for i in others} <= {library.formulas[i] for i in library.select(allowed=["Ti", "O"])}
    assert entries.tolist() == sorted(set(entries.tolist()))


def test_a_formula_leaves_the_polymorph_that_is_not_absent(library):
    known = PriorKnowledge(present=("TiO2",), absent=("anatase", "brookite"))
    assert [names(library, phase) for phase in present_phases(library, known)] == [{"rutile"}]


def test_required_elements_may_be_present(library):
    known = PriorKnowledge(("Ti", "O"), required=("Zn",), at_least_one=("Al", "Mg"))
    assert set(known.allowed) == {"Ti", "O", "Zn", "Al", "Mg"}
    assert {"TiO2", "ZnO", "MgO"} <= {library.formulas[i] for i in permitted(library, known)}


@pytest.mark.parametrize(
    ("known", "phases", "expected"),
    [
        (PriorKnowledge(), (), True),
        (PriorKnowledge(required=("Ti",)), (), False),
        (PriorKnowledge(required=("Ti", "Al")), ("rutile",), False),
        (PriorKnowledge(required=("Ti", "Al")), ("rutile", "corundum"), True),  # each in some phase
        (PriorKnowledge(at_least_one=("Zn", "Al")), ("rutile",), False),
        (PriorKnowledge(at_least_one=("Zn", "Al")), ("rutile", "corundum"), True),
        (PriorKnowledge(required=("Ti",), at_least_one=("Zn",)), ("rutile", "corundum"), False),
    ],
)
def test_elements_that_the_answer_must_hold(library, known, phases, expected):
    entries = [int(entries_named(library, name)[0]) for name in phases]
    assert satisfies(known, library, entries) is expected


def test_what_the_answer_does_not_meet_is_said(library):
    rutile = int(entries_named(library, "rutile")[0])
    assert unmet(PriorKnowledge(required=("Ti",), present=("TiO2",)), library, [rutile]) == []
    told = unmet(
        PriorKnowledge(required=("Ti", "Al"), at_least_one=("Zn", "Mg"), present=("corundum",)), library, [rutile]
    )
    assert told == [
        "'corundum' is said to be in the sample, and the pattern does not show it",
        "no phase of the answer holds Al, which must be in the sample",
        "no phase of the answer holds any of Zn, Mg, of which one must be in the sample",
    ]
    assert unmet(PriorKnowledge(required=("Ti",)), library, []) != []
    assert unmet(PriorKnowledge(("In", "O"), required=("Ti", "O")), library, [rutile]) == [
        "Ti stands in what must be there, not among the elements given: added to these"
    ]
    assert unmet(PriorKnowledge(("Ti", "O"), required=("Ti",)), library, [rutile]) == []


def test_an_absent_phase_is_not_found(library, simulate):
    pattern = simulate({"ncrystal/TiO2_sg136_Rutile": 0.5, "ncrystal/ZnO_sg186_ZincOxide": 0.5}, step=0.04)
    answer = identify(pattern, library, elements="Ti,Zn,O", absent="zincite", required="Zn")
    assert [phase.label.name for phase in answer.phases] == ["rutile"]
    assert answer.unexplained_fraction > 0.2  # zincite's strong lines are left over
    assert any("holds Zn, which must be" in warning for warning in answer.warnings)
    assert (answer.settings["absent"], answer.settings["required"]) == (["zincite"], ["Zn"])


def test_a_present_phase_is_fitted_and_said_where_it_is_not_seen(library, simulate):
    pattern = simulate({"ncrystal/TiO2_sg136_Rutile": 0.8, "ncrystal/ZnO_sg186_ZincOxide": 0.2}, step=0.04)
    # zinc is not among the elements: the phase itself is known
    answer = identify(pattern, library, elements="Ti,O", present="zincite")
    assert {phase.label.name for phase in answer.phases} == {"rutile", "zincite"}
    assert not any("said to be in the sample" in warning for warning in answer.warnings)
    pure = simulate({"ncrystal/TiO2_sg136_Rutile": 1.0}, step=0.04)
    told = identify(pure, library, elements="Ti,O", present="fluorite").warnings
    assert any("'fluorite' is said to be in the sample, and the pattern does not show it" in text for text in told)
