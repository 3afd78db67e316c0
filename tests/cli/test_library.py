"""``anatase library``: add, list, info, remove, build, in text and in JSON."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anatase.cli.library import library
from anatase.errors import InputError
from anatase.library import intake
from anatase.library.index_file import index_file

POSCAR = "{name}\n1.0\n{a} 0 0\n0 {a} 0\n0 0 {a}\n{elements}\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home for the library, and a folder with two structures and a broken one."""
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(
        intake, "index_files", lambda tasks: [list(index_file(t.path, t.file, t.library_id)) for t in tasks]
    )
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "CsBr.vasp").write_text(POSCAR.format(name="my salt", a=4.286, elements="Cs Br"))
    (folder / "CsI.vasp").write_text(POSCAR.format(name="CsI", a=4.567, elements="Cs I"))
    (folder / "bad.cif").write_text("data_x\n")
    return folder


def run(*arguments: object) -> str:
    result = CliRunner().invoke(library, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def run_json(*arguments: object) -> dict[str, Any]:
    answer = json.loads(run(*arguments, "--json"))
    assert answer["schema"] == "anatase.library/1"
    assert isinstance(answer, dict)
    return answer


def test_add_list_remove(home: Path) -> None:
    before = run_json("info")["entries"]
    answer = run_json("add", home)
    assert (answer["files"], answer["added"], answer["entries"]) == (3, 2, 2)
    assert [r["file"] for r in answer["refused"]] == ["mine/bad.cif"]
    assert run_json("info")["entries"] == before + 2
    rows = run_json("list", "--elements", "Cs,Br")["entries"]
    mine = [row for row in rows if row["library_id"] == "mine/CsBr"]
    assert [(row["name"], row["formula"], row["space_group"]["number"]) for row in mine] == [("my salt", "CsBr", 221)]
    assert run_json("add", home)["added"] == 0  # the same files again replace themselves
    assert "1 removed" in run("remove", "mine/CsI")
    assert run_json("info")["entries"] == before + 1


def test_refusals_are_printed(home: Path) -> None:
    text = run("add", home)
    assert "refused mine/bad.cif: " in text
    assert "3 files read, 2 entries added, 1 refused" in text


def test_stopped_by_the_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(tasks: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(intake, "index_files", stopped)
        result = CliRunner().invoke(library, ["add", str(home)])
    assert result.exit_code != 0
    assert "the same command goes on from here" in result.stderr
    assert run_json("add", home)["added"] == 2


def test_remove_what_is_not_there(home: Path) -> None:
    run("add", home)
    with pytest.raises(InputError, match="there is no entry 'rutile'"):
        run("remove", "rutile")


def test_zip_with_names_that_leave_it(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "dump.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.write(home / "CsBr.vasp", "a/CsBr.vasp")
        opened.write(home / "CsI.vasp", "../CsI.vasp")
        opened.writestr(zipfile.ZipInfo("/tmp/CsI.vasp"), (home / "CsI.vasp").read_text())
        opened.writestr("bomb.cif", b"\0" * 3_000_000)
    database = tmp_path / "dump.sqlite"
    answer = run_json("add", archive, "--library", database)
    assert answer["added"] == 1
    assert {r["file"]: r["reason"] for r in answer["refused"]} == {
        "../CsI.vasp": "its name leads out of the archive",
        "/tmp/CsI.vasp": "its name leads out of the archive",
        "bomb.cif": "it unpacks to more than 200 times its size",
    }
    assert [row["library_id"] for row in run_json("list", "--library", database)["entries"]] == ["dump/CsBr"]


def test_build_a_library_file(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "shared.sqlite"
    assert run_json("build", home, "--output", output)["entries"] == 2
    first = run_json("info", "--library", output)["sha256"]
    assert run_json("build", home, "--output", output)["entries"] == 2
    assert run_json("info", "--library", output)["sha256"] == first
    precious = tmp_path / "precious.txt"
    precious.write_text("data")
    with pytest.raises(InputError, match="would be lost"):
        run("build", home, "--output", precious)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("absent", "there is no such file or folder"),
        ("pypi:--index-url=x", "is no package name"),
        ("notes.txt", "neither a structure file nor a zip archive"),
        ("nothing", "the folder holds no structure file"),
    ],
)
def test_sources_that_cannot_be_used(home: Path, source: str, message: str) -> None:
    (home.parent / "nothing").mkdir()
    (home.parent / "notes.txt").write_text("words")
    place = source if source.startswith("pypi:") else str(home.parent / source)
    with pytest.raises(InputError, match=message):
        run("add", place)


def test_table(home: Path) -> None:
    text = run("list", "--name", "anatase")
    assert "I 41/a m d:2" in text
    assert "ncrystal/TiO2_sg141_Anatase" in text
    assert home.exists()
