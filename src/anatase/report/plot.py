"""Rietveld plots with matplotlib, for papers and for reading on in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from anatase.errors import MissingExtra
from anatase.identify.answer import Identification
from anatase.identify.joint_answer import JointIdentification
from anatase.refine.refinement import Refinement
from anatase.report.figure import DrawnFit, drawn_identification
from anatase.report.notation import AXIS_LABELS, formula_text
from anatase.report.refinement_figure import drawn_refinement
from anatase.report.svg import phase_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["plot_identification", "plot_joint", "plot_refinement"]

SIZE = (9.0, 5.0)  # inches
WEAKEST_TICK = 0.5  # percent of the strongest line of a phase


def plot_identification(identification: Identification, figure: Figure | SubFigure | None = None) -> Figure | SubFigure:
    """Draw the fit of an identification: observed, calculated, background, reflections, and the difference below.

    Raises
    ------
    MissingExtra
        When matplotlib is not installed.
    """
    return _drawn([drawn_identification(identification)], figure)


def plot_joint(joint: JointIdentification, figure: Figure | SubFigure | None = None) -> Figure | SubFigure:
    """Draw the fits of a joint identification one below the other. Raises ``MissingExtra`` without matplotlib."""
    return _drawn([drawn_identification(answer) for answer in joint.answers], figure)


def plot_refinement(refinement: Refinement, figure: Figure | SubFigure | None = None) -> Figure | SubFigure:
    """Draw the fit of a refinement, its patterns one below the other. Raises ``MissingExtra`` without matplotlib."""
    return _drawn([drawn_refinement(refinement, i) for i in range(len(refinement.model.histograms))], figure)


def _drawn(fits: list[DrawnFit], figure: Figure | SubFigure | None) -> Figure | SubFigure:
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise MissingExtra("matplotlib", "plot") from error
    target: Any = figure
    if target is None:
        target = plt.figure(figsize=(SIZE[0], SIZE[1] * len(fits)), layout="constrained")
    grid = target.subplots(2 * len(fits), 1, squeeze=False, height_ratios=[4.0, 1.0] * len(fits))[:, 0]
    for fit, main, below in zip(fits, grid[::2], grid[1::2], strict=True):
        _draw_fit(fit, main, below)
    shown: Figure | SubFigure = target
    return shown


def _draw_fit(fit: DrawnFit, main: Axes, below: Axes) -> None:
    x, observed = fit.pattern.x, fit.pattern.intensity
    main.plot(x, observed, ".", ms=2.0, color="0.45", label="observed")
    main.plot(x, fit.calculated, lw=0.9, color="#b3261e", label="calculated")
    main.plot(x, fit.background, lw=0.7, color="0.15", label="background")
    top = float(max(observed.max(), fit.calculated.max()))
    colours = phase_colours()
    for k, phase in enumerate(fit.phases):
        strong = phase.ticks.position[phase.ticks.intensity >= WEAKEST_TICK]
        level = np.full(strong.size, -0.05 * top * (k + 1))
        label = f"{phase.name} {formula_text(phase.formula)}"
        main.plot(strong, level, "|", ms=8.0, color=colours[k % len(colours)], label=label)
    if fit.unexplained.size:
        height = np.interp(fit.unexplained, x, observed) + 0.03 * top
        main.plot(fit.unexplained, height, "v", mfc="none", color="#b3261e", label="unexplained")
    below.plot(x, observed - fit.calculated, lw=0.6, color="0.3")
    name, unit = AXIS_LABELS[fit.pattern.axis]
    main.set(title=fit.pattern.name or fit.name, ylabel="intensity", xlim=(x[0], x[-1]), xticklabels=[])
    main.legend(loc="upper right", fontsize="small", frameon=False)
    below.set(xlabel=f"{name} ({unit})", ylabel="difference", xlim=(x[0], x[-1]))
