"""Many identifications as one CSV, a row per phase, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from anatase.estimate import Estimate
from anatase.identify.answer import Identification, IdentifiedPhase
from anatase.io.text_file import write_text
from anatase.report.document import all_warnings
from anatase.report.phase_names import answer_labels
from anatase.report.probability_words import limit_words

__all__ = ["COLUMNS", "summary_csv", "write_summary"]

CELL = ("a", "b", "c", "alpha", "beta", "gamma", "volume")
COLUMNS = (
    "file",
    "phase",
    "formula",
    "space_group",
    "space_group_number",
    "library_id",
    "weight_percent",
    "weight_percent_su",
    "weight_percent_su_fit",
    "probability",
    "members",
    "r_bragg",
    *(f"{name}{su}" for name in CELL for su in ("", "_su")),
    "phases",
    "rwp",
    "r_exp",
    "gof",
    "unexplained_percent",
    "set_probability",
    "unknown_probability",
    "amorphous_percent",
    "amorphous_percent_su",
    "detection_limits",
    "warnings",
    "error",
)
PHASE_COLUMNS = COLUMNS.index("phases") - 1


def summary_csv(identifications: Iterable[Identification], refused: Iterable[tuple[str, str]] = ()) -> str:
    """Return one CSV with a header and a row per phase; a pattern without phases has one row with none.

    Percentages are 0–100, probabilities 0–1, lengths in Å, angles in degrees. What the whole pattern has in common is
    repeated on each of its rows. ``refused`` are files without an answer and their errors, a row each at the end.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for identification in identifications:
        common = [
            str(len(identification.phases)),
            _number(identification.rwp, 3),
            _number(identification.r_exp, 3),
            _number(identification.gof, 3),
            _number(100 * identification.unexplained_fraction, 2),
            *_odds(identification),
            _safe(" | ".join(all_warnings(identification))),
            "",
        ]
        for row in [_phase(phase) for phase in identification.phases] or [[""] * PHASE_COLUMNS]:
            writer.writerow([_safe(identification.pattern.name), *row, *common])
    for file, error in refused:
        writer.writerow([_safe(file), *[""] * (len(COLUMNS) - 2), _safe(error)])
    return stream.getvalue()


def write_summary(
    identifications: Iterable[Identification], path: Path, refused: Iterable[tuple[str, str]] = ()
) -> None:
    """Write the summary to a file."""
    write_text(path, summary_csv(identifications, refused))


def _phase(phase: IdentifiedPhase) -> list[str]:
    label, fraction = phase.label, phase.weight_fraction
    return [
        _safe(label.name),
        _safe(label.formula),
        _safe(label.space_group_symbol),
        str(label.space_group_number),
        _safe(label.library_id),
        _number(100 * fraction.value, 3),
        _percent(fraction.su),
        _percent(None if phase.fitted_fraction is None else phase.fitted_fraction.su),
        _probability(phase.probability),
        _safe(" | ".join(label.library_id for label in phase.members)),
        _number(phase.r_bragg, 2),
        *(text for name in CELL for text in _with_su(phase.lattice[name])),
    ]


def _odds(answer: Identification) -> list[str]:
    amorphous, among = answer.amorphous_fraction, answer_labels(answer)
    return [
        _probability(answer.probability),
        _probability(answer.unknown_probability),
        _percent(None if amorphous is None else amorphous.value),
        _percent(None if amorphous is None else amorphous.su),
        _safe(" | ".join(limit_words(limit, among) for limit in answer.detection_limits)),
    ]


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else _number(100 * fraction, 3)


def _probability(probability: float | None) -> str:
    return "" if probability is None else _number(probability, 3)


def _with_su(estimate: Estimate) -> tuple[str, str]:
    return _number(estimate.value, 6), "" if estimate.su is None else _number(estimate.su, 6)


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""


def _safe(text: str) -> str:
    """Keep a spreadsheet from running text as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
