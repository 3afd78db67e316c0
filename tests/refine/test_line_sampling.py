"""Points on a line: as many as the width holds, and a warning where they are too few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.refine import refine
from anatase.refine.line_sampling import points_per_line


@pytest.mark.parametrize(("fwhm", "points"), [(10.0, 10.0), (4.2, 5.0)])
def test_points_of_gaussians(fwhm, points):
    x = np.arange(400.0)
    curve = sum(np.exp(-4.0 * np.log(2.0) * ((x - place) / fwhm) ** 2) for place in (50.0, 150.0, 320.0))
    assert points_per_line(curve) == pytest.approx(points, abs=1.0)


def test_one_point_to_a_line_is_warned_of(titania, scan):
    whole = scan([titania[0]])
    every = slice(None, None, 20)
    sparse = replace(whole, x=whole.x[every], intensity=whole.intensity[every], sigma=whole.sigma[every])
    told = refine(sparse, titania[0], background=2).warnings
    assert any("points to the width of a line" in text for text in told)
    assert not any("points to the width of a line" in text for text in refine(whole, titania[0]).warnings)
