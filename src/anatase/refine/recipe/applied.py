"""A recipe applied to a model: its settings and starts in the model, its steps as parameters by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.background import estimate_background
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.spherical_harmonics import symmetrised_harmonics
from anatase.pattern.stephens import stephens_names
from anatase.refine.constraint.relations import on_constraints
from anatase.refine.model import ConstantWavelength, Histogram, Phase, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import matching, parameter_values, with_values
from anatase.refine.recipe.recipe import BackgroundChoice, Recipe
from anatase.refine.recipe.recipe_file import located
from anatase.refine.recipe.settings_first import matching_or_told
from anatase.refine.restraint.restraint_set import RestraintSet, restrained
from anatase.refine.rigid_body.body import RigidBody
from anatase.refine.rigid_body.placed import placed_body
from anatase.refine.start.background_choice import polynomial_background

__all__ = ["NamedStep", "restraints_of", "steps_of", "with_recipe"]

WHOLE = ("harmonic_order",)  # numbers that stay whole


@dataclass(frozen=True)
class NamedStep:
    """A step of a recipe on a model: the parameters that join, those that leave, and what is said of it."""

    title: str
    reason: str
    names: tuple[str, ...]
    held: tuple[str, ...]


def with_recipe(model: RefinementModel, recipe: Recipe) -> tuple[RefinementModel, tuple[str, ...]]:
    """Return a model with all that a recipe says of it, and warnings of starts that constraints moved.

    Raises
    ------
    InputError
        When the recipe names what the model does not have, or gives what no crystal or instrument has; with file and
        line of the recipe where they are known.
    """
    try:
        return _applied(model, recipe)
    except PhysicsError as error:
        raise located(InputError(str(error), "correct the recipe"), recipe.source, recipe.text) from error
    except InputError as error:
        raise located(error, recipe.source, recipe.text) from error


def _applied(model: RefinementModel, recipe: Recipe) -> tuple[RefinementModel, tuple[str, ...]]:
    histograms = {one.name: one for one in model.histograms}
    for name, (low, high) in _each(recipe.limits, histograms, "pattern"):
        histograms[name] = _within(histograms[name], low, high)
    for name, ranges in _each(recipe.excluded, histograms, "pattern"):
        histograms[name] = replace(histograms[name], excluded=(*histograms[name].excluded, *ranges))
    for name, settings in _each(recipe.instrument, histograms, "pattern"):
        histograms[name] = _with_instrument(histograms[name], settings)
    for name, choice in _each(recipe.background, histograms, "pattern"):
        histograms[name] = replace(histograms[name], background=_background_of(histograms[name], choice))
    phases = {one.name: one for one in model.phases}
    for name, mode in _each(recipe.mode, phases, "phase"):
        phases[name] = replace(phases[name], mode=mode)
    both = {f"{phase}.{one}": (phase, i) for phase in phases for i, one in enumerate(histograms)}
    for name, settings in _each(recipe.sample, both, "phase and pattern"):
        phase, i = both[name]
        phases[phase] = _with_sample(phases[phase], i, name, settings)
    new = RefinementModel(tuple(histograms.values()), tuple(phases.values()))
    known = parameter_values(new)
    starts: dict[str, float] = {}
    for pattern, value in recipe.values.items():
        starts.update(dict.fromkeys(matching_or_told([pattern], known), value))
    new = with_values(new, starts)
    moved, warnings = on_constraints(parameter_values(new), recipe.constraints)
    new = with_values(new, moved)
    for one in recipe.constraints:
        if isinstance(one, RigidBody):
            placed_body(new, one)  # says at once what is wrong with it
    return new, warnings


def _each(settings: Mapping[str, Any], names: Iterable[str], kind: str) -> list[tuple[str, Any]]:
    """Return name and setting for each name that a pattern of the settings matches."""
    known = list(names)
    return [(name, value) for pattern, value in settings.items() for name in matching([pattern], known, kind)]


def _within(histogram: Histogram, low: float, high: float) -> Histogram:
    beam = histogram.beam
    if isinstance(beam, TimeOfFlight) and isinstance(beam.spectrum, np.ndarray):
        inside = (histogram.pattern.x >= low) & (histogram.pattern.x <= high)
        beam = replace(beam, spectrum=beam.spectrum[inside])
    return replace(histogram, pattern=histogram.pattern.cut(low, high), beam=beam)


def _numbers(settings: Mapping[str, Any], now: object) -> dict[str, Any]:
    """Return settings with whole numbers as floats where the field holds a float; ``now``: what they replace.

    Raises
    ------
    InputError
        When a field that holds a number is given something else.
    """
    for key, value in settings.items():
        if isinstance(getattr(now, key), float) and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise InputError(f"'{key}' is {value!r}", "give a number")
    whole = {key for key, value in settings.items() if isinstance(value, bool) or key in WHOLE}
    return {k: float(v) if isinstance(v, int) and k not in whole else v for k, v in settings.items()}


def _with_instrument(histogram: Histogram, settings: Mapping[str, Any]) -> Histogram:
    beam = histogram.beam
    if not isinstance(beam, ConstantWavelength):
        raise InputError(
            f"'{histogram.name}' is a pattern of time of flight", "give values of its parameters under [values]"
        )
    try:
        return replace(
            histogram, beam=replace(beam, instrument=replace(beam.instrument, **_numbers(settings, beam.instrument)))
        )
    except TypeError as error:
        raise InputError(f"the instrument of '{histogram.name}' has a value of a wrong kind", "give numbers") from error


def _background_of(histogram: Histogram, choice: BackgroundChoice) -> BackgroundModel:
    """Return the background that a recipe asks for; what it gives no values of follows the level of the data."""
    x = histogram.pattern.x
    limits = (float(x[0]), float(x[-1]))
    chebyshev, heights = choice.chebyshev, choice.heights
    if choice.terms or (choice.nodes and not heights):
        level = estimate_background(histogram.pattern)
        if choice.terms:
            chebyshev = polynomial_background(x, level, choice.terms).chebyshev
        if choice.nodes and not heights:
            above = np.zeros(x.size) if choice.terms else level  # beside a polynomial, nodes start from nothing
            heights = tuple(np.interp(choice.nodes, x, above).tolist())
    return BackgroundModel(
        limits, chebyshev, choice.inverse, choice.nodes, heights, choice.interpolation, choice.debye, choice.humps
    )


def _with_sample(phase: Phase, index: int, name: str, settings: Mapping[str, Any]) -> Phase:
    part, values = phase.parts[index], _numbers(settings, phase.parts[index].sample)
    if isinstance(stephens := values.get("stephens"), bool):
        values["stephens"] = (0.0,) * len(stephens_names(phase.structure.space_group)) if stephens else ()
    if values.get("harmonic_order") and not values.get("harmonics"):
        values["harmonics"] = _no_texture(phase.structure, values["harmonic_order"])
    _check_counts(phase.structure, values)
    try:
        part = replace(part, sample=replace(part.sample, **values))
    except TypeError as error:
        raise InputError(f"the sample of '{name}' has a value of a wrong kind", "see the fields of a sample") from error
    return replace(phase, parts=(*phase.parts[:index], part, *phase.parts[index + 1 :]))


def _check_counts(structure: Structure, values: Mapping[str, Any]) -> None:
    """Raise where a list of the sample has not as many numbers as symmetry asks for."""
    counts = {"texture_axis": 3, "size_axis": 3, "roughness": 2, "stephens": len(stephens_names(structure.space_group))}
    if values.get("harmonics"):
        counts["harmonics"] = len(_no_texture(structure, values.get("harmonic_order", 0)))
    for key, count in counts.items():
        given = values.get(key, ())
        right = isinstance(given, tuple) and all(isinstance(v, int | float) for v in given)
        if not right or len(given) not in (0, count):
            raise InputError(f"'{key}' is {given!r}", f"give {count} numbers")
    textures = values.get("textures", ())
    if not isinstance(textures, tuple) or not all(_is_texture(one) for one in textures):
        raise InputError(
            f"'textures' is {textures!r}", "give an axis, March r and share of each: [[[0, 0, 1], 0.8, 0.5]]"
        )


def _is_texture(one: object) -> bool:
    return (
        isinstance(one, tuple) and len(one) == 3 and isinstance(one[0], tuple) and len(one[0]) == 3
        and all(isinstance(v, int | float) for v in (*one[0], one[1], one[2]))
    )  # fmt: skip


def _no_texture(structure: Structure, order: object) -> tuple[float, ...]:
    if isinstance(order, bool) or not isinstance(order, int):
        raise InputError(f"'harmonic_order' is {order!r}", "give an even number")
    return (0.0,) * len(symmetrised_harmonics(structure.lattice, structure.space_group, order).orders)


def steps_of(model: RefinementModel, recipe: Recipe) -> tuple[NamedStep, ...]:
    """Return the steps of a recipe on a model, its settings applied; none where it leaves the way to the program.

    Motions of rigid bodies are named like parameters: ``PbSO4.SO4.rx``.

    Raises
    ------
    InputError
        When a step names what the model does not have.
    """
    known = [*parameter_values(model), *_motions(model, recipe)]
    found = []
    try:
        for i, step in enumerate(recipe.steps):
            names, held = matching_or_told(step.free, known), matching_or_told(step.hold, known)
            found.append(NamedStep(step.title or f"step {i + 1}", step.reason or "as the recipe says", names, held))
        if recipe.free:
            title = "what the recipe frees" if not recipe.steps else "all that the recipe frees"
            found.append(NamedStep(title, "as the recipe says", matching_or_told(recipe.free, known), ()))
    except InputError as error:
        raise located(error, recipe.source, recipe.text) from error
    return tuple(found)


def _motions(model: RefinementModel, recipe: Recipe) -> Sequence[str]:
    bodies = [placed_body(model, one) for one in recipe.constraints if isinstance(one, RigidBody)]
    return [motion for body in bodies for motion in body.motions]


def restraints_of(model: RefinementModel, recipe: Recipe) -> RestraintSet | None:
    """Return the restraints of a recipe on the atoms of a model; ``None`` without any.

    Raises
    ------
    InputError
        When a restraint names what the model does not have.
    """
    try:
        return restrained(model, recipe.restraints, recipe.restraint_weight)
    except InputError as error:
        raise located(error, recipe.source, recipe.text) from error
