"""Answers at a prompt and in a notebook: text, one piece of HTML, a picture that touches nothing else."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from anatase.report.document import to_dict
from anatase.report.figure import drawn_identification
from anatase.report.fit_chart import fit_svg
from anatase.report.html import to_html
from anatase.report.refinement_document import refinement_to_dict


def pictures(text: str) -> list[ET.Element]:
    """Return the SVG documents that are embedded as images."""
    return [ET.fromstring(base64.b64decode(code)) for code in re.findall(r"svg\+xml;base64,([\w+/=]+)", text)]


def test_notebook_shows_table_odds_and_plot(probable):
    text = probable._repr_html_()
    for piece in ("Anatase", "TiO<sub>2</sub>", "40.0(4)", "&gt; 99 %", "90 %: Anatase + Zincite", "⚠ one strong peak"):
        assert piece in text
    (picture,) = pictures(text)
    assert picture.tag.endswith("svg")


def test_nothing_comes_from_outside_and_no_style_leaks(two_phases):
    text = two_phases._repr_html_()
    assert not re.findall(r"https?://", text)
    assert "<script" not in text
    (style,) = re.findall(r"<style>(.*?)</style>", text)
    selectors = [rule.split("{")[0] for rule in style.split("}") if rule]
    assert all(selector.startswith(".anatase-answer ") for selector in selectors)


def test_hostile_names_stay_text(two_phases):
    hostile = "</div><script>alert(1)</script>"
    phase = replace(two_phases.phases[0], label=replace(two_phases.phases[0].label, name=hostile))
    text = replace(two_phases, phases=(phase,), warnings=(hostile,))._repr_html_()
    assert "<script" not in text
    assert b"<script" not in base64.b64decode(re.findall(r"base64,([\w+/=]+)", text)[0])


def test_picture_holds_curves_and_reflections(two_phases):
    fit = drawn_identification(two_phases)
    picture = ET.fromstring(fit_svg(fit))
    lines = [e for e in picture.iter() if e.tag.endswith("polyline")]
    assert len(lines) == 4  # observed, calculated, background, difference
    marks = [e for e in picture.iter() if e.tag.endswith("text") and e.text == "▽"]
    assert len(marks) == len(two_phases.unexplained_peaks) == 1
    # thinned, the highest point is still there: the least y of the observed curve is that of the pattern's maximum
    heights = [float(p.split(",")[1]) for p in lines[0].attrib["points"].split()]
    i = int(two_phases.pattern.intensity.argmax())
    assert min(heights) < min(heights[:10])
    assert np.isclose(float(lines[0].attrib["points"].split()[heights.index(min(heights))].split(",")[0]),
                      76.0 + (two_phases.pattern.x[i] - 8.0) / 82.0 * 730.0, atol=0.5)  # fmt: skip
    assert len(fit_svg(fit)) < 200_000


def test_empty_answers_are_shown(synthetic):
    empty = synthetic(0, 400)
    assert "No crystalline phase" in empty._repr_html_()
    assert "no phase; Rwp" in repr(empty)


def test_answers_write_and_print_themselves(two_phases, tmp_path):
    assert two_phases.to_dict() == to_dict(two_phases)
    assert two_phases.to_html(tmp_path / "new" / "a.html") == to_html(two_phases)
    assert (tmp_path / "new" / "a.html").read_text("utf-8") == to_html(two_phases)
    assert "TiO₂" in str(two_phases)
    assert "I4₁/amd" in str(two_phases)
    assert "\x1b" not in str(two_phases)
    assert "<Identification of TiO2_0p4-ZnO_0p6.xrdml: Anatase 40.0 wt%, Zincite 60.0 wt%;" in repr(two_phases)


def test_a_pretty_printer_gets_the_table(two_phases):
    class Printer:
        said = ""

        def text(self, text):
            self.said += text

    printer = Printer()
    two_phases._repr_pretty_(printer, cycle=False)
    assert printer.said == str(two_phases)


def test_refinements_show_themselves(joint):
    assert joint.to_dict() == refinement_to_dict(joint)
    assert len(pictures(joint._repr_html_())) == 2  # a plot for each pattern
    assert "Rwp" in str(joint)
    assert joint.to_html().lstrip().lower().startswith("<!doctype html>")
    assert repr(joint).startswith("<Refinement of ")
