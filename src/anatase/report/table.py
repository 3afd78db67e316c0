"""An identification as tables for people at a terminal."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.text import Text

from anatase.identify.answer import Identification, IdentifiedPhase
from anatase.report.document import all_warnings
from anatase.report.fitted_table import FittedColumn, FittedTable
from anatase.report.notation import (
    axis_unit,
    cell_parameters,
    fit_su,
    formula_text,
    percent,
    radiation_text,
    shift_name,
    space_group_text,
    verdict,
)
from anatase.report.phase_names import answer_labels, full_name, other_sets
from anatase.report.probability_words import (
    amorphous_words,
    coverage_words,
    limits_words,
    member_words,
    probability_text,
    unknown_words,
)

__all__ = ["identification_table", "identification_text", "plain_text"]

SHOWN_PEAKS = 8
SHOWN_ALTERNATIVES = 5


def identification_table(identification: Identification) -> Group:
    """Return what ``rich.console.Console.print`` shows of an identification.

    All text of the file and of the library goes in as text, never as rich markup.
    """
    parts: list[RenderableType] = [_heading(identification)]
    if identification.phases:
        parts.append(_phases(identification.phases))
    parts.append(_fit(identification))
    lines = (_odds, _unexplained, _alternatives, _limits)
    parts += [Text(line) for write in lines for line in write(identification)]
    parts += [Text(f"warning: {warning}", style="yellow") for warning in all_warnings(identification)]
    return Group(*parts)


def identification_text(identification: Identification, width: int = 120) -> str:
    """Return the tables as plain text of at most so many columns."""
    return plain_text(identification_table(identification), width)


def plain_text(shown: RenderableType, width: int = 120) -> str:
    """Return what rich would print, without colours."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(shown)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _heading(identification: Identification) -> Text:
    pattern = identification.pattern
    name, unit = axis_unit(pattern)
    text = Text(pattern.name or "pattern", style="bold")
    text.append(
        f"  {radiation_text(pattern.radiation)}; {len(pattern)} points, "
        f"{name} {pattern.x[0]:.5g} to {pattern.x[-1]:.5g}{'' if unit == '°' else ' '}{unit}",
        style="dim",
    )
    text.append(f"\n{verdict(identification)}", style="not dim")
    return text


def _phases(phases: tuple[IdentifiedPhase, ...]) -> FittedTable:
    def column(header: str, write: Callable[[IdentifiedPhase], str], leaves: int, number: bool = False) -> FittedColumn:
        return FittedColumn(header, tuple(write(phase) for phase in phases), leaves, number)

    columns = [
        column("phase", lambda p: p.label.name, 0),
        column("formula", lambda p: formula_text(p.label.formula), 0),
        column("space group", lambda p: space_group_text(p.label.space_group_symbol), 3),
        column("wt%", lambda p: percent(p.weight_fraction), 0, True),
    ]
    if any(fit_su(phase.fitted_fraction) != "–" for phase in phases):
        columns.append(column("fit s.u.", lambda p: fit_su(p.fitted_fraction), 1, True))
    if any(phase.probability is not None for phase in phases):
        columns.append(column("prob.", lambda p: probability_text(p.probability), 0, True))
    columns += [column("cell (Å, °)", _cell, 4), column("R_Bragg (%)", _r_bragg, 2, True)]
    return FittedTable(tuple(columns))


def _cell(phase: IdentifiedPhase) -> str:
    return "  ".join(f"{name}={value}" for name, value, unit in cell_parameters(phase.lattice) if unit != "Å³")


def _r_bragg(phase: IdentifiedPhase) -> str:
    return f"{phase.r_bragg:.1f}" if math.isfinite(phase.r_bragg) else "–"


def _fit(identification: Identification) -> Text:
    parts = [f"{name} {value:.2f}{unit}" for name, value, unit in _figures(identification) if math.isfinite(value)]
    if identification.displacement is not None:
        parts.append(f"{shift_name(identification)} {identification.displacement}°")
    return Text("   ".join(parts), style="bold" if identification.phases else "")


def _figures(identification: Identification) -> list[tuple[str, float, str]]:
    return [
        ("Rwp", identification.rwp, " %"),
        ("Rexp", identification.r_exp, " %"),
        ("GOF", identification.gof, ""),
    ]


def _odds(identification: Identification) -> list[str]:
    """Return how probable the answer is, what each phase may be as well, and what no library holds."""
    among = answer_labels(identification)
    members = [member_words(phase, among) for phase in identification.phases]
    lines = [
        coverage_words(identification),
        *members,
        amorphous_words(identification.amorphous_fraction),
        unknown_words(identification),
    ]
    return [line for line in lines if line]


def _limits(identification: Identification) -> list[str]:
    return [line for line in [limits_words(identification.detection_limits, answer_labels(identification))] if line]


def _unexplained(identification: Identification) -> list[str]:
    fraction = identification.unexplained_fraction
    if not math.isfinite(fraction):
        return []
    line = f"unexplained {100 * fraction:.1f} % of the Bragg intensity"
    peaks = sorted(identification.unexplained_peaks, key=lambda peak: -peak.significance)
    if not peaks:
        return [line]
    unit = axis_unit(identification.pattern)[1]
    gap = "" if unit == "°" else " "
    shown = ", ".join(f"{p.position:.2f}{gap}{unit} (d {p.d_spacing:.3f} Å)" for p in peaks[:SHOWN_PEAKS])
    more = f" and {len(peaks) - SHOWN_PEAKS} weaker" if len(peaks) > SHOWN_PEAKS else ""
    return [line, f"  peaks at {shown}{more}"]


def _alternatives(identification: Identification) -> list[str]:
    others, among = other_sets(identification), answer_labels(identification)
    if not others:
        return []
    lines = ["fits nearly as well:"]
    for other in others[:SHOWN_ALTERNATIVES]:
        names = " + ".join(full_name(label, among) for label in other.phases) or "no phase"
        odds = "" if other.probability is None else f", probability {probability_text(other.probability)}"
        lines.append(f"  {names}, Rwp {other.rwp:.2f} % in the search{odds}")
    if len(others) > SHOWN_ALTERNATIVES:
        lines.append(f"  and {len(others) - SHOWN_ALTERNATIVES} more in the JSON and the report")
    return lines
