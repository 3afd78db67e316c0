"""The page on what one knows of a sample: its Python runs, its options exist."""

from __future__ import annotations

import re
from pathlib import Path

from anatase.cli.identify import identify

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "say-what-you-know.md").read_text("utf-8")


def test_the_code_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.S):
        exec(compile(block, "say-what-you-know.md", "exec"), names)
    printed = capsys.readouterr().out
    assert printed.count("luorapatite") >= 2  # identified, and ranked first
    explained = re.search(r"(\d+) % explained", printed)
    assert explained is not None
    assert int(explained[1]) > 80


def test_the_options_exist():
    known = {option for parameter in identify.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known
