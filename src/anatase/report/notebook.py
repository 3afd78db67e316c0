"""Answers as notebooks show them: a table and a picture in one piece of HTML that needs nothing else."""

from __future__ import annotations

import base64

from anatase.identify.answer import Identification
from anatase.identify.joint_answer import JointIdentification
from anatase.refine.refinement import Refinement
from anatase.report.document import all_warnings
from anatase.report.figure import DrawnFit, drawn_identification
from anatase.report.fit_chart import fit_svg
from anatase.report.joint_html import joint_phases
from anatase.report.joint_words import all_joint_warnings, pattern_names, verdict_of_joint
from anatase.report.markup import tagged, text_html
from anatase.report.notation import verdict
from anatase.report.phase_names import answer_labels
from anatase.report.probability_words import amorphous_words, coverage_words, limits_words, member_words, unknown_words
from anatase.report.refinement_document import all_refinement_warnings
from anatase.report.refinement_figure import drawn_refinement
from anatase.report.refinement_sections import phases_section as refined_phases
from anatase.report.refinement_words import verdict_of_refinement
from anatase.report.sections import phases_section
from anatase.report.svg import phase_colours

__all__ = ["identification_notebook", "joint_notebook", "refinement_notebook"]


def identification_notebook(identification: Identification) -> str:
    """Return the verdict, the phases, the odds, the warnings and the Rietveld plot of an identification."""
    answer, among = identification, answer_labels(identification)
    words = [
        coverage_words(answer),
        *(member_words(phase, among) for phase in answer.phases),
        amorphous_words(answer.amorphous_fraction),
        unknown_words(answer),
        limits_words(answer.detection_limits, among),
    ]
    lines = [verdict(answer), *(line for line in words if line)]
    return _shown(
        answer.pattern.name or "pattern",
        lines,
        phases_section(answer) if answer.phases else "",
        all_warnings(answer),
        [drawn_identification(answer)],
    )


def joint_notebook(joint: JointIdentification) -> str:
    """Return the verdict, the phases, the warnings and the Rietveld plots of a joint identification."""
    fits, table = (
        [drawn_identification(answer) for answer in joint.answers],
        joint_phases(joint) if joint.phases else "",
    )
    return _shown(" + ".join(pattern_names(joint)), [verdict_of_joint(joint)], table, all_joint_warnings(joint), fits)


def refinement_notebook(refinement: Refinement) -> str:
    """Return the verdict, the phases, the warnings and the Rietveld plots of a refinement."""
    fits = [drawn_refinement(refinement, i) for i in range(len(refinement.model.histograms))]
    lines, told = [verdict_of_refinement(refinement)], all_refinement_warnings(refinement, None)
    return _shown(
        " + ".join(fit.pattern.name or fit.name for fit in fits), lines, refined_phases(refinement), told, fits
    )


def _shown(heading: str, lines: list[str], table: str, warnings: tuple[str, ...], fits: list[DrawnFit]) -> str:
    text = "".join(tagged("div", text_html(line)) for line in lines)
    told = "".join(tagged("div", f"⚠ {text_html(warning)}") for warning in warnings)
    content = tagged("b", text_html(heading)) + text + table + told + "".join(_picture(fit) for fit in fits)
    return tagged("div", tagged("style", _style()) + content, class_="anatase-answer")


def _picture(fit: DrawnFit) -> str:
    """Return the plot as an image by itself: its style touches nothing else on the page."""
    coded = base64.b64encode(fit_svg(fit).encode()).decode("ascii")
    return f'<div><img alt="Rietveld plot" style="max-width:100%" src="data:image/svg+xml;base64,{coded}"></div>'


def _style() -> str:
    at = ".anatase-answer"
    swatches = "".join(f"{at} .phase-{k}{{background:{colour}}}" for k, colour in enumerate(phase_colours()))
    return (
        f"{at} .swatch{{display:inline-block;width:.7em;height:.7em;margin-right:.4em}}{swatches}"
        f"{at} .overline{{text-decoration:overline}}{at} caption{{display:none}}{at} .parameter{{white-space:nowrap}}"
    )
