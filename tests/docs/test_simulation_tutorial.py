"""The tutorial of simulation is run as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli import cli

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorials/first-simulation.md").read_text("utf-8")
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
    words = shlex.split(command)
    result = CliRunner().invoke(cli, words[1:], standalone_mode=False)
    assert result.exception is None
    assert result.return_value in (0, None)
    if words[1] == "identify":
        shares = {
            name: float(share) for name, share in re.findall(r"^(quartz|rutile) .*? (\d+\.\d)\(", result.output, re.M)
        }
        # "weight fractions near 80 and 20 %"
        assert shares == {"quartz": pytest.approx(80.0, abs=3.0), "rutile": pytest.approx(20.0, abs=3.0)}
        return
    for path in re.findall(r"^(?:plot|pattern): (\S+)$", result.output, re.M):
        assert (folder / path).stat().st_size > 10_000
    assert "plot: " in result.output
    if "--zone" in words:
        assert "warning: " in result.stderr


def test_tutorial_has_commands():
    assert len(COMMANDS) == 8
