"""Cells that are off by more than a peak width find their peaks again, also beside another phase."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.library import open_library
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import prepare
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, phase_curve, phase_lines
from anatase.refine.start.wide_alignment import residual_heights, wide_alignments
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import reflections

BEAM = radiation_from_name("CuKa")
X = np.arange(15.0, 90.0, 0.02)


def lines_of(library_id: str) -> PhaseLines:
    library = open_library()
    structure = library.structure(library.index_of(library_id))
    listed = reflections(structure, 1.0, u_default=TYPICAL_U_ISO)
    strength = listed.multiplicity * listed.f_squared
    return phase_lines(listed.hkl, listed.multiplicity, strength, structure.lattice, structure.space_group, BEAM)


def pattern_of(*phases: tuple[PhaseLines, np.ndarray, float]) -> Pattern:
    y = np.full(X.size, 100.0)
    for lines, strain, area in phases:
        model = WholePattern(X, np.ones((1, X.size)), BEAM, (lines,))
        y += phase_curve(model, np.array([0.0, 0.0, 0.01, 0.006, 0.0, area, *strain, 0.05, 0.02]), 0)
    y = np.random.default_rng(4).poisson(y).astype(float)
    return Pattern(X, y, np.sqrt(np.maximum(y, 1.0)), radiation=BEAM)


@pytest.mark.parametrize("strain", [(0.0, 0.0), (0.02, -0.01), (-0.03, 0.02), (0.06, 0.035)])
def test_tetragonal_cell_is_found(strain):
    rutile, zincite = lines_of("ncrystal/TiO2_sg136_Rutile"), lines_of("ncrystal/ZnO_sg186_ZincOxide")
    measurement = prepare(pattern_of((rutile, np.array(strain), 3000.0), (zincite, np.zeros(2), 1500.0)))
    heights = residual_heights(measurement, measurement.net, measurement.sigma)
    best = wide_alignments(heights, rutile, measurement, [np.zeros(2)], 0.0, 2)[0]
    # a strain of 0.005 moves a line at 60 degrees by 0.17, about its width: a fit finds its way from there
    assert best == pytest.approx(np.array(strain), abs=0.005)


def test_alignments_differ():
    rutile = lines_of("ncrystal/TiO2_sg136_Rutile")
    measurement = prepare(pattern_of((rutile, np.zeros(2), 3000.0)))
    heights = residual_heights(measurement, measurement.net, measurement.sigma)
    found = wide_alignments(heights, rutile, measurement, [np.zeros(2), np.zeros(2)], 0.0, 6)
    gaps = [np.abs(a - b).max() for i, a in enumerate(found) for b in found[:i]]
    assert min(gaps, default=1.0) > 0.003
    assert len(found) <= 6
