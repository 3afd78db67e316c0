"""Peaks that a model leaves: of no phase, or of a line that is too weak."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.refine import starts_of
from anatase.refine.unexplained_peaks import unexplained_peaks


@pytest.mark.parametrize(("line", "words"), [(0.0, "no phase explains the peaks"), (0.1, "far higher than the lines")])
def test_a_peak_with_a_weak_line_of_a_phase_is_not_called_unknown(titania, scan, line, words):
    (start,) = starts_of([scan([titania[0]])], titania, {})
    x = start.histogram.pattern.x

    def peak(place: float, height: float) -> np.ndarray:
        return height * np.exp(-(((x - place) / 0.1) ** 2))

    background = np.full_like(x, 100.0)
    pattern = Pattern(x, background + peak(40.0, 5000.0) + peak(50.0, 2000.0), np.sqrt(background))
    one = Histogram("xray", pattern, start.histogram.beam, start.histogram.background)
    phase = peak(40.0, 5000.0) + peak(50.03, line * 2000.0)
    model = RefinementModel((one,), (Phase("rutile", titania[0], (PhasePart(),)),))
    told = unexplained_peaks(model, one, Calculated(background + phase, background, (phase,), np.empty((0, x.size))))
    assert len(told) == 1
    assert words in told[0]
    assert "50.0" in told[0]
    assert ("rutile" in told[0]) == (line > 0.0)
