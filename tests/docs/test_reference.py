"""The reference pages name every command, option, format and field."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import click
import pytest

from anatase.cli import COMMANDS
from anatase.io.registry import READERS
from anatase.report.document import json_schema
from anatase.report.joint_document import joint_json_schema
from anatase.report.refinement_document import refinement_json_schema

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def options_of(command, name):
    """Return (full command name, option) of a command and its subcommands."""
    found = [(name, "")]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found += [(name, option) for option in parameter.opts]
    for sub, child in getattr(command, "commands", {}).items():
        found += options_of(child, f"{name} {sub}")
    return found


@pytest.mark.parametrize("verb", COMMANDS)
def test_command_line_is_documented(verb):
    text = (DOCS / "reference" / "cli.md").read_text("utf-8")
    sections = dict(re.findall(r"^## anatase ([\w ]+?)(?: [A-Z.]+)*\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    command = getattr(importlib.import_module(COMMANDS[verb][0]), verb)
    for name, option in options_of(command, verb):
        assert name in sections, f"docs/reference/cli.md has no section for anatase {name}"
        assert not option or re.search(rf"`{option}[ `]", sections[name]), f"{option} of {name} is undocumented"


def test_formats_are_documented():
    text = (DOCS / "reference" / "formats.md").read_text("utf-8")
    assert [reader.name for reader in READERS if reader.name not in text] == []


def test_fields_of_the_answer_are_documented():
    text = (DOCS / "reference" / "json.md").read_text("utf-8")
    schema = json_schema()
    fields = [*schema["properties"], *schema["properties"]["phases"]["items"]["properties"]]
    assert [field for field in fields if f"`{field}`" not in text] == []


def test_fields_of_a_joint_answer_are_documented():
    text = (DOCS / "reference" / "json.md").read_text("utf-8").split("## Several patterns")[1]
    schema = joint_json_schema()
    phase = schema["properties"]["phases"]["items"]["properties"]
    fields = [*schema["properties"], *phase, *phase["by_pattern"]["items"]["properties"]]
    assert [field for field in fields if f"`{field}`" not in text] == []


def test_fields_of_a_refinement_are_documented():
    text = (DOCS / "reference" / "refinement-json.md").read_text("utf-8")
    properties = refinement_json_schema()["properties"]
    fields = [*properties]
    for part in ("phases", "histograms", "parameters", "steps", "profiles"):
        fields += properties[part]["items"]["properties"]
    for part in ("bootstrap", "posterior", "other_minima", "gsas2"):
        fields += properties[part]["oneOf"][1]["properties"]
    assert [field for field in fields if f"`{field}`" not in text] == []


def test_keys_of_the_figure_are_documented():
    script = (ROOT / "src/anatase/report/data/controls.js").read_text("utf-8")
    text = (DOCS / "reference" / "report.md").read_text("utf-8")
    keys = re.findall(r'group: "\w+", key: "(.)"', script)
    assert len(keys) == 10  # as many as the list of actions has
    assert [key for key in keys if f"`{key}`" not in text] == []


@pytest.mark.parametrize(
    "page", sorted(p for p in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/*.md")))
)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_pages_are_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    assert [page for page in pages if page not in navigation] == []
