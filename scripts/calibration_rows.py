"""What a search says of a simulated case: features of each phase and of the answer, beside the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from same_phase import is_phase

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_without
from anatase.identify.judgement import gain
from anatase.identify.search import SearchResult, search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.unexplained import unexplained_peaks
from anatase.library import Library
from anatase.refine.start.measurement import prepare
from calibration_mixtures import Case

__all__ = ["searched"]


def searched(case: Case, library: Library) -> dict[str, Any]:
    """Search a case and return its row."""
    measurement = prepare(case.pattern)
    entries = case.entries if measurement.has_peaks else case.entries[:0]
    space = SearchSpace(measurement, library, entries, SearchSettings())
    result = search(space)
    chosen = [candidate.entry for candidate in result.best.candidates]
    left = list(range(len(case.true)))
    matches = [_match(case, library, entry, left) for entry in chosen]
    phases = [
        {"id": library.ids[entry], "match": match, "features": _phase_features(space, result, i)}
        for i, (entry, match) in enumerate(zip(chosen, matches, strict=True))
    ]
    true = [
        {"formula": t.formula, "number": t.numbers, "fraction": t.fraction, "significance": s}
        for t, s in zip(case.true, case.significance, strict=True)
    ]
    return {
        "blind": case.elements is None,
        "candidates": int(case.entries.size),
        "true": true,
        "removed": case.removed,
        "phases": phases,
        "features": _answer_features(space, result),
        "exact": not left and None not in matches,
        "missing": bool(left),
    }


def _match(case: Case, library: Library, entry: int, left: list[int]) -> int | None:
    described = (library.names[entry], library.formulas[entry], int(library.space_group_numbers[entry]))
    for i in left:
        if is_phase(*described, case.true[i]):
            left.remove(i)
            return i
    return None


def _log(value: float, least: float = 1.0) -> float:
    return float(np.log(max(value, least)))


def _phase_features(space: SearchSpace, result: SearchResult, which: int) -> dict[str, float]:
    best = result.best
    candidate = best.candidates[which]
    reduced, whole = fit_without(space, best, which), best.with_last(which)
    total, without_best = gain(space, reduced, whole)
    group = space.group(candidate.entry)
    rivals = [above for above, other in result.others if group not in {space.group(c.entry) for c in other.candidates}]
    values = best.parameters[best.block(which)]
    k = candidate.lines.basis.shape[0]
    return {
        "gain": _log(total),
        "gain_without_best": _log(without_best),
        "margin": _log(rivals[0] if rivals else 1e4),
        "share": _log(float(best.areas[which] / max(float(best.areas.sum()), 1e-300)), 1e-4),
        "strain": 100.0 * _length_strain(best, which),
        "size_width": float(values[1 + k] / space.measurement.fwhm),
        "strain_width": float(values[2 + k] / space.measurement.fwhm),
        "texture": abs(float(np.log(values[-1]))) if candidate.lines.axis is not None else 0.0,
        "cost_share": _log((reduced.cost - best.cost) / max(reduced.cost, 1e-300), 1e-5),
        "misfit": _log(best.misfit),
        "candidates": _log(space.table.entries.size),
        "phases": float(len(best.candidates)),
    }


def _answer_features(space: SearchSpace, result: SearchResult) -> dict[str, float]:
    best = result.best
    fraction, peaks = unexplained_peaks(space.measurement, best.y, best.background)
    nothing = float(space.noise.strict @ space.measurement.net**2)
    return {
        "unexplained": _log(fraction, 1e-3),
        "peaks": _log(1.0 + len(peaks)),
        "highest_peak": _log(peaks[0].significance if peaks else 1.0),
        "margin": _log(result.others[0][0] if result.others else 1e4),
        "misfit": _log(best.misfit),
        "cost_share": _log(best.cost / max(nothing, 1e-300), 1e-5),
        "signal": _log(nothing),
        "candidates": _log(space.table.entries.size),
        "phases": float(len(best.candidates)),
        "worst_strain": 100.0 * max((_length_strain(best, i) for i in range(len(best.candidates))), default=0.0),
    }


def _length_strain(hypothesis: Hypothesis, which: int) -> float:
    k = hypothesis.candidates[which].lines.basis.shape[0]
    strain = hypothesis.parameters[hypothesis.block(which)][1 : 1 + k]
    return float(0.5 * np.sqrt(strain[0] ** 2 + (strain[1:] ** 2).sum() / 3.0))
