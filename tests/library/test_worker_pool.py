"""Indexing by processes: results arrive, and a file that breaks its process is one refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from anatase.library import worker_pool
from anatase.library.entry import Record, Refusal
from anatase.library.worker_pool import FileTask, index_files

POSCAR = "CsCl\n1.0\n{a} 0 0\n0 {a} 0\n0 0 {a}\nCs Cl\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n"


def test_records_and_refusals_cross_the_process(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.vasp", tmp_path / "bad.vasp"
    good.write_text(POSCAR.format(a=4.123))
    bad.write_text("nothing")
    tasks = [FileTask(good, "good.vasp", "good"), FileTask(bad, "bad.vasp", "bad")]
    items = {item.file: item for found in index_files(tasks, workers=1) for item in found}
    record, refusal = items["good.vasp"], items["bad.vasp"]
    assert isinstance(record, Record)
    assert record.entry.space_group_number == 221
    assert record.hkl.shape == (len(record.xray), 3)
    assert isinstance(refusal, Refusal)
    assert "ends too early" in refusal.reason


def test_a_file_that_hangs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = tmp_path / "good.vasp"
    good.write_text(POSCAR.format(a=4.123))
    monkeypatch.setattr(worker_pool, "START_LIMIT", 0.01)  # no process starts within 10 ms
    (items,) = index_files([FileTask(good, "good.vasp", "good")], workers=1)
    assert items == [Refusal("good.vasp", "it took more than 0 s")]
