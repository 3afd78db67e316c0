"""The search for the set of phases: retrieve, screen, fit jointly, keep what the data demand, drop what they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_hypothesis, fit_without, textured
from anatase.identify.judgement import demanded, repeats, standing
from anatase.identify.phase_evidence import PhaseEvidence, phase_evidence
from anatase.identify.screening import screen
from anatase.identify.search_space import SearchSpace

__all__ = ["SearchResult", "search"]

ROUNDS = 3  # of dropping and swapping


@dataclass(frozen=True)
class SearchResult:
    """The best hypothesis, what speaks for each of its phases, and other hypotheses with their cost above it."""

    best: Hypothesis
    nothing: Hypothesis
    others: tuple[tuple[float, Hypothesis], ...]
    evidence: dict[int, PhaseEvidence]  # by library entry


class Memory:
    """The best hypothesis seen of each set of phases."""

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.seen: dict[frozenset[int], Hypothesis] = {}

    def phases(self, hypothesis: Hypothesis) -> frozenset[int]:
        """Return the phases of a hypothesis as group numbers."""
        return frozenset(self.space.group(c.entry) for c in hypothesis.candidates)

    def keep(self, hypothesis: Hypothesis) -> Hypothesis:
        """Note a hypothesis and return it."""
        key = self.phases(hypothesis)
        if key not in self.seen or hypothesis.worse_than(self.seen[key]) < 0:
            self.seen[key] = hypothesis
        return hypothesis

    def others(self, best: Hypothesis) -> tuple[tuple[float, Hypothesis], ...]:
        """Return the rest with their cost above the best, least first."""
        rest = [(h.worse_than(best), h) for h in self.seen.values() if h is not best]
        return tuple(sorted(rest, key=lambda o: o[0])[:12])


def search(space: SearchSpace, progress: Callable[[str], None] = lambda text: None) -> SearchResult:
    """Find the phases of a pattern.

    Forward: the candidate that stands best, as long as the data demand one; where two stand nearly alike both are
    followed, and the likelier set of phases is taken in the end. What the user says is there and was not found is
    added. Backward: drop what the data do not demand any more. Swap: replace each phase by whatever stands better
    in its place.
    """
    memory = Memory(space)
    nothing = memory.keep(fit_hypothesis(space, ()))
    current = _with_present(space, memory, _forward(space, memory, nothing, nothing, progress))
    evidence: dict[int, PhaseEvidence] = {}
    for _ in range(ROUNDS):
        revised, evidence = _revise(space, memory, nothing, current)
        if revised is current:
            break
        current = revised
    for i, candidate in enumerate(current.candidates):
        if candidate.entry not in evidence:
            reduced = fit_without(space, current, i)
            rivals = _rivals(space, memory, current, i, reduced)
            evidence[candidate.entry] = phase_evidence(space, nothing, current, i, reduced, rivals)
    return SearchResult(current, nothing, memory.others(current), evidence)


def _forward(
    space: SearchSpace,
    memory: Memory,
    nothing: Hypothesis,
    start: Hypothesis,
    progress: Callable[[str], None],
) -> Hypothesis:
    """Return the likeliest hypothesis to which adding phases leads, a beam of the best sets being followed."""
    beam, ended = [start], [start]
    while beam:
        children: dict[frozenset[int], Hypothesis] = {}
        for parent in beam:
            if len(parent.candidates) >= space.settings.max_phases:
                continue
            progress(f"looking for phase {len(parent.candidates) + 1}")
            for child in _worth_following(space, memory, nothing, parent):
                if memory.phases(child) not in children:
                    children[memory.phases(child)] = memory.keep(textured(space, child))
        beam = sorted(children.values(), key=lambda h: h.worse_than(nothing))[: space.settings.beam]
        ended += beam

    def likelier(one: Hypothesis, other: Hypothesis) -> Hypothesis:
        dearer = space.price * (len(other.candidates) - len(one.candidates))
        return other if other.worse_than(one) + dearer < 0.0 else one

    return reduce(likelier, ended)


def _worth_following(space: SearchSpace, memory: Memory, nothing: Hypothesis, parent: Hypothesis) -> list[Hypothesis]:
    """Return the best extension of a hypothesis that the data demand, and those that stand nearly as well."""
    grown = _grow(space, memory, parent, set(memory.phases(parent)))
    wanted = [h for h in grown if demanded(space, nothing, parent, h) and not repeats(space, parent, h)]
    if not wanted:
        return []
    least = space.settings.near_tie * standing(space, parent, wanted[0])
    return [h for h in wanted[: space.settings.beam] if standing(space, parent, h) >= least]


def _with_present(space: SearchSpace, memory: Memory, hypothesis: Hypothesis) -> Hypothesis:
    """Return the hypothesis with the phases that the user says are there and it lacks, of each the best entry."""
    while lacking := space.lacking(candidate.entry for candidate in hypothesis.candidates):
        found = _best_of(space, memory, hypothesis, lacking[0])
        if found is None:
            break
        hypothesis = found
    return hypothesis


def _best_of(
    space: SearchSpace, memory: Memory, hypothesis: Hypothesis, entries: NDArray[np.int64]
) -> Hypothesis | None:
    """Return the best joint fit of a hypothesis with one of some entries, ``None`` where none has lines here."""
    scored = screen(space, hypothesis, set(), space.settings.shortlist, among=entries)
    grown = [
        fit_hypothesis(space, (*hypothesis.candidates, candidate), hypothesis.parameters, hypothesis.scale)
        for _, candidate in scored[: space.settings.joint]
    ]
    return memory.keep(textured(space, min(grown, key=lambda h: h.cost))) if grown else None


def _grow(
    space: SearchSpace, memory: Memory, hypothesis: Hypothesis, excluded: set[int], replacing: float | None = None
) -> list[Hypothesis]:
    """Return joint fits of a hypothesis with each of the best further candidates, best first.

    ``replacing`` is the cost that the phase to be replaced saved, where one is.
    """
    settings = space.settings
    least = max(0.5 * settings.threshold, 0.3 * (replacing or 0.0))
    shortlist = settings.shortlist if replacing is None else settings.swap_shortlist
    scored = screen(space, hypothesis, excluded, shortlist)[: settings.joint]
    grown = [
        memory.keep(fit_hypothesis(space, (*hypothesis.candidates, candidate), hypothesis.parameters, hypothesis.scale))
        for saved, candidate in scored
        if saved >= least
    ]
    return sorted(grown, key=lambda h: -standing(space, hypothesis, h))


def _revise(
    space: SearchSpace, memory: Memory, nothing: Hypothesis, current: Hypothesis
) -> tuple[Hypothesis, dict[int, PhaseEvidence]]:
    """Return the hypothesis after dropping or swapping one phase, or itself where nothing is better.

    With it comes what speaks for each phase that was looked at.
    """
    evidence: dict[int, PhaseEvidence] = {}
    entries = [candidate.entry for candidate in current.candidates]
    for i, entry in enumerate(entries):
        kept = space.needed(entry, entries)
        reduced = memory.keep(fit_without(space, current, i))
        whole = current.with_last(i)
        if not kept and not demanded(space, nothing, reduced, whole):
            return reduced, {}
        better = _rivals(space, memory, current, i, reduced)
        evidence[entry] = phase_evidence(space, nothing, current, i, reduced, better)
        if kept or not better:
            continue
        if standing(space, reduced, better[0]) > standing(space, reduced, whole) + 1.0:
            return better[0], {}
    return current, evidence


def _rivals(
    space: SearchSpace, memory: Memory, current: Hypothesis, which: int, reduced: Hypothesis
) -> list[Hypothesis]:
    """Return the fits with another phase in the place of one, best first; ``reduced`` is the fit without it."""
    excluded = set(memory.phases(reduced)) | {space.group(current.candidates[which].entry)}
    swapped = _grow(space, memory, reduced, excluded, replacing=reduced.cost - current.cost)
    return [h for h in swapped if not repeats(space, reduced, h)]
