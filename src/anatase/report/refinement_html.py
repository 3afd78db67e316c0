"""A refinement as one HTML file that needs nothing else: no network, no other file, no script from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anatase.io.text_file import write_text
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.exploration import Exploration
from anatase.report.html import embedded_json, filled_page, section_html
from anatase.report.markup import text_html
from anatase.report.refinement_document import all_refinement_warnings, refinement_to_dict
from anatase.report.refinement_figure import refinement_figures
from anatase.report.refinement_sections import REFINEMENT_SECTIONS, exploration_section, refinement_strip
from anatase.report.refinement_words import beam_words, verdict_of_refinement
from anatase.report.sections import warnings_box

__all__ = ["refinement_html", "write_refinement_html"]

NAMED = 4  # patterns or phases in the heading


def refinement_html(refinement: Refinement, exploration: Exploration | None = None) -> str:
    """Return the report of a refinement as one self-contained HTML document, under the policy of ``filled_page``."""
    files = _listed([one.pattern.name or one.name for one in refinement.model.histograms])
    figures = refinement_figures(refinement)
    *first, last = REFINEMENT_SECTIONS
    sections = (*first, ("Uncertainty beyond the covariance", lambda one: exploration_section(one, exploration)), last)
    fields = {
        "kicker": "Refinement",
        "element": "refinement",
        "title": f"{text_html(files)}: refinement",
        "heading": text_html(files),
        "subheading": _subheading(refinement),
        "verdict": text_html(verdict_of_refinement(refinement)),
        "version": text_html(refinement.provenance.version),
        "figures": refinement_strip(refinement),
        "warnings": warnings_box(all_refinement_warnings(refinement, exploration)),
        "caption": _caption(refinement, figures),
        "sections": "".join(section_html(title, write(refinement)) for title, write in sections),
        "data": embedded_json(figures),
        "document": embedded_json(refinement_to_dict(refinement, exploration)),
    }
    return filled_page(fields)


def write_refinement_html(refinement: Refinement, path: Path, exploration: Exploration | None = None) -> None:
    """Write the report to a file."""
    write_text(path, refinement_html(refinement, exploration))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return " + ".join(names[:NAMED]) + more


def _subheading(refinement: Refinement) -> str:
    phases = _listed([phase.name for phase in refinement.model.phases])
    beams = list(dict.fromkeys(beam_words(one) for one in refinement.model.histograms))
    return " · ".join(text_html(part) for part in (phases, *beams))


def _caption(refinement: Refinement, figures: list[dict[str, Any]]) -> str:
    merged = max(figure["step"] for figure in figures)
    averaged = f" Drawn from averages of up to {merged} neighbouring points; the fit used all." if merged > 1 else ""
    several = " Buttons choose the pattern." if len(figures) > 1 else ""
    excluded = any(one.excluded for one in refinement.model.histograms)
    left_out = " Excluded ranges are drawn but were not fitted." if excluded else ""
    return (
        "Rietveld plot: observed intensity (points), calculated pattern and background (lines), reflections of each "
        f"phase (bars) and, below, the difference observed − calculated.{several}{left_out}{averaged}"
    )
