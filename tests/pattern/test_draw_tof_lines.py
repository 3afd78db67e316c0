"""Drawing time-of-flight lines: areas, sums, chunks."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.pattern.draw_tof_lines import (
    TofLines,
    TofSensitivity,
    draw_tof_lines,
    draw_tof_lines_with_derivatives,
    reach_of_tof_lines,
)
from anatase.pattern.tof_profile import TofLineShape, back_to_back

SHAPE = TofLineShape(np.array([0.5, 0.1]), np.array([0.05, 0.02]), np.array([100.0, 400.0]), np.array([2.0, 0.0]))
LINES = TofLines(np.array([15_000.0, 30_000.0]), np.array([2.0, 5.0]), SHAPE)
TOF = np.arange(500.0, 40_000.0, 1.0)


def test_drawn_lines_keep_their_area():
    for tail in (1e-2, 1e-3, 1e-4):
        lines = []
        for i in range(2):
            shape = TofLineShape(*(q[i : i + 1] for q in SHAPE))
            lines.append(draw_tof_lines(TOF, TofLines(LINES.position[i : i + 1], LINES.area[i : i + 1], shape), tail))
        assert [float(line.sum()) for line in lines] == pytest.approx([2.0, 5.0], rel=1.2 * tail)
        np.testing.assert_allclose(draw_tof_lines(TOF, LINES, tail), lines[0] + lines[1], atol=1e-16)


def test_values_within_reach_are_the_profile():
    before, after = reach_of_tof_lines(SHAPE, 1e-3)
    drawn = draw_tof_lines(TOF, LINES)
    t = TOF - 15_000.0
    near = (t > -before[0]) & (t < after[0])
    value, _ = back_to_back(t[near], 0.5, 0.05, 100.0, 2.0)
    np.testing.assert_allclose(drawn[near], 2.0 * value, rtol=1e-12)
    assert np.all(drawn[(t < -before[0]) | (t - 15_000.0 > after[1])] == 0.0)


def test_changes_of_attributes_add_up():
    changes = [
        TofSensitivity("area", np.array([0]), np.array([[1.0, 3.0]])),
        TofSensitivity("position", np.array([2, 0]), np.array([[0.0, 2.0], [1.0, 0.0]])),
    ]
    whole, rows = draw_tof_lines_with_derivatives(TOF, LINES, changes, 4)
    np.testing.assert_allclose(draw_tof_lines(TOF, LINES), whole, rtol=1e-14)
    assert np.all(rows[[1, 3]] == 0.0)
    # ∂area: the first line once and the second three times, of unit areas; a shift leaves the area as it is
    assert rows.sum(axis=1) == pytest.approx([4.0, 0.0, 0.0, 0.0], abs=4e-3)
    # moving the second line, of area 5, by 2 per unit: first moment 10
    assert rows[2] @ (TOF - 30_000.0) == pytest.approx(10.0, rel=2e-2)


def test_no_lines_no_intensity():
    none = np.empty(0)
    empty = TofLines(none, none, TofLineShape(none, none, none, none))
    assert np.all(draw_tof_lines(TOF, empty) == 0.0)
    assert draw_tof_lines_with_derivatives(TOF, empty, [], 3)[1].shape == (3, TOF.size)
