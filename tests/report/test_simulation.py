"""Every field of the JSON of a simulation is documented, for every kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli.simulate import simulate

ROOT = Path(__file__).parents[2]
DOCUMENTED = (ROOT / "docs/reference/simulation-json.md").read_text("utf-8")
KINDS = {
    "powder": [],
    "lines": ["--lines"],
    "rings": ["--rings", "--shape", "20,20", "--pixel", "5"],
    "spots": ["--spots", "--mosaicity", "2"],
    "zone": ["--zone", "0,0,1", "--d-min", "1.5"],
}


def fields(value):
    """Return every key in a document, whatever its depth."""
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in fields(item)}
    return {key for item in value[:3] for key in fields(item)} if isinstance(value, list) else set()


@pytest.mark.parametrize("kind", KINDS)
def test_fields_are_documented(kind):
    command = [str(ROOT / "examples/quartz.cif"), *KINDS[kind], "--json"]
    document = json.loads(CliRunner().invoke(simulate, command, catch_exceptions=False).stdout)
    assert (document["schema"], document["kind"]) == ("anatase.simulation/1", kind)
    missing = [name for name in sorted(fields(document)) if f"`{name}`" not in DOCUMENTED]
    assert missing == []
