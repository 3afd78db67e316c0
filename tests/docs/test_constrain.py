"""The recipes of the page on constraints are read, fit the example that they name, and the first one refines it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.recipe.applied import restraints_of, steps_of, with_recipe
from anatase.refine.recipe.carried_out import carried_out
from anatase.refine.recipe.recipe_file import read_recipe
from anatase.refine.recipe.tables import BACKGROUND, OPTIONS, READ, STEP
from anatase.refine.restraint.restraints import READ as RESTRAINTS
from anatase.refine.rigid_body.placed import placed_body
from anatase.refine.strategy.strategy import Rules

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "constrain.md").read_text("utf-8")
RECIPES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def model():
    from anatase.refine.refine import starts_of
    from anatase.refine.start.starting_histogram import pattern_of
    from anatase.refine.start.starting_model import named_structures, starting_model, structure_of

    structures = [structure_of(ROOT / "examples" / "fluorapatite.cif")]
    starts = starts_of([pattern_of(ROOT / "examples" / "fluorapatite.xra")], structures, {})
    return starting_model(starts, named_structures(structures, ["xray"]))[0]


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_recipes_fit_the_example(number, model, tmp_path):
    (tmp_path / "r.toml").write_text(RECIPES[number], "utf-8")
    recipe = read_recipe(tmp_path / "r.toml")
    new, _ = with_recipe(model, recipe)
    steps_of(new, recipe)
    restraints = restraints_of(new, recipe)
    assert (restraints is None) == (not recipe.restraints)
    bodies = [placed_body(new, one) for one in recipe.constraints if hasattr(one, "motions")]
    # "two shifts and one turn"
    assert all([m.rpartition(".")[2] for m in body.motions] == ["tx", "ty", "rz"] for body in bodies)


def test_the_first_recipe_refines_the_example(model, tmp_path):
    (tmp_path / "r.toml").write_text(RECIPES[0], "utf-8")
    recipe = read_recipe(tmp_path / "r.toml")
    new, _ = with_recipe(model, recipe)
    done = carried_out(new, recipe, Rules())
    values = parameter_values(done.model)
    assert [step.title for step in done.steps[:3]] == [step.title for step in recipe.steps]
    assert not any(step.reverted for step in done.steps)
    assert done.rwp < 9.76  # what GSAS-II reaches with 20 parameters
    assert values["fluorapatite.O1.u_iso"] == values["fluorapatite.O3.u_iso"]


def test_every_key_is_on_the_page():
    restraints = {key for kind, (_, needed, may) in RESTRAINTS.items() for key in (kind, *needed, *may)}
    words = set(re.findall(r"\w+", PAGE))
    assert {*READ, *BACKGROUND, *OPTIONS, *STEP, *restraints} <= words


def test_the_python_code_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, shown = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", PAGE, re.S).groups()
    exec(compile(code, "constrain.md", "exec"), {})
    assert capsys.readouterr().out == shown
