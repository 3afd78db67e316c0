"""A series of refinements as a table for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.series import Series
from anatase.report.notation import percent

__all__ = ["series_table"]


def series_table(series: Series) -> Group:
    """Return what ``rich.console.Console.print`` shows of a series: Rwp, cells and weight fractions of each pattern."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("pattern", series.variable, "Rwp (%)", "GOF"):
        table.add_column(header, justify="left" if header == "pattern" else "right")
    phases = series.refinements[0].model.phases
    names = [
        f"{phase.name}.{name}"
        for phase in phases
        for name in free_cell_parameters(phase.structure.lattice, phase.structure.space_group)[0]
    ]
    shares = [phase.name for phase in phases] if len(phases) > 1 else []
    for name in (*names, *(f"{phase} wt%" for phase in shares)):
        table.add_column(name, justify="right")
    for i, one in enumerate(series.refinements):
        quantity = {} if one.quantification is None else {q.name: q.weight_fraction for q in one.quantification.phases}
        table.add_row(
            Text(series.names[i]),
            f"{series.values[i]:g}",
            f"{one.rwp:.2f}",
            f"{one.gof:.2f}",
            *(str(one[name].estimate) for name in names),
            *(percent(quantity[phase]) if phase in quantity else "–" for phase in shares),
        )
    parts: list[RenderableType] = [table]
    for name, one in zip(series.names, series.refinements, strict=True):
        if not one.converged:
            parts.append(Text(f"warning: {name} did not converge", style="yellow"))
    parts += [Text(f"warning: {text}", style="yellow") for text in series.warnings]
    return Group(*parts)
