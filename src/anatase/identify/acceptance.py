"""Acceptance: which phases of the best hypothesis are worth reporting, and what may be the truth instead."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anatase.identify.calibration import calibration_table
from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_without
from anatase.identify.phase_evidence import PhaseEvidence, phase_evidence
from anatase.identify.phase_features import answer_features, belief_features, phase_features
from anatase.identify.search import SearchResult
from anatase.identify.search_space import SearchSpace

__all__ = ["REPORTED", "PhaseSet", "Verdict", "accepted"]

REPORTED = 0.2  # probability from which a phase is reported: on the tuning half of the measured patterns 95 % are right
# a phase that saves this share of the misfit and has this share of the intensity is reported from this probability on
DOMINANT, PLAIN, DOUBTFUL = 0.3, 0.1, 0.03
TEMPERATURE = 20.0  # −2 ln evidence that halves the odds, more or less: models err more than counts scatter
COVERAGE = 0.9
N_SETS = 8
LEAST_ODDS = 1e-3  # of the answer's: rarer sets are not listed


@dataclass(frozen=True)
class PhaseSet:
    """A set of phases that may be the truth: library entries, the fit where one was made, and the probability."""

    entries: tuple[int, ...]
    fit: Hypothesis
    probability: float


@dataclass(frozen=True)
class Verdict:
    """What is believed of a pattern.

    ``phases`` maps the reported entries to their probabilities, ``doubted`` those that the search had and that are
    too unlikely to be reported. ``answer`` is the probability that the accepted ones are all there is, ``unknown``
    that a phase is there that none of them is; ``others`` are other sets, likeliest first. Where no calibration is
    at hand, every phase is accepted and the probabilities are ``None``.
    """

    best: Hypothesis
    phases: dict[int, float | None]
    doubted: dict[int, float]
    answer: float | None
    unknown: float | None
    others: tuple[PhaseSet, ...]

    @property
    def in_coverage(self) -> int | None:
        """How many of ``others`` hold the truth, with the answer, at nine to one; ``None`` without a calibration.

        Where all together fall short of that, "a phase that is not in the answer" is one of the hypotheses too.
        """
        if self.answer is None:
            return None
        total, count = self.answer, 0
        while total < COVERAGE and count < len(self.others):
            total += self.others[count].probability
            count += 1
        return count


def accepted(space: SearchSpace, result: SearchResult) -> Verdict:
    """Drop the phases that are unlikely to be there, the least likely first, and weigh what is left.

    Phases that the user says are there stay. The probabilities of phases come from their evidence, those of the answer
    from what it leaves unexplained and how sure its phases are, by tables that were fitted to simulated mixtures.
    """
    table = calibration_table("phase")
    if table is None:
        return Verdict(result.best, dict.fromkeys(_entries(result.best), None), {}, None, None, ())
    current, evidence = result.best, dict(result.evidence)
    doubted: dict[int, float] = {}
    whole = answer_features(space, result)
    while True:
        stated = {
            entry: table.probability(whole | phase_features(evidence[entry], space, result))
            for entry in _entries(current)
        }
        unlikely = [entry for entry in stated if not space.is_present(entry) and not _reported(stated, evidence, entry)]
        worst = min(unlikely, key=lambda entry: stated[entry], default=None)
        if worst is None:
            break
        doubted[worst] = stated[worst]
        current = fit_without(space, current, _entries(current).index(worst))
        evidence |= _evidence_anew(space, result.nothing, current, evidence)
    features = whole | belief_features(list(stated.values()), list(doubted.values()))
    answer, unknown = (_stated(name, features) for name in ("answer", "unknown"))
    others = _others(space, result, current, stated, doubted, answer, unknown)
    return Verdict(current, dict(stated), doubted, answer, unknown, others)


def _reported(stated: dict[int, float], evidence: dict[int, PhaseEvidence], entry: int) -> bool:
    """Tell whether a phase is reported: one that explains much of the pattern is shown, doubtful as it may be."""
    dominant = evidence[entry].saved >= DOMINANT and evidence[entry].share >= PLAIN
    return stated[entry] >= (DOUBTFUL if dominant else REPORTED)


def _entries(hypothesis: Hypothesis) -> tuple[int, ...]:
    return tuple(candidate.entry for candidate in hypothesis.candidates)


def _stated(name: str, features: dict[str, float]) -> float | None:
    table = calibration_table(name)
    return None if table is None else table.probability(features)


def _evidence_anew(
    space: SearchSpace, nothing: Hypothesis, current: Hypothesis, before: dict[int, PhaseEvidence]
) -> dict[int, PhaseEvidence]:
    """Return the evidence of each phase once another was dropped: it may save more now.

    What else might stand in its place and how well the whole fits are left as they were: a phase is not doubted because
    another one was.
    """
    anew = {}
    for i, entry in enumerate(_entries(current)):
        reduced = fit_without(space, current, i)
        case = phase_evidence(space, nothing, current, i, reduced, [])
        old = before[entry]
        anew[entry] = replace(old, gain=max(case.gain, old.gain), second=max(case.second, old.second), saved=old.saved)
    return anew


def _others(
    space: SearchSpace,
    result: SearchResult,
    best: Hypothesis,
    stated: dict[int, float],
    doubted: dict[int, float],
    answer: float | None,
    unknown: float | None,
) -> tuple[PhaseSet, ...]:
    """Return other sets that may be the truth.

    They are the answer without one of its phases, with one of those doubted, and what else the search fitted in place
    of a phase; they share what the answer and the unknown leave, by their odds against the answer.
    """
    if answer is None or unknown is None:
        return ()
    chosen = _entries(best)
    odds: dict[frozenset[int], tuple[float, tuple[int, ...], Hypothesis]] = {}

    def consider(entries: tuple[int, ...], fit: Hypothesis, weight: float) -> None:
        key = frozenset(space.group(entry) for entry in entries)
        if entries and weight > LEAST_ODDS and weight > odds.get(key, (0.0,))[0]:
            odds[key] = (weight, entries, fit)

    for entry, p in doubted.items():
        consider((*chosen, entry), result.best, p / max(1.0 - p, 1e-9))
    for i, (entry, p) in enumerate(stated.items()):
        if not space.is_present(entry) and len(chosen) > 1:
            consider(tuple(e for e in chosen if e != entry), best.without(i), (1.0 - p) / max(p, 1e-9))
    own = frozenset(space.group(entry) for entry in chosen)
    for _, other in result.others:
        groups = frozenset(space.group(entry) for entry in _entries(other))
        if len(groups) == len(own) and len(groups - own) == 1:
            consider(_entries(other), other, float(np.exp(-0.5 * max(other.worse_than(best), 0.0) / TEMPERATURE)))
    odds.pop(own, None)
    total = sum(weight for weight, _, _ in odds.values())
    left = max(1.0 - answer - unknown, 0.0)
    scale = min(left / total, answer) if total > 0 else 0.0
    ranked = sorted(odds.values(), key=lambda one: -one[0])[:N_SETS]
    return tuple(PhaseSet(entries, fit, weight * scale) for weight, entries, fit in ranked)
