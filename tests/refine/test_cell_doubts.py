"""What cells rest on: the cell by the other kind of shift is the one that a fit with it finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase import simulate
from anatase.pattern.pattern import Pattern
from anatase.refine import refine
from anatase.refine.cell_doubts import cell_by_other_shift, cell_doubts
from anatase.refine.parameters.parameters import with_values
from anatase.refine.strategy.strategy import Rules, refit
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample


def _answer(structure, displacement):
    """Refine a scan of one phase, displaced by so many mm."""
    instrument = Instrument(gauss_w=0.004, s_over_l=0.02, h_over_l=0.02, displacement=displacement)
    found = simulate([structure], "CuKa", (20.0, 120.0), 0.04, instrument, Sample(size=800.0))
    expected = found.intensity / found.intensity.max() * 20000.0 + 100.0
    counts = np.random.default_rng(2).poisson(expected).astype(float)
    pattern = Pattern(found.x, counts, np.sqrt(np.maximum(counts, 1.0)), radiation=found.radiation, name="scan.xy")
    return refine(pattern, replace(structure, name="R"))


@pytest.fixture(scope="module")
def displaced(titania):
    return _answer(titania[0], -0.3)


def test_the_cell_by_the_other_shift_is_that_of_a_fit_with_it(displaced):
    refined = {one.name for one in displaced.parameters if one.refined}
    assert "xray.displacement" in refined
    expected = cell_by_other_shift(displaced.model.histograms[0], displaced.calculated[0], refined)
    names = [name for name in displaced.fitted.parametrisation.names if name != "xray.displacement"]
    still = with_values(displaced.model, {"xray.displacement": 0.0, "xray.zero": 0.1})
    other = refit(still, [*names, "xray.zero"], (), Rules(), 40, 0.01).model.phases[0].structure.lattice
    lattice = displaced.model.phases[0].structure.lattice
    found = np.array([other.a / lattice.a, other.c / lattice.c]) - 1.0
    # the estimate is of one strain alike in all directions
    assert found.mean() == pytest.approx(expected, rel=0.2)
    assert abs(expected) > 2e-4


def test_a_large_shift_is_warned_of_and_a_small_one_is_not(displaced, titania):
    assert len([text for text in displaced.warnings if "model of the lines' shift" in text]) == 1
    assert not any("model of the lines' shift" in text for text in _answer(titania[0], 0.03).warnings)


def test_a_standard_whose_cell_is_held_settles_it(displaced):
    parameters = [replace(one, refined=one.refined and one.name not in ("R.a", "R.c")) for one in displaced.parameters]
    assert cell_doubts(displaced.model, displaced.parameters, displaced.calculated)
    assert cell_doubts(displaced.model, parameters, displaced.calculated) == []


def test_both_shifts_refined_leave_nothing_to_choose(displaced):
    refined = {"xray.displacement", "xray.zero"}
    assert cell_by_other_shift(displaced.model.histograms[0], displaced.calculated[0], refined) is None


def test_an_absent_phase_is_no_standard(displaced, titania):
    pattern = displaced.model.histograms[0].pattern
    answer = refine(pattern, [replace(titania[0], name="R"), replace(titania[1], name="A")])
    assert not answer["A.a"].refined
    assert any("model of the lines' shift" in text for text in answer.warnings)
