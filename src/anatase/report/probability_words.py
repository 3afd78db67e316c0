"""How probable an answer is, what else it may be and what it would not show, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from anatase.estimate import Estimate
from anatase.identify.answer import DetectionLimit, Identification, IdentifiedPhase, PhaseLabel
from anatase.report.phase_names import answer_labels, full_name, other_sets, set_text, short_name

__all__ = [
    "amorphous_words",
    "coverage_words",
    "limit_words",
    "limits_words",
    "member_words",
    "probability_text",
    "unknown_words",
]

CERTAIN = 0.995  # beyond it a percentage says more than a calibration can know
SHOWN_SETS, SHOWN_MEMBERS, SHOWN_LIMITS = 4, 4, 6


def probability_text(probability: float | None) -> str:
    """Write a probability in whole percent, the ends as bounds.

    Examples
    --------
    >>> [probability_text(p) for p in (0.934, 0.998, 0.001, None)]
    ['93 %', '> 99 %', '< 1 %', '–']
    """
    if probability is None or not math.isfinite(probability):
        return "–"
    if probability >= CERTAIN:
        return "> 99 %"
    return "< 1 %" if probability <= 1.0 - CERTAIN else f"{100 * probability:.0f} %"


def coverage_words(answer: Identification) -> str:
    """Say how probable the set of phases is, and which sets hold the truth with the stated coverage, if that is known.

    The sets are the answer's own and the first alternatives; where their probabilities do not reach the coverage, sets
    with a phase that none of them holds are the rest of it.
    """
    if answer.probability is None:
        return ""
    text = f"These are all the crystalline phases: {probability_text(answer.probability)}"
    if answer.coverage is None:
        return f"{text}."
    among, others = answer_labels(answer), replace(answer, alternatives=answer.alternatives[: answer.in_coverage])
    sets = [
        set_text([phase.label for phase in answer.phases], among),
        *(set_text(other.phases, among) for other in other_sets(others)),
    ]
    beyond = len(sets) - SHOWN_SETS
    more = f", or {beyond} {'other' if beyond == 1 else 'others'}" if beyond > 0 else ""
    reached = answer.probability + sum(other.probability or 0.0 for other in answer.alternatives[: answer.in_coverage])
    if reached < answer.coverage:
        more += ", or a phase is missing"
    return f"{text}. {100 * answer.coverage:.0f} %: {', or '.join(sets[:SHOWN_SETS])}{more}."


def unknown_words(answer: Identification) -> str:
    """Say how probable it is that a phase is there that the answer does not hold; nothing if that is unknown.

    It may be missing from the library, hold other elements than those allowed, or have been overlooked.
    """
    if answer.unknown_probability is None:
        return ""
    return f"A phase is missing from this answer: {probability_text(answer.unknown_probability)}"


def member_words(phase: IdentifiedPhase, among: Iterable[PhaseLabel] = ()) -> str:
    """Say what else a phase may be: other phases that the pattern cannot tell from it; nothing where there is none.

    ``among`` are the phases that the answer names.
    """
    if not phase.members:
        return ""
    others = (*among, phase.label, *phase.members)
    named = [full_name(label, others) for label in phase.members]
    more = f" and {len(named) - SHOWN_MEMBERS} more" if len(named) > SHOWN_MEMBERS else ""
    return f"{short_name(phase.label, others)} cannot be told from {', '.join(named[:SHOWN_MEMBERS])}{more}"


def limit_words(limit: DetectionLimit, among: Iterable[PhaseLabel] = ()) -> str:
    """Write a detection limit: ``rutile (TiO₂), if present, is below 0.8 wt% at 95 %``."""
    return f"{full_name(limit.label, among)}, if present, is below {_weight(limit)} wt% at {100 * limit.level:.0f} %"


def limits_words(limits: Sequence[DetectionLimit], among: Iterable[PhaseLabel] = ()) -> str:
    """Write several detection limits of one level in a line: ``Not seen, at 95 %: rutile (TiO₂) below 0.8 wt%, …``."""
    if not limits:
        return ""
    levels, others = {limit.level for limit in limits}, (*among, *(limit.label for limit in limits))
    if len(levels) > 1:
        return "; ".join(limit_words(limit, others) for limit in limits[:SHOWN_LIMITS])
    named = [f"{full_name(limit.label, others)} below {_weight(limit)} wt%" for limit in limits]
    more = f" and {len(named) - SHOWN_LIMITS} more" if len(named) > SHOWN_LIMITS else ""
    return f"Not seen, at {100 * levels.pop():.0f} %: {', '.join(named[:SHOWN_LIMITS])}{more}"


def amorphous_words(fraction: Estimate | None) -> str:
    """Say how much of the sample is amorphous; nothing where no standard tells it."""
    if fraction is None:
        return ""
    return f"Amorphous: {_percent(fraction.value)}{_plus_minus(fraction.su)} wt% of the whole sample"


def _weight(limit: DetectionLimit) -> str:
    return f"{100 * limit.weight_fraction:.2g}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _plus_minus(su: float | None) -> str:
    return "" if su is None or not math.isfinite(su) else f" ± {100 * su:.1f}"
