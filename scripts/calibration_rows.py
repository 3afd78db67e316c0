"""What a search says of a simulated case: features of each phase and of the answer, beside the truth."""

from __future__ import annotations

from typing import Any

from same_phase import is_phase

from anatase.identify.equivalent_pattern import equivalent_pattern, prepared
from anatase.identify.phase_features import answer_features, phase_features
from anatase.identify.search import search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.library import Library
from calibration_mixtures import Case

__all__ = ["searched"]

LEAST_SIGNIFICANCE = 30.0  # √Σ(y/σ)² of a phase's curve
LEAST_PART = 0.1  # of that of the strongest phase


def searched(case: Case, library: Library) -> dict[str, Any]:
    """Search a case and return its row."""
    measurement = prepared(equivalent_pattern(case.pattern, None))
    entries = case.entries if measurement.has_peaks else case.entries[:0]
    space = SearchSpace(measurement, library, entries, SearchSettings())
    result = search(space)
    chosen = [candidate.entry for candidate in result.best.candidates]
    left = list(range(len(case.true)))
    matches = [_match(case, library, entry, left) for entry in chosen]
    phases = [
        {"id": library.ids[entry], "match": match, "features": phase_features(result.evidence[entry], space, result)}
        for entry, match in zip(chosen, matches, strict=True)
        if entry in result.evidence
    ]
    true = [
        {"formula": t.formula, "number": t.numbers, "fraction": t.fraction, "significance": s}
        for t, s in zip(case.true, case.significance, strict=True)
    ]
    missing = any(_is_detectable(case.significance, i) for i in left)
    return {
        "blind": case.elements is None,
        "candidates": int(case.entries.size),
        "true": true,
        "removed": case.removed,
        "phases": phases,
        "features": answer_features(space, result),
        "exact": not missing and None not in matches,
        "missing": missing,
    }


def _is_detectable(significance: tuple[float, ...], which: int) -> bool:
    """Tell whether a true phase is more than what noise and the errors of the others can hide."""
    return significance[which] >= max(LEAST_SIGNIFICANCE, LEAST_PART * max(significance))


def _match(case: Case, library: Library, entry: int, left: list[int]) -> int | None:
    described = (library.names[entry], library.formulas[entry], int(library.space_group_numbers[entry]))
    for i in left:
        if is_phase(*described, case.true[i]):
            left.remove(i)
            return i
    return None
