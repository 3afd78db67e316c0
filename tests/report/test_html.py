from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from anatase.identify.answer import PhaseLabel
from anatase.report.document import to_dict
from anatase.report.figure import MAX_POINTS, figure_data
from anatase.report.html import to_html, write_html

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&{{data}}<!--"


class Page(HTMLParser):
    """Collects the elements, their attributes and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.raw, self.open = [], {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "wbr"):
            self.open.append(tag)
            if tag in ("script", "style"):
                self.key = dict(attrs).get("id", tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.raw[self.key] = self.raw.get(self.key, "") + data


@pytest.fixture(scope="module")
def page(two_phases):
    return Page(to_html(two_phases))


def test_nothing_comes_from_outside(two_phases, page):
    text = to_html(two_phases)
    assert not [a for _, a in page.elements if {"src", "href", "srcset", "action"} & a.keys()]
    assert "url(" not in page.raw["style"].replace("url(#clip", "")
    assert "@import" not in text
    # the only address is the name of the SVG language
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}


def test_policy_allows_this_script_and_style_alone(page):
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)]


def test_elements_are_closed_in_order(page):
    assert page.open == []
    assert [tag for tag, _ in page.elements].count("main") == 1


def test_hostile_text_stays_text(two_phases):
    label = PhaseLabel(HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE)
    phase = dataclasses.replace(
        two_phases.phases[0], label=label, source=HOSTILE, citation=HOSTILE, licence=HOSTILE, equivalents=(HOSTILE,)
    )
    pattern = dataclasses.replace(two_phases.pattern, name=HOSTILE, metadata={HOSTILE: HOSTILE, "format": HOSTILE})
    answer = dataclasses.replace(
        two_phases, phases=(phase,), pattern=pattern, warnings=(HOSTILE,), settings={HOSTILE: [HOSTILE]}
    )
    page = Page(to_html(answer))
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert json.loads(page.raw["identification"])["phases"][0]["name"] == HOSTILE
    assert json.loads(page.raw["figure-data"])["phases"][0]["name"] == HOSTILE


def test_embedded_document_is_the_json_answer(two_phases, page):
    assert json.loads(page.raw["identification"]) == json.loads(json.dumps(to_dict(two_phases)))


def test_page_shows_the_answer_in_print_notation(two_phases):
    text = to_html(two_phases)
    for piece in (
        "40.0(4)",
        "TiO<sub>2</sub>",
        "<i>I</i>4<sub>1</sub>/<i>a</i><i>m</i><i>d</i>",
        "<i>a</i>&#8239;=&#8239;3.7845(8)&#8239;Å",
        "one strong peak at 41.37° is not explained",
        "Howard, C. J. et al. (1991)",
        "0.82(2) along [001]",
    ):
        assert piece in text


def unpacked(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def test_figure_data_carry_the_curves(two_phases):
    data = figure_data(two_phases)
    np.testing.assert_allclose(unpacked(data["x"], "<f4"), two_phases.pattern.x, rtol=1e-6)  # float32
    np.testing.assert_allclose(unpacked(data["calculated"], "<f4"), two_phases.y_calc, rtol=1e-6)
    for phase, packed in zip(two_phases.phases, data["phases"], strict=True):
        profile = packed["top"] * (unpacked(packed["profile"], "<u2") / 65535.0) ** 2
        # half a step of the square-root code, 0.5 / 65535, is 1.6e-5 of the top at most
        np.testing.assert_allclose(profile, phase.profile, atol=1.6e-5 * packed["top"])
        strongest = max(packed["ticks"], key=lambda row: row[6])
        k = int(np.argmax(phase.ticks.intensity))
        assert strongest[:3] == phase.ticks.hkl[k].tolist()
        assert strongest[4] == pytest.approx(phase.ticks.d_spacing[k], abs=1e-5)


def test_long_pattern_is_averaged_and_says_so(synthetic):
    answer = synthetic(6, 100_003)
    data = figure_data(answer)
    assert data["step"] == 5
    observed = unpacked(data["observed"], "<f4")
    assert observed.size == 20_001 <= MAX_POINTS
    assert observed[0] == pytest.approx(answer.pattern.intensity[:5].mean(), rel=1e-6)
    assert observed[-1] == pytest.approx(answer.pattern.intensity[100_000:].mean(), rel=1e-6)
    assert "averages of 5 neighbouring points" in to_html(answer)


@pytest.mark.parametrize(("phases", "points"), [(0, 2000), (6, 20_000), (6, MAX_POINTS)])
def test_report_stays_small(synthetic, phases, points):
    assert len(to_html(synthetic(phases, points)).encode()) <= 2_000_000


def test_same_answer_gives_the_same_bytes(synthetic, tmp_path):
    write_html(synthetic(2, 500), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == to_html(synthetic(2, 500))


def test_probabilities_are_shown_where_they_are_known(probable, two_phases):
    text = to_html(probable)
    for piece in (
        "<h2>Probabilities</h2>",
        "&gt; 99 %",
        "90 %: Anatase + Zincite, or Anatase + Fluorapatite.",
        "Probability of this set",
        "Probability of a missing phase",
        "A phase is missing from this answer: 7 %.",
        "<h2>Detection limits</h2>",
        "&lt;&#8239;0.84",
        "May as well be",
        "GaN, GaN",
        "s.u. of the fit alone",
        "Amorphous: 23.0 ± 4.0 wt%",
    ):
        assert piece in text
    without = to_html(two_phases)
    assert "<h2>Probabilities</h2>" not in without
    assert "<h2>Detection limits</h2>" not in without
    assert Page(text).open == []
