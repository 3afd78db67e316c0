"""Names of phases beside each other: no two phases of an answer read alike."""

from __future__ import annotations

from dataclasses import replace

from anatase.identify.answer import DetectionLimit, PhaseLabel
from anatase.report.html import to_html
from anatase.report.phase_names import answer_labels, full_name, other_sets, set_text
from anatase.report.probability_words import limits_words, member_words
from anatase.report.table import identification_text

IXIOLITE = PhaseLabel("In2O3", "In2O3", 60, "P b c n", "mp/1")  # calculated polymorphs that have no name
OTHER = PhaseLabel("In2O3", "In2O3", 61, "P b c a", "mp/2")
BIXBYITE = PhaseLabel("Indium oxide", "In2O3", 206, "I a -3", "openchemistry/In2O3")


def test_phases_of_one_name_are_told_apart(probable):
    label = probable.phases[0].label
    other = replace(label, formula="Ti3O5")
    assert set_text([label, other]) == "Anatase (TiO₂, I4₁/amd) + Anatase (Ti₃O₅, I4₁/amd)"
    assert set_text([label, replace(other, name="ANATASE")]).startswith("Anatase (TiO₂, I4₁/amd) + ANATASE")
    assert set_text([label, probable.phases[1].label]) == "Anatase + Zincite"
    assert set_text([]) == "no phase"


def test_phases_of_one_formula_are_told_apart():
    assert [full_name(one, (IXIOLITE, OTHER, BIXBYITE)) for one in (IXIOLITE, OTHER, BIXBYITE)] == [
        "In₂O₃ (Pbcn)",
        "In₂O₃ (Pbca)",
        "Indium oxide (In₂O₃, Ia-3)",
    ]
    limits = [DetectionLimit(IXIOLITE, 0.0069), DetectionLimit(OTHER, 0.0054)]
    assert (
        limits_words(limits, [BIXBYITE])
        == "Not seen, at 95 %: In₂O₃ (Pbcn) below 0.69 wt%, In₂O₃ (Pbca) below 0.54 wt%"
    )


def test_what_name_formula_and_space_group_do_not_tell_the_library_id_does():
    assert full_name(OTHER, [OTHER, replace(OTHER, library_id="mp/3")]) == "In₂O₃ (Pbca, mp/2)"


def test_a_phase_is_never_told_to_be_like_its_own_name(probable):
    label = probable.phases[0].label
    phase = replace(probable.phases[0], members=(replace(label, space_group_symbol="P 4/m n c", library_id="x/1"),))
    assert member_words(phase) == "Anatase (TiO₂, I4₁/amd) cannot be told from Anatase (TiO₂, P4/mnc)"


def test_two_records_of_a_phase_make_one_set(probable):
    anatase, other = probable.phases[0], probable.alternatives[0]
    record = replace(anatase.label, library_id=anatase.equivalents[0], name="TiO2 record")
    again = replace(other, phases=(record, *other.phases[1:]), probability=0.01)
    twice = replace(probable, alternatives=(other, again, *probable.alternatives[1:]))
    assert other_sets(twice) == other_sets(probable) == list(probable.alternatives)
    assert answer_labels(twice) == answer_labels(probable)
    assert identification_text(twice).count("Fluorapatite, Rwp") == identification_text(probable).count(
        "Fluorapatite, Rwp"
    )
    assert "TiO2 record" not in to_html(twice).split("<script")[0]
