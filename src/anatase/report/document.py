"""An identification as a JSON document, ``anatase.identification/1``.

Rwp and the other R values are in percent, lengths in Å, angles in degrees, fractions 0–1.
What is unknown is ``null``: NaN and infinity never appear. The shape is fixed by
``data/identification.schema.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from anatase.estimate import Estimate
from anatase.io.text_file import write_text
from anatase.pattern.pattern import Pattern

if TYPE_CHECKING:
    from anatase.identify.answer import Identification, IdentifiedPhase, PhaseLabel

__all__ = [
    "SCHEMA",
    "all_warnings",
    "estimate_dict",
    "json_ready",
    "json_schema",
    "label_dict",
    "to_dict",
    "to_json",
    "write_json",
]

SCHEMA = "anatase.identification/1"
SIGNIFICANT_DIGITS = 10  # more than any value here deserves, fewer than platforms disagree on


def to_dict(identification: Identification) -> dict[str, Any]:
    """Return the JSON-ready dictionary of an identification."""
    answer = identification
    document = {
        "schema": SCHEMA,
        "input": _input(answer.pattern),
        "phases": [_phase(phase) for phase in answer.phases],
        "rwp": answer.rwp,
        "r_exp": answer.r_exp,
        "gof": answer.gof,
        "displacement": estimate_dict(answer.displacement),
        "unexplained": _unexplained(answer),
        "alternatives": [
            {
                "phases": [label_dict(label) for label in other.phases],
                "rwp": other.rwp,
                "probability": other.probability,
            }
            for other in answer.alternatives
        ],
        "probability": answer.probability,
        "unknown_probability": answer.unknown_probability,
        "coverage": answer.coverage,
        "in_coverage": answer.in_coverage,
        "detection_limits": [
            {**label_dict(limit.label), "weight_fraction": limit.weight_fraction, "level": limit.level}
            for limit in answer.detection_limits
        ],
        "amorphous_fraction": estimate_dict(answer.amorphous_fraction),
        "warnings": list(all_warnings(answer)),
        "settings": answer.settings,
        "provenance": answer.provenance.as_dict(),
    }
    ready: dict[str, Any] = json_ready(document)
    return ready


def to_json(identification: Identification) -> str:
    """Return the document as text, the same bytes for the same answer."""
    return json.dumps(to_dict(identification), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(identification: Identification, path: Path) -> None:
    """Write the document to a file."""
    write_text(path, to_json(identification))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every document of this version satisfies."""
    text = resources.files("anatase.report").joinpath("data/identification.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def all_warnings(identification: Identification) -> tuple[str, ...]:
    """Return the warnings of the reader and of the identification, each once, in that order."""
    return tuple(dict.fromkeys((*identification.pattern.warnings, *identification.warnings)))


def json_ready(value: Any) -> Any:
    """Turn dataclass values, arrays and paths into what JSON knows; NaN and infinity become ``None``.

    Raises
    ------
    TypeError
        When a value has no form in JSON; to write its ``repr`` would hide a defect.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Estimate):
        return estimate_dict(value)
    if isinstance(value, np.generic | np.ndarray):
        return json_ready(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0 if math.isfinite(value) else None
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return [json_ready(item) for item in sorted(value)]
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    raise TypeError(f"{type(value).__name__} {value!r} has no form in JSON")


def estimate_dict(estimate: Estimate | None) -> dict[str, float | None] | None:
    """Return an estimate as it stands in documents."""
    return None if estimate is None else {"value": json_ready(estimate.value), "su": json_ready(estimate.su)}


def label_dict(label: PhaseLabel) -> dict[str, Any]:
    """Return a label as it stands in documents."""
    return {
        "name": label.name,
        "formula": label.formula,
        "space_group": {"number": label.space_group_number, "symbol": label.space_group_symbol},
        "library_id": label.library_id,
    }


def _unexplained(answer: Identification) -> dict[str, Any]:
    peaks = [
        {
            "position": peak.position,
            "d_spacing": peak.d_spacing,
            "height": peak.height,
            "significance": peak.significance,
            "share": peak.share,
        }
        for peak in answer.unexplained_peaks
    ]
    return {"fraction": answer.unexplained_fraction, "peaks": peaks}


def _phase(phase: IdentifiedPhase) -> dict[str, Any]:
    texture = phase.preferred_orientation
    return {
        **label_dict(phase.label),
        "lattice": {name: estimate_dict(value) for name, value in phase.lattice.items()},
        "weight_fraction": estimate_dict(phase.weight_fraction),
        "fitted_fraction": estimate_dict(phase.fitted_fraction),
        "probability": phase.probability,
        "source": phase.source,
        "citation": phase.citation,
        "licence": phase.licence,
        "equivalents": list(phase.equivalents),
        "members": [label_dict(member) for member in phase.members],
        "r_bragg": phase.r_bragg,
        "share": phase.share,
        "preferred_orientation": None
        if texture is None
        else {"axis": list(texture[0]), "r": estimate_dict(texture[1])},
        "crystallite_size": estimate_dict(phase.crystallite_size),
    }


def _input(pattern: Pattern) -> dict[str, Any]:
    radiation = pattern.radiation
    return {
        "name": pattern.name,
        "sha256": pattern.sha256,
        "format": pattern.metadata.get("format"),
        "axis": pattern.axis,
        "range": [pattern.x[0], pattern.x[-1]],
        "points": len(pattern),
        "radiation": None
        if radiation is None
        else {
            "name": radiation.name,
            "probe": radiation.probe,
            "lines": [{"wavelength": wavelength, "weight": weight} for wavelength, weight in radiation.lines],
            "assumed": radiation.assumed,
        },
    }
