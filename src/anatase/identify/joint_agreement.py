"""What the answers to several patterns of one sample agree on, and where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import Identification, IdentifiedPhase, PhaseLabel
from anatase.identify.joint_answer import JointPhase
from anatase.identify.joint_contradiction import comparable, contradicting
from anatase.identify.joint_fractions import agreed_fractions

__all__ = ["agreed_amorphous", "agreed_phases"]

Array = NDArray[np.float64]
Shown = Sequence[IdentifiedPhase | None]  # of one phase, by pattern

DISAGREES = 3.0  # s.u.
CELLS_DISAGREE = 0.005  # of a length
UNKNOWN_SU = 0.05  # of a weight fraction that no s.u. is known of
MOST_SU = 1.0  # of a weight fraction that is told
NOTHING = "no phase of the library explains the patterns of the sample together"
NOT_COMPARED = "no pattern compares all these phases: their weight fractions cannot be told together"


def agreed_phases(
    answers: Sequence[Identification], labels: Sequence[PhaseLabel], gains: Sequence[tuple[float, ...]]
) -> tuple[tuple[JointPhase, ...], list[str]]:
    """Return the phases that some pattern shows, with the fractions that all agree on, and warnings.

    ``gains`` are those of each of the phases that ``labels`` name in each pattern.
    """
    shown: list[Shown] = [[_of(answer, label) for answer in answers] for label in labels]
    kept = [i for i, row in enumerate(shown) if any(phase is not None for phase in row)]
    if not kept:
        return (), [NOTHING]
    labels, gains, shown = [labels[i] for i in kept], [gains[i] for i in kept], [shown[i] for i in kept]
    told = [tuple(None if phase is None else phase.weight_fraction for phase in row) for row in shown]
    fractions = np.array([[0.0 if one is None else one.value for one in row] for row in told]).T
    su = np.array([[np.inf if one is None else one.su or UNKNOWN_SU for one in row] for row in told]).T
    total = np.maximum(fractions.sum(axis=1, keepdims=True), 1e-300)  # below 1 where a standard tells what is amorphous
    fractions, su = fractions / total, su / total
    agreed = agreed_fractions(fractions, su)
    limits = np.array([[_limit(answer, label) for label in labels] for answer in answers])
    against = contradicting(fractions, su, limits)
    warnings = _contradiction(answers, [(labels[i], fractions[:, i], limits[:, i]) for i in against])
    compared = comparable(su)
    if not compared and not against:
        warnings.append(NOT_COMPARED)
    for label, row, pulls in zip(labels, shown, agreed.pulls.T, strict=True):
        warnings += _doubts(label, row, answers, pulls)
    known = compared and not against
    values = _of_the_whole(agreed.fractions, agreed.su, agreed_amorphous(answers))
    phases = [
        JointPhase(label, value if known and (value.su or 0.0) <= MOST_SU else None, row, gain)
        for label, value, row, gain in zip(labels, values, told, gains, strict=True)
    ]
    return tuple(phases[i] for i in np.argsort(-agreed.fractions, kind="stable")), warnings


def agreed_amorphous(answers: Sequence[Identification]) -> Estimate | None:
    """Return the mean of what a standard tells of the amorphous fraction in patterns, weighted by their s.u."""
    told = [answer.amorphous_fraction for answer in answers if answer.amorphous_fraction is not None]
    if not told:
        return None
    weights = np.array([1.0 / (one.su or UNKNOWN_SU) ** 2 for one in told])
    mean = float(weights @ [one.value for one in told] / weights.sum())
    return Estimate(mean, float(weights.sum() ** -0.5))


def _of_the_whole(shares: Array, su: Array, amorphous: Estimate | None) -> list[Estimate]:
    """Return the shares of what is crystalline as fractions of the whole sample."""
    glass = amorphous or Estimate(0.0, 0.0)
    crystalline, open_share = 1.0 - glass.value, glass.su or 0.0
    spread = np.hypot(su * crystalline if shares.size > 1 else 0.0, shares * open_share)
    return [Estimate(float(f * crystalline), float(s) or None) for f, s in zip(shares, spread, strict=True)]


def _of(answer: Identification, label: PhaseLabel) -> IdentifiedPhase | None:
    return next((phase for phase in answer.phases if phase.label.library_id == label.library_id), None)


def _limit(answer: Identification, label: PhaseLabel) -> float:
    """Return the most of a phase that a pattern could hide, of what it shows and that phase; ``nan``: it cannot say."""
    limits = (one.weight_fraction for one in answer.detection_limits if one.label.library_id == label.library_id)
    limit = float(next(limits, np.nan))
    if answer.amorphous_fraction is None:
        return limit
    shown = sum(phase.weight_fraction.value for phase in answer.phases)  # of the whole, as the limit then is
    return limit / max(limit + shown, 1e-300)


def _names(answers: Sequence[Identification]) -> list[str]:
    return [answer.pattern.name or f"pattern {i}" for i, answer in enumerate(answers, 1)]


def _contradiction(answers: Sequence[Identification], against: Sequence[tuple[PhaseLabel, Array, Array]]) -> list[str]:
    """Return a warning that names phases (label, fractions (k,), limits (k,)) which cannot be of one sample."""
    if not against:
        return []
    names, told = _names(answers), []
    for label, fractions, limits in against:
        most, least = int(fractions.argmax()), int(np.nanargmin(limits))
        told.append(
            f"{label.name} ({label.formula}) is {100.0 * fractions[most]:.0f} wt% of what {names[most]} shows and "
            f"below {100.0 * limits[least]:.2g} wt% in {names[least]}"
        )
    return [f"these patterns contradict each other: not one sample? {'; '.join(told)}"]


def _doubts(label: PhaseLabel, shown: Shown, answers: Sequence[Identification], pulls: Array) -> list[str]:
    """Return warnings where patterns differ on a phase's fraction or cell, or one of them does not show it."""
    name = f"{label.name} ({label.formula})"
    names = _names(answers)
    seen = [(where, phase) for where, phase in zip(names, shown, strict=True) if phase is not None]
    told = []
    if np.nanmax(np.abs(pulls), initial=0.0) > DISAGREES:
        values = ", ".join(f"{phase.weight_fraction} by {where}" for where, phase in seen)
        told.append(f"{name}: the patterns disagree on the weight fraction: {values}")
    missing = [where for where, phase in zip(names, shown, strict=True) if phase is None]
    if missing:
        told.append(f"{name} does not show in {', '.join(missing)}")
    for edge in ("a", "b", "c"):
        lengths = [phase.lattice[edge] for _, phase in seen]
        least, most = min(lengths, key=lambda one: one.value), max(lengths, key=lambda one: one.value)
        apart = max(CELLS_DISAGREE * least.value, DISAGREES * float(np.hypot(least.su or 0.0, most.su or 0.0)))
        if most.value - least.value > apart:
            values = ", ".join(f"{phase.lattice[edge]} Å by {where}" for where, phase in seen)
            told.append(f"{name}: the patterns disagree on {edge}: {values}; check the wavelengths and temperatures")
            break
    return told
