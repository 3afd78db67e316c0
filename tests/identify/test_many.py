"""Files in, documents out: the same bytes twice, valid, and with their origin."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import anatase.identify
from anatase.errors import InputError
from anatase.identify.many import Options, identify_file
from anatase.report.document import json_schema, to_json

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"


@pytest.fixture(scope="module")
def scan(simulate, tmp_path_factory) -> Path:
    """Rutile and zincite, written as two columns."""
    pattern = simulate({RUTILE: 0.3, ZINCITE: 0.7}, seed=14)
    path = tmp_path_factory.mktemp("scans") / "mixture.xy"
    np.savetxt(path, np.column_stack([pattern.x, pattern.intensity]), fmt=["%.4f", "%d"])
    return path


@pytest.fixture(scope="module")
def document(scan: Path) -> str:
    return to_json(identify_file(scan, Options(elements="Ti,Zn,O", wavelength="CuKa")))


def test_the_same_bytes_twice(scan, document):
    assert to_json(identify_file(scan, Options(elements="Ti,Zn,O", wavelength="CuKa"))) == document


def test_order_of_the_elements_does_not_matter(scan, document):
    other = json.loads(to_json(identify_file(scan, Options(elements="O Zn;ti", wavelength="CuKa"))))
    assert other == json.loads(document)


def test_document_satisfies_the_schema(document):
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(document))


def test_document_holds_the_answer(document):
    answer = json.loads(document)
    assert [p["library_id"] for p in answer["phases"]] == [ZINCITE, RUTILE]
    assert [p["space_group"]["number"] for p in answer["phases"]] == [186, 136]
    assert sum(p["weight_fraction"]["value"] for p in answer["phases"]) == pytest.approx(1.0, abs=1e-9)
    assert all(p["probability"] > 0.9 for p in answer["phases"])  # simulated, each with many lines of its own
    assert 0.0 <= answer["unknown_probability"] < 0.5 < answer["probability"] <= 1.0
    assert all(p["source"] and p["licence"] for p in answer["phases"])
    assert 0.0 < answer["r_exp"] < answer["rwp"] < 15.0  # percent, not a fraction
    assert answer["gof"] == pytest.approx(answer["rwp"] / answer["r_exp"], rel=1e-6)


def test_provenance(scan, document, library):
    answer = json.loads(document)
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    assert answer["input"]["sha256"] == digest
    assert answer["provenance"]["inputs"] == {"mixture.xy": digest}
    assert len(answer["provenance"]["library"]["sha256"]) == 64
    assert answer["provenance"]["library"]["entries"] >= len(library)  # and what the user has added
    assert {"numpy", "scipy", "numba", "gemmi"} <= set(answer["provenance"]["dependencies"])
    assert answer["settings"]["elements"] == ["O", "Ti", "Zn"]
    calibration = Path(anatase.identify.__path__[0]) / "data" / "calibration.json"
    assert answer["provenance"]["settings"]["calibration"] == hashlib.sha256(calibration.read_bytes()).hexdigest()


def test_what_the_user_states_wins(scan):
    answer = identify_file(scan, Options(elements="Ti,Zn,O", wavelength="CuKa", range=(20.0, 60.0), max_phases=1))
    assert answer.pattern.radiation is not None
    assert answer.pattern.radiation.name == "CuKa"
    assert not answer.pattern.radiation.assumed
    assert not any("wavelength" in w for w in answer.warnings)
    assert len(answer.phases) == 1
    assert (answer.settings["range"], answer.settings["max_phases"]) == ([20.0, 60.0], 1)
    silent = identify_file(scan, Options(elements="Ti,Zn,O"))
    assert any("names no wavelength" in w for w in silent.warnings)


def test_probe_and_wavelength(scan):
    answer = identify_file(scan, Options(elements="Ti,Zn,O", probe="neutron", wavelength="1.5418"))
    assert answer.pattern.radiation is not None
    assert answer.pattern.radiation.probe == "neutron"
    assert answer.pattern.radiation.lines == ((1.5418, 1.0),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"elements": "Ti,Xx"}, "'Xx' is no chemical element"),
        ({"elements": " , "}, "is empty"),
        ({"exclude": "Qq"}, "'Qq' is no chemical element"),
        ({"wavelength": "foo"}, "'foo' is no wavelength"),
        ({"library": "nowhere"}, "nowhere: there is no such library"),
        ({"scan": 3}, r"mixture\.xy: there is no scan 3"),
        ({"range": (60.0, 20.0)}, r"mixture\.xy: the range 60 to 20 runs backwards"),
    ],
)
def test_options_that_cannot_be_used(scan, options, message):
    with pytest.raises(InputError, match=message):
        identify_file(scan, Options(**options))
