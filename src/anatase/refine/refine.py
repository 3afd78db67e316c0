"""Refine phases in measured patterns from a cold start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack, get_args

from anatase.crystal.structure import Structure
from anatase.errors import ConvergenceError, InputError
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions
from anatase.refine.answer import answer_of
from anatase.refine.model import ConstantWavelength, Histogram, Mode, RefinementModel, TimeOfFlight
from anatase.refine.recipe.applied import with_recipe
from anatase.refine.recipe.carried_out import carried_out, rules_of
from anatase.refine.recipe.recipe import Recipe
from anatase.refine.recipe.recipe_file import read_recipe
from anatase.refine.recipe.tables import recipe_table
from anatase.refine.refinement import Refinement
from anatase.refine.repeated_inputs import check_patterns_differ, same_structures
from anatase.refine.start.starting_histogram import (
    LABORATORY,
    GivenInstrument,
    Start,
    histogram_start,
    instrument_of,
    pattern_of,
)
from anatase.refine.start.starting_model import named_structures, starting_model, structure_of
from anatase.refine.strategy.presets import PLANS
from anatase.refine.strategy.strategy import Planner, Progress, Proposal, Rules, advance, begin, can_be_free, last_fit
from anatase.refine.strategy.visible_lines import check_lines_left
from anatase.refine.unrefined import given_values
from anatase.scattering.radiation import Probe, Radiation
from anatase.simulation.arguments import check_options

__all__ = ["GivenPattern", "GivenPhase", "RefineOptions", "refine", "several", "starts_of"]

ROUNDS = 2
FURTHER = 0.97  # of Rwp: a step that was refused is tried again once the model fits better by so much
GivenPattern = Pattern | str | Path
GivenPhase = Structure | str | Path


class RefineOptions(TypedDict, total=False):
    """What ``refine`` may be told by keyword."""

    mode: Mode
    instrument: GivenInstrument | Sequence[GivenInstrument | None] | None
    wavelength: float | str | Radiation | Sequence[float | str | Radiation | None] | None
    probe: Probe | Sequence[Probe | None] | None
    limits: tuple[float, float] | None
    excluded: Sequence[tuple[float, float]]
    background: int | None
    recipe: Recipe | str | Path | None
    preset: str | None
    max_iterations: int
    progress: Callable[[str], None] | None


def refine(
    patterns: GivenPattern | Sequence[GivenPattern],
    phases: GivenPhase | Sequence[GivenPhase],
    **options: Unpack[RefineOptions],
) -> Refinement:
    """Refine phases in one pattern, or in several at once, without any setting.

    Cells are first walked onto the peaks, then freed step by step with what else the data can tell; every step that
    does not pay or leads nowhere sensible is taken back, and the answer says so.

    Parameters
    ----------
    patterns
        A pattern or its file; several are fitted together.
    phases
        The structures or their files.
    mode
        ``"rietveld"``, ``"lebail"`` or ``"pawley"``, of all phases.
    instrument
        An ``Instrument``, an instrument file (.prm, .instprm) or one bank of it; one for all patterns, or one for each.
    wavelength, probe
        Where the pattern's file does not tell: Å, a name as ``"CuKa"``, or a ``Radiation``; one, or one for each.
    limits, excluded
        The range to fit, and ranges to leave out, in units of the axis.
    background
        Chebyshev terms; chosen from the data by default.
    recipe
        A ``Recipe`` or its file: settings, constraints, restraints, and steps where it has any.
    preset
        ``"laboratory"``, ``"synchrotron"``, ``"neutron"`` or ``"tof"``: the order of steps; chosen by the radiation.
    max_iterations
        Of the last fit.
    progress
        Called with a few words at each step.

    Raises
    ------
    InputError
        When a pattern, phase or setting cannot be used, or no line of a phase lies in a pattern.
    PhysicsError
        When an instrument or a structure has impossible values.
    """
    check_options(options, RefineOptions.__annotations__)
    given = [pattern_of(one) for one in several(patterns, Pattern)]
    structures = [structure_of(one) for one in several(phases, Structure)]
    if not given or not structures:
        raise InputError(f"{len(given)} patterns and {len(structures)} phases", "give at least one of each")
    check_patterns_differ(given)
    mode = options.get("mode", "rietveld")
    rules = replace(
        _rules(mode), last_iterations=options.get("max_iterations", 30), announce=options.get("progress") or _silent
    )
    rules.announce("cells, widths and background from the peaks")
    starts = starts_of(given, structures, options)
    names = [start.histogram.name for start in starts]
    model, _ = starting_model(starts, named_structures(structures, names, mode), mode)
    preset = options.get("preset") or preset_of(model)
    if preset not in PLANS:
        raise InputError(f"'{preset}' is no preset", f"give one of {', '.join(PLANS)}")
    calibrated = [start.histogram.name for start in starts if start.known]
    recipe = recipe_of_options(options)
    told: tuple[str, ...] = ()
    if recipe is not None:
        model, told = with_recipe(model, recipe)
        rules = rules_of(model, recipe, rules)
    check_lines_left(model)
    if recipe is not None and (recipe.steps or recipe.free):
        done = carried_out(model, recipe, rules)
    else:
        done = _carried_out(begin(model, calibrated), preset, rules)
    if done.fitted is None:
        raise ConvergenceError("no step could be taken", done.model)
    warnings = [text for start in starts for text in start.warnings]
    warnings += [text for phase in model.phases for text in phase.structure.warnings]
    warnings += same_structures([phase.name for phase in model.phases], structures)
    warnings += told
    provenance = _provenance(given, options, preset, recipe)
    before = given_values(done.model, structures, [start.histogram for start in starts])
    return answer_of(done.fitted, steps=done.steps, warnings=warnings, given=before, provenance=provenance)


def _provenance(given: Sequence[Pattern], options: RefineOptions, preset: str, recipe: Recipe | None) -> Provenance:
    limits = options.get("limits")
    settings: dict[str, Any] = {
        "mode": options.get("mode", "rietveld"),
        "preset": preset,
        "limits": list(limits) if limits else None,
        "excluded": [list(pair) for pair in options.get("excluded", ())],
        "background": options.get("background"),
        "max_iterations": options.get("max_iterations", 30),
        "recipe": None if recipe is None else recipe_table(recipe),
    }
    inputs = {one.name or f"pattern {i + 1}": one.sha256 for i, one in enumerate(given)}
    return Provenance(inputs=inputs, settings=settings, dependencies=dependency_versions())


def recipe_of_options(options: RefineOptions) -> Recipe | None:
    """Return the recipe among the options, read where it is a file."""
    given = options.get("recipe")
    return read_recipe(given) if isinstance(given, (str, Path)) else given


def preset_of(model: RefinementModel) -> str:
    """Return the preset that the first pattern asks for."""
    beam = model.histograms[0].beam
    if isinstance(beam, TimeOfFlight):
        return "tof"
    if beam.radiation.probe != "xray":
        return "neutron"
    return "laboratory" if beam.radiation.polarization > LABORATORY else "synchrotron"


def _carried_out(progress: Progress, preset: str, rules: Rules) -> Progress:
    refused = list(PLANS[preset](progress.model))
    for _ in range(ROUNDS):
        refused, progress = _round(refused, progress, rules)
    return last_fit(progress, rules)


def _round(planners: Sequence[Planner], progress: Progress, rules: Rules) -> tuple[list[Planner], Progress]:
    """Take the steps in turn; return those that led nowhere before a later one was taken, and the progress."""
    refused: list[tuple[Planner, float]] = []
    for planner in planners:
        proposal = planner(progress)
        if proposal is None or not _new(proposal, progress, rules):
            refused.append((planner, progress.rwp))
            continue
        progress = advance(progress, proposal, rules)
        if progress.steps[-1].reverted:
            refused.append((planner, progress.rwp))
    return [planner for planner, rwp in refused if progress.rwp < FURTHER * rwp], progress


def _new(proposal: Proposal, progress: Progress, rules: Rules) -> bool:
    """Tell whether a proposal frees anything, or ties otherwise, than what is free and tied already."""
    model = progress.model if proposal.model is None else proposal.model
    names = {name for name in proposal.names if can_be_free(model, name, rules)}
    if proposal.ties:
        return bool(names) and not set(proposal.ties) <= set(progress.ties)
    return bool(names) and (proposal.model is not None or not names <= set(progress.free))


def _rules(mode: Mode) -> Rules:
    if mode not in get_args(Mode):
        raise InputError(f"'{mode}' is no mode", f"give one of {', '.join(get_args(Mode))}")
    return Rules()


def _silent(text: str) -> None:
    pass


def several(given: Any, kind: type) -> list[Any]:
    """Return a list of what was given: one thing of a kind, or its file, or several."""
    return [given] if isinstance(given, (kind, str, Path)) else list(given)


def starts_of(patterns: Sequence[Pattern], structures: Sequence[Structure], options: RefineOptions) -> list[Start]:
    """Return the histograms of patterns before any fit, from the options of ``refine``.

    Raises
    ------
    InputError
        As ``histogram_start``, or when there are more or fewer instruments than patterns.
    """
    n = len(patterns)
    instruments = [instrument_of(one) for one in _one_each(options.get("instrument"), n, "instruments")]
    lengths = _one_each(options.get("wavelength"), n, "wavelengths")
    probes = _one_each(options.get("probe"), n, "probes")
    fixed = (options.get("limits"), options.get("excluded", ()), options.get("background"), structures)
    starts = [
        histogram_start("pattern", pattern, given, length, kind, *fixed)
        for pattern, given, length, kind in zip(patterns, instruments, lengths, probes, strict=True)
    ]
    names = _histogram_names([start.histogram for start in starts])
    return [
        replace(start, histogram=replace(start.histogram, name=name)) for start, name in zip(starts, names, strict=True)
    ]


def _one_each(given: Any, n: int, what: str) -> list[Any]:
    if not isinstance(given, (list, tuple)):
        return [given] * n
    if len(given) != n:
        raise InputError(f"{len(given)} {what} for {n} patterns", "give one for each, or one for all")
    return list(given)


def _histogram_names(histograms: Sequence[Histogram]) -> list[str]:
    """Return names after the radiation: ``xray``, ``neutron``, ``tof``; with a number where there are several."""
    kinds = [one.beam.radiation.probe if isinstance(one.beam, ConstantWavelength) else "tof" for one in histograms]
    return [kind if kinds.count(kind) == 1 else f"{kind}_{kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]
