"""Answers on the axis and in the intensities that were measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.identify import identify
from anatase.identify.equivalent_pattern import EquivalentPattern
from anatase.identify.own_axis import on_own_axis
from anatase.scattering.radiation import radiation_from_name, synchrotron_radiation

CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"
KV200 = {"radiation": radiation_from_name("200 kV", "electron"), "limits": (0.2, 1.75), "step": 0.001, "fwhm": 0.012}
SHORT = {"radiation": synchrotron_radiation(0.165, 0.8), "limits": (0.8, 11.5), "step": 0.004, "fwhm": 0.03}


@pytest.mark.parametrize("beam", [KV200, SHORT], ids=["electrons", "synchrotron"])
def test_curves_are_those_of_the_measured_pattern(library, simulate, beam):
    pattern = simulate({CORUNDUM: 1.0}, seed=3, **beam)
    answer = identify(pattern, library, elements=["Al", "O"])
    measured = np.interp(answer.pattern.x, pattern.x, pattern.intensity)
    averaged = answer.settings["points_averaged"]
    scatter = np.sqrt(np.maximum(measured, 1.0) * (1.0 + 1.0 / averaged))
    assert np.mean(((measured - answer.pattern.intensity) / scatter) ** 2) < 2.0
    total = answer.background + sum(phase.profile for phase in answer.phases)
    np.testing.assert_allclose(total, answer.y_calc, rtol=1e-6)
    ticks = answer.phases[0].ticks
    theta = np.radians(ticks.position / 2.0)
    np.testing.assert_allclose(pattern.radiation.wavelength / (2.0 * np.sin(theta)), ticks.d_spacing, rtol=2e-3)
    # the strongest line of the ticks is the highest of the pattern, doublets of lines aside
    top = pattern.x[pattern.intensity.argmax()]
    strong = ticks.position[ticks.intensity > 60.0]
    assert np.abs(strong - top).min() < 3.0 * beam["fwhm"]


def test_unexplained_peaks_and_shift(library, simulate):
    pattern = simulate({CORUNDUM: 0.7, FLUORITE: 0.3}, seed=3, **SHORT)
    moved = replace(pattern, x=pattern.x + 0.004)
    answer = identify(moved, library, elements=["Al", "O"])
    assert answer.displacement is not None
    assert answer.displacement.value == pytest.approx(0.004, abs=0.003)
    a = library.structure(library.index_of(FLUORITE)).lattice.a
    strongest = {a / np.sqrt(3.0), a / np.sqrt(8.0), a / np.sqrt(11.0)}
    assert answer.unexplained_peaks
    peak = answer.unexplained_peaks[0]
    assert min(abs(peak.d_spacing - d) for d in strongest) < 0.02
    expected = 2.0 * np.degrees(np.arcsin(0.165 / (2.0 * peak.d_spacing)))
    assert peak.position == pytest.approx(expected, abs=1e-6)
    near = np.abs(moved.x - peak.position) < 0.05
    assert peak.height == pytest.approx(moved.intensity[near].max(), rel=0.4)


def test_a_laboratory_answer_stays_as_it_is(library, simulate):
    pattern = simulate({CORUNDUM: 1.0}, seed=3)
    answer = identify(pattern, library, elements=["Al", "O"])
    assert on_own_axis(answer, EquivalentPattern(pattern)) is answer
