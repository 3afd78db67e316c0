"""Other programs' refinements carried out here, and refinements here stated for them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.foreign import (
    ForeignDiffractometer,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
    LinearRelation,
    SharedShift,
)
from anatase.io.instrument_file import read_instrument
from anatase.io.structure_files import read_structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.foreign.export import EXPORTS, export_refinement
from anatase.refine.foreign.foreign_model import FOREIGN_READERS, foreign_of, foreign_start, read_foreign
from anatase.refine.foreign.refine_foreign import refine_foreign
from anatase.refine.refine import refine
from anatase.scattering.radiation import radiation_from_name
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

X = np.round(np.arange(20.0, 100.0, 0.04), 6)
FREE = frozenset(("rutile.a", "rutile.c", "rutile.O.x", "rutile.xray.scale", "rutile.Ti.u_iso", "rutile.O.u_iso",
                  "xray.background.chebyshev_0"))  # fmt: skip


@pytest.fixture
def foreign(titania):
    """Rutile in a pattern of its own, drawn with noise, as a file would state it: U equal, a cell 0.1 % off."""
    histogram = ForeignHistogram(
        "xray", ForeignDiffractometer(radiation_from_name("CuKa"), Instrument(lorentz_x=0.0, lorentz_y=0.0)),
        BackgroundModel((20.0, 100.0), (80.0, 0.0)), "rutile.xye", pattern=Pattern(X, np.ones_like(X), np.ones_like(X)),
        limits=(22.0, 98.0), excluded=((60.0, 61.0),),
    )  # fmt: skip
    phase = ForeignPhase("rutile", titania[0], {"xray": ForeignPart(1e-3, Sample(size=700.0))})
    told = ForeignRefinement(
        (phase,), (histogram,), FREE, (SharedShift(((1.0, "rutile.Ti.u_iso"), (1.0, "rutile.O.u_iso"))),)
    )
    curve = calculated(foreign_start(told, None).model, 0)
    x = foreign_start(told, None).model.histograms[0].pattern.x
    counts = np.random.default_rng(5).poisson(curve.intensity).astype(float)
    pattern = Pattern(x, counts, np.sqrt(np.maximum(counts, 1.0)), name="rutile.xye", sha256="b" * 64)
    off = replace(titania[0], lattice=type(titania[0].lattice)(4.598, 4.598, 2.9587))
    return replace(told, phases=(replace(phase, structure=off),), histograms=(replace(histogram, pattern=pattern),))


def test_a_model_starts_where_the_file_does(foreign, tmp_path):
    start = foreign_start(foreign, tmp_path)
    assert set(start.names) == FREE
    histogram, (phase,) = start.model.histograms[0], start.model.phases
    assert histogram.pattern.x[[0, -1]].tolist() == [22.0, 98.0]
    assert histogram.excluded == ((60.0, 61.0),)
    assert histogram.background.chebyshev == (80.0, 0.0)
    assert phase.parts[0].scale == 1e-3
    assert phase.parts[0].sample.size == 700.0
    assert [type(one).__name__ for one in start.constraints] == ["Equal"]


def test_a_background_without_values_is_estimated(foreign, tmp_path):
    blank = replace(foreign.histograms[0], background=BackgroundModel((20.0, 100.0), (0.0, 0.0)))
    background = foreign_start(replace(foreign, histograms=(blank,)), tmp_path).model.histograms[0].background
    assert len(background.chebyshev) == 2  # as many as the file frees
    x = np.array([25.0, 60.0, 95.0])
    assert background.intensity(x, x) == pytest.approx(80.0, abs=8.0)  # the truth of the simulation


def test_what_is_free_in_the_file_is_refined(foreign, tmp_path, monkeypatch):
    monkeypatch.setattr("anatase.refine.foreign.refine_foreign.read_foreign", lambda path: foreign)
    (tmp_path / "r.inp").write_text("")
    answer = refine_foreign(tmp_path / "r.inp")
    assert {one.name for one in answer.parameters if one.refined} == FREE
    assert answer.n_refined == len(FREE) - 1  # one U for both sites
    a = answer["rutile.a"]
    assert a.value == pytest.approx(4.5937, abs=4.0 * a.su_corrected)  # the truth of the simulation
    assert answer.gof == pytest.approx(1.0, abs=0.1)
    assert answer["rutile.O.u_iso"].tied_to == "rutile.Ti.u_iso"
    assert set(answer.provenance.inputs) == {"r.inp", "rutile.xye"}
    back = foreign_of(answer)
    assert back.free == FREE
    assert set(back.shared) == set(foreign.shared)
    assert back.phases[0].parts["xray"].scale == answer["rutile.xray.scale"].value


def test_data_are_looked_for_beside_the_file(foreign, tmp_path):
    bare = replace(
        foreign, histograms=(replace(foreign.histograms[0], pattern=None, data_file="C:\\data\\RUTILE.XYE"),)
    )
    with pytest.raises(InputError, match=r"RUTILE\.XYE, are not beside"):
        foreign_start(bare, tmp_path)
    np.savetxt(tmp_path / "rutile.xye", np.column_stack([X, np.full_like(X, 100.0), np.full_like(X, 10.0)]))
    assert len(foreign_start(bare, tmp_path).model.histograms[0].pattern) == 1901
    with pytest.raises(InputError, match="2 patterns for 1"):
        foreign_start(bare, tmp_path, [foreign.histograms[0].pattern] * 2)


def test_histograms_without_data_are_left_out(foreign, tmp_path):
    """Of two patterns one has no data: it is named once, and nothing of it stays."""
    absent = replace(foreign.histograms[0], name="later", pattern=None, data_file="later.xye")
    tied = SharedShift(((1.0, "rutile.xray.scale"), (1.0, "rutile.later.scale")))
    both = replace(foreign, histograms=(*foreign.histograms, absent), shared=(*foreign.shared, tied),
                   free=FREE | {"rutile.later.scale", "later.zero"})  # fmt: skip
    start = foreign_start(both, tmp_path)
    assert len(start.model.histograms) == 1
    assert set(start.names) == FREE
    assert len(start.constraints) == 1
    assert [text for text in start.warnings if "later" in text] == [
        "the data of later, later.xye, are not beside the refinement file: left out"
    ]


def test_what_is_lost_is_told(foreign, tmp_path):
    more = replace(foreign, free=FREE | {"rutile.b"}, relations=(LinearRelation(((1.0, "rutile.b"),), 4.6),))
    told = foreign_start(more, tmp_path).warnings
    assert any(text.startswith("rutile.b is free in the file") for text in told)
    with pytest.raises(InputError, match="no pattern or no phase"):
        foreign_start(replace(foreign, phases=()), tmp_path)


def test_every_export_is_written_and_those_with_a_reader_come_back(foreign, tmp_path, monkeypatch):
    """The written file, read and refined, ends at the same Rwp to 1 % of it: profiles differ between programs."""
    with monkeypatch.context() as patch:
        patch.setattr("anatase.refine.foreign.refine_foreign.read_foreign", lambda path: foreign)
        (tmp_path / "r.inp").write_text("")
        answer = refine_foreign(tmp_path / "r.inp")
    for program, (suffix, _, _) in EXPORTS.items():
        told: list[str] = []
        written = export_refinement(answer, program, tmp_path / program / "out", told.append)
        assert all(path.stat().st_size > 100 for path in written)
        assert written[0].suffix == suffix
        if program == "gsas2":
            bank = read_instrument(written[0])
            assert bank.beam.radiation.wavelength == answer.model.histograms[0].beam.radiation.wavelength
            assert read_structure(written[1]).formula == "TiO2"
        if program in ("topas", "fullprof", "gsas"):
            again = refine_foreign(written[0])
            for text in told:  # of what the file lacks, who reads it learns too
                assert any(text.replace("not written:", "the file leaves out") in one for one in again.warnings), text
            assert again.rwp == pytest.approx(answer.rwp, rel=0.01), program
            assert again.parameters[0].value == pytest.approx(
                answer["rutile.a"].value, abs=2.0 * answer["rutile.a"].su_corrected
            )
    with pytest.raises(InputError, match="give one of topas"):
        export_refinement(answer, "jana", tmp_path / "x")


@pytest.mark.parametrize("mode", ["lebail", "pawley"])
def test_fits_without_structures_come_back_or_say_why_not(titania, scan, tmp_path, mode):
    """Files of TOPAS and FullProf then hold a cell without atoms; where the mode is lost, writer and reader say so."""
    given = scan([titania[0]], limits=(25.0, 60.0))
    answer = refine(given, replace(titania[0], name="rutile"), mode=mode)
    for program in ("topas", "fullprof", "gsas", "bgmn"):
        told: list[str] = []
        written = export_refinement(answer, program, tmp_path / mode / program / "out", told.append)
        again = refine_foreign(written[0])
        kept = again.model.phases[0].mode == mode
        assert kept == (program == "topas" or (mode == "lebail" and program != "bgmn"))
        assert kept != any("Pawley" in text or "Le Bail" in text for text in told)
        assert kept != any("Pawley" in text or "Le Bail" in text for text in again.warnings)
        if program != "bgmn":
            values = [one.value for one in again.parameters[:2]]
            assert values == pytest.approx([answer["rutile.a"].value, answer["rutile.c"].value], rel=1e-4)
            assert again.rwp == pytest.approx(answer.rwp, rel=0.02)


def test_unknown_files_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"give one of \.exp"):
        read_foreign(tmp_path / "x.jana")
    assert set(FOREIGN_READERS) >= {".exp", ".gpx", ".inp", ".pcr"}


def test_an_experiment_of_gsas(shared_data, tmp_path):
    """GSAS's own fluorapatite: the cell that GSAS refined stands in the .EXP, and its Rwp of 10.05 %."""
    for name in ("FAP.EXP", "FAP.XRA"):
        shutil.copy(shared_data / "refine/fap" / name, tmp_path / name)
    answer = refine_foreign(tmp_path / "FAP.EXP")
    assert answer.rwp < 10.05
    values = [one.value for one in answer.parameters if one.name.endswith((".a", ".c"))]
    assert values == pytest.approx([9.371724, 6.885867], rel=5e-6)
