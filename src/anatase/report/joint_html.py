"""A joint identification as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from anatase.identify.joint_answer import JointIdentification
from anatase.io.text_file import write_text
from anatase.report.figure import figure_data
from anatase.report.html import embedded_json, filled_page, section_html
from anatase.report.joint_document import joint_to_dict
from anatase.report.joint_words import all_joint_warnings, alone, pattern_names, together, verdict_of_joint
from anatase.report.markup import formula_html, space_group_html, table_html, tagged, text_html
from anatase.report.notation import radiation_text
from anatase.report.probability_words import amorphous_words, probability_text
from anatase.report.sections import (
    fixed,
    phases_section,
    provenance_blocks,
    sources_section,
    swatch,
    unexplained_section,
    warnings_box,
)

__all__ = ["joint_html", "joint_phases", "write_joint_html"]

CAPTION = (
    "Observed intensity (points), calculated pattern and background (lines), reflections of each phase (bars) and, "
    "below, the difference observed − calculated. Buttons choose the pattern."
)


def joint_html(joint: JointIdentification) -> str:
    """Return the report of a joint identification as one self-contained HTML document, as of ``filled_page``."""
    names = pattern_names(joint)
    heading = text_html(" + ".join(names))
    figures = [{"name": name, **figure_data(answer)} for name, answer in zip(names, joint.answers, strict=True)]
    sections = [section_html("Phases", joint_phases(joint) if joint.phases else "")]
    for name, answer in zip(names, joint.answers, strict=True):
        sections.append(section_html(text_html(name), phases_section(answer) + unexplained_section(answer)))
    first = joint.answers[0]
    sections.append(section_html("Reference structures", sources_section(first)))
    measured = {name: dict(answer.pattern.metadata) for name, answer in zip(names, joint.answers, strict=True)}
    blocks = provenance_blocks(joint.provenance, joint.settings, {text_html(name): m for name, m in measured.items()})
    sections.append(section_html("Settings and provenance", blocks))
    beams = [radiation_text(answer.pattern.radiation) for answer in joint.answers]
    fields = {
        "kicker": "Joint phase identification",
        "element": "joint-identification",
        "title": f"{heading}: joint phase identification",
        "heading": heading,
        "subheading": text_html(" · ".join(beams)),
        "verdict": text_html(verdict_of_joint(joint)),
        "version": text_html(joint.provenance.version),
        "figures": _agreement(joint, names),
        "warnings": warnings_box(all_joint_warnings(joint)),
        "caption": CAPTION,
        "sections": "".join(sections),
        "data": embedded_json(figures),
        "document": embedded_json(joint_to_dict(joint)),
    }
    return filled_page(fields)


def write_joint_html(joint: JointIdentification, path: Path) -> None:
    """Write the report to a file."""
    write_text(path, joint_html(joint))


def joint_phases(joint: JointIdentification) -> str:
    """Return the table of the phases: the share that all patterns agree on best, and what each alone gives."""
    names = pattern_names(joint)
    calibrated = any(phase.probability is not None for phase in joint.phases)
    rows = [
        [
            swatch(k) + text_html(phase.label.name),
            formula_html(phase.label.formula),
            space_group_html(phase.label.space_group_symbol),
            text_html(together(phase)),
            *([text_html(probability_text(phase.probability))] if calibrated else []),
            *(text_html(alone(phase, i)) for i in range(len(names))),
        ]
        for k, phase in enumerate(joint.phases)
    ]
    headers = ["Phase", "Formula", "Space group", "wt%", *(["Probability"] if calibrated else [])]
    headers += [f"wt% by {text_html(name)}" for name in names]
    caption = "Shares that all patterns agree on best, and what each alone gives of the phases that it shows."
    table = table_html(caption, headers, rows, range(3, len(headers)), "phases")
    words = amorphous_words(joint.amorphous_fraction)
    return table + (tagged("p", f"{text_html(words)}.") if words else "")


def _agreement(joint: JointIdentification, names: list[str]) -> str:
    rows = [
        [
            text_html(name),
            fixed(one.rwp, 2),
            fixed(one.r_exp, 2),
            fixed(one.gof, 2),
            fixed(100 * one.unexplained_fraction, 1),
        ]
        for name, one in zip(names, joint.answers, strict=True)
    ]
    headers = ["Pattern", "<i>R</i><sub>wp</sub>&#8239;/&#8239;%", "<i>R</i><sub>exp</sub>&#8239;/&#8239;%"]
    headers += ["Goodness of fit", "Unexplained&#8239;/&#8239;%"]
    return table_html("Agreement of each pattern.", headers, rows, range(1, 5), "narrow")
