"""The tutorial is run as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli import cli

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorials/first-identification.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tutorial")
    (place / "examples").symlink_to(ROOT / "examples")
    return place


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_do_what_the_tutorial_says(command, folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ANATASE_HOME", str(folder / "home"))
    result = CliRunner().invoke(cli, shlex.split(command)[1:], standalone_mode=False)
    assert result.exception is None
    assert result.return_value in (0, None)
    if "Al,O" in command:  # no phase of these elements is in the sample
        assert "fluorapatite  Ca" not in result.output
        share = re.search(r"unexplained (\d+\.\d) %", result.output)
        assert share is not None
        assert float(share[1]) > 50.0  # "most of the intensity"
        assert "warning: " in result.output
    else:
        assert "luorapatite" in result.output
        assert "63/m" in result.output or "6₃/m" in result.output
    if "--report first" in command:
        assert (folder / "first" / "fluorapatite.html").stat().st_size > 50_000


def test_tutorial_has_commands():
    assert len(COMMANDS) == 4
