"""A fitted pattern as a small picture: observed, calculated, background, difference, reflections of each phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.report.figure import DrawnFit
from anatase.report.markup import tagged, text_html
from anatase.report.notation import AXIS_LABELS, formula_text
from anatase.report.pattern_chart import thinned
from anatase.report.svg import INK, SOFT, Panel, line_svg, page, phase_colours, polyline, text_svg

__all__ = ["fit_svg"]

Array = NDArray[np.float64]

WIDTH, MAIN, BELOW, ROW, LEFT, RIGHT, TOP = 820.0, 240.0, 70.0, 14.0, 76.0, 14.0, 34.0
GROUPS = 730  # of neighbouring points, of each of which the extremes are drawn
WEAKEST_TICK, MOST_TICKS = 0.5, 300  # percent of the strongest line; in one row
RED = "#b3261e"


def fit_svg(fit: DrawnFit) -> str:
    """Return a Rietveld plot as an SVG document of some 100 kB at most."""
    pattern, rows = fit.pattern, len(fit.phases)
    span = (float(pattern.x[0]), float(pattern.x[-1]))
    top = max(float(pattern.intensity.max()), float(fit.calculated.max()))
    low = min(0.0, float(pattern.intensity.min()))
    width, middle = WIDTH - LEFT - RIGHT, TOP + MAIN + ROW * rows + 4.0
    main = Panel((LEFT, TOP, width, MAIN), span, (low, 1.05 * top if top > low else low + 1.0))
    difference = pattern.intensity - fit.calculated
    largest = float(np.abs(difference).max()) or 1.0
    under = Panel((LEFT, middle, width, BELOW), span, (-largest, largest))
    name, unit = AXIS_LABELS[pattern.axis]
    curves = ((pattern.intensity, SOFT, "0.9"), (fit.calculated, RED, "1.0"), (fit.background, INK, "0.7"))
    content = [main.frame(), main.y_axis("Intensity", lowest=low), under.frame(), under.x_axis(f"{name} ({unit})")]
    content += [_curve(main, pattern.x, y, colour, stroke) for y, colour, stroke in curves]
    content.append(_curve(under, pattern.x, difference, SOFT, "0.9"))
    content += [_phase_row(fit, k, TOP + MAIN + ROW * (k + 0.5) + 2.0, main) for k in range(rows)]
    content += [
        text_svg(float(main.x(x)), TOP + 10.0, "▽", "middle", style=f"fill:{RED}")
        for x in fit.unexplained
        if span[0] <= x <= span[1]
    ]
    content.append(text_svg(LEFT, 20.0, _legend(fit)))
    return page(WIDTH, middle + BELOW + 52.0, fit.name, "".join(content))


def _curve(panel: Panel, x: Array, y: Array, colour: str, width: str) -> str:
    if x.size > 2 * GROUPS:
        x, y = thinned(x, y, GROUPS)
    return polyline(panel.x(x), panel.y(y), class_="curve", stroke=colour, stroke_width=width)


def _colour(k: int) -> str:
    colours = phase_colours()
    return colours[k % len(colours)]


def _phase_row(fit: DrawnFit, k: int, middle: float, panel: Panel) -> str:
    ticks = fit.phases[k].ticks
    strong = np.argsort(-ticks.intensity, kind="stable")[:MOST_TICKS]
    low, high = panel.x_range
    bars = [
        line_svg(float(panel.x(x)), middle - 5.0, float(panel.x(x)), middle + 5.0)
        for x, height in zip(ticks.position[strong], ticks.intensity[strong], strict=True)
        if height >= WEAKEST_TICK and low <= x <= high
    ]
    return tagged("g", "".join(bars), stroke=_colour(k), stroke_width="1.1")


def _legend(fit: DrawnFit) -> str:
    names = [
        tagged("tspan", text_html(f"{phase.name} {formula_text(phase.formula)}"), fill=_colour(k), dx="14")
        for k, phase in enumerate(fit.phases)
    ]
    return text_html(fit.name) + "".join(names)
