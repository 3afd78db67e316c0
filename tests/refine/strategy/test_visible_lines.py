"""What a pattern shows of its phases."""

from __future__ import annotations

import numpy as np

from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import Phase, PhasePart, RefinementModel
from anatase.refine.refine import starts_of
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
