"""The tracks of a series as a picture: a panel for each cell parameter, weight fraction and Rwp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters
from anatase.estimate import Estimate
from anatase.refine.series import Series
from anatase.report.markup import tagged, text_html
from anatase.report.notation import CELL_NAMES
from anatase.report.svg import FAINT, INK, Panel, line_svg, page, phase_colours, polyline, text_svg, title_svg

__all__ = ["series_svg"]

Array = NDArray[np.float64]

COLUMNS, WIDTH, HEIGHT = 3, 300.0, 170.0
LEFT, GAP, TOP, BOTTOM = 90.0, 96.0, 62.0, 74.0  # gaps hold the numbers of the axes
ANGLES = ("alpha", "beta", "gamma")
MARGIN = 0.08  # of the range, above and below


@dataclass(frozen=True)
class _Track:
    """One panel: what it shows, its values and s.u. (n,), and its colour."""

    label: str
    values: Array
    su: Array
    colour: str


def series_svg(series: Series) -> str:
    """Return the tracks of a series as an SVG document; bars are one corrected s.u., hover to read a point."""
    tracks = _tracks(series)
    x = np.array(series.values)
    rows = -(-len(tracks) // COLUMNS)
    content = [text_svg(LEFT, 26.0, text_html(f"{len(x)} patterns against {series.variable}"), style="font-size:15px")]
    for k, track in enumerate(tracks):
        corner = (LEFT + (k % COLUMNS) * (WIDTH + GAP), TOP + (k // COLUMNS) * (HEIGHT + BOTTOM))
        content.append(_panel(series, x, track, corner))
    width = LEFT + COLUMNS * WIDTH + (COLUMNS - 1) * GAP + 20.0
    return page(width, TOP + rows * (HEIGHT + BOTTOM), f"Tracks against {series.variable}", "".join(content))


def _tracks(series: Series) -> list[_Track]:
    refinements, colours = series.refinements, phase_colours()
    found = [_Track("Rwp (%)", np.array([one.rwp for one in refinements]), np.zeros(len(refinements)), INK)]
    phases = refinements[0].model.phases
    for k, phase in enumerate(phases):
        colour = colours[k % len(colours)]
        for name in free_cell_parameters(phase.structure.lattice, phase.structure.space_group)[0]:
            unit = "°" if name in ANGLES else "Å"
            estimates = [one[f"{phase.name}.{name}"].estimate for one in refinements]
            found.append(_track(f"{phase.name} {CELL_NAMES[name]} ({unit})", estimates, colour))
        if len(phases) > 1:
            shares = [_share(series, i, phase.name) for i in range(len(refinements))]
            found.append(_track(f"{phase.name} (wt%)", shares, colour))
    return found


def _share(series: Series, index: int, phase: str) -> Estimate:
    found = series.refinements[index].fractions.get(phase)
    if found is None:
        return Estimate(float("nan"))
    return Estimate(100.0 * found.value, None if found.su is None else 100.0 * found.su)


def _track(label: str, estimates: list[Estimate], colour: str) -> _Track:
    return _Track(label, np.array([e.value for e in estimates]), np.array([e.su or 0.0 for e in estimates]), colour)


def _panel(series: Series, x: Array, track: _Track, corner: tuple[float, float]) -> str:
    known = np.isfinite(track.values)
    low, high = _range(track.values[known] - track.su[known], track.values[known] + track.su[known])
    panel = Panel((*corner, WIDTH, HEIGHT), _range(x, x), (low, high))
    parts = [panel.frame(), panel.x_axis(series.variable, 5), panel.y_axis("", count=4)]
    parts.append(text_svg(corner[0], corner[1] - 8.0, text_html(track.label), style=f"fill:{track.colour}"))
    places, heights = panel.x(x[known]), panel.y(track.values[known])
    parts.append(polyline(places, heights, fill="none", stroke=FAINT))
    for k, px, py in zip(np.flatnonzero(known).tolist(), places.tolist(), heights.tolist(), strict=True):
        ends = panel.y(track.values[k] + np.array([-1.0, 1.0]) * track.su[k]).tolist()
        said = title_svg(f"{series.names[k]}: {Estimate(float(track.values[k]), float(track.su[k]) or None)}")
        bar = line_svg(px, ends[0], px, ends[1], stroke=track.colour)
        dot = tagged("circle", said, cx=f"{px:.2f}", cy=f"{py:.2f}", r="3", fill=track.colour)
        parts.append(bar + dot)
    return "".join(parts)


def _range(lowest: Array, highest: Array) -> tuple[float, float]:
    """Return the ends of an axis that holds all of it, also where nothing varies."""
    low, high = float(np.min(lowest, initial=np.inf)), float(np.max(highest, initial=-np.inf))
    if not np.isfinite(low) or not np.isfinite(high):
        return 0.0, 1.0
    spread = high - low if high > low else max(abs(high), 1.0) * 1e-4
    return low - MARGIN * spread, high + MARGIN * spread
