"""A single-crystal refinement as tables for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.report.notation import formula_text, space_group_text

__all__ = ["crystal_table"]

SHOWN_PEAKS = 5


def crystal_table(refinement: CrystalRefinement) -> Group:
    """Return what ``rich.console.Console.print`` shows of a refined crystal."""
    structure = refinement.structure
    head = f"{refinement.name or 'crystal'}  {formula_text(structure.formula)}  "
    parts: list[RenderableType] = [Text(head + space_group_text(structure.space_group.symbol), style="bold")]
    parts += [_figures(refinement), Text(_difference(refinement))]
    if refinement.absolute_structure is not None:
        parts.append(Text(f"Flack x {refinement.absolute_structure.flack}"))
    state = "converged" if refinement.converged else "not converged"
    count = len(refinement.cycles)
    parts.append(Text(f"{count} cycles, {state}, largest shift {refinement.max_shift_over_su:.3f} s.u.", style="dim"))
    parts += [Text(f"warning: {warning}", style="yellow") for warning in refinement.warnings]
    return Group(*parts)


def _figures(refinement: CrystalRefinement) -> Table:
    figures = refinement.figures
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    values = {
        "R1 (F > 4σ)": f"{figures.r1:.4f}",
        "R1 (all)": f"{figures.r1_all:.4f}",
        "wR2": f"{figures.wr2:.4f}",
        "GooF": f"{figures.goof:.3f}",
        "Rint": f"{refinement.r_int:.4f}",
        "reflections": str(figures.n_reflections),
        "parameters": str(figures.n_parameters),
        "restraints": str(figures.n_restraints),
    }
    for header in values:
        table.add_column(header, justify="right", no_wrap=True)
    table.add_row(*values.values())
    return table


def _difference(refinement: CrystalRefinement) -> str:
    peaks = ", ".join(
        f"{peak.height:.2f} ({peak.distance:.2f} Å from {peak.nearest})"
        for peak in refinement.difference.peaks[:SHOWN_PEAKS]
    )
    return f"difference density (e/Å³): {peaks or 'no peak'}; hole {refinement.difference.hole.height:.2f}"
