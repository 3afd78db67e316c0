"""A refinement and GSAS-II's beside it; against a stand-in."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatase.estimate import Estimate
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.counting import count_pattern
from anatase.pattern.pattern import Pattern
from anatase.refine import refine
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.gsas2 import compared_with_gsas2, side_by_side
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample


def test_a_refinement_goes_through_gsas2_as_it_went_here(titania, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(Path(__file__).with_name("fake_gsas2.py"), home / "GSASIIscriptable.py")
    monkeypatch.setenv("PYTHONPATH", str(home))
    x = np.arange(20.0, 90.0, 0.05)
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    blank = Histogram("lab", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((20.0, 90.0), (80.0,)))
    truth = RefinementModel((blank,), (Phase("R", titania[0], (PhasePart(0.004, Sample(size=800.0)),)),))
    ideal = replace(blank.pattern, intensity=calculated(truth, 0).intensity)
    ours = refine(count_pattern(ideal, np.random.default_rng(4)), replace(titania[0], name="R"), wavelength="CuKa")
    found = compared_with_gsas2(ours, tmp_path / "work")
    calls = json.loads((tmp_path / "work" / "calls.json").read_text())
    freed = [step for step in ours.steps if not step.reverted and any(ours[name].refined for name in step.freed)]
    assert calls.count(["refine"]) == len(freed) > 2
    name = f"{ours.model.phases[0].name}.a"
    cell = next(row for row in found.rows if row.name == name)
    assert cell.ours == Estimate(ours[name].value, ours[name].su)
    assert cell.theirs == Estimate(4.594, 0.0001)
    assert cell.shift == pytest.approx((cell.ours.value - 4.594) / max(cell.ours.su or 0.0, 0.0001))
    assert found.theirs.rwp == {"xray": 9.5}


def test_values_without_s_u_have_no_distance():
    (row,) = side_by_side({"A.a": Estimate(4.0)}, {"A.a": Estimate(4.1)})
    assert row.shift is None
