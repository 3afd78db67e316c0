"""What a search says of a simulated case: features of each phase and of the answer, beside the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from same_phase import is_phase

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_without
from anatase.identify.judgement import gain, standing
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
    best = result.best
    fraction, peaks = unexplained_peaks(measurement, best.y, best.background)
    phases = [_phase_row(space, result, i) for i in range(len(best.candidates))]
    left = list(range(len(case.true)))
    for phase in phases:
        phase["match"] = _match(case, library, phase["entry"], left)
    true = [
        {
            "formula": t.formula,
            "number": t.numbers[0] if t.numbers else 0,
            "fraction": t.fraction,
            "significance": s,
            "removed": i in case.removed,
        }
        for i, (t, s) in enumerate(zip(case.true, case.significance, strict=True))
    ]
    return {
        "blind": case.elements is None,
        "candidates": int(case.entries.size),
        "true": true,
        "phases": phases,
        "exact": not left and all(phase["match"] is not None for phase in phases),
        "misfit": best.misfit,
        "cost": best.cost,
        "nothing": float(space.noise.strict @ measurement.net**2),
        "margin": result.others[0][0] if result.others else None,
        "unexplained": fraction,
        "peaks": [[peak.significance, peak.share] for peak in peaks[:8]],
        "has_peaks": measurement.has_peaks,
    }


def _match(case: Case, library: Library, entry: int, left: list[int]) -> int | None:
    described = (library.names[entry], library.formulas[entry], int(library.space_group_numbers[entry]))
    for i in left:
        if is_phase(*described, case.true[i]):
            left.remove(i)
            return i
    return None


def _phase_row(space: SearchSpace, result: SearchResult, which: int) -> dict[str, Any]:
    best = result.best
    candidate = best.candidates[which]
    reduced, whole = fit_without(space, best, which), best.with_last(which)
    total, without_best = gain(space, reduced, whole)
    group = space.group(candidate.entry)
    rivals = [above for above, other in result.others if group not in {space.group(c.entry) for c in other.candidates}]
    values = best.parameters[best.block(which)]
    k = candidate.lines.basis.shape[0]
    return {
        "entry": candidate.entry,
        "gain": total,
        "gain_without_best": without_best,
        "standing": standing(space, reduced, whole),
        "margin": rivals[0] if rivals else None,
        "share": float(best.areas[which] / max(float(best.areas.sum()), 1e-300)),
        "strain": _length_strain(best, which),
        "size_width": float(values[1 + k] / space.measurement.fwhm),
        "strain_width": float(values[2 + k] / space.measurement.fwhm),
        "texture": float(values[-1]) if candidate.lines.axis is not None else None,
        "cost_share": float((reduced.cost - best.cost) / max(reduced.cost, 1e-300)),
    }


def _length_strain(hypothesis: Hypothesis, which: int) -> float:
    k = hypothesis.candidates[which].lines.basis.shape[0]
    strain = hypothesis.parameters[hypothesis.block(which)][1 : 1 + k]
    return float(0.5 * np.sqrt(strain[0] ** 2 + (strain[1:] ** 2).sum() / 3.0))
