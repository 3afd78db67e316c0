"""``anatase identify`` as a user calls it: answers, many files, and what happens to input that cannot be used."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import anatase.cli
from anatase.report.document import json_schema
from anatase.report.joint_document import joint_json_schema

X = np.round(np.arange(15.0, 80.0, 0.02), 6)
# lines of rutile, Cu Kα1: 2θ and relative height (ICDD 21-1276); the rest of its pattern is below a tenth of 110
LINES = (
    (27.446, 100), (36.085, 50), (39.187, 8), (41.225, 25), (44.050, 10), (54.322, 60),
    (56.640, 20), (62.740, 10), (64.038, 10), (69.008, 20), (69.788, 12), (76.508, 4),
)  # fmt: skip


def rutile(seed: int) -> np.ndarray:
    """Counts (n,): the card's lines as Gaussians 0.1° wide, 30 counts to a unit, on 100 counts."""
    y = 100.0 + sum(30.0 * h * np.exp(-4.0 * np.log(2.0) * ((X - place) / 0.1) ** 2) for place, h in LINES)
    return np.random.default_rng(seed).poisson(y)


def write(path: Path, x: np.ndarray = X, y: np.ndarray | None = None, seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    np.savetxt(path, np.column_stack([x, rutile(seed) if y is None else y]), fmt="%.4f")
    return path


@dataclass(frozen=True)
class Outcome:
    """What a call left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def anatase_(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Return the command as its entry point runs it, in an empty working folder."""
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["anatase", *(str(a) for a in arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            anatase.cli.main()
        captured = capfd.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return call


def assert_refused(outcome: Outcome, *expected: str) -> None:
    """Exit code 1, nothing on stdout, one error line that holds all of this."""
    assert outcome.code == 1
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) == 1
    for text in expected:
        assert text in outcome.err
    assert "; " in outcome.err  # the remedy follows the finding


# ---- answers


def test_table_and_report(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    result = anatase_("identify", "scan.xy", "--elements", "Ti,O", "--wavelength", "CuKa1")
    assert result.code == 0
    for text in ("scan.xy", "TiO₂", "P4₂/mnm", "wt%", "Rwp", "GOF"):
        assert text in result.out
    report = tmp_path / "anatase_report" / "scan.html"
    assert report.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    assert "report: anatase_report/scan.html" in (result.out + result.err).replace("\n", "")


def test_json_of_one_file_is_an_object(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    result = anatase_("identify", "scan.xy", "--elements", "Ti,O", "--wavelength", "CuKa1", "--json")
    assert result.code == 0
    answer = json.loads(result.out)
    jsonschema.Draft202012Validator(json_schema()).validate(answer)
    assert [(p["formula"], p["space_group"]["number"]) for p in answer["phases"]] == [("TiO2", 136)]
    # ICDD 21-1276: a = 4.5933, c = 2.9592 Å; the card's positions are rounded to 0.001°
    assert answer["phases"][0]["lattice"]["a"]["value"] == pytest.approx(4.5933, rel=1e-3)
    assert answer["phases"][0]["lattice"]["c"]["value"] == pytest.approx(2.9592, rel=1e-3)
    assert answer["input"]["name"] == "scan.xy"
    assert not (tmp_path / "anatase_report").exists()


def test_options_reach_the_answer(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    options = "--exclude Ti --wavelength CuKa1 --range 20 70 --max-phases 0 --json"
    answer = json.loads(anatase_("identify", "scan.xy", *options.split()).out)
    assert answer["phases"] == []
    assert answer["settings"]["exclude"] == ["Ti"]
    assert answer["settings"]["max_phases"] == 0
    assert answer["settings"]["range"] == [20, 70]
    assert answer["input"]["radiation"]["name"] == "CuKa1"
    assert 20.0 <= answer["input"]["range"][0] < answer["input"]["range"][1] <= 70.0


def test_phases_that_are_known_reach_the_search(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    options = "--elements O --require Ti --at-least-one Ti,Zn --without anatase --without brookite --json"
    answer = json.loads(anatase_("identify", "scan.xy", *options.split(), "--wavelength", "CuKa1").out)
    # titanium may be there because it must be
    assert [(p["formula"], p["space_group"]["number"]) for p in answer["phases"]] == [("TiO2", 136)]
    assert answer["settings"]["required"] == ["Ti"]
    assert answer["settings"]["at_least_one"] == ["Ti", "Zn"]
    assert answer["settings"]["absent"] == ["anatase", "brookite"]
    without = anatase_("identify", "scan.xy", "--elements", "Ti,O", "--without", "rutile", "--report", "out")
    assert without.code == 0
    assert "rutile" not in without.out


def test_a_weighed_standard_tells_what_is_amorphous(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    options = ("--elements", "O", "--standard", "rutile", "40", "--fine-grains", "--wavelength", "CuKa1", "--json")
    answer = json.loads(anatase_("identify", "scan.xy", *options).out)
    assert [p["formula"] for p in answer["phases"]] == ["TiO2"]  # a standard is there, whatever its elements
    # 40 wt% of rutile were weighed in, and no other phase shows: the rest is not crystalline
    assert answer["amorphous_fraction"]["value"] == pytest.approx(0.6, abs=0.01)
    assert answer["settings"]["standard"] == ["rutile", 40]


def test_quiet_with_a_report_prints_no_table(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    result = anatase_("identify", "scan.xy", "--elements", "Ti,O", "--report", "out", "--quiet")
    assert result.code == 0
    assert "Rwp" not in result.out
    assert (tmp_path / "out" / "scan.html").exists()
    loud = anatase_("identify", "scan.xy", "--elements", "Ti,O", "--report", "out")
    assert "Rwp" in loud.out


def test_many_files_with_a_bad_one(anatase_, tmp_path):
    files = [write(tmp_path / "a" / "scan.xy"), write(tmp_path / "b" / "scan.xy", seed=1)]
    (tmp_path / "empty.xy").write_text("")
    result = anatase_(
        "identify", files[0], "empty.xy", files[1], "--elements", "Ti,O", "--json", "--report", "out", "--quiet"
    )
    assert result.code == 1  # for the bad one; the others went on
    answers = json.loads(result.out)
    assert [a["input"]["name"] for a in answers] == ["scan.xy", "scan.xy"]
    assert [len(a["phases"]) for a in answers] == [1, 1]
    assert answers[0]["input"]["sha256"] != answers[1]["input"]["sha256"]
    assert "empty.xy: the file is empty" in result.err
    assert "Traceback" not in result.err
    # equal stems are kept apart
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["scan-2.html", "scan.html", "summary.csv"]
    with (tmp_path / "out" / "summary.csv").open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["formula"]) for row in rows] == [
        ("scan.xy", "TiO2"),
        ("scan.xy", "TiO2"),
        ("empty.xy", ""),
    ]
    assert "empty" in rows[2]["error"]
    assert float(rows[0]["c"]) < float(rows[0]["a"])  # rutile's cell is flat


def test_many_files_as_tables(anatase_, tmp_path):
    files = [write(tmp_path / f"scan{i}.xy", seed=i) for i in range(2)]
    result = anatase_("identify", *files, "--elements", "Ti,O", "--report", "out")
    assert result.code == 0
    assert result.out.index("scan0.xy") < result.out.index("scan1.xy")  # in the order given
    assert result.out.count("R_Bragg (%)") == 2
    assert "summary: " in result.err


def test_several_patterns_of_one_sample(anatase_, tmp_path):
    files = [write(tmp_path / f"{name}.xy", seed=i) for i, name in enumerate(("first", "second"))]
    options = ("--elements", "Ti,O", "--wavelength", "CuKa1", "--joint")
    result = anatase_("identify", *files, *options, "--json")
    assert result.code == 0
    answer = json.loads(result.out)
    jsonschema.Draft202012Validator(joint_json_schema()).validate(answer)
    assert [(p["formula"], len(p["by_pattern"])) for p in answer["phases"]] == [("TiO2", 2)]
    assert [p["input"]["name"] for p in answer["patterns"]] == ["first.xy", "second.xy"]
    table = anatase_("identify", *files, *options, "--report", "out")
    assert table.code == 0
    assert "by first.xy" in table.out
    assert "1 phase from 2 patterns of one sample." in table.out
    assert (tmp_path / "out" / "first+second.html").exists()


def test_a_wavelength_for_each_file(anatase_, tmp_path):
    files = [write(tmp_path / f"scan{i}.xy", seed=i) for i in range(2)]
    each = ("--wavelength", "CuKa1", "--wavelength", "1.5406", "--max-phases", "0", "--json")
    answers = json.loads(anatase_("identify", *files, *each).out)
    assert [a["input"]["radiation"]["lines"][0]["wavelength"] for a in answers] == [1.5405929, 1.5406]


def test_joint_mistakes(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    assert_refused(anatase_("identify", "scan.xy", "--joint"), "no joint identification", "give two or more")
    write(tmp_path / "other.xy")
    both = ("identify", "scan.xy", "other.xy", "--joint")
    assert_refused(anatase_(*both, "--range", "20", "60"), "--range means nothing with --joint")
    three = ("--wavelength", "CuKa") * 3
    assert_refused(anatase_("identify", "scan.xy", "other.xy", *three), "2 files and 3 of --wavelength", "one for each")
    (tmp_path / "bank.instprm").write_text(
        "#GSAS-II instrument parameter file\nType:PNT\nBank:1\ndifC:5000.0\ndifA:0.0\nZero:0.0\n2-theta:90.0\n"
    )
    assert_refused(anatase_(*both, "--instrument", "bank.instprm"), "bank.instprm: no pattern is of this instrument's")


# ---- input that cannot be used


def text_of(tmp_path: Path) -> str:
    return write(tmp_path / "whole.xy").read_text()


def changed(tmp_path: Path, line: int, text: str) -> str:
    """Return the scan with one line (1-based) replaced."""
    lines = text_of(tmp_path).splitlines()
    lines[line - 1] = text
    return "\n".join(lines) + "\n"


def test_truncated_in_a_number(anatase_, tmp_path):
    lines = text_of(tmp_path).splitlines()
    (tmp_path / "scan.xy").write_text("\n".join(lines[:1000]) + "\n35.0")
    assert_refused(
        anatase_("identify", "scan.xy"), "scan.xy line 1001", "1 of 2 numbers", "truncated", "export it again"
    )


def test_truncated_vendor_file(anatase_, tmp_path):
    """A RAW file of Bruker's fourth version that ends inside its header."""
    (tmp_path / "scan.raw").write_bytes(b"RAW4.00\x00" + bytes(80))
    assert_refused(anatase_("identify", "scan.raw"), "scan.raw")


def test_empty(anatase_, tmp_path):
    (tmp_path / "scan.xy").write_text("")
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy: the file is empty", "export the pattern again")


@pytest.mark.parametrize("name", ["scan.xy", "scan.raw", "scan.xrdml"])
def test_binary_rubbish(anatase_, tmp_path, name):
    (tmp_path / name).write_bytes(np.random.default_rng(1).bytes(5000))
    assert_refused(anatase_("identify", name), f"{name}: ", "binary data of no known pattern format", "export the scan")


@pytest.mark.parametrize("row", ["16.98 nan", "16.98 inf"])
def test_not_a_number(anatase_, tmp_path, row):
    (tmp_path / "scan.xy").write_text(changed(tmp_path, 100, row))
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy line 100", row.split()[1], "remove or repair that point")


def test_decreasing_axis(anatase_, tmp_path):
    write(tmp_path / "scan.xy", X[::-1], rutile(0)[::-1])
    # the scan is 15.00 to 79.98° in steps of 0.02°
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy line 2", "falls from 79.98 to 79.96", "sort the points")


def test_two_points_in_the_wrong_order(anatase_, tmp_path):
    lines = text_of(tmp_path).splitlines()
    lines[49], lines[50] = lines[50], lines[49]
    (tmp_path / "scan.xy").write_text("\n".join(lines))
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy line 51", "falls from 16 to 15.98")


def test_columns_swapped(anatase_, tmp_path):
    write(tmp_path / "scan.xy", rutile(0), X)
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy line 1", "columns are swapped", "put the positions first")


@pytest.mark.parametrize(("value", "finding"), [(0.0, "every intensity is zero"), (7.0, "intensities are 7")])
def test_no_counts_at_all(anatase_, tmp_path, value, finding):
    write(tmp_path / "scan.xy", X, np.full(X.size, value))
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy: ", finding, "check")


def test_file_that_is_not_there(anatase_):
    assert_refused(anatase_("identify", "scan.xy"), "scan.xy: there is no such file")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--elements", "Ti,Xx"), ("'Xx' is no chemical element", "give symbols separated by commas")),
        (("--elements", ","), ("the element list ',' is empty", "give symbols")),
        (("--exclude", "Qq"), ("'Qq' is no chemical element", "give symbols")),
        (("--wavelength", "foo"), ("'foo' is no wavelength", "CuKa")),
        (("--range", "200", "260"), ("scan.xy: the range 200 to 260 holds 0 of the points", "give a range inside")),
        (("--scan", "3"), ("scan.xy: there is no scan 3", "scans 1 to 1")),
        (("--require", "Ti,Xx"), ("'Xx' is no chemical element", "give symbols")),
        (("--require", "Ti", "--exclude", "Ti"), ("Ti must be there and is excluded", "say one of the two")),
        (("--at-least-one", ","), ("the element list ',' is empty", "give symbols")),
        (("--with", "unobtainium"), ("the library holds no phase 'unobtainium'", "a name or a formula")),
        (("--without", "rutil"), ("no phase 'rutil'; near it: 'rutile'", "a name or a formula")),
        (("--with", "TiO2", "--exclude", "Ti"), ("'TiO2' is said to be in the sample, and is excluded", "say one")),
        (("--standard", "corundum", "120"), ("120 is no weight percent of the standard corundum", "between 0 and 100")),
        (("--standard", "unobtainium", "20"), ("the library holds no phase 'unobtainium'", "a name or a formula")),
        (("--grains", "big"), ("'big' states no diameter of grains", "give µm")),
        (("--instrument", "nowhere.prm"), ("nowhere.prm: there is no such file", "check the path")),
        (("--library", "nowhere"), ("nowhere: there is no such library", "give a database or a folder")),
        (("--library", "scan.xy"), ("scan.xy: ", "nor a library, nor a structure file", "give one of them")),
    ],
)
def test_options_that_cannot_be_used(anatase_, tmp_path, options, expected):
    write(tmp_path / "scan.xy")
    assert_refused(anatase_("identify", "scan.xy", *options), *expected)


def test_library_folder_without_a_structure(anatase_, tmp_path):
    write(tmp_path / "scan.xy")
    (tmp_path / "cifs").mkdir()
    (tmp_path / "cifs" / "notes.txt").write_text("none yet")
    result = anatase_("identify", "scan.xy", "--library", "cifs")
    assert_refused(result, "cifs: the folder holds no structure file", "give one with CIF")


@pytest.mark.parametrize("options", [["--bogus"], ["--max-phases", "40"], ["--probe", "muon"], ["--range", "20"]])
def test_wrong_use(anatase_, tmp_path, options):
    write(tmp_path / "scan.xy")
    result = anatase_("identify", "scan.xy", *options)
    assert result.code == 1
    assert "Error: " in result.err
    assert options[0] in result.err
    assert "Traceback" not in result.err


def test_no_file_named(anatase_):
    result = anatase_("identify")
    assert result.code == 1
    assert "Missing argument 'FILE...'" in result.err


def test_no_peaks_is_an_answer(anatase_, tmp_path):
    level = 200.0 + 300.0 * np.exp(-(((X - 25.0) / 5.0) ** 2))
    write(tmp_path / "glass.xy", X, np.random.default_rng(5).poisson(level))
    result = anatase_("identify", "glass.xy", "--wavelength", "CuKa", "--json")
    assert result.code == 0
    answer = json.loads(result.out)
    assert answer["phases"] == []
    assert any("amorphous" in w for w in answer["warnings"])
    table = anatase_("identify", "glass.xy", "--wavelength", "CuKa")
    assert table.code == 0
    assert "amorphous" in table.out


# ---- start-up

HEAVY = ("scipy", "numba", "torch", "h5py", "matplotlib", "gemmi", "moyopy", "pandas", "sklearn")


def test_import_is_light():
    code = (
        "import time; t = time.process_time(); import anatase; t = time.process_time() - t; import sys;"
        f"print(t); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    seconds, heavy = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert heavy == "[]"
    assert float(seconds) < 0.3  # the bar, in CPU seconds: other processes do not count


def test_help_is_quick():
    program = Path(sys.executable).with_name("anatase")
    command = [str(program)] if program.exists() else [sys.executable, "-c", "from anatase.cli import main; main()"]
    seconds = []
    for _ in range(2):  # the second finds the bytecode written
        before = os.times()
        result = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
        after = os.times()
        seconds.append(after.children_user - before.children_user + after.children_system - before.children_system)
    for verb in anatase.cli.COMMANDS:
        assert verb in result.stdout
    assert min(seconds) < 0.4  # the bar, in CPU seconds


def test_the_program_itself_exits_so(tmp_path):
    program = Path(sys.executable).with_name("anatase")
    if not program.exists():
        pytest.skip(f"the console script is not installed beside {sys.executable}")
    (tmp_path / "empty.xy").write_text("")
    result = subprocess.run([program, "identify", tmp_path / "empty.xy"], capture_output=True, text=True)
    assert result.returncode == 1
    assert "the file is empty" in result.stderr
    assert "Traceback" not in result.stderr
