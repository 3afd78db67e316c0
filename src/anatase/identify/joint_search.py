"""The phases of a sample from several patterns at once: sets of phases are ranked by the evidence of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.joint_fit import fit_hypothesis, fit_without
from anatase.identify.joint_fractions import agreed_fractions
from anatase.identify.judgement import repeats, standing
from anatase.identify.phase_evidence import phase_evidence
from anatase.identify.search import SearchResult, search
from anatase.identify.search_space import SearchSpace
from anatase.refine.start.whole_pattern import evaluate

__all__ = ["JointHypothesis", "JointResult", "joint_search"]

Array = NDArray[np.float64]
Spaces = Sequence[SearchSpace]
Results = Sequence[SearchResult]

OTHERS = 6  # hypotheses of each pattern whose phases are tried in all
POOL = 10  # phases tried
ROUNDS = 12
BETTER = 2.0  # 2 ln of the odds that a change must gain
UNLIKE = (0.2, 0.02)  # relative and absolute error of a weight fraction before a last fit
MOST_UNLIKE = 100.0  # cost of fractions that disagree: texture may do that to true phases, which gain far more


@dataclass(frozen=True)
class JointHypothesis:
    """One set of phases, fitted to each pattern: all parts hold the same entries in the same order."""

    parts: tuple[Hypothesis, ...]

    @property
    def entries(self) -> tuple[int, ...]:
        """Library entries of the phases."""
        return tuple(candidate.entry for candidate in self.parts[0].candidates)

    def with_last(self, which: int) -> JointHypothesis:
        """Return the same hypothesis with one phase put at the end."""
        return JointHypothesis(tuple(part.with_last(which) for part in self.parts))

    def worse_than(self, other: JointHypothesis) -> float:
        """Return by how much this is worse than another hypothesis in all patterns together."""
        return sum(mine.worse_than(its) for mine, its in zip(self.parts, other.parts, strict=True))


@dataclass(frozen=True)
class JointResult:
    """The best hypothesis, each pattern's own search with what there speaks for these phases, and the gains.

    ``gains`` hold for each phase what it saves in each pattern, 2 ln of the odds.
    """

    best: JointHypothesis
    results: tuple[SearchResult, ...]
    gains: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class _Change:
    """A phase of the pool beside or in place of another: ``replaced`` is ``None`` where it comes in addition."""

    replaced: int | None
    trial: JointHypothesis
    value: float


def joint_search(spaces: Spaces, progress: Callable[[str], None] = lambda text: None) -> JointResult:
    """Find the set of phases that all patterns of a sample together demand.

    Every pattern is searched alone; what its best hypotheses hold is tried in all. From the best of those sets phases
    are dropped, added and exchanged as long as the summed evidence gains.
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
        unlike = _disagreement(spaces, best)
        demands = [
            np.inf
            if spaces[0].is_present(entry)
            else _demand(spaces, results, less, best.with_last(i), unlike - _disagreement(spaces, less))
            for i, (entry, less) in enumerate(zip(best.entries, reduced, strict=True))
        ]
        if demands and min(demands) < 1.0:
            best = reduced[demands.index(min(demands))]
            changes = []
            continue
        changes = _changes(spaces, results, best, reduced, pool)
        better = max(changes, key=lambda change: change.value, default=None)
        if better is None or better.value < BETTER:
            break
        best = better.trial
    reduced = [_without(spaces, best, i) for i in range(len(best.entries))]
    gains = tuple(_gains(less, best) for less in reduced)
    told = tuple(_with_evidence(spaces, results, best, reduced, changes))
    return JointResult(best, told, gains)


def _with_evidence(
    spaces: Spaces, results: Results, best: JointHypothesis, reduced: list[JointHypothesis], changes: list[_Change]
) -> list[SearchResult]:
    """Return the searches of the patterns with the joint hypothesis, and what speaks for its phases in each."""
    told = []
    for number, (space, result) in enumerate(zip(spaces, results, strict=True)):
        evidence = {}
        for i, entry in enumerate(best.entries):
            rivals = [change.trial.parts[number] for change in changes if change.replaced == i]
            less = reduced[i].parts[number]
            evidence[entry] = phase_evidence(space, result.nothing, best.parts[number], i, less, rivals)
        told.append(replace(result, best=best.parts[number], evidence=evidence))
    return told


def _pool(spaces: Spaces, results: Results) -> list[Candidate]:
    """Return the phases of the best hypotheses of all patterns, one entry of each, the best first, with their cells."""
    found: dict[int, Candidate] = {}
    ranked = [[result.best, *(h for _, h in result.others[:OTHERS])] for result in results]
    for rank in range(max(len(one) for one in ranked)):
        for space, hypotheses in zip(spaces, ranked, strict=True):
            for i, candidate in enumerate(hypotheses[rank].candidates if rank < len(hypotheses) else ()):
                strain = tuple(float(v) for v in hypotheses[rank].own_strain(i))
                found.setdefault(space.group(candidate.entry), Candidate(candidate.entry, candidate.lines, strain))
    certain = sum(len(result.best.candidates) for result in results)
    return list(found.values())[: max(POOL, certain)]


def _start(spaces: Spaces, results: Results, pool: list[Candidate]) -> JointHypothesis:
    """Return the best of the sets that single patterns hold and of their union."""
    groups = [
        {space.group(c.entry) for c in result.best.candidates} for space, result in zip(spaces, results, strict=True)
    ]
    sets = {frozenset(one) for one in (*groups, set().union(*groups))}
    best: JointHypothesis | None = None
    for chosen in sorted(sets, key=lambda one: (len(one), sorted(one))):
        phases = [candidate for candidate in pool if spaces[0].group(candidate.entry) in chosen]
        fitted = _fitted(spaces, results, phases)
        if best is None or _odds(spaces, fitted, best) > 0.0:
            best = fitted
    return best if best is not None else _fitted(spaces, results, [])


def _fitted(spaces: Spaces, results: Results, phases: Sequence[Candidate]) -> JointHypothesis:
    """Fit phases to every pattern, from its background and instrument and the cells that were found."""
    parts = []
    for space, result in zip(spaces, results, strict=True):
        own = {c.entry: c for c in result.best.candidates}
        candidates = tuple(_placed(space, phase, result.best.scale, own.get(phase.entry)) for phase in phases)
        head = result.best.parameters[: result.best.model.offsets[0]]
        parts.append(fit_hypothesis(space, candidates, head, result.best.scale))
    return JointHypothesis(tuple(parts))


def _placed(space: SearchSpace, phase: Candidate, scale: float, own: Candidate | None = None) -> Candidate:
    """Return a phase of the pool for one pattern, strained as its axis strains all phases."""
    lines = space.lines(phase.entry) if own is None else own.lines
    return Candidate(phase.entry, lines, (phase.strain[0] + scale, *phase.strain[1:]))


def _without(spaces: Spaces, whole: JointHypothesis, which: int) -> JointHypothesis:
    parts = (fit_without(space, part, which) for space, part in zip(spaces, whole.parts, strict=True))
    return JointHypothesis(tuple(parts))


def _with(spaces: Spaces, smaller: JointHypothesis, phase: Candidate) -> JointHypothesis:
    parts = []
    for space, part in zip(spaces, smaller.parts, strict=True):
        candidate = _placed(space, phase, part.scale)
        parts.append(fit_hypothesis(space, (*part.candidates, candidate), part.parameters, part.scale))
    return JointHypothesis(tuple(parts))


def _changes(
    spaces: Spaces, results: Results, best: JointHypothesis, reduced: list[JointHypothesis], pool: list[Candidate]
) -> list[_Change]:
    """Return what phases of the pool would gain in addition to those of a hypothesis, or in place of one of them."""
    present = {spaces[0].group(entry) for entry in best.entries}
    unlike = _disagreement(spaces, best)
    room = len(best.entries) < spaces[0].settings.max_phases
    changes = []
    for candidate in pool:
        if spaces[0].group(candidate.entry) in present:
            continue
        bases: list[tuple[int | None, JointHypothesis]] = [(None, best)] if room else []
        bases += [(i, one) for i, one in enumerate(reduced) if not spaces[0].is_present(best.entries[i])]
        for replaced, base in bases:
            trial = _with(spaces, base, candidate)
            if _demand(spaces, results, base, trial) < 1.0 or _repeats(spaces, base, trial):
                continue
            value = _standing(spaces, base, trial) - _disagreement(spaces, trial) + unlike
            if replaced is not None:
                value -= _standing(spaces, base, best.with_last(replaced))
            changes.append(_Change(replaced, trial, value))
    return changes


def _price(spaces: Spaces) -> float:
    """Return what a phase must save; a pattern without peaks has no candidates of its own to pay for."""
    return max(space.price for space in spaces)


def _standing(spaces: Spaces, smaller: JointHypothesis, larger: JointHypothesis) -> float:
    """Return the summed standing of the last phase, its price paid once."""
    parts = zip(spaces, smaller.parts, larger.parts, strict=True)
    return sum(standing(space, less, more) for space, less, more in parts) + _price(spaces) * (len(spaces) - 1)


def _repeats(spaces: Spaces, smaller: JointHypothesis, larger: JointHypothesis) -> bool:
    """Tell whether the last phase doubles another one in every pattern."""
    return all(repeats(space, *one) for space, *one in zip(spaces, smaller.parts, larger.parts, strict=True))


def _odds(spaces: Spaces, one: JointHypothesis, other: JointHypothesis) -> float:
    """Return 2 ln of the odds of one set of phases over another: evidence, price of phases, agreement of fractions."""
    price = _price(spaces) * (len(other.entries) - len(one.entries))
    return price - one.worse_than(other) + _disagreement(spaces, other) - _disagreement(spaces, one)


def _gains(smaller: JointHypothesis, larger: JointHypothesis) -> tuple[float, ...]:
    """Return what the further phase of a hypothesis saves in each pattern."""
    return tuple(less.worse_than(more) for less, more in zip(smaller.parts, larger.parts, strict=True))


def _demand(
    spaces: Spaces, results: Results, smaller: JointHypothesis, larger: JointHypothesis, unlike: float = 0.0
) -> float:
    """Return the gain of a further phase in units of what each pattern alone would demand of it, summed.

    ``unlike`` is what the phase costs because patterns see different amounts of it.

    A pattern in which the phase cannot be seen speaks neither for it nor against it but for the price of its
    parameters; the price of the phase is paid once.
    """
    total = -unlike / spaces[0].settings.threshold
    for space, result, less, more in zip(spaces, results, smaller.parts, larger.parts, strict=True):
        settings = space.settings
        least = max(settings.threshold, settings.share_of_signal * result.nothing.cost / more.misfit)
        total += (less.worse_than(more) - space.price / len(spaces)) / least
    return total


def _disagreement(spaces: Spaces, joint: JointHypothesis) -> float:
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
