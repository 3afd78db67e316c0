"""A joint identification as tables for people at a terminal."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from anatase.identify.answer import Identification
from anatase.identify.joint_answer import JointIdentification
from anatase.report.joint_words import all_joint_warnings, alone, pattern_names, together, verdict_of_joint
from anatase.report.notation import formula_text, radiation_text, space_group_text
from anatase.report.probability_words import amorphous_words, probability_text
from anatase.report.table import plain_text

__all__ = ["joint_table", "joint_text"]


def joint_table(joint: JointIdentification) -> Group:
    """Return what ``rich.console.Console.print`` shows of a joint identification, all text of files as text."""
    names = pattern_names(joint)
    parts: list[RenderableType] = [Text(" + ".join(names), style="bold"), Text(verdict_of_joint(joint))]
    if joint.phases:
        parts.append(_phases(joint, names))
    if joint.amorphous_fraction is not None:
        parts.append(Text(amorphous_words(joint.amorphous_fraction)))
    parts += [Text(_fit(name, answer)) for name, answer in zip(names, joint.answers, strict=True)]
    parts += [Text(f"warning: {warning}", style="yellow") for warning in all_joint_warnings(joint)]
    return Group(*parts)


def joint_text(joint: JointIdentification) -> str:
    """Return the tables as plain text."""
    return plain_text(joint_table(joint))


def _phases(joint: JointIdentification, names: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for header in ("phase", "formula", "space group"):
        table.add_column(header, overflow="fold")
    table.add_column("wt%", justify="right", no_wrap=True)
    calibrated = any(phase.probability is not None for phase in joint.phases)
    if calibrated:
        table.add_column("probability", justify="right")
    for name in names:
        table.add_column(Text(f"by {name}"), justify="right", overflow="fold")
    for phase in joint.phases:
        table.add_row(
            Text(phase.label.name),
            Text(formula_text(phase.label.formula)),
            Text(space_group_text(phase.label.space_group_symbol)),
            together(phase),
            *([probability_text(phase.probability)] if calibrated else []),
            *(alone(phase, i) for i in range(len(names))),
        )
    return table


def _fit(name: str, answer: Identification) -> str:
    figures = [("Rwp", answer.rwp, " %"), ("Rexp", answer.r_exp, " %"), ("GOF", answer.gof, "")]
    parts = [f"{title} {value:.2f}{unit}" for title, value, unit in figures if math.isfinite(value)]
    parts.append(f"unexplained {100 * answer.unexplained_fraction:.1f} %")
    return f"{name}: {radiation_text(answer.pattern.radiation)}   {'   '.join(parts)}"
