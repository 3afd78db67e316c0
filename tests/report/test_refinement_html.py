from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from anatase.refine.uncertainty.exploration import Wanted, explore
from anatase.report.refinement_figure import refinement_figures
from anatase.report.refinement_html import refinement_html, write_refinement_html
from anatase.report.refinement_table import refinement_table

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&{{data}}<!--"


class Page(HTMLParser):
    """Collects elements with their attributes, text, and what scripts and styles hold."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.raw, self.open, self.text = [], {}, [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "wbr"):
            self.open.append(tag)
            self.key = dict(attrs).get("id", tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.raw[self.key] = self.raw.get(self.key, "") + data
        else:
            self.text += data


@pytest.fixture(scope="module")
def page(mixture):
    return Page(refinement_html(mixture))


def test_it_stands_alone_under_its_policy(mixture, page):
    text = refinement_html(mixture)
    assert page.open == []
    assert not [a for _, a in page.elements if {"src", "href", "srcset", "action", "style"} & a.keys()]
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_it_says_what_was_found(mixture, page):
    for said in (
        f"Rwp {mixture.rwp:.2f} %", str(mixture["rutile.a"].estimate), "rutile.O1.x", "= rutile.O1.u_iso",
        "all at once", "taken back", "noise would save as much", "50–51", "Chebyshev polynomial", "a warning <b>",
        "typed, rutile",
    ):  # fmt: skip
        assert said in page.text, said
    raw, corrected = mixture["rutile.a"].su, mixture["rutile.a"].su_corrected
    assert f"{raw:.2g}" in page.text
    assert f"{corrected:.2g}" in page.text


def test_warnings_come_before_the_figure(mixture):
    text = refinement_html(mixture)
    assert text.index("a warning &lt;b&gt;") < text.index('<figure id="figure">') < text.index("How it was reached")


def test_the_figure_holds_the_fit(joint):
    """Curves come back to float32; ticks are the reflections that lie in the pattern."""
    page = Page(refinement_html(joint))
    figures = json.loads(page.raw["figure-data"])
    assert [one["name"] for one in figures] == ["xray", "neutron"]
    assert figures == json.loads(json.dumps(refinement_figures(joint)))
    for figure, curve, histogram in zip(figures, joint.calculated, joint.model.histograms, strict=True):
        drawn = np.frombuffer(base64.b64decode(figure["calculated"]), "<f4")
        assert np.allclose(drawn, curve.intensity, rtol=1e-6)
        coded = np.frombuffer(base64.b64decode(figure["phases"][0]["profile"]), "<u2")
        profile = figure["phases"][0]["top"] * (coded / 65535.0) ** 2
        assert np.allclose(profile, curve.phases[0], atol=5e-5 * curve.phases[0].max())
        ticks = np.array(figure["phases"][0]["ticks"])
        assert np.all((ticks[:, 3] >= histogram.pattern.x[0]) & (ticks[:, 3] <= histogram.pattern.x[-1]))
        # Bragg's law for each tick
        d = joint.model.phases[0].structure.lattice.inverse_d_squared(ticks[:, :3].astype(int)) ** -0.5
        wavelength = histogram.beam.radiation.wavelength
        assert ticks[:, 3] == pytest.approx(2.0 * np.degrees(np.arcsin(wavelength / 2.0 / d)), abs=2e-3)
        assert ticks[:, 6].max() == 100.0


def test_hostile_text_stays_text(mixture, tmp_path):
    histogram = mixture.model.histograms[0]
    pattern = dataclasses.replace(histogram.pattern, name=HOSTILE, metadata={HOSTILE: HOSTILE})
    model = mixture.model.with_histogram(0, dataclasses.replace(histogram, pattern=pattern))
    structure = dataclasses.replace(model.phases[0].structure, name=HOSTILE)
    model = model.with_phase(0, dataclasses.replace(model.phases[0], structure=structure))
    write_refinement_html(dataclasses.replace(mixture, model=model, warnings=(HOSTILE,)), tmp_path / "x.html")
    page = Page((tmp_path / "x.html").read_text("utf-8"))
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert HOSTILE in page.text


def test_explorations_have_a_section(single):
    found = explore(single.fitted, Wanted(bootstrap=6))
    text = refinement_html(single, found)
    assert "Uncertainty beyond the covariance" in text
    assert "bootstrap: 6 refits, 0 failed" in text
    assert "Uncertainty beyond the covariance" not in refinement_html(single)


def test_table_for_the_terminal(joint):
    stream = StringIO()
    Console(file=stream, width=140).print(refinement_table(joint))
    text = stream.getvalue()
    for said in ("xray.xy", "neutron.xy", "P4₂/mnm", f"a={joint['rutile.a'].estimate}", "taken back: more of the",
                 "warning: a warning <b>", f"Rwp {joint.residuals.rwp[1]:.2f} %"):  # fmt: skip
        assert said in text, said
