"""A series of refinements as tables for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.model import Phase
from anatase.refine.series import Series
from anatase.report.notation import CELL_NAMES, percent, space_group_text

__all__ = ["series_table"]


def series_table(series: Series) -> Group:
    """Return what ``rich.console.Console.print`` shows of a series: the fit of each pattern, then a table per phase."""
    parts: list[RenderableType] = [_fits(series)]
    phases = series.refinements[0].model.phases
    for phase in phases:
        symbol = space_group_text(phase.structure.space_group.symbol)
        parts += [Text(f"\n{phase.name}  {symbol}", style="bold"), _cells(series, phase, several=len(phases) > 1)]
    for name, one in zip(series.names, series.refinements, strict=True):
        if not one.converged:
            parts.append(Text(f"warning: {name} did not converge", style="yellow"))
    parts += [Text(f"warning: {text}", style="yellow") for text in series.warnings]
    return Group(*parts)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first, overflow="fold")
    for header in others:
        table.add_column(header, justify="right", no_wrap=True)
    return table


def _fits(series: Series) -> Table:
    table = _table("pattern", series.variable, "Rwp (%)", "GOF", "steps", "warnings")
    for name, value, one in zip(series.names, series.values, series.refinements, strict=True):
        figures = (f"{value:g}", f"{one.rwp:.2f}", f"{one.gof:.2f}", str(len(one.steps)), str(len(one.warnings)))
        table.add_row(Text(name), *figures)
    return table


def _cells(series: Series, phase: Phase, *, several: bool) -> Table:
    """Return the free cell parameters of a phase through the series, and its weight fractions beside other phases."""
    names = free_cell_parameters(phase.structure.lattice, phase.structure.space_group)[0]
    units = ["°" if name in ("alpha", "beta", "gamma") else "Å" for name in names]
    headers = [f"{CELL_NAMES[name]} ({unit})" for name, unit in zip(names, units, strict=True)]
    table = _table("pattern", series.variable, *headers, *(["wt%"] if several else []))
    for name, value, one in zip(series.names, series.values, series.refinements, strict=True):
        cells = [str(one[f"{phase.name}.{parameter}"].estimate) for parameter in names]
        quantity = () if one.quantification is None else one.quantification.phases
        shares = [percent(found.weight_fraction) for found in quantity if found.name == phase.name] or ["–"]
        table.add_row(Text(name), f"{value:g}", *cells, *(shares if several else []))
    return table
