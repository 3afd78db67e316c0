"""An answer with its probabilities: of each phase, of the set, of what no library entry explains, of other sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import Alternative, Identification, IdentifiedPhase
from anatase.identify.phase_label import phase_label
from anatase.identify.search_space import SearchSpace
from anatase.identify.verdict import COVERAGE, Verdict

__all__ = ["judged"]

Array = NDArray[np.float64]

LIKELY = 0.5
LEAST_ROOM = 0.002  # of weight: less is not worth stating


def judged(answer: Identification, space: SearchSpace, verdict: Verdict) -> Identification:
    """Return the answer with the probabilities of a verdict, and the sets of phases that may be the truth instead."""
    library = space.library
    stated = {library.ids[entry]: p for entry, p in verdict.accepted.phases.items()}
    phases = tuple(replace(phase, probability=stated.get(phase.label.library_id)) for phase in answer.phases)
    if verdict.answer is None or verdict.unknown is None:
        return replace(answer, phases=phases)
    measurement = space.measurement
    weights = 1.0 / measurement.sigma**2
    whole = float(weights @ measurement.y**2)

    def rwp(y: Array) -> float:
        return 100.0 * float(np.sqrt(float(weights @ (measurement.y - y) ** 2) / whole))

    others = tuple(
        Alternative(tuple(phase_label(library, entry) for entry in one.entries), rwp(one.fit.y), one.probability)
        for one in verdict.others
    )
    missing = verdict.unknown if measurement.has_peaks else 0.0
    return replace(
        answer,
        phases=tuple(_with_room(phase, answer.unexplained_fraction, missing) for phase in phases),
        probability=verdict.answer if phases else None,
        unknown_probability=missing,
        alternatives=others,
        coverage=COVERAGE if phases else None,
        in_coverage=verdict.in_coverage if phases else 0,
        warnings=(*answer.warnings, *_doubts(space, verdict)),
    )


def _with_room(phase: IdentifiedPhase, unexplained: float, missing: float) -> IdentifiedPhase:
    """Return a phase whose fraction leaves room for a phase that is missing, with that probability, from the answer.

    What is missing is taken to weigh as much of the sample as it scatters of the unexplained intensity: a fraction w
    would be w (1 − u), which adds a variance of p (w u)².
    """
    room = phase.weight_fraction.value * unexplained * float(np.sqrt(missing))
    if room < LEAST_ROOM:
        return phase
    su = float(np.hypot(phase.weight_fraction.su or 0.0, room))
    return replace(phase, weight_fraction=Estimate(phase.weight_fraction.value, su))


def _doubts(space: SearchSpace, verdict: Verdict) -> list[str]:
    """Return a warning for what is likely missing, and for phases that fit but were not believed."""
    told = []
    if verdict.unknown is not None and verdict.unknown >= LIKELY and space.measurement.has_peaks:
        told.append(
            "a phase that is not in this answer is likely there: it may be missing from the library or the elements"
        )
    for entry, p in verdict.accepted.phases.items():
        if p is not None and p < LIKELY:
            label = phase_label(space.library, entry)
            told.append(f"{label.name} ({label.formula}) is doubtful: look at its lines")
    for entry in verdict.accepted.doubted:
        label = phase_label(space.library, entry)
        told.append(f"{label.name} ({label.formula}) fits some of the pattern and was left out as unlikely")
    return told
