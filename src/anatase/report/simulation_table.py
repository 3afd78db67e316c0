"""A simulation as tables: for people at a terminal, and as comma-separated columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.io.write import write
from anatase.report.notation import AXIS_LABELS, formula_text, space_group_text
from anatase.report.simulation import PhaseLines, Simulation, beam_text

__all__ = ["simulation_csv", "simulation_table"]

STRONGEST = 12  # rows where not all are asked for
MOST_ROWS = 1000  # of a table for people
F_UNITS = {"xray": "e²", "neutron": "fm²", "electron": "Å²"}
CSV_AXES = {"two_theta": "two_theta", "tof": "tof", "q": "q", "d": "d"}


def simulation_table(simulation: Simulation) -> Group:
    """Return what ``rich.console.Console.print`` shows: every line for a list of lines, else the strongest."""
    parts: list[RenderableType] = [_heading(simulation)]
    if simulation.spots is not None:
        parts += _spot_table(simulation)
    elif simulation.zone is not None:
        parts += _zone_table(simulation)
    else:
        for phase in simulation.phases:
            parts += _line_table(phase, simulation)
    return Group(*parts)


def _heading(simulation: Simulation) -> Text:
    text = Text(simulation.name, style="bold")
    said = [beam_text(simulation)]
    pattern, frame = simulation.pattern, simulation.frame
    if pattern is not None:
        name, unit = AXIS_LABELS[pattern.axis]
        gap = "" if unit == "°" else " "
        said.append(f"{len(pattern)} points, {name} {pattern.x[0]:.5g} to {pattern.x[-1]:.5g}{gap}{unit}")
    if frame is not None:
        rows, columns = frame.shape
        said.append(f"detector of {rows} × {columns} pixels")
        if frame.geometry is not None:
            low, high = frame.geometry.two_theta_range
            said.append(f"2θ {low:.2f} to {high:.2f}°")
    if simulation.zone is not None:
        said.append(f"zone axis [{' '.join(map(str, simulation.zone.zone))}]")
    if simulation.turn is not None:
        said.append("φ {:g} to {:g}°".format(*simulation.turn))
    text.append(f"  {'; '.join(said)}", style="dim not bold")
    return text


def _line_table(phase: PhaseLines, simulation: Simulation) -> list[RenderableType]:
    structure, found = phase.structure, phase.reflections
    share = "" if phase.weight_fraction is None else f", {100.0 * phase.weight_fraction:.4g} wt%"
    head = f"{formula_text(structure.formula)}  {space_group_text(structure.space_group.symbol)}{share}"
    every = simulation.kind == "lines"
    shown = np.arange(min(len(found), MOST_ROWS)) if every else strongest(phase.intensity)
    part = "" if shown.size in (0, len(found)) else f", the {'first' if every else 'strongest'} {shown.size}"
    title = f"{head}: {len(found)} lines{part}{' (--csv prints all)' if every and part else ''}"
    unit = F_UNITS["neutron" if simulation.radiation is None else simulation.radiation.probe]
    name, axis_unit = AXIS_LABELS[simulation.axis]
    digits = 3 if simulation.axis == "two_theta" else 1
    table = _table("h", "k", "l", "m", "d (Å)", f"{name} ({axis_unit})", f"|F|² ({unit})", "I")
    for i in shown:
        table.add_row(
            *(str(index) for index in found.hkl[i]),
            str(found.multiplicity[i]),
            f"{found.d_spacing[i]:.4f}",
            f"{phase.position[i]:.{digits}f}",
            f"{found.f_squared[i]:.4g}",
            f"{phase.intensity[i]:.2f}",
        )
    return [Text(title), table] if shown.size else [Text(f"{title} in this range")]


def strongest(intensity: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which rows are the strongest (at most a dozen), in the order in which they stand."""
    order = np.argsort(-intensity, kind="stable")[:STRONGEST]
    return np.sort(order)


def _spot_table(simulation: Simulation) -> list[RenderableType]:
    spots = simulation.spots
    if spots is None or not len(spots):
        return [Text("no spot falls on the detector")]
    shown = np.argsort(-spots.intensity, kind="stable")[:STRONGEST]
    table = _table("h", "k", "l", "column", "row", "φ (°)", "d (Å)", "I")
    top = float(spots.intensity.max())
    for i in shown:
        cells = (f"{spots.x[i]:.1f}", f"{spots.y[i]:.1f}", f"{spots.phi[i]:.2f}", f"{spots.d_spacing[i]:.4f}")
        table.add_row(*(str(index) for index in spots.hkl[i]), *cells, f"{100.0 * spots.intensity[i] / top:.2f}")
    return [Text(f"{len(spots)} spots, the strongest {shown.size}"), table]


def _zone_table(simulation: Simulation) -> list[RenderableType]:
    zone = simulation.zone
    if zone is None:
        return []
    shown = strongest(zone.intensity)
    table = _table("h", "k", "l", "zone", "d (Å)", "s (Å⁻¹)", "I/I₀")
    for i in shown:
        cells = (str(zone.laue_zone[i]), f"{zone.d_spacing[i]:.4f}", f"{zone.excitation_error[i]:+.5f}")
        table.add_row(*(str(index) for index in zone.hkl[i]), *cells, f"{zone.intensity[i]:.3g}")
    return [Text(f"{len(zone)} spots, the strongest {shown.size}"), table]


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def simulation_csv(simulation: Simulation) -> str:
    """Return comma-separated columns: of spots, of the points of a pattern, or of lines."""
    if simulation.spots is not None:
        spots = simulation.spots
        columns = [*spots.hkl.T, spots.x, spots.y, spots.phi, spots.d_spacing, spots.intensity]
        return _csv(("h", "k", "l", "x", "y", "phi", "d", "intensity"), columns)
    if simulation.zone is not None:
        zone = simulation.zone
        columns = [*zone.hkl.T, *zone.position.T, zone.laue_zone, zone.d_spacing, zone.excitation_error, zone.intensity]
        return _csv(("h", "k", "l", "g_x", "g_y", "laue_zone", "d", "excitation_error", "intensity"), columns)
    if simulation.pattern is not None and simulation.kind != "lines":
        return write(simulation.pattern, format="csv")
    return _lines_csv(simulation)


def _lines_csv(simulation: Simulation) -> str:
    heads = ("phase", "h", "k", "l", "multiplicity", "d", CSV_AXES[simulation.axis], "f_squared", "intensity")
    parts: list[str] = []
    for phase in simulation.phases:
        found = phase.reflections
        name = phase.name.replace('"', "'")
        first = [f'"{name}"'] * len(found)
        columns = [
            first, *found.hkl.T, found.multiplicity, found.d_spacing, phase.position, found.f_squared, phase.intensity
        ]  # fmt: skip
        parts.append(_csv(heads if not parts else (), columns))
    return "".join(parts)


def _csv(heads: Sequence[str], columns: Sequence[Sequence[object] | NDArray[np.generic]]) -> str:
    rows = [",".join(_cell(value) for value in row) for row in zip(*columns, strict=True)]
    return "".join(f"{line}\n" for line in ([",".join(heads)] if heads else []) + rows)


def _cell(value: object) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)
