"""Taking files in: killed at any moment, an addition goes on, and ends as one that was left alone."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.library import intake, open_library
from anatase.library.additions import add_to_library, build_library, remove_from_library
from anatase.library.catalogue import read_catalogue
from anatase.library.entry import Record, Refusal
from anatase.library.index_file import index_file
from anatase.library.opening import refusals_of
from anatase.library.worker_pool import AHEAD, FileTask, index_files

POSCAR = "{elements}\n1.0\n{a} 0 0\n0 {a} 0\n0 0 {a}\n{elements}\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n"
CIF = """data_{number}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {a}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Cs Cs 0 0 0
Cl Cl 0.5 0.5 0.5
"""
N_FILES = 48
# commits after each file, so that a kill can fall between any two of them
ADD = """
import sys
from anatase.library import intake
from anatase.library.additions import add_to_library
from anatase.library.entry import Record, Refusal
from anatase.library.index_file import index_file
from pathlib import Path
import time
def index_files(tasks):
    for t in tasks:
        time.sleep(0.004)
        yield list(index_file(t.path, t.file, t.library_id))
intake.index_files, intake.BATCH_TIME = index_files, 0.02
print("ready", flush=True)
add_to_library([sys.argv[1]], Path(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own library and cache out of it, and index in this process."""
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        intake, "index_files", lambda tasks: (list(index_file(t.path, t.file, t.library_id)) for t in tasks)
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in the layout of the COD, with a file that holds two structures and one that cannot be read."""
    top = tmp_path / "tree"
    for i in range(N_FILES):
        number = 1000000 + 100 * (i // 16) + i
        folder = top / "1" / "00" / f"{number // 100 % 100:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.cif").write_text(CIF.format(number=number, a=4.1 + 0.01 * i))
    (top / "1" / "00" / "00" / "1000001.cif").write_text(
        CIF.format(number=1, a=4.2) + CIF.format(number=2, a=5.2).replace("Cs", "Na")
    )
    (top / "1" / "00" / "00" / "1000002.cif").write_text("data_nothing\n")
    return top


def contents(database: Path) -> tuple[str, int, list[str]]:
    """Return digest, number of entries and refused files of a library."""
    catalogue = read_catalogue(database)
    return catalogue.sha256, len(catalogue), [refusal.file for refusal in refusals_of(database)]


def test_numbers_of_the_cod_are_ids(tree: Path, tmp_path: Path) -> None:
    database = tmp_path / "cod.sqlite"
    addition = add_to_library([str(tree)], database)
    assert (addition.files, addition.added, len(addition.refused)) == (N_FILES, N_FILES, 1)
    ids = open_library(database).ids
    assert ids[:3] == ["cod/1000000", "cod/1000001#1", "cod/1000001#2"]
    assert ids[-1] == f"cod/{1000200 + N_FILES - 1}"


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments(tree: Path, tmp_path: Path, seed: int) -> None:
    salt, whole, killed = tmp_path / "salt", tmp_path / "whole.sqlite", tmp_path / "killed.sqlite"
    salt.mkdir()
    (salt / "CsBr.vasp").write_text(POSCAR.format(elements="Cs Br", a=4.286))
    for database in (whole, killed):
        add_to_library([str(salt)], database)
    before = contents(killed)
    add_to_library([str(tree)], whole)
    rng = np.random.default_rng(seed)
    sizes = []
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-c", ADD, str(tree), str(killed)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(float(rng.uniform(0.0, 0.5)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert contents(killed) in (before, contents(whole))  # what is in place is whole
        sizes.append(sum(p.stat().st_size for p in tmp_path.glob(".*.partial")))
    assert max(sizes) > 0  # some kills came in the middle
    add_to_library([str(tree)], killed)
    assert contents(killed) == contents(whole)
    assert list(tmp_path.glob(".*")) == []  # nothing is left beside it
    assert open_library(killed).ids == open_library(whole).ids


def test_an_addition_to_a_library_is_continued(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "mine.sqlite"
    (tmp_path / "salt").mkdir()
    (tmp_path / "salt" / "CsBr.vasp").write_text(POSCAR.format(elements="Cs Br", a=4.286))
    add_to_library([str(tmp_path / "salt")], database)
    before = contents(database)
    done: list[str] = []

    def stopped(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        for task in tasks:
            if len(done) == 7:
                raise KeyboardInterrupt
            done.append(task.file)
            yield list(index_file(task.path, task.file, task.library_id))

    monkeypatch.setattr(intake, "BATCH_TIME", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "index_files", stopped)
        with pytest.raises(KeyboardInterrupt):
            add_to_library([str(tree)], database)
    assert contents(database) == before
    again: list[str] = []

    def noted(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        for task in tasks:
            again.append(task.file)
            yield list(index_file(task.path, task.file, task.library_id))

    monkeypatch.setattr(intake, "index_files", noted)
    addition = add_to_library([str(tree)], database)
    assert addition.added == N_FILES
    assert addition.total == N_FILES + 1
    assert not set(done) & set(again)
    assert len(done) + len(again) == N_FILES


def test_only_what_changed_is_indexed_again(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "cod.sqlite"
    add_to_library([str(tree)], database)
    first = contents(database)
    stamp = database.stat().st_mtime_ns
    seen: list[str] = []

    def noted(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        for task in tasks:
            seen.append(task.file)
            yield list(index_file(task.path, task.file, task.library_id))

    monkeypatch.setattr(intake, "index_files", noted)
    repeated = add_to_library([str(tree)], database)
    assert (repeated.files, repeated.added, len(repeated.refused)) == (N_FILES, 0, 1)
    assert seen == []
    assert database.stat().st_mtime_ns == stamp
    changed = tree / "1" / "00" / "00" / "1000003.cif"
    changed.write_text(CIF.format(number=1000003, a=4.33333))
    remove_from_library(["cod/1000004"], database)
    assert add_to_library([str(tree)], database).added == 1  # what was removed returns
    assert [Path(file).stem for file in seen] == ["1000003", "1000004"]
    assert contents(database)[1:] == first[1:]
    assert contents(database)[0] != first[0]


def test_an_archive_is_known_by_dates_and_checksums(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members are unpacked anew at each call, and yet passed over where they are what they were."""
    archive, database = tmp_path / "dump.zip", tmp_path / "dump.sqlite"
    seen: list[str] = []

    def noted(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        for task in tasks:
            seen.append(task.file)
            yield list(index_file(task.path, task.file, task.library_id))

    monkeypatch.setattr(intake, "index_files", noted)
    for a in (4.3, 4.3, 4.4):
        seen.clear()
        with zipfile.ZipFile(archive, "w") as opened:
            for name, cell in (("cifs/one.cif", 4.2), ("cifs/two.cif", a)):
                member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                opened.writestr(member, CIF.format(number=1, a=cell))
        assert add_to_library([str(archive)], database).total == 2
    assert seen == ["dump/two.cif"]


def test_a_build_starts_anew(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "built.sqlite"
    assert build_library(tree, output).total == N_FILES
    shutil.rmtree(tree / "1" / "00" / "02")
    assert build_library(tree, output).total == N_FILES - 16
    other = tmp_path / "other.sqlite"
    build_library(tree, other)
    assert contents(other) == contents(output)


def test_files_that_went_are_not_kept(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree may change between a stop and the next call."""
    output = tmp_path / "built.sqlite"
    monkeypatch.setattr(intake, "BATCH_TIME", 0.0)

    def stopped(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        for number, task in enumerate(tasks):
            if number == 24:
                raise KeyboardInterrupt
            yield list(index_file(task.path, task.file, task.library_id))

    with monkeypatch.context() as patch:
        patch.setattr(intake, "index_files", stopped)
        with pytest.raises(KeyboardInterrupt):
            build_library(tree, output)
    shutil.rmtree(tree / "1" / "00" / "00")
    assert build_library(tree, output).total == N_FILES - 16
    assert all(int(i.removeprefix("cod/")) > 1000100 for i in open_library(output).ids)


def test_libraries_of_before_are_extended(tree: Path, tmp_path: Path) -> None:
    """Libraries written before files were noted say nothing of their files."""
    database = tmp_path / "old.sqlite"
    add_to_library([str(tree)], database)
    first = contents(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM file")
        connection.execute("DELETE FROM meta WHERE key = 'indexed_by'")
        connection.execute("DROP INDEX refusal_file")
    assert len(open_library(database)) == N_FILES
    assert add_to_library([str(tree)], database).added == 0
    assert contents(database) == first


def test_a_full_disk_is_said(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(tasks: Iterable[FileTask]) -> Iterator[list[Record | Refusal]]:
        yield list(index_file(next(iter(tasks)).path, "x", "x"))
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "index_files", full)
        with pytest.raises(InputError, match=r"disk is full.*make room"):
            add_to_library([str(tree)], tmp_path / "mine.sqlite")
    assert not (tmp_path / "mine.sqlite").exists()
    with pytest.raises(InputError, match="nothing can be written there"):
        add_to_library([str(tree)], tree / "1" / "00" / "00" / "1000003.cif" / "mine.sqlite")


def test_file_tasks_come_lazily(tmp_path: Path) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[FileTask]:
        for i in range(5000):
            taken.append(i)
            yield FileTask(tmp_path / "absent.vasp", f"{i}.vasp", str(i))

    found = index_files(tasks(), workers=1)
    next(found)
    del found
    assert len(taken) <= AHEAD + 1
