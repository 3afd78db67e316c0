"""Joint identifications on every surface, from a hand-made answer: two patterns, one phase seen in one of them."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from anatase.estimate import Estimate
from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.report.document import json_schema
from anatase.report.joint_document import joint_json_schema, joint_to_dict
from anatase.report.joint_table import joint_table
from anatase.report.joint_words import all_joint_warnings
from anatase.report.table import plain_text


@pytest.fixture(scope="module")
def joint_answer(synthetic) -> JointIdentification:
    xray, neutron = synthetic(2, 600), synthetic(1, 400, seed=3)
    neutron = replace(neutron, pattern=replace(neutron.pattern, name="neutrons.xye"))
    anatase, zincite = xray.phases
    phases = (
        JointPhase(zincite.label, Estimate(0.58, 0.02), (Estimate(0.6, 0.0042), None), (120.0, 0.5)),
        JointPhase(anatase.label, Estimate(0.42, 0.02), (Estimate(0.4, 0.0042), Estimate(1.0)), (90.0, 44.0), 0.97),
    )
    return JointIdentification(
        phases, (xray, neutron), ("Zincite (ZnO) does not show in neutrons.xye",), xray.provenance, {"patterns": 2}
    )


def test_document_satisfies_its_schema(joint_answer):
    document = joint_answer.to_dict()
    jsonschema.Draft202012Validator(joint_json_schema()).validate(document)
    for pattern in document["patterns"]:
        jsonschema.Draft202012Validator(json_schema()).validate(pattern)
    zincite, anatase = document["phases"]
    assert zincite["by_pattern"] == [
        {"pattern": "TiO2_0p4-ZnO_0p6.xrdml", "weight_fraction": {"value": 0.6, "su": 0.0042}, "gain": 120},
        {"pattern": "neutrons.xye", "weight_fraction": None, "gain": 0.5},
    ]
    assert anatase["probability"] == 0.97
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"patterns": document["patterns"][:1]}, joint_json_schema())
    assert json.dumps(document, allow_nan=False)


def test_table_shows_what_each_pattern_says(joint_answer):
    text = str(joint_answer)
    for piece in ("58(2)", "60.0(4)", "not seen", "97 %", "by neutrons.xye", "2 phases from 2 patterns of one sample."):
        assert piece in text
    assert text.count("Rwp") == 2
    assert "warning: Zincite (ZnO) does not show in neutrons.xye" in text
    assert "no phase" in repr(replace(joint_answer, phases=()))
    assert "No crystalline phase was identified in 2 patterns." in str(replace(joint_answer, phases=()))


def test_no_share_is_shown_where_patterns_contradict(joint_answer):
    phases = tuple(replace(phase, weight_fraction=None) for phase in joint_answer.phases)
    unknown = replace(joint_answer, phases=phases)
    document = unknown.to_dict()
    jsonschema.Draft202012Validator(joint_json_schema()).validate(document)
    assert [phase["weight_fraction"] for phase in document["phases"]] == [None, None]
    for text in (str(unknown), unknown.to_html(), unknown._repr_html_()):
        assert "2 phases from 2 patterns; what share of one sample each is cannot be told." in text
        assert "58(2)" not in text
        assert "60.0(4)" in text
    assert "wt%" not in repr(unknown)


def test_no_number_is_broken_in_80_columns(joint_answer):
    text = plain_text(joint_table(joint_answer), 80)
    assert all(piece in text for piece in ("58(2)", "60.0(4)", "not seen", "97 %", "neutrons.xye", "TiO₂"))
    assert all(len(line) <= 80 for line in text.splitlines())
    answers = tuple(replace(one, pattern=replace(one.pattern, name="[red]x")) for one in joint_answer.answers)
    assert "by [red]x" in plain_text(joint_table(replace(joint_answer, answers=answers)), 120)  # no markup


def test_the_amorphous_part_is_shown(joint_answer):
    glassy = replace(joint_answer, amorphous_fraction=Estimate(0.25, 0.03))
    assert glassy.to_dict()["amorphous_fraction"] == {"value": 0.25, "su": 0.03}
    for text in (str(glassy), glassy.to_html(), glassy._repr_html_()):
        assert "Amorphous: 25.0 ± 3.0 wt% of the whole sample" in text
    assert "Amorphous" not in str(joint_answer)


def test_warnings_name_their_pattern(joint_answer):
    told = all_joint_warnings(joint_answer)
    assert told[0] == joint_answer.warnings[0]
    assert any(text.startswith("neutrons.xye: one strong peak") for text in told)


def test_report_holds_both_patterns(joint_answer, tmp_path):
    text = joint_answer.to_html(tmp_path / "joint.html")
    assert "<h2>neutrons.xye</h2>" in text
    assert "wt% by neutrons.xye" in text
    document = text.split('id="joint-identification">')[1].split("</script>")[0]
    assert json.loads(document) == json.loads(json.dumps(joint_to_dict(joint_answer)))
    figures = json.loads(text.split('id="figure-data">')[1].split("</script>")[0])
    assert [figure["name"] for figure in figures] == ["TiO2_0p4-ZnO_0p6.xrdml", "neutrons.xye"]


def test_notebook_and_plot_hold_both_patterns(joint_answer):
    assert joint_answer._repr_html_().count("data:image/svg+xml") == 2
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib, extra [plot], is not installed")
    from matplotlib.figure import Figure

    matplotlib.use("Agg")
    assert len(joint_answer.plot(Figure()).axes) == 4
