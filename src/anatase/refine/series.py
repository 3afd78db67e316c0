"""A series of patterns of one sample, as it is heated or reacts: each refined from where its neighbour ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import AnataseError, InputError
from anatase.estimate import Estimate
from anatase.pattern.pattern import Pattern
from anatase.refine.answer import answer_of
from anatase.refine.fit import fit
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.physical_limits import implausible
from anatase.refine.recipe.applied import restraints_of
from anatase.refine.refine import GivenPattern, GivenPhase, RefineOptions, recipe_of_options, refine, several, starts_of
from anatase.refine.refinement import Refinement, Step
from anatase.refine.start.starting_histogram import pattern_of, prepared
from anatase.refine.start.starting_model import check_overlap, structure_of, with_linear_start
from anatase.refine.unrefined import given_values

__all__ = ["Series", "refine_series"]

Array = NDArray[np.float64]

JUMP = 1.1  # of GOF or of Rwp against its neighbour, from which a pattern is refined from a cold start as well
ITERATIONS = 20
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TEMPERATURES = ("temperature", "temperature_k", "temp")


@dataclass(frozen=True, repr=False)
class Series:
    """Refinements of a series of patterns, in order, and what varied between them.

    ``names`` of the patterns; ``variable`` and its ``values``: ``temperature`` from the files, or the ``number`` in
    their names, or their ``index``; ``warnings`` of patterns that were left out.
    """

    refinements: tuple[Refinement, ...]
    names: tuple[str, ...]
    variable: str
    values: tuple[float, ...]
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        rwp = [one.rwp for one in self.refinements]
        return f"<Series of {len(rwp)} patterns by {self.variable}, Rwp {min(rwp):.2f} to {max(rwp):.2f} %>"

    def track(self, name: str) -> tuple[Estimate | None, ...]:
        """Return one parameter through the series; ``None`` where a refinement does not have it."""
        return tuple(_estimate(one, name) for one in self.refinements)

    @property
    def refined_names(self) -> tuple[str, ...]:
        """Names of the parameters that were refined in any pattern of the series."""
        seen: dict[str, None] = {}
        for one in self.refinements:
            seen.update({parameter.name: None for parameter in one.parameters if parameter.refined})
        return tuple(seen)


def _estimate(refinement: Refinement, name: str) -> Estimate | None:
    for parameter in refinement.parameters:
        if parameter.name == name:
            return parameter.estimate
    return None


def refine_series(
    patterns: Sequence[GivenPattern],
    phases: GivenPhase | Sequence[GivenPhase],
    *,
    both_directions: bool = False,
    **options: Unpack[RefineOptions],
) -> Series:
    """Refine phases in a series of patterns, the first from a cold start, each further one from its neighbour's end.

    Where a warm start fits worse than the neighbour by far, or leads to an impossible crystal, the pattern is refined
    from a cold start too, and the better answer taken.

    Parameters
    ----------
    patterns
        At least one, in order.
    phases
        As ``refine`` takes them.
    both_directions
        Whether to go through the series backwards too, and take the better answer for each pattern: a phase that
        appears on the way is then refined from where there is much of it.
    options
        As ``refine`` takes them.

    Raises
    ------
    InputError
        As ``refine`` does, when no pattern can be refined; else those that cannot are named in the warnings.
    """
    if not patterns:
        raise InputError("there is no pattern in the series", "give one or more")
    structures = [structure_of(one) for one in several(phases, Structure)]
    tell: Callable[[str], None] = options.get("progress") or (lambda text: None)
    quiet: RefineOptions = {**options, "progress": None}
    given: dict[int, Pattern] = {}
    done: dict[int, Refinement] = {}
    failed: dict[int, AnataseError] = {}
    last: Refinement | None = None
    for i, one in enumerate(patterns):
        tell(f"pattern {i + 1} of {len(patterns)}: {_name(one, i)}")
        try:
            given[i] = pattern_of(one)
            done[i] = last = _next(given[i], structures, last, quiet)
        except AnataseError as error:
            failed[i] = error
    if not done:
        raise failed[min(failed)]
    warnings = [f"{_name(patterns[i], i)} was left out: {error}" for i, error in failed.items()]
    if both_directions:
        done = _backwards(given, structures, done, quiet, tell)
    order = sorted(done)
    variable, values = _variable([given[i] for i in order])
    names = tuple(given[i].name or f"pattern {i + 1}" for i in order)
    return Series(tuple(done[i] for i in order), names, variable, values, tuple(warnings))


def _name(pattern: GivenPattern, index: int) -> str:
    """Return the name of a pattern before it is read."""
    name = pattern.name if isinstance(pattern, Pattern) else Path(pattern).name
    return name or f"pattern {index + 1}"


def _backwards(
    given: Mapping[int, Pattern],
    structures: Sequence[Structure],
    done: dict[int, Refinement],
    options: RefineOptions,
    tell: Callable[[str], None],
) -> dict[int, Refinement]:
    order = sorted(done, reverse=True)
    best = dict(done)
    for before, i in pairwise(order):
        tell(f"backwards, pattern {i + 1}: {given[i].name}")
        try:
            again = _warm(given[i], structures, best[before], options)
        except AnataseError:  # the answer from the other side stands
            continue
        if again.rwp < best[i].rwp and not _doubtful(again, best[before]):
            best[i] = again
    return best


def _next(
    pattern: Pattern, structures: Sequence[Structure], last: Refinement | None, options: RefineOptions
) -> Refinement:
    """Return the refinement of a pattern from its neighbour's, or from a cold start where that fails."""
    if last is None:
        return refine(pattern, list(structures), **options)
    try:
        warm = _warm(pattern, structures, last, options)
    except AnataseError:  # the neighbour's end is no start for this pattern
        return refine(pattern, list(structures), **options)
    jumped = warm.gof > JUMP * last.gof and warm.rwp > JUMP * last.rwp
    if not jumped and not _doubtful(warm, last):
        return warm
    cold = refine(pattern, list(structures), **options)
    return cold if cold.rwp < warm.rwp or _doubtful(warm, last) else warm


def _doubtful(one: Refinement, before: Refinement) -> bool:
    """Tell whether a warm start from the neighbour's end did not settle, or led to an impossible crystal."""
    return not one.converged or bool(implausible(one.model, before.model, one.fitted.parametrisation.names))


def _warm(pattern: Pattern, structures: Sequence[Structure], last: Refinement, options: RefineOptions) -> Refinement:
    """Refine all that was free in the neighbour's pattern from where it ended."""
    (start,) = starts_of([pattern], structures, options)
    check_overlap([(phase.name, phase.structure) for phase in last.model.phases], [prepared(start.histogram)])
    before = last.model.histograms[0]
    histogram = replace(before, pattern=start.histogram.pattern, excluded=start.histogram.excluded)
    model = with_linear_start(RefinementModel((histogram,), last.model.phases))
    recipe = recipe_of_options(options)
    fitted = fit(
        model, last.fitted.parametrisation.names, parametrisation=last.fitted.parametrisation,
        restraints=None if recipe is None else restraints_of(model, recipe), max_iterations=ITERATIONS,
        shift_tolerance=0.02,
    )  # fmt: skip
    step = Step(
        "from the pattern before", "neighbours in a series are alike", fitted.parametrisation.names,
        fitted.parametrisation.names, np.nan, fitted.residuals.total, len(fitted.history) - 1, fitted.converged, False,
        "", fitted.model,
    )  # fmt: skip
    provenance = replace(last.provenance, inputs={pattern.name or "pattern": pattern.sha256})
    given = given_values(fitted.model, structures)
    return answer_of(fitted, steps=(step,), warnings=start.warnings, given=given, provenance=provenance)


def _variable(patterns: Sequence[Pattern]) -> tuple[str, tuple[float, ...]]:
    """Return what varies in a series, and its values (n,)."""
    for key in TEMPERATURES:
        found = [pattern.metadata.get(key) for pattern in patterns]
        if all(isinstance(one, (int, float)) for one in found):
            return "temperature", tuple(float(one) for one in found if isinstance(one, (int, float)))
    numbers = [[float(one) for one in NUMBER.findall(Path(pattern.name).stem)] for pattern in patterns]
    counts = {len(one) for one in numbers}
    if len(counts) == 1 and counts != {0}:
        columns = np.array(numbers)
        varying = np.flatnonzero(np.ptp(columns, axis=0) > 0.0)
        if len(varying) == 1 and np.unique(columns[:, varying[0]]).size == len(patterns):
            return "number", tuple(columns[:, varying[0]].tolist())
    return "index", tuple(float(i + 1) for i in range(len(patterns)))
