"""Acceptance: which phases of the best hypothesis are worth reporting."""

from __future__ import annotations

from dataclasses import dataclass, replace

from anatase.identify.calibration import calibration_table
from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_without
from anatase.identify.phase_evidence import PhaseEvidence, phase_evidence
from anatase.identify.phase_features import answer_features, phase_features
from anatase.identify.search import SearchResult
from anatase.identify.search_space import SearchSpace

__all__ = ["REPORTED", "Accepted", "accepted"]

REPORTED = 0.2  # probability from which a phase is reported: on the tuning half of the measured patterns 93 % are right
# a phase that saves this share of the misfit and has this share of the intensity is reported from this probability on
DOMINANT, PLAIN, DOUBTFUL = 0.3, 0.1, 0.03


@dataclass(frozen=True)
class Accepted:
    """The phases to report and those that were dropped.

    ``phases`` maps the entries of ``best`` to their probabilities, ``None`` for what the user says is there and where
    no calibration is at hand; ``doubted`` those that the search had and that are too unlikely; ``features`` describes
    the whole answer of the search.
    """

    best: Hypothesis
    phases: dict[int, float | None]
    doubted: dict[int, float]
    features: dict[str, float]

    def reduced_to(self, best: Hypothesis) -> Accepted:
        """Return the same once the last fit has dropped phases, which are doubted from then on.

        Those that the user says are there and the pattern does not show are told of elsewhere.
        """
        kept = entries_of(best)
        dropped = {entry: p for entry, p in self.phases.items() if entry not in kept and p is not None}
        phases = {entry: p for entry, p in self.phases.items() if entry in kept}
        return replace(self, best=best, phases=phases, doubted=self.doubted | dropped)


def entries_of(hypothesis: Hypothesis) -> tuple[int, ...]:
    """Return the library entries of a hypothesis."""
    return tuple(candidate.entry for candidate in hypothesis.candidates)


def accepted(space: SearchSpace, result: SearchResult) -> Accepted:
    """Drop the phases that are unlikely to be there, the least likely first.

    Phases that the user says are there stay here; the last fit may still find none of them. The probabilities come
    from the evidence, by a table that was fitted to simulated and measured mixtures.
    """
    table = calibration_table("phase")
    whole = answer_features(space, result)
    if table is None:
        return Accepted(result.best, dict.fromkeys(entries_of(result.best)), {}, whole)
    current, evidence = result.best, dict(result.evidence)
    doubted: dict[int, float] = {}
    while True:
        entries = entries_of(current)
        stated = {entry: table.probability(whole | phase_features(evidence[entry], space, result)) for entry in entries}
        needed = {entry for entry in entries if space.needed(entry, entries)}
        unlikely = [entry for entry in entries if entry not in needed and not _reported(stated[entry], evidence[entry])]
        if not unlikely:
            phases = {entry: None if entry in needed else p for entry, p in stated.items()}
            return Accepted(current, phases, doubted, whole)
        worst = min(unlikely, key=lambda entry: stated[entry])
        doubted[worst] = stated[worst]
        current = fit_without(space, current, entries.index(worst))
        evidence |= _evidence_anew(space, result.nothing, current, evidence)


def _reported(probability: float, evidence: PhaseEvidence) -> bool:
    """Tell whether a phase is reported: one that explains much of the pattern is shown, doubtful as it may be."""
    dominant = evidence.saved >= DOMINANT and evidence.share >= PLAIN
    return probability >= (DOUBTFUL if dominant else REPORTED)


def _evidence_anew(
    space: SearchSpace, nothing: Hypothesis, current: Hypothesis, before: dict[int, PhaseEvidence]
) -> dict[int, PhaseEvidence]:
    """Return the evidence of each phase once another was dropped: it may save more now.

    What else might stand in its place and how well the whole fits are left as they were: a phase is not doubted because
    another one was.
    """
    anew = {}
    for i, entry in enumerate(entries_of(current)):
        reduced = fit_without(space, current, i)
        case = phase_evidence(space, nothing, current, i, reduced, [])
        old = before[entry]
        anew[entry] = replace(old, gain=max(case.gain, old.gain), second=max(case.second, old.second), saved=old.saved)
    return anew
