"""A joint identification as tables for people at a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from rich.console import Group, RenderableType
from rich.text import Text

from anatase.identify.answer import Identification
from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.report.fitted_table import FittedColumn, FittedTable
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


def _phases(joint: JointIdentification, names: list[str]) -> FittedTable:
    def column(header: str, write: Callable[[JointPhase], str], leaves: int = 0, number: bool = True) -> FittedColumn:
        return FittedColumn(header, tuple(write(phase) for phase in joint.phases), leaves, number)

    columns = [
        column("phase", lambda p: p.label.name, number=False),
        column("formula", lambda p: formula_text(p.label.formula), number=False),
        column("space group", lambda p: space_group_text(p.label.space_group_symbol), 1, False),
        column("wt%", together),
    ]
    if any(phase.probability is not None for phase in joint.phases):
        columns.append(column("probability", lambda p: probability_text(p.probability)))
    columns += [column(f"by {name}", partial(alone, which=i)) for i, name in enumerate(names)]
    return FittedTable(tuple(columns))


def _fit(name: str, answer: Identification) -> str:
    figures = [("Rwp", answer.rwp, " %"), ("Rexp", answer.r_exp, " %"), ("GOF", answer.gof, "")]
    parts = [f"{title} {value:.2f}{unit}" for title, value, unit in figures if math.isfinite(value)]
    parts.append(f"unexplained {100 * answer.unexplained_fraction:.1f} %")
    return f"{name}: {radiation_text(answer.pattern.radiation)}   {'   '.join(parts)}"
