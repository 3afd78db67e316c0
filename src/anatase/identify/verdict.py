"""The verdict: how likely the answer is the whole truth, what may be it instead, and whether something is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anatase.identify.acceptance import Accepted, entries_of
from anatase.identify.calibration import calibration_table
from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.joint_fit import fit_hypothesis, fit_without
from anatase.identify.phase_features import belief_features
from anatase.identify.search import SearchResult
from anatase.identify.search_space import SearchSpace

__all__ = ["COVERAGE", "PhaseSet", "Verdict", "verdict"]

TEMPERATURE = 20.0  # −2 ln evidence that halves the odds, more or less: models err more than counts scatter
COVERAGE = 0.9
N_SETS = 6
LEAST = 0.005  # probability below which a set is not listed

Allowed = Callable[[tuple[int, ...]], bool]


@dataclass(frozen=True)
class PhaseSet:
    """A set of phases that may be the truth: library entries, its fit, and the probability."""

    entries: tuple[int, ...]
    fit: Hypothesis
    probability: float


@dataclass(frozen=True)
class _Choice:
    """A set of phases, its odds against the answer, and how its fit is made where it is wanted."""

    entries: tuple[int, ...]
    weight: float
    fit: Callable[[], Hypothesis]


@dataclass(frozen=True)
class Verdict:
    """What is believed of a pattern.

    ``answer`` is the probability that the accepted phases are all there is, ``unknown`` that a phase is there that
    none of them is, in the library or not; ``others`` are other sets, likeliest first, those with such a phase a part
    of ``unknown``. They are ``None`` where no calibration is at hand.
    """

    accepted: Accepted
    answer: float | None
    unknown: float | None
    others: tuple[PhaseSet, ...]

    @property
    def in_coverage(self) -> int:
        """How many of ``others`` hold the truth, with the answer, at nine to one.

        Where all together fall short of that, "a phase that is not in the answer" is one of the hypotheses too.
        """
        total, count = self.answer or 0.0, 0
        while total < COVERAGE and count < len(self.others):
            total += self.others[count].probability
            count += 1
        return count


def verdict(space: SearchSpace, result: SearchResult, accepted: Accepted, allowed: Allowed = lambda _: True) -> Verdict:
    """Weigh an answer by how sure its phases are and by what it leaves unexplained.

    A set of phases that is not ``allowed``, for what the user knows forbids it, has no probability; the answer's, if
    it is such a one, goes to what is missing.
    """
    known = [p for p in accepted.phases.values() if p is not None]
    features = accepted.features | belief_features(known, list(accepted.doubted.values()))
    answer, unknown = (_stated(name, features) for name in ("answer", "unknown"))
    if answer is None or unknown is None:
        return Verdict(accepted, None, None, ())
    if not allowed(entries_of(accepted.best)):
        answer, unknown = 0.0, 1.0
    total = max(1.0, answer + unknown)
    answer, unknown = answer / total, unknown / total
    return Verdict(accepted, answer, unknown, _others(space, result, accepted, answer, unknown, allowed))


def _stated(name: str, features: dict[str, float]) -> float | None:
    table = calibration_table(name)
    return None if table is None else table.probability(features)


def _others(
    space: SearchSpace, result: SearchResult, accepted: Accepted, answer: float, unknown: float, allowed: Allowed
) -> tuple[PhaseSet, ...]:
    """Return other sets that may be the truth.

    Sets with a phase that the answer lacks, doubted or fitted in place of another, share what is missing with whatever
    the library does not hold, by their odds against the answer; the answer without one of its phases gets of what the
    answer and the missing leave.
    """
    best, chosen = accepted.best, entries_of(accepted.best)
    own = frozenset(space.group(entry) for entry in chosen)
    richer: dict[frozenset[int], _Choice] = {}
    poorer: dict[frozenset[int], _Choice] = {}

    def consider(among: dict[frozenset[int], _Choice], one: _Choice) -> None:
        key = frozenset(space.group(entry) for entry in one.entries)
        known = among.get(key)
        if one.entries and key != own and (known is None or one.weight > known.weight) and allowed(one.entries):
            among[key] = one

    for candidate in result.best.candidates:
        if (p := accepted.doubted.get(candidate.entry)) is not None:
            consider(richer, _Choice((*chosen, candidate.entry), _odds(p), _with(space, best, candidate)))
    for i, entry in enumerate(chosen):
        if (p := accepted.phases[entry]) is not None and len(chosen) > 1:
            rest = tuple(other for other in chosen if other != entry)
            consider(poorer, _Choice(rest, _odds(1.0 - p), _without(space, best, i)))
    for _, other in result.others:
        groups = frozenset(space.group(entry) for entry in entries_of(other))
        if len(groups) == len(own) and len(groups - own) == 1:
            weight = float(np.exp(-0.5 * max(other.worse_than(best), 0.0) / TEMPERATURE))
            consider(richer, _Choice(entries_of(other), weight, _as_it_is(other)))
    shared = unknown / (1.0 + sum(one.weight for one in richer.values()))
    left = max(1.0 - answer - unknown, 0.0) / max(1.0, sum(one.weight for one in poorer.values()))
    stated = [(one.weight * shared, one) for one in richer.values()]
    stated += [(one.weight * left, one) for one in poorer.values()]
    ranked = sorted(stated, key=lambda pair: -pair[0])[:N_SETS]
    return tuple(PhaseSet(one.entries, one.fit(), p) for p, one in ranked if p >= LEAST)


def _odds(p: float) -> float:
    return p / max(1.0 - p, 1e-9)


def _with(space: SearchSpace, best: Hypothesis, candidate: Candidate) -> Callable[[], Hypothesis]:
    return lambda: fit_hypothesis(space, (*best.candidates, candidate), best.parameters, best.scale)


def _without(space: SearchSpace, best: Hypothesis, which: int) -> Callable[[], Hypothesis]:
    return lambda: fit_without(space, best, which)


def _as_it_is(hypothesis: Hypothesis) -> Callable[[], Hypothesis]:
    return lambda: hypothesis
