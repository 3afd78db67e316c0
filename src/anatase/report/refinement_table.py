"""A refinement as tables for people at a terminal."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.refine.model import Phase
from anatase.refine.refined_structure import refined_cell
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.exploration import Exploration
from anatase.report.exploration_table import exploration_parts
from anatase.report.notation import AXIS_LABELS, cell_parameters, formula_text, percent, space_group_text
from anatase.report.refinement_document import all_refinement_warnings, mean_r_bragg, r_expected
from anatase.report.refinement_words import (
    beam_words,
    mode_words,
    steps_words,
    verdict_of_refinement,
)
from anatase.report.table import plain_text

__all__ = ["refinement_table", "refinement_text"]


def refinement_table(refinement: Refinement, exploration: Exploration | None = None) -> Group:
    """Return what ``rich.console.Console.print`` shows of a refinement.

    All text of files goes in as text, never as rich markup.
    """
    parts: list[RenderableType] = [Text(verdict_of_refinement(refinement), style="bold")]
    parts += [_pattern(refinement, i) for i in range(len(refinement.model.histograms))]
    parts.append(_phases(refinement))
    quantity = refinement.quantification
    if quantity is not None and quantity.amorphous is not None:
        parts.append(Text(f"amorphous or unknown: {percent(quantity.amorphous)} wt%"))
    parts.append(Text(steps_words(refinement), style="dim"))
    parts += [] if exploration is None else exploration_parts(refinement, exploration)
    told = all_refinement_warnings(refinement, exploration)
    parts += [Text(f"warning: {warning}", style="yellow") for warning in told]
    return Group(*parts)


def refinement_text(refinement: Refinement) -> str:
    """Return the tables as plain text."""
    return plain_text(refinement_table(refinement))


def _pattern(refinement: Refinement, index: int) -> Text:
    """Return a line on what was measured, and one on how it is fitted."""
    histogram, residuals = refinement.model.histograms[index], refinement.residuals
    pattern, unit = histogram.pattern, AXIS_LABELS[histogram.pattern.axis][1]
    text = Text(pattern.name or histogram.name)
    text.append(
        f"  {beam_words(histogram)}; {int(histogram.used.sum())} points, "
        f"{pattern.x[0]:.5g} to {pattern.x[-1]:.5g}{'' if unit == '°' else ' '}{unit}",
        style="dim",
    )
    figures = (
        ("Rwp", residuals.rwp[index]),
        ("Rp", residuals.rp[index]),
        ("Rwp less background", residuals.rwp_background[index]),
        ("Rexp", r_expected(refinement, index)),
    )
    text.append("\n  " + "   ".join(f"{name} {_fixed(value, 2)} %" for name, value in figures), style="not dim")
    return text


def _phases(refinement: Refinement) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("phase", "formula", "space group"):
        table.add_column(header, overflow="fold")
    table.add_column("wt%", justify="right", no_wrap=True)
    table.add_column("cell (Å, °)", overflow="fold")
    table.add_column("R_Bragg (%)", justify="right")
    fractions = refinement.fractions
    for phase in refinement.model.phases:
        table.add_row(
            Text(phase.name + mode_words(phase)),
            Text(formula_text(phase.structure.formula) if phase.structure.sites else "–"),
            Text(space_group_text(phase.structure.space_group.symbol)),
            percent(fractions[phase.name]) if phase.name in fractions else "–",
            _cell(refinement, phase),
            _fixed(mean_r_bragg(refinement, phase.name), 1),
        )
    return table


def _cell(refinement: Refinement, phase: Phase) -> str:
    parts = cell_parameters(refined_cell(refinement, phase))
    return "  ".join(f"{name}={value}" for name, value, unit in parts if unit != "Å³")


def _fixed(value: float | None, decimals: int) -> str:
    return f"{value:.{decimals}f}" if value is not None and math.isfinite(value) else "–"
