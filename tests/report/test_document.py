from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from anatase.estimate import Estimate
from anatase.report.document import SCHEMA, json_ready, json_schema, to_dict, to_json, write_json


@pytest.mark.parametrize("phases", [0, 1, 2, 6])
def test_documents_satisfy_the_published_schema(synthetic, phases):
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    validator.validate(json.loads(to_json(synthetic(phases, 400))))


def test_schema_refuses_what_is_no_answer(two_phases):
    document = to_dict(two_phases)
    for broken in (
        document | {"schema": "anatase.identification/0"},
        document | {"surprise": 1},
        {key: value for key, value in document.items() if key != "warnings"},
        document | {"phases": [document["phases"][0] | {"probability": 1.2}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, json_schema())


def test_numbers_keep_their_units(two_phases):
    document = to_dict(two_phases)
    assert document["schema"] == SCHEMA
    zincite = document["phases"][1]
    # as put into the hand-made answer: 60 wt% with s.u. 0.42, a = 3.2498 Å with a relative s.u. of 0.00021
    assert zincite["weight_fraction"] == {"value": 0.6, "su": 0.0042}
    assert zincite["lattice"]["a"] == {"value": 3.2498, "su": pytest.approx(3.2498 * 0.00021)}
    assert zincite["lattice"]["gamma"] == {"value": 120, "su": None}
    assert zincite["space_group"] == {"number": 186, "symbol": "P 63 m c"}
    assert zincite["preferred_orientation"]["axis"] == [0, 0, 1]
    assert zincite["probability"] is None
    assert document["input"]["radiation"]["lines"][0]["wavelength"] == 1.5405929  # Hölzer et al. (1997)
    assert document["unexplained"]["peaks"][0]["position"] == 41.37


def test_nan_and_infinity_become_null(synthetic):
    answer = synthetic(1, 400, rwp=math.nan, gof=math.inf, settings={"limit": np.float64("nan"), "n": np.int64(3)})
    document = json.loads(to_json(answer), parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert document["rwp"] is None
    assert document["gof"] is None
    assert document["settings"] == {"limit": None, "n": 3}


def test_same_answer_gives_the_same_bytes(synthetic):
    assert to_json(synthetic(2, 400)) == to_json(synthetic(2, 400))


def test_warnings_of_the_reader_come_first_and_once(synthetic, two_phases):
    pattern = two_phases.pattern.with_warnings("no wavelength in the file", "twice")
    assert to_dict(synthetic(2, pattern=pattern, warnings=("twice", "own")))["warnings"] == [
        "no wavelength in the file",
        "twice",
        "own",
    ]


def test_json_ready_knows_the_values_of_settings():
    value = {"range": (10.0, np.float32(0.5)), "set": {"b", "a"}, "path": Path("x/y"), "flag": np.bool_(True)}
    assert json_ready(value) == {"range": [10, 0.5], "set": ["a", "b"], "path": "x/y", "flag": True}
    assert json_ready(Estimate(1.0, math.nan)) == {"value": 1, "su": None}
    assert json_ready(-0.0) == 0
    assert math.copysign(1, json_ready(-0.0)) == 1
    with pytest.raises(TypeError, match="object"):
        json_ready(object())


def test_file_holds_the_document(two_phases, tmp_path):
    path = tmp_path / "new" / "answer.json"
    write_json(two_phases, path)
    assert path.read_text("utf-8") == to_json(two_phases)


def test_probabilities_members_and_limits_are_in_the_document(probable):
    document = json.loads(to_json(probable))
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    assert (document["probability"], document["unknown_probability"]) == (0.87, 0.07)
    assert (document["coverage"], document["in_coverage"]) == (0.9, 1)
    zincite = document["phases"][1]
    assert zincite["fitted_fraction"] == {"value": 0.6, "su": 0.0013}
    assert [member["formula"] for member in zincite["members"]] == ["GaN", "ZnS"]
    assert document["detection_limits"][0]["weight_fraction"] == 0.0084
    assert document["detection_limits"][0]["space_group"]["number"] == 176  # a label as everywhere
    assert document["amorphous_fraction"] == {"value": 0.23, "su": 0.04}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"unknown_probability": 1.5}, json_schema())
