"""The search for the set of phases: retrieve, screen, fit jointly, keep what the data demand, drop what they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Candidate, Hypothesis, Searcher
from anatase.identify.retrieve import Hits, retrieve

__all__ = ["SearchResult", "search"]


@dataclass(frozen=True)
class SearchResult:
    """The best hypothesis, and other hypotheses with their cost above it, best first."""

    best: Hypothesis
    others: tuple[tuple[float, Hypothesis], ...]


def _key(hypothesis: Hypothesis, groups: NDArray[np.int64]) -> frozenset[int]:
    return frozenset(int(groups[c.entry]) for c in hypothesis.candidates)


def _hits(searcher: Searcher, hypothesis: Hypothesis, excluded: set[int]) -> Hits:
    """Retrieve candidates for what a hypothesis leaves unexplained, at most two of a group."""
    m, settings = searcher.measurement, searcher.settings
    error = 1.0 / np.sqrt(searcher.weights(hypothesis.y - searcher.background_of(hypothesis)) * searcher.correlation)
    hits = retrieve(searcher.table, m, m.y - hypothesis.y, error, limit=6 * settings.shortlist)
    keep = []
    seen = dict.fromkeys(excluded, settings.per_group)
    for i, entry in enumerate(hits.entries):
        group = int(searcher.library.groups[entry])
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= settings.per_group:
            keep.append(i)
        if len(keep) == settings.shortlist:
            break
    return Hits(hits.entries[keep], hits.score[keep], hits.matched[keep], hits.strain[keep])


def _grow(searcher: Searcher, hypothesis: Hypothesis, excluded: set[int], at_least: float = 0.0) -> list[Hypothesis]:
    """Return joint fits of a hypothesis with each of the best further candidates, best first."""
    settings = searcher.settings
    scored = searcher.screen(hypothesis, _hits(searcher, hypothesis, excluded))
    grown = []
    for gain, candidate in scored[: settings.joint]:
        if gain < max(0.5 * settings.threshold, at_least):
            break
        grown.append(searcher.fit((*hypothesis.candidates, candidate), hypothesis))
    return sorted(grown, key=lambda h: -searcher.standing(hypothesis, h))


def _without(searcher: Searcher, hypothesis: Hypothesis, drop: int) -> Hypothesis:
    """Refit a hypothesis with one phase left out."""
    kept = tuple(c for i, c in enumerate(hypothesis.candidates) if i != drop)
    start, stop = hypothesis.model.offsets[drop], hypothesis.model.offsets[drop + 1]
    warm = replace(hypothesis, parameters=np.delete(hypothesis.parameters, np.s_[start:stop]))
    return searcher.fit(kept, warm)


def _moved_last(hypothesis: Hypothesis, which: int) -> Hypothesis:
    """Return the same hypothesis with one phase put at the end."""
    order = [i for i in range(len(hypothesis.candidates)) if i != which] + [which]
    offsets = hypothesis.model.offsets
    blocks = [hypothesis.parameters[: offsets[0]], *(hypothesis.parameters[offsets[i] : offsets[i + 1]] for i in order)]
    model = replace(hypothesis.model, phases=tuple(hypothesis.model.phases[i] for i in order))
    candidates = tuple(hypothesis.candidates[i] for i in order)
    return replace(
        hypothesis, candidates=candidates, model=model, parameters=np.concatenate(blocks), areas=hypothesis.areas[order]
    )


def _demanded(searcher: Searcher, smaller: Hypothesis, larger: Hypothesis) -> bool:
    """Tell whether the data demand the last phase of ``larger``: on the whole, and even without its best line.

    The stronger the whole signal, the more of it the model gets wrong: what a phase must save grows with it.
    """
    settings = searcher.settings
    total, without_best = searcher.gain(smaller, larger)
    least = max(settings.threshold, settings.share_of_signal * searcher.start().cost / larger.misfit)
    return total > least and without_best > settings.threshold_without_best


def search(searcher: Searcher, progress: Callable[[str], None] = lambda text: None) -> SearchResult:
    """Find the phases of a pattern.

    Forward: add the candidate that saves the most cost, as long as the data demand one. Backward: drop what they do
    not demand any more. Swap: replace each phase by whatever fits better in its place.
    """
    groups = searcher.library.groups
    current = searcher.start()
    seen: dict[frozenset[int], Hypothesis] = {}

    def remember(hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        for h in hypotheses:
            key = _key(h, groups)
            if key not in seen or h.worse_than(seen[key]) < 0:
                seen[key] = h
        return hypotheses

    remember([current])
    while len(current.candidates) < searcher.settings.max_phases:
        progress(f"looking for phase {len(current.candidates) + 1}")
        grown = remember(_grow(searcher, current, set(_key(current, groups))))
        demanded = [h for h in grown if _demanded(searcher, current, h) and not searcher.repeats(current, h)]
        if not demanded:
            break
        current = remember([searcher.textured(demanded[0])])[0]
    for _ in range(2):
        revised = _revise(searcher, current, remember)
        if revised is current:
            break
        current = revised
    others = sorted(((h.worse_than(current), h) for h in seen.values() if h is not current), key=lambda o: o[0])
    return SearchResult(current, tuple(others[:12]))


def _revise(
    searcher: Searcher, current: Hypothesis, remember: Callable[[list[Hypothesis]], list[Hypothesis]]
) -> Hypothesis:
    """Return the hypothesis after dropping or swapping one phase, or itself where nothing is better."""
    groups = searcher.library.groups
    for i in range(len(current.candidates)):
        reduced = remember([_without(searcher, current, i)])[0]
        if not _demanded(searcher, reduced, _moved_last(current, i)):
            return reduced
        if len(current.candidates) < 2:
            continue
        excluded = set(_key(reduced, groups)) | {int(groups[current.candidates[i].entry])}
        worth = 0.3 * (reduced.cost - current.cost)
        swapped = [h for h in remember(_grow(searcher, reduced, excluded, at_least=worth)) if not searcher.repeats(reduced, h)]
        mine = searcher.standing(reduced, _moved_last(current, i))
        if swapped and searcher.standing(reduced, swapped[0]) > mine + 1.0:
            return swapped[0]
    return current
