"""The phases of a sample from several patterns at once: sets of phases are ranked by the evidence of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.joint_fit import fit_hypothesis, fit_without
from anatase.identify.joint_fractions import agreed_fractions
from anatase.identify.search import SearchResult, search
from anatase.identify.search_space import SearchSpace
from anatase.refine.start.whole_pattern import evaluate

__all__ = ["JointHypothesis", "joint_search"]

Array = NDArray[np.float64]

OTHERS = 6  # hypotheses of each pattern whose phases are tried in all
POOL = 10  # phases tried
ROUNDS = 12
BETTER = 2.0  # 2 ln of the odds that a change must gain
UNLIKE = (0.2, 0.02)  # relative and absolute error of a weight fraction before a last fit
MOST_UNLIKE = 30.0  # cost of fractions that disagree: texture may do that to true phases


@dataclass(frozen=True)
class JointHypothesis:
    """One set of phases, fitted to each pattern: all parts hold the same entries in the same order."""

    parts: tuple[Hypothesis, ...]

    @property
    def entries(self) -> tuple[int, ...]:
        """Library entries of the phases."""
        return tuple(candidate.entry for candidate in self.parts[0].candidates)

    def worse_than(self, other: JointHypothesis) -> float:
        """Return by how much this is worse than another hypothesis in all patterns together."""
        return sum(mine.worse_than(its) for mine, its in zip(self.parts, other.parts, strict=True))


def joint_search(
    spaces: Sequence[SearchSpace], progress: Callable[[str], None] = lambda text: None
) -> tuple[JointHypothesis, tuple[SearchResult, ...], tuple[tuple[float, ...], ...]]:
    """Find the set of phases that all patterns of a sample together demand.

    Every pattern is searched alone; what its best hypotheses hold is tried in all. From the best of those sets phases
    are dropped, added and exchanged as long as the summed evidence gains. Returned are the hypothesis, the searches,
    and what each phase saves in each pattern.
    """
    results = []
    for number, space in enumerate(spaces, 1):
        progress(f"searching pattern {number} of {len(spaces)}")
        results.append(search(space))
    progress("weighing the phases in all patterns")
    pool = _pool(spaces, results)
    best = _start(spaces, results, pool)
    for _ in range(ROUNDS):
        reduced = [_without(spaces, best, i) for i in range(len(best.entries))]
        demands = [_demand(spaces, less, best) for less in reduced]
        if demands and min(demands) < 1.0:
            best = reduced[demands.index(min(demands))]
            continue
        changed = _changed(spaces, best, reduced, pool)
        if changed is None:
            break
        best = changed
    gains = tuple(_gains(_without(spaces, best, i), best) for i in range(len(best.entries)))
    return best, tuple(results), gains


def _pool(spaces: Sequence[SearchSpace], results: Sequence[SearchResult]) -> list[Candidate]:
    """Return the phases of the best hypotheses of all patterns, one entry of each, the best first."""
    found: dict[int, Candidate] = {}
    ranked = [[result.best, *(h for _, h in result.others[:OTHERS])] for result in results]
    for rank in range(max(len(one) for one in ranked)):
        for space, hypotheses in zip(spaces, ranked, strict=True):
            if rank >= len(hypotheses):
                continue
            hypothesis = hypotheses[rank]
            for i, candidate in enumerate(hypothesis.candidates):
                k = candidate.lines.basis.shape[0]
                strain = hypothesis.parameters[hypothesis.block(i)][1 : 1 + k]
                refined = Candidate(candidate.entry, candidate.lines, tuple(float(v) for v in strain))
                found.setdefault(space.group(candidate.entry), refined)
    certain = sum(len(result.best.candidates) for result in results)
    return list(found.values())[: max(POOL, certain)]


def _start(spaces: Sequence[SearchSpace], results: Sequence[SearchResult], pool: list[Candidate]) -> JointHypothesis:
    """Return the best of the sets that single patterns hold and of their union."""
    groups = [
        {space.group(c.entry) for c in result.best.candidates} for space, result in zip(spaces, results, strict=True)
    ]
    sets = {frozenset(one) for one in (*groups, set().union(*groups))}
    fitted = []
    for chosen in sorted(sets, key=lambda one: (len(one), sorted(one))):
        phases = [candidate for candidate in pool if spaces[0].group(candidate.entry) in chosen]
        fitted.append(_fitted(spaces, results, phases))
    best = fitted[0]
    for other in fitted[1:]:
        if _standing(spaces, other, best) > 0.0:
            best = other
    return best


def _fitted(
    spaces: Sequence[SearchSpace], results: Sequence[SearchResult], phases: Sequence[Candidate]
) -> JointHypothesis:
    """Fit phases to every pattern, from its background and instrument and the cells that were found."""
    parts = []
    for space, result in zip(spaces, results, strict=True):
        own = {c.entry: c.lines for c in result.best.candidates}
        candidates = tuple(Candidate(p.entry, own.get(p.entry, space.lines(p.entry)), p.strain) for p in phases)
        head = result.best.parameters[: result.best.model.offsets[0]]
        parts.append(fit_hypothesis(space, candidates, head))
    return JointHypothesis(tuple(parts))


def _without(spaces: Sequence[SearchSpace], whole: JointHypothesis, which: int) -> JointHypothesis:
    parts = (fit_without(space, part, which) for space, part in zip(spaces, whole.parts, strict=True))
    return JointHypothesis(tuple(parts))


def _with(spaces: Sequence[SearchSpace], smaller: JointHypothesis, phase: Candidate) -> JointHypothesis:
    parts = []
    for space, part in zip(spaces, smaller.parts, strict=True):
        candidate = Candidate(phase.entry, space.lines(phase.entry), phase.strain)
        parts.append(fit_hypothesis(space, (*part.candidates, candidate), part.parameters))
    return JointHypothesis(tuple(parts))


def _changed(
    spaces: Sequence[SearchSpace],
    best: JointHypothesis,
    reduced: list[JointHypothesis],
    pool: list[Candidate],
) -> JointHypothesis | None:
    """Return the best hypothesis with a phase of the pool more or in place of another, ``None`` where none gains."""
    present = {spaces[0].group(entry) for entry in best.entries}
    tried = [candidate for candidate in pool if spaces[0].group(candidate.entry) not in present]
    found, most = None, BETTER
    for candidate in tried:
        bases = [best] if len(best.entries) < spaces[0].settings.max_phases else []
        for base in (*bases, *reduced):
            trial = _with(spaces, base, candidate)
            gained = _standing(spaces, trial, best)
            if gained > most and _demand(spaces, base, trial) > 1.0:
                found, most = trial, gained
    return found


def _standing(spaces: Sequence[SearchSpace], one: JointHypothesis, other: JointHypothesis) -> float:
    """Return 2 ln of the odds of one set of phases over another: evidence, price of phases, agreement of fractions."""
    price = spaces[0].price * (len(other.entries) - len(one.entries))
    return price - one.worse_than(other) + _disagreement(spaces, other) - _disagreement(spaces, one)


def _gains(smaller: JointHypothesis, larger: JointHypothesis) -> tuple[float, ...]:
    """Return what the further phase of a hypothesis saves in each pattern."""
    return tuple(less.worse_than(more) for less, more in zip(smaller.parts, larger.parts, strict=True))


def _demand(
    spaces: Sequence[SearchSpace],
    smaller: JointHypothesis,
    larger: JointHypothesis,
) -> float:
    """Return the gain of a further phase in units of what each pattern alone would demand of it, summed.

    A pattern in which the phase cannot be seen neither speaks for it nor against it but for the price of its
    parameters; the price of the phase is paid once.
    """
    total = 0.0
    for space, less, more in zip(spaces, smaller.parts, larger.parts, strict=True):
        settings = space.settings
        signal = float(space.noise.strict @ (space.measurement.net**2)) / more.misfit
        least = max(settings.threshold, settings.share_of_signal * signal)
        total += (less.worse_than(more) - space.price / len(spaces)) / least
    return total


def _disagreement(spaces: Sequence[SearchSpace], joint: JointHypothesis) -> float:
    """Return the cost of weight fractions that differ from pattern to pattern by more than textures would make them."""
    if len(joint.entries) < 2:
        return 0.0
    told = [_fractions(space, part) for space, part in zip(spaces, joint.parts, strict=True)]
    fractions, su = (np.array(values) for values in zip(*told, strict=True))
    agreed = agreed_fractions(fractions, su)
    return float(np.minimum(np.nansum(agreed.pulls**2, axis=0), MOST_UNLIKE).sum())


def _fractions(space: SearchSpace, part: Hypothesis) -> tuple[Array, Array]:
    """Return weight fractions (p,) of a hypothesis and their s.u. (p,), of counting and of wrong intensities."""
    index = np.array(part.model.offsets[:-1])
    rows = evaluate(part.model, part.parameters)[1][index]
    normal = (rows * (space.noise.strict / part.misfit)) @ rows.T
    size = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-300))
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(normal * np.outer(size, size))), 0.0)) * size
    factors = np.array(
        [p.norm * _mass_over_volume(space, c.entry) for p, c in zip(part.model.phases, part.candidates, strict=True)]
    )
    mass, error = part.parameters[index] * factors, spread * factors
    total = max(float(mass.sum()), 1e-300)
    f = mass / total
    relative, absolute = UNLIKE
    return f, np.sqrt((error / total) ** 2 + (relative * f * (1.0 - f)) ** 2 + absolute**2)


def _mass_over_volume(space: SearchSpace, entry: int) -> float:
    structure = space.library.structure(entry)
    return structure.mass_per_cell / structure.lattice.volume
