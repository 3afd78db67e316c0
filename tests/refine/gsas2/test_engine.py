"""What GSAS-II is asked, and how its answer comes back; against a stand-in, for GSAS-II itself is not there."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatase.errors import ConvergenceError, InputError
from anatase.io.foreign import ForeignDiffractometer
from anatase.io.gsas_scale import scale_unit
from anatase.io.structure_files import read_structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.gsas2 import refine_with_gsas2
from anatase.refine.gsas2.job import job_of
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

STAGES = [
    ["R.lab.scale", "lab.background.chebyshev_0", "lab.background.chebyshev_1"],
    ["R.a", "R.c", "lab.displacement", "lab.gauss_u", "R.lab.size", "R.lab.strain"],
    ["R.O.x"],
    ["R.O.u_iso", "R.lab.march_r"],
]


@pytest.fixture
def model(titania) -> RefinementModel:
    x = np.arange(20.0, 90.0, 0.1)
    pattern = Pattern(x, np.full(x.size, 50.0), np.full(x.size, 7.0))
    instrument = Instrument(displacement=0.05, s_over_l=0.01, h_over_l=0.01, radius=217.5)
    beam = ConstantWavelength(radiation_from_name("CuKa"), instrument, ScatteringModel("xray", 1.5406))
    background = BackgroundModel((20.0, 90.0), (120.0, -40.0))
    histogram = Histogram("lab", pattern, beam, background, ((0.0, 25.0), (40.0, 41.0)))
    part = PhasePart(0.004, Sample(size=3000.0, shape_factor=0.9, strain=2e-4))
    return RefinementModel((histogram,), (Phase("R", titania[0], (part,)),))


@pytest.fixture
def fake(tmp_path, monkeypatch) -> Path:
    """Put the stand-in where this Python finds GSASIIscriptable."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(Path(__file__).with_name("fake_gsas2.py"), home / "GSASIIscriptable.py")
    monkeypatch.setenv("PYTHONPATH", str(home))
    return tmp_path / "work"


def test_the_recipe_is_asked_stage_by_stage(model, fake):
    found = refine_with_gsas2(model, STAGES, folder=fake)
    calls = json.loads((fake / "calls.json").read_text())
    assert ["data", True, True, "xye"] in calls
    assert ["structure", True, "R", "CIF"] in calls
    (limits,) = [call[2]["Limits"] for call in calls if call[0] == "histogram" and "Limits" in call[2]]
    assert limits == pytest.approx([25.0, 89.9])
    assert ["excluded", "PWDR lab", [[40.0, 41.0]]] in calls
    # K is 1 in GSAS-II: 3000 Å of K = 0.9 are 0.333 µm; strain is in 10⁶ of the full width, 4 e tan θ
    starts = {c[3]: c[5] for c in calls if c[0] == "start"}
    assert starts == pytest.approx({"size": 3000.0 / 0.9 / 1e4, "microstrain": 800.0})
    stages, own = [], []
    for call in calls[calls.index(next(c for c in calls if c[0] == "start")) :]:
        if call == ["refine"]:
            stages, own = [*stages, own], []
        elif call[0] != "start":
            own.append(call)
    assert stages[0] == [["histogram", "PWDR lab", {"Sample Parameters": ["Scale"], "Background": {"refine": True}}]]
    assert ["phase", "R", {"Cell": True}] in stages[1]
    assert ["histogram", "PWDR lab", {"Sample Parameters": ["Shift"], "Instrument Parameters": ["U"]}] in stages[1]
    assert ["part", "R", {"Size": {"type": "isotropic", "refine": True}}, ["PWDR lab"]] in stages[1]
    assert stages[2] == [["phase", "R", {"Atoms": {"O": "X"}}]]
    assert stages[3] == [["phase", "R", {"Atoms": {"O": "XU"}}]]  # flags replace each other there
    assert any("R.lab.march_r has no counterpart" in one for one in found.warnings)


def test_the_answer_is_in_our_names_and_units(model, fake):
    found = refine_with_gsas2(model, STAGES, folder=fake)
    assert found.rwp == {"lab": 9.5}
    assert (found.gof, found.converged) == (1.2, True)
    values = {name: (one.value, one.su) for name, one in found.parameters.items()}
    assert values["R.a"] == (4.594, 0.0001)
    assert values["R.O.x"] == (0.305, 0.0002)
    assert values["R.O.u_iso"] == (0.006, 0.001)
    assert values["lab.background.chebyshev_0"] == (100.0, 0.5)
    assert values["lab.displacement"] == pytest.approx((0.05, 0.002))  # that of the start; µm there
    assert values["lab.gauss_u"] == pytest.approx((2.0 * 5.545177e-4, 0.1 * 5.545177e-4))  # variance, 0.01 deg²
    assert values["R.lab.size"] == pytest.approx((0.3 * 1e4 * 0.9, 0.01 * 1e4 * 0.9))
    assert values["R.lab.strain"] == pytest.approx((800.0 / 4e6, 20.0 / 4e6))


def test_a_python_without_gsas2_is_told(model, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(InputError, match="has no GSAS-II; install it"):
        refine_with_gsas2(model, STAGES, python=sys.executable)
    with pytest.raises(InputError, match="cannot be run"):
        refine_with_gsas2(model, STAGES, python=tmp_path / "nowhere")


def test_an_error_of_gsas2_is_told_in_its_words(model, fake):
    home = fake.parent / "home" / "GSASIIscriptable.py"
    home.write_text(home.read_text().replace('CALLS.append(["refine"])', 'raise ValueError("singular matrix")'))
    with pytest.raises(ConvergenceError, match="GSAS-II stopped with an error: ValueError: singular matrix"):
        refine_with_gsas2(model, STAGES, folder=fake)


def test_what_gsas2_does_not_have_is_refused(model, tmp_path):
    with pytest.raises(InputError, match="give GSAS-II phases with atoms"):
        job_of(model.with_phase(0, replace(model.phases[0], mode="lebail")), STAGES, tmp_path)


def test_scales_are_gsas2s_own(model, titania, tmp_path):
    # the reader of projects turns them back: product of both scales and the unit is ours
    second = Phase("A", titania[1], (PhasePart(0.001),))
    told = job_of(RefinementModel(model.histograms, (*model.phases, second)), STAGES, tmp_path).told
    ours = told["histograms"][0]["sample"]["Scale"]
    volumes = [read_structure(tmp_path / f"{name}.cif").lattice.volume for name in "RA"]
    assert [one["scale"] for one in told["parts"]] == pytest.approx([1.0, 0.25 * volumes[1] / volumes[0]], rel=1e-6)
    beam = model.histograms[0].beam
    assert ours * scale_unit(ForeignDiffractometer(beam.radiation, beam.instrument), volumes[0]) == pytest.approx(0.004)
