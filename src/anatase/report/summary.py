"""Many identifications as one CSV, a row per phase, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from anatase.identify.answer import Identification, IdentifiedPhase
from anatase.io.text_file import write_text
from anatase.report.document import all_warnings

__all__ = ["COLUMNS", "summary_csv", "write_summary"]

COLUMNS = (
    "file",
    "phase",
    "formula",
    "space_group",
    "space_group_number",
    "library_id",
    "weight_percent",
    "weight_percent_su",
    "r_bragg",
    "phases",
    "rwp",
    "gof",
    "unexplained_percent",
    "warnings",
)


def summary_csv(identifications: Iterable[Identification]) -> str:
    """Return one CSV with a header and a row per phase; a pattern without phases has one row with none.

    Percentages are 0–100. What the whole pattern has in common is repeated on each of its rows.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for identification in identifications:
        common = [
            str(len(identification.phases)),
            _number(identification.rwp, 3),
            _number(identification.gof, 3),
            _number(100 * identification.unexplained_fraction, 2),
            _safe(" | ".join(all_warnings(identification))),
        ]
        for row in [_phase(phase) for phase in identification.phases] or [[""] * 8]:
            writer.writerow([_safe(identification.pattern.name), *row, *common])
    return stream.getvalue()


def write_summary(identifications: Iterable[Identification], path: Path) -> None:
    """Write the summary to a file."""
    write_text(path, summary_csv(identifications))


def _phase(phase: IdentifiedPhase) -> list[str]:
    label, fraction = phase.label, phase.weight_fraction
    return [
        _safe(label.name),
        _safe(label.formula),
        _safe(label.space_group_symbol),
        str(label.space_group_number),
        _safe(label.library_id),
        _number(100 * fraction.value, 3),
        "" if fraction.su is None else _number(100 * fraction.su, 3),
        _number(phase.r_bragg, 2),
    ]


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""


def _safe(text: str) -> str:
    """Keep a spreadsheet from running text as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
