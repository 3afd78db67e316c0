"""A 2θ axis that runs too slowly: found from phases that agree, and set right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.identify.axis_stretch import axis_stretch, with_true_axis
from anatase.identify.hypothesis import Candidate
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.pattern.counting import count_pattern
from anatase.refine.start.measurement import prepare
from anatase.simulation.powder import simulate

RATE = 0.0215


@pytest.fixture(scope="module")
def mixture(library):
    """Return a library, entries of fluorite, rutile and rock salt, and their counted pattern of equal weights."""
    wanted = (("CaF2", 225), ("TiO2", 136), ("NaCl", 225))
    described = list(zip(library.formulas, library.space_group_numbers.tolist(), strict=True))
    entries = [described.index(phase) for phase in wanted]
    pattern = simulate([library.structure(i) for i in entries], "CuKa", (10.0, 100.0), 0.02)
    rng = np.random.default_rng(3)
    pattern = replace(pattern, intensity=pattern.intensity + 0.02 * pattern.intensity.max())
    return library, np.array(entries), count_pattern(pattern, rng, maximum=5000.0)


def stretch_of(library, entries, pattern, used):
    space = SearchSpace(prepare(pattern), library, entries, SearchSettings())
    # from where a search finds them: strained by what the axis is off
    off = float(pattern.x[-1] < 99.0) * -1.5 * RATE
    candidates = []
    for i in used:
        lines = space.lines(int(entries[i]))
        candidates.append(Candidate(int(entries[i]), lines, (off, *[0.0] * (len(lines.basis) - 1))))
    return axis_stretch(space, fit_hypothesis(space, tuple(candidates)))


def test_a_stretch_is_found(mixture):
    library, entries, pattern = mixture
    filed = replace(pattern, x=pattern.x[0] + (pattern.x - pattern.x[0]) / (1.0 + RATE))
    found = stretch_of(library, entries, filed, (0, 1, 2))
    # the search of the stretch ends at 0.0005
    assert found == pytest.approx(RATE, abs=0.001)
    assert with_true_axis(filed, found).x[-1] == pytest.approx(pattern.x[-1], abs=0.1)
    assert "too slow" in with_true_axis(filed, found).warnings[-1]


def test_a_true_axis_stays(mixture):
    library, entries, pattern = mixture
    assert stretch_of(library, entries, pattern, (0, 1, 2)) == 0.0


def test_one_phase_alone_is_a_strained_cell(mixture):
    library, entries, pattern = mixture
    filed = replace(pattern, x=pattern.x[0] + (pattern.x - pattern.x[0]) / (1.0 + RATE))
    assert stretch_of(library, entries, filed, (0,)) == 0.0
