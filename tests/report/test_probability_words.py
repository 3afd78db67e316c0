from __future__ import annotations

import math
from dataclasses import replace

from anatase.identify.answer import DetectionLimit
from anatase.report.probability_words import (
    amorphous_words,
    coverage_words,
    limit_words,
    limits_words,
    member_words,
    probability_text,
    unknown_words,
)


def test_probabilities_never_claim_certainty():
    assert [probability_text(p) for p in (1.0, 0.995, 0.5, 0.0, math.nan)] == ["> 99 %", "> 99 %", "50 %", "< 1 %", "–"]


def test_sets_with_their_coverage(probable):
    # 0.87 + 0.05 reach the stated 0.9
    assert coverage_words(probable) == (
        "These are all the crystalline phases: 87 %. 90 %: Anatase + Zincite, or Anatase + Fluorapatite."
    )
    doubtful = replace(probable, probability=0.5)
    assert coverage_words(doubtful).endswith("or Anatase + Fluorapatite, or a phase is missing.")
    assert coverage_words(replace(probable, coverage=None)) == "These are all the crystalline phases: 87 %."
    one = probable.alternatives[0]
    others = [replace(label, library_id=f"x/{i}", name=f"apatite {i}") for i, label in enumerate(one.phases[1:] * 6)]
    many = replace(probable, alternatives=tuple(replace(one, phases=(label,)) for label in others), in_coverage=6)
    assert coverage_words(many).endswith("apatite 0, or apatite 1, or apatite 2, or 3 others.")
    assert coverage_words(replace(many, in_coverage=4)).endswith("apatite 2, or 1 other.")


def test_what_is_unknown_is_not_said(two_phases):
    assert [write(two_phases) for write in (coverage_words, unknown_words)] == ["", ""]
    assert amorphous_words(None) == ""
    assert member_words(two_phases.phases[0]) == ""
    assert limits_words(two_phases.detection_limits) == ""


def test_members_limits_and_the_amorphous_part(probable):
    assert member_words(probable.phases[1]) == "Zincite cannot be told from GaN, wurtzite (ZnS)"
    assert unknown_words(probable) == "A phase is missing from this answer: 7 %"
    assert (
        limit_words(probable.detection_limits[0]) == "Fluorapatite (Ca₅P₃O₁₂F), if present, is below 0.84 wt% at 95 %"
    )
    assert (
        limits_words(probable.detection_limits)
        == "Not seen, at 95 %: Fluorapatite (Ca₅P₃O₁₂F, P6₃/m) below 0.84 wt%, rutile (Ca₅P₃O₁₂F, P6₃/m) below 2.1 wt%"
    )
    other = DetectionLimit(probable.phases[0].label, 0.01, 0.99)
    assert "at 99 %" in limits_words((*probable.detection_limits, other))
    assert amorphous_words(probable.amorphous_fraction) == "Amorphous: 23.0 ± 4.0 wt% of the whole sample"
