"""The page on quantification says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "quantify.md").read_text("utf-8")


def test_the_code_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.S):
        exec(compile(block, "quantify.md", "exec"), names)
    printed = capsys.readouterr().out
    assert re.search(r"# (rutile \S+)", PAGE)[1] in printed
    assert names["answer"].phases[1].name == "clay"


def test_words_of_the_answer_are_there():
    for word in ("amorphous_in_sample", "in_sample", "uncorrected", "tau", "mu_d", "warnings", "as_dict"):
        assert word in PAGE
