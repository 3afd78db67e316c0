"""The tutorial and the how-to of refinement are run as they are written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("tutorials/first-refinement", "how-to/refine")
}
COMMANDS = [
    (name, line)
    for name, text in PAGES.items()
    for block in re.findall(r"```sh\n(.*?)```", text, re.S)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("refinement")
    (place / "examples").symlink_to(ROOT / "examples")
    return place


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_commands_do_what_the_page_says(page, command, folder, monkeypatch):
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(cli, shlex.split(command)[1:], standalone_mode=False)
    assert result.exception is None
    assert result.return_value in (0, None)
    if command.endswith("--report first"):
        assert "converged" in result.output
        assert (folder / "first/fluorapatite.html").stat().st_size > 100_000
    if "--profile" in command:
        assert "profile of fluorapatite.a: 9.37" in result.output
    if "--report mixture" in command:  # "80 and 20 within two or three of its s.u."
        for name, truth in (("quartz", 80.0), ("rutile", 20.0)):
            found = re.search(rf"^{name} .*? ([\d.]+)\((\d+)\)", result.output, re.M)
            decimals = len(found[1].partition(".")[2])
            assert float(found[1]) == pytest.approx(truth, abs=max(3.0 * int(found[2]) * 10.0**-decimals, 0.3))


def test_python_of_the_how_to_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"```python\n(.*?)```", PAGES["how-to/refine"], re.S)
    exec(compile(block, "refine.md", "exec"), {})
    assert "_pd_char_colour" in capsys.readouterr().out


def test_pages_have_commands():
    assert len(COMMANDS) == 9
