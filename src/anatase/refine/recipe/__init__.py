"""Recipes: refinements without their data, as files."""

from anatase.refine.recipe.recipe import BackgroundChoice, Recipe, RecipeStep
from anatase.refine.recipe.recipe_file import read_recipe, write_recipe

__all__ = ["BackgroundChoice", "Recipe", "RecipeStep", "read_recipe", "write_recipe"]
