"""Rietveld plots with matplotlib."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from anatase.errors import MissingExtra


@pytest.fixture
def pyplot(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib, extra [plot], is not installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    yield plt
    plt.close("all")


def test_the_curves_are_those_of_the_answer(two_phases, pyplot):
    figure = two_phases.plot()
    main, below = figure.axes
    drawn = {line.get_label(): line for line in main.lines}
    np.testing.assert_array_equal(drawn["observed"].get_ydata(), two_phases.pattern.intensity)
    np.testing.assert_array_equal(drawn["calculated"].get_ydata(), two_phases.y_calc)
    ticks = two_phases.phases[0].ticks
    assert set(drawn["Anatase TiO₂"].get_xdata()) <= set(ticks.position)
    assert drawn["unexplained"].get_xdata().tolist() == [41.37]
    np.testing.assert_allclose(below.lines[0].get_ydata(), two_phases.pattern.intensity - two_phases.y_calc)
    assert below.get_xlabel() == "2θ (°)"
    figure.canvas.draw()


def test_a_figure_may_be_given(joint, pyplot):
    figure = pyplot.figure()
    assert joint.plot(figure) is figure
    assert len(figure.axes) == 4  # two patterns, each with its difference


def test_without_matplotlib_the_extra_is_named(two_phases, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"matplotlib is not installed; run: pip install 'anatase\[plot\]'"):
        two_phases.plot()
