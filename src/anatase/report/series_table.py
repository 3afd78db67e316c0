"""A series of refinements as tables for people at a terminal."""

from __future__ import annotations

import re

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.model import Phase
from anatase.refine.series import Series
from anatase.report.notation import CELL_NAMES, percent, space_group_text

__all__ = ["series_table", "series_warnings"]

NUMBERS = re.compile(r"[-+−]?\b\d+(?:\.\d+)?(?:e[-+]?\d+)?(?:\(\d+\))?")
ABREAST = 4  # cell parameters with their s.u. beside weight percent on a line of 80 characters


def series_table(series: Series) -> Group:
    """Return what ``rich.console.Console.print`` shows of a series: the fit of each pattern, then a table per phase."""
    parts: list[RenderableType] = [_fits(series)]
    phases = series.refinements[0].model.phases
    for phase in phases:
        symbol = space_group_text(phase.structure.space_group.symbol)
        parts += [Text(f"\n{phase.name}  {symbol}", style="bold"), *_cells(series, phase, several=len(phases) > 1)]
    parts += [Text(f"warning: {text}", style="yellow") for text in series_warnings(series)]
    return Group(*parts)


def series_warnings(series: Series) -> list[str]:
    """Return patterns that were left out, then the warnings of each pattern.

    Those that differ by numbers alone stand once, with the pattern where they are met first.
    """
    alike: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for name, one in zip(series.names, series.refinements, strict=True):
        for text in one.warnings:
            key = NUMBERS.sub("#", text)
            words.setdefault(key, text)
            alike.setdefault(key, []).append(name)
    told = []
    for key, names in alike.items():
        others = f", and alike in {len(set(names)) - 1} more" if len(set(names)) > 1 else ""
        told.append(f"{names[0]}{others}: {words[key]}")
    return [*series.warnings, *told]


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


def _cells(series: Series, phase: Phase, *, several: bool) -> list[Table]:
    """Return the free cell parameters of a phase through the series, and its weight fractions beside other phases.

    Rows go by the variable of the series, whose values stand beside the patterns' names in the table of the fits.
    """
    names = list(free_cell_parameters(phase.structure.lattice, phase.structure.space_group)[0])
    tables = []
    for first in range(0, len(names), ABREAST):
        here, shares = names[first : first + ABREAST], several and first == 0
        units = ["°" if name in ("alpha", "beta", "gamma") else "Å" for name in here]
        headers = [f"{CELL_NAMES[name]} ({unit})" for name, unit in zip(here, units, strict=True)]
        table = _table(series.variable, *headers, *(["wt%"] if shares else []))
        for value, one in zip(series.values, series.refinements, strict=True):
            cells = [str(one[f"{phase.name}.{parameter}"].estimate) for parameter in here]
            fraction = one.fractions.get(phase.name)
            table.add_row(f"{value:g}", *cells, *([percent(fraction) if fraction else "–"] if shares else []))
        tables.append(table)
    return tables
