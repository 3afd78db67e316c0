"""What a pattern shows of its phases."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import Phase, PhasePart, RefinementModel
from anatase.refine.refine import refine, starts_of
from anatase.refine.strategy.visible_lines import visibility


def test_hidden_and_weak_lines_do_not_count(titania, scan):
    (start,) = starts_of([scan([titania[0]])], titania, {})
    histogram = start.histogram
    x, sigma = histogram.pattern.x, float(np.median(histogram.pattern.sigma))

    def peaks(*places: float, height: float = 100.0) -> np.ndarray:
        return sum(height * sigma * np.exp(-(((x - place) / 0.1) ** 2)) for place in places)

    strong = peaks(30.0, 40.0, 50.0)
    weak = peaks(40.02, 60.0, height=10.0) + peaks(70.0, height=1.0)  # one hidden, one clear, one below the noise
    phases = tuple(Phase(name, titania[0], (PhasePart(),)) for name in ("strong", "weak"))
    model = RefinementModel((histogram,), phases)
    flat = np.zeros_like(x)
    found = visibility(model, (Calculated(strong + weak, flat, (strong, weak), np.empty((0, x.size))),))
    assert [one.lines for one in found] == [3, 1]
    assert found[0].share + found[1].share == 1.0
    assert found[0].share > 0.9


def test_a_phase_without_a_line_outside_excluded_ranges_is_refused(titania, scan):
    # rutile has 110 at 27.4° and 101 at 36.1°; 22 to 26 and 30 to 34 hold none
    pattern = scan([titania[0]], limits=(22.0, 34.0))
    with pytest.raises(InputError, match="no line of TiO2 lies in what the excluded ranges leave"):
        refine(pattern, titania[0], excluded=[(26.0, 30.0)])
