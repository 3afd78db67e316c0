"""The recipe of a refinement in plain words, from its provenance."""

from __future__ import annotations

from anatase.refine.recipe.recipe import Recipe
from anatase.refine.recipe.tables import recipe_from_table
from anatase.refine.refinement import Refinement

__all__ = ["recipe_lines", "recipe_of"]


def recipe_of(refinement: Refinement) -> Recipe | None:
    """Return the recipe that a refinement followed; ``None`` where it found its own way."""
    table = refinement.provenance.settings.get("recipe")
    return recipe_from_table(table) if isinstance(table, dict) else None


def recipe_lines(refinement: Refinement) -> list[str]:
    """Return what the recipe says, a line for each thing; none without a recipe."""
    recipe = recipe_of(refinement)
    return [] if recipe is None else recipe.describe().splitlines()
