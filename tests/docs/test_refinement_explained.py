"""What README and explanation say of refinement is there: commands, figures, names of modules and functions."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from anatase.cli import cli
from anatase.refine import Step, refine
from anatase.refine.parameters import physical_limits as limits
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.strategy.presets import PLANS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
EXPLANATION = (ROOT / "docs/explanation/refinement.md").read_text("utf-8")
PAGES = {
    name: (ROOT / "docs" / name).read_text("utf-8")
    for name in ("explanation/refinement.md", "reference/formats.md", "decisions/007-steps-with-a-judge.md")
}
IN_MODULE = [pair for page in PAGES.values() for pair in re.findall(r"`(\w+)(?:\([^`]*\))?` \(`(anatase[\w.]+)`", page)]
SHOWN_LINES = 5  # of the output: verdict, pattern, R values, table; warnings may be worded anew


@pytest.fixture(scope="module")
def fluorapatite():
    return refine(ROOT / "examples/fluorapatite.xra", ROOT / "examples/fluorapatite.cif", wavelength="CuKa")


def figures(line):
    """Return the numbers of a line without their s.u., and the words between them."""
    bare = re.sub(r"\(\d+\)", "", line)
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", bare)], re.sub(r"\d+(?:\.\d+)?", "", bare).split()


def test_readme_shows_what_the_command_prints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "118")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    command, shown = re.findall(r"```\n\$ (anatase refine [^\n]*)\n(.*?)```", README, re.S)[0]
    result = CliRunner().invoke(cli, shlex.split(command)[1:], standalone_mode=False)
    assert result.exception is None
    for printed, written in zip(result.output.splitlines()[:SHOWN_LINES], shown.splitlines(), strict=False):
        (numbers, words), (expected, text) = figures(printed), figures(written)
        assert words == text
        # a last digit may be rounded otherwise on another machine
        assert np.allclose(numbers, expected, rtol=0.01, atol=0.02)


def test_python_of_the_readme(fluorapatite):
    assert 'answer["fluorapatite.a"].estimate' in README
    assert str(fluorapatite["fluorapatite.a"].estimate).startswith("9.373")
    assert {"title", "reverted", "outcome"} <= set(Step.__dataclass_fields__)


@pytest.mark.parametrize(("name", "module"), IN_MODULE)
def test_functions_are_in_their_modules(name, module):
    assert hasattr(importlib.import_module(module), name)


def test_dotted_names_lead_somewhere():
    for page in PAGES.values():
        for dotted in re.findall(r"`(anatase(?:\.\w+)+)", page):
            head, _, last = dotted.rpartition(".")
            try:
                importlib.import_module(dotted)
            except ModuleNotFoundError:
                assert hasattr(importlib.import_module(head), last), dotted


def test_parameters_have_the_names_that_the_table_gives(fluorapatite):
    table = EXPLANATION.partition("### Names of parameters")[2].partition("### Conventions")[0]
    stems = {re.sub(r"_?\d+$", "", name.rpartition(".")[2]) for name in parameter_values(fluorapatite.model)}
    written = {word.rstrip("_") for word in re.findall(r"[a-z_]+", table)}
    shortened = {"lorentz_y", "lorentz_z", "gauss_v", "gauss_w", "b", "c"}  # `_v`, `_w`, and `PHASE.a` … `PHASE.gamma`
    assert {stem for stem in stems if stem not in written} <= shortened


def test_steps_and_presets_are_named(fluorapatite):
    steps = {re.sub(r" of fluorapatite$", "", step.title) for step in fluorapatite.steps} - {"all together"}
    assert [title for title in steps if f"| {title} " not in EXPLANATION] == []
    assert [preset for preset in PLANS if f"`{preset}`" not in EXPLANATION] == []


def test_limits_of_the_judgement_are_those_that_the_page_states():
    low, high = f"{limits.LOWEST_U:g}".replace("-", "−"), f"{limits.HIGHEST_U:g}"
    for stated in (
        f"a cell more than {100.0 * limits.CELL_REACH:g} % off its start",
        f"U_iso outside {low} … {high} Å²",
        f"{limits.FARTHEST:g} Å away",
        f"a size below {limits.SMALLEST:g} Å",
        f"strain above {100.0 * limits.MOST_STRAIN:g} %",
        f"March r outside {limits.TEXTURE[0]:g} … {limits.TEXTURE[1]:g}",
        f"occupancy outside {limits.OCCUPANCY[0]:g} … {limits.OCCUPANCY[1]:g}",
        f"S/L above {limits.DIVERGENCE:g}",
    ):
        assert stated in " ".join(EXPLANATION.split())
