"""Carry out the refinement that another program's file states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from anatase.errors import ConvergenceError, InputError
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions, sha256_of
from anatase.refine.agreement import residuals
from anatase.refine.answer import answer_of
from anatase.refine.foreign.foreign_model import foreign_start, read_foreign
from anatase.refine.intensities.reflection_lists import phases_of_mode
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.recipe.carried_out import carried_out
from anatase.refine.recipe.recipe import Recipe, RecipeStep
from anatase.refine.refinement import Refinement
from anatase.refine.start.starting_histogram import pattern_of
from anatase.refine.start.starting_model import with_linear_start
from anatase.refine.strategy.strategy import Rules

__all__ = ["refine_foreign"]

LINEAR = (".scale", ".background.")


def refine_foreign(
    path: str | Path,
    patterns: Sequence[Pattern | str | Path] = (),
    *,
    excluded: Sequence[tuple[float, float]] = (),
    max_iterations: int = 30,
    progress: Callable[[str], None] | None = None,
) -> Refinement:
    """Refine what a file of GSAS, GSAS-II, TOPAS, FullProf or BGMN says: its model, what it frees and ties.

    Scales and backgrounds are fitted first, unless intensities are to be found without a structure; then all that the
    file frees. Values start where the file has them.

    Parameters
    ----------
    path
        ``.EXP``, ``.gpx``, ``.inp``, ``.pcr`` or ``.sav``.
    patterns
        The data, where they are not in the file or beside it under the name that it states.
    excluded
        Further ranges to leave out of every pattern, in units of its axis.
    max_iterations
        Of the last fit.
    progress
        Called with a few words at each step.

    Raises
    ------
    InputError
        When the file cannot be read, its data are missing, or it frees nothing.
    """
    start = foreign_start(read_foreign(path), Path(path).parent, [pattern_of(one) for one in patterns])
    if not start.names:
        raise InputError("the file refines nothing that is known here", "free a parameter in it", file=path)
    model = start.model
    for i, histogram in enumerate(model.histograms):
        model = model.with_histogram(i, replace(histogram, excluded=(*histogram.excluded, *excluded)))
    # intensities without a structure are unknown yet: a background fitted alone would take their place
    whole = not phases_of_mode(model, "lebail", "pawley")
    linear = tuple(name for name in start.names if whole and any(mark in name for mark in LINEAR))
    if linear:
        found = parameter_values(with_linear_start(model))
        fresh = with_values(model, {name: found[name] for name in linear})
        model = fresh if residuals(fresh).total < residuals(model).total else model
    steps = [RecipeStep(linear, "scale and background", "they are linear and need no start")] if linear else []
    steps.append(RecipeStep(start.names, "all that the file refines", f"as {Path(path).name} says"))
    rules = Rules(last_iterations=max_iterations, announce=progress or (lambda text: None))
    done = carried_out(model, Recipe(steps=tuple(steps), constraints=start.constraints), rules)
    if done.fitted is None:
        raise ConvergenceError("no step could be taken", done.model)
    inputs = {Path(path).name: sha256_of(Path(path))}
    inputs |= {one.pattern.name or one.name: one.pattern.sha256 for one in model.histograms}
    settings = {"recipe": Path(path).name, "excluded": [list(pair) for pair in excluded]}
    provenance = Provenance(inputs=inputs, settings=settings, dependencies=dependency_versions())
    return answer_of(done.fitted, steps=done.steps, warnings=start.warnings, provenance=provenance)
