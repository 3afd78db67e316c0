"""What the README shows of a simulation is what the command prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from anatase.cli import cli

ROOT = Path(__file__).parents[2]


def curve(path):
    points = re.search(r'<polyline points="([^"]*)"', path.read_text("utf-8"))[1]
    return np.array([[float(number) for number in point.split(",")] for point in points.split()])


def test_simulation_of_quartz(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    text = (ROOT / "README.md").read_text("utf-8")
    command, shown = re.findall(r"```\n\$ (anatase simulate [^\n]*)\n(.*?)```", text, re.S)[0]
    result = CliRunner().invoke(cli, shlex.split(command)[1:], standalone_mode=False)
    assert result.exception is None
    assert [line.rstrip() for line in result.output.splitlines()] == shown.splitlines()
    # the picture in the README is that of this command, to the two hundredths of a pixel that another machine may round
    drawn, there = (curve(path) for path in (tmp_path / "quartz.svg", ROOT / "docs/images/quartz.svg"))
    assert np.allclose(drawn, there, rtol=0.0, atol=0.02)


def test_demo_prints_what_the_readme_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "118")
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path / "home"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    text = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"<!-- demo output: begin -->\n```\n(.*?)```", text, re.S)[1].splitlines()
    command = re.search(r"anatase identify examples/.*", (ROOT / "Makefile").read_text("utf-8"))[0]
    result = CliRunner().invoke(cli, shlex.split(command)[1:], standalone_mode=False)
    assert result.exception is None
    printed = [line.rstrip() for line in result.stdout.splitlines()]
    assert len(printed) == len(shown) - 1  # the Makefile adds a line
    for ours, written in zip(printed, shown, strict=False):
        (numbers, words), (expected, their_words) = (_numbers_and_words(line) for line in (ours, written))
        assert words == their_words
        assert np.allclose(numbers, expected, rtol=0.01, atol=1.0)  # another machine rounds otherwise; whole percent


def _numbers_and_words(line):
    bare = re.sub(r"\(\d+\)", "", line)
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", bare)], re.sub(r"\d+(?:\.\d+)?", "", bare).split()
