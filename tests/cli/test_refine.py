"""``anatase refine`` as a user calls it: patterns and structures, other programs' files, crystals, and bad input."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import gemmi
import jsonschema
import numpy as np
import pytest

import anatase.cli
from anatase.io.read import read
from anatase.io.structure_files import read_structure
from anatase.io.write import write
from anatase.io.write_cif import write_structure
from anatase.pattern.pattern import Pattern
from anatase.report.refinement_document import refinement_json_schema
from anatase.simulation import Sample, simulate

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Outcome:
    """What a call left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def anatase_(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, work: Path) -> Call:
    """Return the command as its entry point runs it."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(work)

    def call(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["anatase", *(str(a) for a in arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            anatase.cli.main()
        captured = capfd.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with quartz, rutile, and simulated patterns of rutile whose cell grows by 0.1 % each."""
    folder = tmp_path_factory.mktemp("refine")
    for name in ("rutile.cif", "quartz.cif"):
        shutil.copy(EXAMPLES / name, folder / name)
    rutile, rng = read_structure(folder / "rutile.cif"), np.random.default_rng(4)
    for i in range(3):
        a, b, c, *angles = rutile.lattice.parameters
        grown = replace(rutile, lattice=type(rutile.lattice)(1.001**i * a, 1.001**i * b, c, *angles))
        clean = simulate(grown, "CuKa", (20.0, 90.0), 0.04, sample=Sample(size=500.0))
        counts = rng.poisson(50.0 + 4000.0 * clean.intensity / clean.intensity.max()).astype(float)
        measured = Pattern(clean.x, counts, np.sqrt(np.maximum(counts, 1.0)), radiation=clean.radiation)
        write(measured, folder / f"scan_{300 + 100 * i}.xye", "xye")
    return folder


@pytest.fixture
def answer(anatase_: Call) -> dict:
    outcome = anatase_("refine", "scan_300.xye", "rutile.cif", "--json", "--cif", "answer.cif")
    assert outcome.code == 0
    return json.loads(outcome.out)


def test_json_holds_what_was_promised(answer, work):
    jsonschema.validate(answer, refinement_json_schema())
    a = answer["phases"][0]["lattice"]["a"]
    truth = read_structure(work / "rutile.cif").lattice.parameters[0]
    assert a["value"] == pytest.approx(truth, abs=max(5.0 * a["su"], 2e-4))
    assert answer["gof"] == pytest.approx(1.0, abs=0.15)
    assert set(answer["r_bragg"]) == {answer["phases"][0]["name"]}
    assert not (work / "anatase_report").exists()  # JSON comes without a report


def test_cif_is_pattern_and_structure_for_a_next_time(answer, anatase_, work):
    assert len(gemmi.cif.read(str(work / "answer.cif"))) == 1
    assert len(read(work / "answer.cif")) == answer["n_points"]
    again = anatase_("refine", "answer.cif", "--json")
    assert again.code == 0
    assert json.loads(again.out)["rwp"] == pytest.approx(answer["rwp"], rel=0.02)


def test_table_report_and_files_of_other_programs(anatase_, work):
    outcome = anatase_(
        "refine", "rutile.cif", "scan_300.xye", "--report", "out", "--export", "topas", "out/r.inp", "--export",
        "fullprof", "out/r.pcr", "--export", "gsas", "out/r.EXP", "--export", "shelx", "out/r.ins",
    )  # fmt: skip
    assert outcome.code == 0
    for said in ("Rwp", "GOF", "TiO₂", "P4₂/mnm", "report: out/scan_300.html", "topas: out/r.inp"):
        assert said in outcome.out
    assert (work / "out/scan_300.html").stat().st_size > 50_000
    assert read(work / "out/r_xray.xye").x.size == 1751
    assert "SFAC" in (work / "out/r.ins").read_text()
    rwp = float(outcome.out.partition("Rwp ")[2].partition(" ")[0])
    for name in ("out/r.inp", "out/r.pcr", "out/r.EXP"):
        again = anatase_("refine", name, "--json")
        assert again.code == 0, again.err
        found = json.loads(again.out)
        assert found["rwp"] == pytest.approx(rwp, rel=0.05), name


CRYSTAL = """TITL one atom
CELL 0.71073 4.2 4.2 4.2 90 90 90
LATT 1
SFAC Fe
UNIT 1
L.S. 10
WGHT 0.0 0.0
FVAR 0.7
FE1 1 0 0 0 11.0 0.02
HKLF 4
END
"""


def test_a_crystal_is_refined_on_its_reflections(anatase_, work):
    """Fe in P -1 at the origin: F = f exp(-8π²U s²), drawn on the scale 0.5 with U = 0.01 and 1 % of noise."""
    (work / "fe.ins").write_text(CRYSTAL)
    rng, rows = np.random.default_rng(2), []
    iron = gemmi.Element("Fe").it92
    for h, k, l in np.ndindex(6, 6, 6):
        s2 = (h * h + k * k + l * l) / (4.0 * 4.2**2)
        if 0.0 < s2 < 0.5:
            f2 = (iron.calculate_sf(s2) * np.exp(-8.0 * np.pi**2 * 0.01 * s2)) ** 2
            rows.append(f"{h:4d}{k:4d}{l:4d}{f2 * (1 + 0.01 * rng.standard_normal()):8.2f}{0.01 * f2:8.2f}")
    (work / "fe.hkl").write_text("\n".join([*rows, f"{0:4d}{0:4d}{0:4d}{0.0:8.2f}{0.0:8.2f}"]) + "\n")
    found = json.loads(anatase_("refine", "fe.ins", "--json").out)
    assert found["r1"] < 0.03
    outcome = anatase_("refine", "fe.ins", "fe.hkl", "--report", "crystal")
    assert outcome.code == 0
    for said in ("R1", "wR2", "GooF", "res: crystal/fe.res", "cif: crystal/fe.cif"):
        assert said in outcome.out
    # beside a pattern the same file gives its structure
    assert anatase_("refine", "fe.ins", "scan_300.xye", "--json").code == 0


def test_a_series_gives_tracks(anatase_, work):
    names = [f"scan_{t}.xye" for t in (300, 400, 500)]
    outcome = anatase_("refine", *names, "rutile.cif", "--series", "--report", "series")
    assert outcome.code == 0
    rows = [line.split(",") for line in (work / "series/series.csv").read_text().splitlines()]
    assert [row[0] for row in rows[1:]] == names
    assert [float(row[1]) for row in rows[1:]] == [300.0, 400.0, 500.0]
    column = next(i for i, name in enumerate(rows[0]) if name.endswith(".a"))
    cells = [float(row[column]) for row in rows[1:]]
    assert np.array(cells[1:]) / cells[:-1] == pytest.approx(1.001, abs=1e-4)
    assert len(list((work / "series").glob("*.html"))) == 3
    drawn = (work / "series/series.svg").read_text("utf-8")
    assert drawn.count("<circle") == 9  # Rwp, a and c of three patterns
    assert "scan_400.xye: " in drawn
    assert "scan_500.xye" in outcome.out


def test_a_series_tells_what_single_patterns_do(anatase_, work, monkeypatch):
    """Warnings, files and bootstraps of each pattern; an empty file is named, and the exit code says so."""
    monkeypatch.setenv("COLUMNS", "80")
    (work / "empty.xye").write_text("")
    names = ["scan_300.xye", "empty.xye", "scan_400.xye"]
    outcome = anatase_(
        "refine", *names, "rutile.cif", "quartz.cif", "--series", "--report", "each", "--cif", "each.cif", "--export",
        "topas", "each.inp", "--bootstrap", 2,
    )  # fmt: skip
    assert outcome.code == 1
    assert "warning: empty.xye was left out" in outcome.out
    assert "warning: scan_300.xye" in outcome.out  # of quartz, which is not there
    assert "bootstrap: 2 refits" in outcome.out
    heads = [line.split() for line in outcome.out.splitlines() if line.startswith("number")]
    assert heads == [["number", "a", "(Å)", "c", "(Å)", "wt%"]] * 2  # on one line each
    for name in ("each_0001.cif", "each_0002.cif", "each_0001.inp", "each_0002_xray.xye"):
        assert (work / name).exists(), name
    found = json.loads(anatase_("refine", *names, "rutile.cif", "quartz.cif", "--series", "--json").out)
    assert found["patterns"] == ["scan_300.xye", "scan_400.xye"]
    assert [bool(texts) for texts in found["pattern_warnings"]] == [True, True]
    assert found["explorations"] == [None, None]
    quiet = anatase_("refine", *names, "rutile.cif", "--series", "--report", "each", "--quiet")
    assert "warning: empty.xye was left out" in quiet.err
    assert anatase_("refine", "empty.xye", "rutile.cif", "--series").code == 1


def test_recipes_and_explorations(anatase_, work):
    (work / "r.toml").write_text('free = ["*.scale", "*.background.chebyshev_*", "*.a", "*.c", "*.size"]\n')
    outcome = anatase_(
        "refine", "scan_300.xye", "rutile.cif", "--recipe", "r.toml", "--json", "--bootstrap", 5, "--profile", "*.a"
    )
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    refined = {one["name"].rpartition(".")[2] for one in found["parameters"] if one["refined"]}
    assert {"a", "c", "scale", "size"} <= refined
    assert "u_iso" not in refined
    assert found["bootstrap"]["refits"] == 5
    assert found["profiles"][0]["name"].endswith(".a")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rutile.cif",), "there is no pattern"),
        (("scan_300.xye",), "there is no structure"),
        (("nothing.xye", "rutile.cif"), "nothing.xye"),
        (("scan_300.xye", "nothing.cif"), "nothing.cif"),
        (("scan_300.xye", "rutile.cif", "--recipe", "none.toml"), "none.toml"),
        (("scan_300.xye", "rutile.cif", "--cif", "rutile.cif"), "file that is read"),
        (("scan_300.xye", "rutile.cif", "--exclude", "0", "180"), "leave no point"),
        (("a.ins", "b.hkl", "rutile.cif"), "single crystal"),
        (("a.inp", "rutile.cif"), "has its phases"),
        (("a.inp", "--mode", "lebail"), "--mode"),
        (("a.ins", "--background", "3"), "--background"),
        (("scan_300.xye", "rutile.cif", "--series", "--engine", "gsas2"), "--engine"),
        (("scan_300.xye", "rutile.cif", "--cif", "nowhere/x.cif"), "--cif is not there"),
        (("scan_300.xye", "rutile.cif", "--export", "topas", "nowhere/x.inp"), "--export topas is not there"),
        (("scan_300.xye", "rutile.cif", "--export", "topas", "."), "is a folder"),
        (("scan_300.xye", "rutile.cif", "--cif", "x", "--export", "topas", "x"), "another output"),
        (("scan_300.xye", "rutile.cif", "--report", "quartz.cif"), "this is a file"),
        (("scan_300.xye", "rutile.cif", "--report", "quartz.cif/deeper"), "this is a file"),
    ],
)
def test_bad_input_is_one_line(anatase_, work, arguments, said):
    (work / "a.inp").write_text("xdd nothing.xy\n")
    outcome = anatase_("refine", *arguments)
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) == 1
    assert said in outcome.err
    assert "; " in outcome.err
    assert not (work / "nowhere").exists()


def test_paths_are_looked_at_before_anything_is_refined(anatase_, monkeypatch):
    def too_late(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("anatase.cli.refine_answer.refine", too_late)
    assert anatase_("refine", "scan_300.xye", "rutile.cif", "--cif", "nowhere/x.cif").code == 1


def test_quiet_leaves_warnings(anatase_, work):
    """Quartz in a pattern of rutile: nothing of the table is left but what the reader must know."""
    loud = anatase_("refine", "scan_300.xye", "quartz.cif", "--report", "q")
    assert "warning: " in loud.out
    quiet = anatase_("refine", "scan_300.xye", "quartz.cif", "--report", "q", "--quiet")
    assert quiet.code == 0
    assert quiet.out == "report: q/scan_300.html\n"
    told = [line for line in quiet.err.splitlines() if line.startswith("warning: ")]
    assert len(told) == loud.out.count("warning: ")
    assert any("no phase explains" in line for line in told)
    assert anatase_("refine", "scan_300.xye", "quartz.cif", "--json", "--quiet").err == ""  # they are in the JSON


def test_a_phase_that_is_not_there_is_no_success(anatase_, work):
    """Quartz in a pattern of rutile, from 45 to 53°: its lines there are not seen."""
    outcome = anatase_("refine", "scan_300.xye", "quartz.cif", "--json", "--range", 45, 53)
    found = json.loads(outcome.out)
    assert found["phases"][0]["weight_fraction"] is None
    assert any("not shown to be present" in text for text in found["warnings"])


def test_free_intensities_and_restraints_are_told(anatase_, work):
    outcome = anatase_(
        "refine", "scan_300.xye", "rutile.cif", "--mode", "pawley", "--cif", "pawley.cif", "--report", "p"
    )
    assert outcome.code == 0
    intensities = int(outcome.out.partition(" intensities")[0].rpartition(" ")[2])
    assert intensities > 10
    block = gemmi.cif.read(str(work / "pawley.cif"))[0]
    assert int(block.find_value("_refine_ls_number_parameters")) > intensities
    assert not block.find_values("_atom_site_label")  # no atom was fitted
    text = 'free = ["*.scale", "*.a", "*.O*.x"]\n[[restraint]]\ndistance = ["*.Ti*", "*.O*"]\n'
    (work / "bond.toml").write_text(text + "target = 1.96\nsu = 0.01\nwithin = 2.3\n")
    outcome = anatase_(
        "refine", "scan_300.xye", "rutile.cif", "--recipe", "bond.toml", "--cif", "b.cif", "--report", "p"
    )
    assert outcome.code == 0, outcome.err
    block = gemmi.cif.read(str(work / "b.cif"))[0]
    assert int(block.find_value("_refine_ls_number_restraints")) == 2  # two Ti-O by symmetry
    assert "1.96 " in gemmi.cif.as_string(block.find_values("_anatase_restraint")[0])
    assert "restraint: " in (work / "p/scan_300.html").read_text("utf-8")


def test_every_phase_of_an_own_cif_is_refined_again(anatase_, work):
    rutile, quartz = read_structure(work / "rutile.cif"), read_structure(work / "quartz.cif")
    clean = simulate([rutile, quartz], "CuKa", (20.0, 90.0), 0.04, weight_fractions=(0.5, 0.5))
    counts = np.random.default_rng(6).poisson(50.0 + 4000.0 * clean.intensity / clean.intensity.max()).astype(float)
    measured = Pattern(clean.x, counts, np.sqrt(np.maximum(counts, 1.0)), radiation=clean.radiation)
    write(measured, work / "both.xye", "xye")
    first = json.loads(anatase_("refine", "both.xye", "rutile.cif", "quartz.cif", "--json", "--cif", "both.cif").out)
    again = json.loads(anatase_("refine", "both.cif", "--json").out)
    assert len(again["phases"]) == 2
    assert again["rwp"] == pytest.approx(first["rwp"], rel=0.02)
    for one in first["phases"]:
        assert one["weight_fraction"]["value"] == pytest.approx(0.5, abs=0.02)


def test_an_unknown_parameter_in_a_recipe_is_named(anatase_, work):
    (work / "wrong.toml").write_text('free = ["*.scale", "rutile.bogus"]\n')
    outcome = anatase_("refine", "scan_300.xye", "rutile.cif", "--recipe", "wrong.toml")
    assert outcome.code == 1
    assert "bogus" in outcome.err
    assert "Traceback" not in outcome.err


def test_no_overlap_is_an_error(anatase_, work):
    rutile = read_structure(work / "rutile.cif")
    tiny = replace(rutile, lattice=type(rutile.lattice)(0.8, 0.8, 0.7))
    write_structure(tiny, work / "tiny.cif")
    outcome = anatase_("refine", "scan_300.xye", "tiny.cif")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err


def test_gsas2_stands_beside_when_it_is_there(anatase_, monkeypatch):
    """GSAS-II itself is played: it gives our start back with an s.u.; the rest is ours."""
    import anatase.refine.gsas2.comparison as comparison
    from anatase.estimate import Estimate
    from anatase.refine.gsas2.engine import Gsas2Answer
    from anatase.refine.parameters.parameters import parameter_values

    asked = []

    def played(model, stages, folder=None):
        asked.extend(stages)
        values = parameter_values(model)
        told = {name: Estimate(values[name], 1e-4) for stage in stages for name in stage if name.endswith(".a")}
        return Gsas2Answer({"xray": 12.5}, 1.5, told, True, 3.0, ("no place for size",))

    monkeypatch.setattr(comparison, "refine_with_gsas2", played)
    outcome = anatase_("refine", "scan_300.xye", "rutile.cif", "--engine", "gsas2", "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    jsonschema.validate(found, refinement_json_schema())
    (row,) = found["gsas2"]["parameters"]
    assert row["name"].endswith(".a")
    apart = row["ours"]["value"] - row["theirs"]["value"]
    assert row["shift"] == pytest.approx(apart / max(1e-4, row["ours"]["su"]), rel=1e-4)
    assert asked
    assert all(asked)
    outcome = anatase_("refine", "scan_300.xye", "rutile.cif", "--engine", "gsas2", "--report", "g")
    assert "GSAS-II: Rwp xray 12.50 %" in outcome.out
    assert "GSAS-II: no place for size" in outcome.err


def test_gsas2_that_is_absent_is_said(anatase_, monkeypatch):
    monkeypatch.setenv("ANATASE_GSAS2_PYTHON", sys.executable)
    outcome = anatase_("refine", "scan_300.xye", "rutile.cif", "--engine", "gsas2", "--json")
    assert outcome.code == 1
    assert "has no GSAS-II" in outcome.err
    assert outcome.out == ""
