"""One row of the benchmark: a pattern with its true phases, and what was answered; a line of JSON each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

__all__ = ["AnsweredPhase", "Row", "TruePhase", "read_rows", "row_line"]


@dataclass(frozen=True)
class TruePhase:
    """A phase of a sample: its space-group numbers and mineral names (any of them), weight fraction 0–1."""

    formula: str
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    fraction: float | None = None
    nominal: bool = False  # mixed to a composition, not weighed
    in_library: bool = True


@dataclass(frozen=True)
class AnsweredPhase:
    """A phase of an answer: ``su`` is the whole s.u. of its weight fraction, ``fitted_su`` the fit's own."""

    library_id: str
    name: str
    formula: str
    number: int
    fraction: float
    su: float
    fitted_su: float | None
    probability: float | None
    r_bragg: float
    share: float


@dataclass(frozen=True)
class Row:
    """A pattern, its truth, and the answer; ``error`` says why there is none.

    ``half`` is that of the sample, ``mode`` what the search was told, ``removed`` the indices of the true phases whose
    entries the library was without. ``unknown_probability``, ``unexplained`` and ``flagged``: what the answer says of
    phases that it does not name. ``seconds`` are the clock's, which other programs slow down, ``processor_seconds`` the
    processor's. ``covered`` tells whether the set of hypotheses with stated coverage holds the truth.
    """

    pattern: str
    source: str
    half: str
    mode: str
    true: tuple[TruePhase, ...]
    removed: tuple[int, ...] = ()
    phases: tuple[AnsweredPhase, ...] = ()
    probability: float | None = None
    unknown_probability: float | None = None
    unexplained: float = 0.0
    flagged: bool = False
    coverage: float | None = None
    covered: bool | None = None
    rwp: float = 0.0
    gof: float = 0.0
    seconds: float = 0.0
    processor_seconds: float | None = None
    whole_process: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()


def row_line(row: Row) -> str:
    """Return a row as a line of JSON."""
    return json.dumps(asdict(row), ensure_ascii=False)


def _tuples(noun: type, values: list[dict[str, Any]]) -> tuple[Any, ...]:
    names = {field.name for field in fields(noun)}
    kept = [{k: tuple(v) if isinstance(v, list) else v for k, v in one.items() if k in names} for one in values]
    return tuple(noun(**one) for one in kept)


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a file that an earlier run wrote."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        document = json.loads(line)
        document["true"] = _tuples(TruePhase, document["true"])
        document["phases"] = _tuples(AnsweredPhase, document["phases"])
        rows.extend(_tuples(Row, [document]))
    return rows
