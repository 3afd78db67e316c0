"""A joint identification as a JSON document, ``anatase.joint_identification/1``, with one of each pattern in it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.report.document import estimate_dict, json_ready, label_dict, to_dict
from anatase.report.joint_words import pattern_names

__all__ = ["JOINT_SCHEMA", "joint_json_schema", "joint_to_dict"]

JOINT_SCHEMA = "anatase.joint_identification/1"


def joint_to_dict(joint: JointIdentification) -> dict[str, Any]:
    """Return the JSON-ready dictionary of a joint identification."""
    document: dict[str, Any] = json_ready(
        {
            "schema": JOINT_SCHEMA,
            "phases": [_phase(phase, pattern_names(joint)) for phase in joint.phases],
            "patterns": [to_dict(answer) for answer in joint.answers],
            "amorphous_fraction": estimate_dict(joint.amorphous_fraction),
            "warnings": list(joint.warnings),
            "settings": joint.settings,
            "provenance": joint.provenance.as_dict(),
        }
    )
    return document


def joint_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document; ``patterns`` are documents of ``anatase.identification/1``."""
    text = resources.files("anatase.report").joinpath("data/joint_identification.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _phase(phase: JointPhase, names: list[str]) -> dict[str, Any]:
    return {
        **label_dict(phase.label),
        "weight_fraction": estimate_dict(phase.weight_fraction),
        "probability": phase.probability,
        "by_pattern": [
            {"pattern": name, "weight_fraction": estimate_dict(value), "gain": gain}
            for name, value, gain in zip(names, phase.by_pattern, phase.gains, strict=True)
        ],
    }
