"""The figures of identification and quantification, from the rows of a run, each beside its bar."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from bars import Bar
from rows import AnsweredPhase, Row, TruePhase
from same_phase import pair_up

__all__ = ["brier_score", "exact", "false_flags", "figures_of", "interval_coverage", "weight_errors"]

NAN = float("nan")
DARA_MEDIAN = 131.0  # s a pattern, dara 1.3.0 on seven of these mixtures with these candidates
LONG_SCANS = ("8min", "12-min")
SHORT_SCANS = ("--2min", ".2-min")
ACCEPTED = 0.5  # probability from which a phase counts as accepted

Pairs = list[tuple[AnsweredPhase, TruePhase | None]]


def _pairs(row: Row) -> Pairs:
    matches = pair_up(row.phases, row.true)
    return [(p, None if i is None else row.true[i]) for p, i in zip(row.phases, matches, strict=True)]


def exact(row: Row) -> bool:
    """Tell whether a row's answer has all true phases and no other."""
    pairs = _pairs(row)
    return not row.error and len(pairs) == len(row.true) and all(true is not None for _, true in pairs)


def _complete(row: Row) -> bool:
    return all(phase.in_library for phase in row.true)


def percent(hits: Iterable[bool]) -> float:
    """Return the share of hits in percent, NaN of nothing."""
    values = list(hits)
    return 100.0 * sum(values) / len(values) if values else NAN


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else NAN


def weight_errors(rows: Sequence[Row], *, nominal: bool = False) -> list[tuple[float, float]]:
    """Return error and s.u. (wt%) of each right phase that was weighed (or is nominal)."""
    return [
        (100.0 * (phase.fraction - true.fraction), 100.0 * phase.su)
        for row in rows
        for phase, true in _pairs(row)
        if true is not None and true.fraction is not None and true.nominal == nominal
    ]


def interval_coverage(rows: Sequence[Row]) -> float:
    """Return how many of the weighed fractions lie in value ± 1.96 s.u., percent."""
    return percent(abs(error) <= 1.96 * su for error, su in weight_errors(rows) if su > 0.0)


def brier_score(rows: Sequence[Row]) -> float:
    """Return the mean square of probability − (1 for a true phase, else 0) over all phases answered."""
    return _mean(
        [
            (phase.probability - (true is not None)) ** 2
            for row in rows
            for phase, true in _pairs(row)
            if phase.probability is not None
        ]
    )


def false_flags(rows: Sequence[Row]) -> float:
    """Return in what percentage of the patterns whose phases are all found something is said to be missing."""
    found = [row for row in rows if row.true and not row.removed and len(_pairs(row)) >= len(row.true)]
    return percent(row.flagged for row in found if sum(true is not None for _, true in _pairs(row)) == len(row.true))


def _mixtures(rows: Sequence[Row], *, weighed: bool, scans: tuple[str, ...] = ("",)) -> list[Row]:
    return [
        row
        for row in rows
        if row.source == "dara"
        and len(row.true) > 1
        and _complete(row)
        and ("_0p" in row.pattern) == weighed
        and any(scan in row.pattern for scan in scans)
    ]


def _false_accept(row: Row) -> bool:
    return any(true is None and (p.probability is None or p.probability >= ACCEPTED) for p, true in _pairs(row))


def _elements(rows: Sequence[Row]) -> list[Bar]:
    weighed, nominal = _mixtures(rows, weighed=True), _mixtures(rows, weighed=False)
    named = [true for row in rows for _, true in _pairs(row)]
    right = sum(true is not None for true in named)
    lost = sum(
        sum(phase.in_library for phase in row.true) - sum(t is not None and t.in_library for _, t in _pairs(row))
        for row in rows
    )
    figures = [
        Bar("dara weighed: exact set", percent(map(exact, weighed)), 90.0, True, " %"),
        Bar("dara nominal: exact set", percent(map(exact, nominal)), 80.0, True, " %"),
    ]
    for name, of in (("weighed", True), ("nominal", False)):
        short, long = (percent(map(exact, _mixtures(rows, weighed=of, scans=s))) for s in (SHORT_SCANS, LONG_SCANS))
        figures.append(Bar(f"dara {name}: exact set of long less 2-minute scans", long - short, 5.0, False, " points"))
    return [
        *figures,
        Bar("precision", 100.0 * right / len(named) if named else NAN, 92.0, True, " %"),
        Bar(
            "recall of phases in the library", 100.0 * right / (right + lost) if right + lost else NAN, 95.0, True, " %"
        ),
        *_top_one(rows, 95.0),
        *_fractions(rows),
        Bar("Brier score of phase probabilities", brier_score(rows), 0.08, False),
        *_seconds(rows, 2.0),
    ]


def _top_one(rows: Sequence[Row], limit: float) -> list[Bar]:
    singles = [row for row in rows if len(row.true) == 1]
    hits = [bool(row.phases) and _pairs(row)[0][1] is not None for row in singles]
    return [Bar(f"top-1 of {len(singles)} single phases", percent(hits), limit, True, " %")]


def _fractions(rows: Sequence[Row]) -> list[Bar]:
    figures = []
    for name, source, limit in (("dara weighed", "dara", 3.5), ("CPD", "cpd_roundrobin", 1.5)):
        errors = weight_errors([row for row in rows if row.source == source])
        mean = _mean([abs(error) for error, _ in errors])
        figures.append(Bar(f"{name}: mean absolute error of {len(errors)} fractions", mean, limit, False, " wt%"))
    covered = interval_coverage(rows)
    return [
        *figures,
        Bar("stated 95 % intervals cover, at least", covered, 88.0, True, " %"),
        Bar("stated 95 % intervals cover, at most", covered, 99.0, False, " %"),
    ]


def _seconds(rows: Sequence[Row], limit: float) -> list[Bar]:
    where = "whole process" if all(row.whole_process for row in rows) else "the call alone"
    median = statistics.median(row.seconds for row in rows)
    mixtures = [row.seconds for row in rows if row.source == "dara"]
    figures = [Bar(f"median seconds, {where}", median, limit, False, " s")]
    if mixtures and rows[0].mode == "elements":
        faster = DARA_MEDIAN / max(statistics.median(mixtures), 1e-9)
        figures.append(Bar(f"dara's median of {DARA_MEDIAN:g} s over ours on its mixtures", faster, 30.0, True))
    return figures


def _blind(rows: Sequence[Row]) -> list[Bar]:
    return [*_top_one(rows, 82.0), *_seconds(rows, 5.0)]


def _removed(rows: Sequence[Row]) -> list[Bar]:
    wrong = percent(_false_accept(row) for row in rows)
    return [
        Bar("wrong phase accepted at probability of 0.5 or more", wrong, 8.0, False, " %"),
        Bar("unexplained flag raised", percent(row.flagged for row in rows), 90.0, True, " %"),
    ]


_FIGURES: dict[str, Callable[[Sequence[Row]], list[Bar]]] = {
    "elements": _elements,
    "blind": _blind,
    "removed": _removed,
    "removed-all": _removed,
}


def figures_of(rows: Sequence[Row]) -> list[Bar]:
    """Return the figures of the rows of one mode; patterns without any phase have their own."""
    empty = [row for row in rows if not row.true]
    full = [row for row in rows if row.true]
    figures = _FIGURES[rows[0].mode](full) if full else []
    if empty and not rows[0].removed:
        none = percent(not row.phases and not row.error for row in empty)
        figures.append(Bar(f"no phase named in {len(empty)} amorphous or empty patterns", none, 100.0, True, " %"))
    return [figure for figure in figures if figure.value == figure.value]
