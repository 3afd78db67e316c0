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
    keep, seen = [], dict.fromkeys(excluded, 99)
    for i, entry in enumerate(hits.entries):
        group = int(searcher.library.groups[entry])
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= settings.per_group:
            keep.append(i)
        if len(keep) == settings.shortlist:
            break
    return Hits(hits.entries[keep], hits.score[keep], hits.matched[keep], hits.strain[keep])


def _grow(searcher: Searcher, hypothesis: Hypothesis, excluded: set[int]) -> list[Hypothesis]:
    """Return joint fits of a hypothesis with each of the best further candidates, best first."""
    settings = searcher.settings
    scored = searcher.screen(hypothesis, _hits(searcher, hypothesis, excluded))
    grown = []
    for gain, candidate in scored[: settings.joint]:
        if gain < 0.5 * settings.threshold:
            break
        grown.append(searcher.fit((*hypothesis.candidates, candidate), hypothesis))
    return sorted(grown, key=lambda h: h.cost)


def _without(searcher: Searcher, hypothesis: Hypothesis, drop: int) -> Hypothesis:
    """Refit a hypothesis with one phase left out."""
    kept = tuple(c for i, c in enumerate(hypothesis.candidates) if i != drop)
    start, stop = hypothesis.model.offsets[drop], hypothesis.model.offsets[drop + 1]
    warm = replace(hypothesis, parameters=np.delete(hypothesis.parameters, np.s_[start:stop]))
    return searcher.fit(kept, warm)


def search(searcher: Searcher, progress: Callable[[str], None] = lambda text: None) -> SearchResult:
    """Find the phases of a pattern.

    Forward: add the candidate that saves the most cost, as long as it saves the threshold. Backward: drop what
    saves less than that. Swap: replace each phase by whatever fits better in its place.
    """
    settings, groups = searcher.settings, searcher.library.groups
    current = searcher.start()
    seen: dict[frozenset[int], Hypothesis] = {}

    def remember(hypotheses: list[Hypothesis]) -> None:
        for h in hypotheses:
            key = _key(h, groups)
            if key not in seen or h.cost < seen[key].cost:
                seen[key] = h

    remember([current])
    while len(current.candidates) < settings.max_phases:
        progress(f"looking for phase {len(current.candidates) + 1}")
        grown = _grow(searcher, current, set(_key(current, groups)))
        remember(grown)
        if not grown or current.cost - grown[0].cost < settings.threshold:
            break
        current = grown[0]
    for _ in range(2):
        improved = False
        for i in range(len(current.candidates)):
            reduced = _without(searcher, current, i)
            remember([reduced])
            if reduced.cost - current.cost < settings.threshold:
                current, improved = reduced, True
                break
            if len(current.candidates) < 2:
                continue
            swapped = _grow(searcher, reduced, set(_key(reduced, groups)) | {int(groups[current.candidates[i].entry])})
            remember(swapped)
            if swapped and swapped[0].cost < current.cost - 1.0:
                current, improved = swapped[0], True
                break
        if not improved:
            break
    others = sorted(((h.cost - current.cost, h) for h in seen.values() if h is not current), key=lambda o: o[0])
    return SearchResult(current, tuple(others[:12]))
