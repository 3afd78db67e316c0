"""A recipe carried out on a model: its steps in their order, then all that is free until nothing moves."""

from __future__ import annotations

from dataclasses import replace

from anatase.errors import InputError
from anatase.refine.model import RefinementModel
from anatase.refine.recipe.applied import restraints_of, steps_of
from anatase.refine.recipe.recipe import Recipe
from anatase.refine.strategy.strategy import Progress, Proposal, Rules, advance, begin, last_fit

__all__ = ["carried_out", "rules_of"]

TOLD = 3  # reasons


def rules_of(model: RefinementModel, recipe: Recipe, rules: Rules) -> Rules:
    """Return rules of a refinement with a recipe's constraints, restraints and limits of iteration.

    Raises
    ------
    InputError
        When a restraint names what the model does not have.
    """
    last, small = recipe.max_iterations, recipe.shift_tolerance
    known = restraints_of(model, recipe)
    return replace(
        rules,
        constraints=(*rules.constraints, *recipe.constraints),
        restraints=rules.restraints if known is None else known,
        last_iterations=rules.last_iterations if last is None else last,
        last_tolerance=rules.last_tolerance if small is None else small,
    )


def carried_out(model: RefinementModel, recipe: Recipe, rules: Rules) -> Progress:
    """Return where the steps of a recipe lead from a model that has its settings (``with_recipe``).

    A step of a recipe is taken even where the data hardly ask for it, but never where Rwp would rise or a parameter
    runs where no crystal is; it then stands among the steps with the reason.

    Raises
    ------
    InputError
        When a step names what the model does not have, or nothing is free at the end.
    """
    own, progress = rules_of(model, recipe, rules), begin(model)
    for step in steps_of(model, recipe):
        if step.held:
            progress = replace(progress, free=tuple(name for name in progress.free if name not in step.held))
        if step.names:
            progress = advance(progress, Proposal(step.title, step.reason, step.names, needed=True), own)
    if not progress.free:
        why = [step.outcome for step in progress.steps if step.outcome][-1:] or ["the recipe frees nothing"]
        reasons = why[0].split("; ")
        more = f"; and {len(reasons) - TOLD} more" if len(reasons) > TOLD else ""
        raise InputError(
            f"nothing could be refined: {'; '.join(reasons[:TOLD])}{more}", "free fewer parameters, or others"
        )
    return last_fit(progress, own)
