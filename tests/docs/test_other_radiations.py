"""The page on other radiations is run as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/other-radiations.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What each command that identifies prints, by its report folder, and the folder that they ran in."""
    place = tmp_path_factory.mktemp("radiations")
    (place / "examples").symlink_to(ROOT / "examples")
    texts = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(place)
        patched.setenv("ANATASE_HOME", str(place / "home"))
        for command in COMMANDS:
            words = shlex.split(command)[1:]
            result = CliRunner().invoke(cli, words, standalone_mode=False)
            assert result.exception is None, f"{command}: {result.exception}"
            if words[0] == "identify":
                texts[words[-1]] = result.stdout
    return place, texts


@pytest.mark.parametrize("name", ["neutrons", "rings", "joint"])
def test_the_sample_is_found_again(printed, name):
    fractions = {}
    for phase in ("quartz", "rutile"):
        row = re.search(rf"^{phase} .*?\s(\d+(?:\.\d)?)\(\d+\)", printed[1][name], re.M)
        assert row is not None, printed[1][name]
        fractions[phase] = float(row[1])
    assert fractions["quartz"] == pytest.approx(70.0, abs=6.0)  # simulated; three of the s.u. stated for electrons
    assert sum(fractions.values()) == pytest.approx(100.0, abs=1.0)


def test_the_python_runs(printed, monkeypatch, capsys):
    monkeypatch.chdir(printed[0])
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.S):
        exec(compile(block, "other-radiations.md", "exec"), {})
    assert re.search(r"quartz 0\.\d", capsys.readouterr().out)
