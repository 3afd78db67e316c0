"""An identification as one HTML file that needs nothing else: no network, no other file, no script from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from anatase.identify.answer import Identification
from anatase.io.text_file import write_text
from anatase.report.document import all_warnings, to_dict
from anatase.report.figure import figure_data, merged_points
from anatase.report.markup import tagged, text_html
from anatase.report.notation import axis_unit, radiation_text, verdict
from anatase.report.sections import SECTIONS, figures_strip, warnings_box

__all__ = ["embedded_json", "filled_page", "section_html", "to_html", "write_html"]

SCRIPTS = ("axes.js", "curves.js", "figure.js", "controls.js")  # in the order in which they build on each other


def to_html(identification: Identification) -> str:
    """Return the report of an identification as one self-contained HTML document.

    Its content security policy allows the style and the script written here, by their digests, and
    nothing else: no text of a data file or of a library can run.
    """
    name = identification.pattern.name or "pattern"
    fields = {
        "kicker": "Phase identification",
        "element": "identification",
        "title": f"{text_html(name)}: phase identification",
        "heading": text_html(name),
        "subheading": _subheading(identification),
        "verdict": text_html(verdict(identification)),
        "version": text_html(identification.provenance.version),
        "figures": figures_strip(identification),
        "warnings": warnings_box(all_warnings(identification)),
        "caption": _caption(identification),
        "sections": "".join(section_html(title, write(identification)) for title, write in SECTIONS),
        "data": embedded_json(figure_data(identification)),
        "document": embedded_json(to_dict(identification)),
    }
    return filled_page(fields)


def filled_page(fields: dict[str, str]) -> str:
    """Return the page of ``data/`` with its fields, style, script and a policy that allows these alone."""
    style, script = _data("report.css"), "\n".join(_data(name) for name in SCRIPTS)
    script = f'(() => {{\n"use strict";\n{script}}})();\n'
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    fields = fields | {"policy": policy, "style": style, "script": script}
    page = _data("report.html")
    pieces = page.split("{{")
    # one pass over the template: a field's own braces are never taken for a place to fill
    return pieces[0] + "".join(fields[key] + rest for key, _, rest in (piece.partition("}}") for piece in pieces[1:]))


def write_html(identification: Identification, path: Path) -> None:
    """Write the report to a file."""
    write_text(path, to_html(identification))


def embedded_json(document: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Return JSON that stands safely inside a ``<script>`` element: no ``<``, ``>``, ``&`` nor line separator in it."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def section_html(title: str, content: str) -> str:
    """Return a section under a heading, nothing where it is empty."""
    return tagged("section", tagged("h2", title) + content) if content else ""


def _subheading(identification: Identification) -> str:
    pattern = identification.pattern
    name, unit = axis_unit(pattern)
    gap = "" if unit == "°" else " "
    parts = [
        radiation_text(pattern.radiation),
        f"{name} = {pattern.x[0]:.5g}–{pattern.x[-1]:.5g}{gap}{unit}",
        f"{len(pattern):,} points",
    ]
    source_format = pattern.metadata.get("format")
    if source_format:
        parts.append(f"format {source_format}")
    return " · ".join(text_html(part) for part in parts)


def _caption(identification: Identification) -> str:
    pattern = identification.pattern
    ticks = " Vertical bars mark the reflections of each phase." if identification.phases else ""
    marks = " Open triangles mark unexplained peaks." if identification.unexplained_peaks else ""
    step = merged_points(len(pattern))
    merged = f" Drawn from averages of {step} neighbouring points; the fit used all." if step > 1 else ""
    return (
        f"Observed intensity of {text_html(pattern.name or 'the pattern')} (points), the calculated pattern and its "
        f"background (lines) and, below, their difference, observed − calculated.{ticks}{marks}{merged}"
    )


def _data(name: str) -> str:
    return resources.files("anatase.report").joinpath(f"data/{name}").read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
