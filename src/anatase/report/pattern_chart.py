"""A simulated pattern as a picture: curve, reflections of each phase, indices of the strong ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.pattern.pattern import Pattern
from anatase.report.markup import tagged, text_html
from anatase.report.notation import AXIS_LABELS, formula_text, space_group_text
from anatase.report.simulation import PhaseLines, Simulation, beam_text
from anatase.report.svg import (
    INK,
    LETTER,
    SOFT,
    Panel,
    hkl_svg,
    line_svg,
    page,
    phase_colours,
    polyline,
    text_svg,
    title_svg,
)

__all__ = ["pattern_svg", "thinned"]

Array = NDArray[np.float64]

WIDTH, PLOT_HEIGHT, ROW, LEFT, RIGHT, TOP = 960.0, 380.0, 18.0, 80.0, 20.0, 62.0
HEADROOM = 1.1  # of the highest point, for its indices
WEAKEST_LABEL, WEAKEST_TICK = 1.0, 0.01  # percent of the strongest line
MOST_LABELS, MOST_TICKS = 40, 2000
MOST_POINTS = 8000  # of a curve; more are thinned without loss to the eye
LABEL_SIZE = 11.0


def pattern_svg(simulation: Simulation, *, square_root: bool = False) -> str:
    """Return the pattern of a simulation as an SVG document.

    Ticks mark the reflections of each phase (hover to read hkl, d, multiplicity, intensity); of a single phase
    the strong lines carry their indices. With ``square_root`` the axis of intensities is √I, where weak lines show.

    Raises
    ------
    InputError
        When there is no pattern, or nothing in it.
    """
    pattern = simulation.pattern
    if pattern is None or not float(pattern.intensity.max()) > 0.0:
        raise InputError("there is no intensity to draw", "give a range that holds reflections")
    heights = np.sqrt(np.maximum(pattern.intensity, 0.0)) if square_root else pattern.intensity
    top, rows = float(heights.max()), len(simulation.phases)
    under = top * HEADROOM * (ROW * rows + 8.0) / PLOT_HEIGHT  # room for the ticks, in units of the axis
    span = (float(pattern.x[0]), float(pattern.x[-1]))
    height = PLOT_HEIGHT + ROW * rows
    panel = Panel((LEFT, TOP, WIDTH - LEFT - RIGHT, height), span, (-under, top * HEADROOM))
    name, unit = AXIS_LABELS[pattern.axis]
    counted = "counting_time" in pattern.metadata
    label = "Counts" if counted else "Intensity (arb. units)"
    content = [
        panel.frame(),
        panel.x_axis(f"{name} ({unit})"),
        panel.y_axis(f"√({'Counts' if counted else 'Intensity'})" if square_root else label, lowest=0.0),
        polyline(*_points(pattern.x, heights, panel), class_="curve", stroke=INK, stroke_width="1.1"),
        text_svg(LEFT, 24.0, _legend(simulation), style="font-size:15px"),
        text_svg(LEFT, 44.0, text_html(beam_text(simulation)), style=f"fill:{SOFT}"),
    ]
    for row, phase in enumerate(simulation.phases):
        middle = TOP + height - ROW * (rows - row - 0.5) - 6.0
        content.append(_ticks(phase, row, middle, panel, simulation))
    if rows == 1:
        content.append(_labels(simulation.phases[0], pattern, heights, panel))
    title = f"{simulation.name}: {beam_text(simulation)}"
    return page(WIDTH, TOP + height + 56.0, title, "".join(content))


def thinned(x: Array, y: Array, groups: int) -> tuple[Array, Array]:
    """Return the lowest and the highest point of each of so many groups of neighbours, and both ends, in order."""
    edges = np.unique(np.linspace(0, x.size, groups + 1).astype(np.int64))
    chosen = {0, x.size - 1}
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        chosen |= {start + int(y[start:end].argmin()), start + int(y[start:end].argmax())}
    keep = np.array(sorted(chosen))
    return x[keep], y[keep]


def _points(x: Array, heights: Array, panel: Panel) -> tuple[Array, Array]:
    """Return the curve in pixels, thinned where it has many more points than the page has dots."""
    if x.size > MOST_POINTS:
        x, heights = thinned(x, heights, MOST_POINTS // 2)
    return panel.x(x), panel.y(heights)


def _legend(simulation: Simulation) -> str:
    """Return the names of the phases, of several in their colours."""
    parts = []
    for row, phase in enumerate(simulation.phases):
        structure = phase.structure
        said = [phase.name, "" if phase.name == structure.formula else formula_text(structure.formula)]
        said.append(space_group_text(structure.space_group.symbol))
        share = "" if phase.weight_fraction is None else f", {100.0 * phase.weight_fraction:.4g} wt%"
        colour = _colour(row) if len(simulation.phases) > 1 else INK
        text = text_html(" ".join(part for part in said if part) + share)
        parts.append(tagged("tspan", text, style=f"fill:{colour}", dx="18" if row else "0"))
    return "".join(parts)


def _colour(row: int) -> str:
    colours = phase_colours()
    return colours[row % len(colours)]


def _ticks(phase: PhaseLines, row: int, middle: float, panel: Panel, simulation: Simulation) -> str:
    """Return a bar for each reflection, which tells what it is of."""
    low, high = panel.x_range
    name, unit = AXIS_LABELS[simulation.axis]
    order = np.argsort(-phase.intensity, kind="stable")[:MOST_TICKS]
    parts = []
    for i in np.sort(order):
        if not low <= phase.position[i] <= high or phase.intensity[i] < WEAKEST_TICK:
            continue
        x, found = float(panel.x(phase.position[i])), phase.reflections
        hkl = " ".join(str(index) for index in found.hkl[i])
        said = (
            f"{phase.name} {hkl}: {name} = {phase.position[i]:.6g} {unit}, d = {found.d_spacing[i]:.5f} Å, "
            f"m = {found.multiplicity[i]}, I = {phase.intensity[i]:.3g} %"
        )
        ends = (x, middle - 5.0, x, middle + 5.0)
        parts.append(tagged("g", title_svg(said) + line_svg(*ends) + line_svg(*ends, class_="hit")))
    return tagged("g", "".join(parts), stroke=_colour(row), stroke_width="1.2")


def _labels(phase: PhaseLines, pattern: Pattern, heights: Array, panel: Panel) -> str:
    """Return the indices of strong lines over their peaks, where there is room for them."""
    taken: list[tuple[float, float]] = []
    parts: list[str] = []
    found, x = phase.reflections, pattern.x
    per_pixel = (panel.x_range[1] - panel.x_range[0]) / panel.width
    for i in np.argsort(-phase.intensity, kind="stable"):
        if phase.intensity[i] < WEAKEST_LABEL or len(parts) == MOST_LABELS:
            break
        digits = sum(len(str(abs(index))) for index in found.hkl[i]) + 2 * bool(np.abs(found.hkl[i]).max() > 9)
        half = 0.5 * LETTER * LABEL_SIZE * digits + 2.0
        at = float(panel.x(phase.position[i]))
        if at - half < panel.left or at + half > panel.left + panel.width:
            continue
        beside = heights[np.abs(x - phase.position[i]) <= half * per_pixel]
        own = heights[np.abs(x - phase.position[i]) <= 4.0 * per_pixel]
        hidden = own.size == 0 or beside.max() > own.max()
        if hidden or any(abs(at - place) < half + other for place, other in taken):
            continue
        taken.append((at, half))
        label = hkl_svg([int(index) for index in found.hkl[i]])
        parts.append(text_svg(at, float(panel.y(own.max())) - 5.0, label, "middle", class_="small"))
    return "".join(parts)
