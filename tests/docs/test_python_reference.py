"""The page on Python names every function and argument of the public surface, and its code runs."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

import anatase
import anatase.simulation
from anatase.identify.answer import Identification
from anatase.identify.identify import identify
from anatase.identify.joint import identify_joint
from anatase.identify.joint_answer import JointIdentification
from anatase.refine.refine import refine
from anatase.simulation import Instrument, Sample

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "python.md").read_text("utf-8")
CODE = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PAGE.replace("```", "")))))
FUNCTIONS = {
    name: getattr(module, name)
    for module in (anatase, anatase.simulation)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
}
# in anatase two of them may be the packages, which pass a call on
FUNCTIONS |= {"identify": identify, "identify_joint": identify_joint, "refine": refine}


def test_every_name_of_the_surface_is_there():
    names = {*anatase.__all__, *anatase.simulation.__all__}
    assert sorted(names - CODE) == []


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("read", "find_peaks")])
def test_every_argument_is_there(name):
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    assert [p.name for p in parameters if p.kind != p.VAR_KEYWORD and p.name not in CODE] == []


@pytest.mark.parametrize("kind", [Identification, Instrument, JointIdentification, Sample])
def test_every_field_is_there(kind):
    assert [field.name for field in dataclasses.fields(kind) if f"`{field.name}`" not in PAGE] == []


@pytest.mark.parametrize("page", ["reference/python.md", "how-to/simulate.md"])
def test_the_code_runs(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    assert names["pattern"].intensity.max() > 0.0
    if "simulate_many" in names:
        assert "quartz" in capsys.readouterr().out.lower()
