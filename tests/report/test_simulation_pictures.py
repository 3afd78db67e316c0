"""The pictures of simulations: what is drawn stands where the numbers say."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.frame import Frame
from anatase.pattern.pattern import Pattern
from anatase.report.pattern_chart import pattern_svg, thinned
from anatase.report.simulation import PhaseLines, Simulation
from anatase.report.spot_chart import spots_svg, zone_svg
from anatase.report.svg import Panel, hkl_svg, nice_ticks, phase_colours
from anatase.scattering.radiation import radiation_from_name
from anatase.simulation.lines import simulate_lines
from anatase.simulation.spots import SpotList
from anatase.simulation.zone_axis import simulate_zone_axis

SVG = "{http://www.w3.org/2000/svg}"
ALUMINIUM = Structure(
    Lattice(4.0495, 4.0495, 4.0495), SpaceGroup.from_number(225), (Site("Al", (Species("Al"),), (0, 0, 0)),), "Al"
)
LIMITS = (20.0, 120.0)
BOX = (80.0, 62.0, 860.0)  # left, top and width of the frame


@pytest.fixture(scope="module")
def powder():
    radiation = radiation_from_name("CuKa1")
    lines = simulate_lines(ALUMINIUM, radiation, LIMITS)
    x = np.linspace(*LIMITS, 2001)
    top = lines.intensity.max()
    y = sum(i * np.exp(-(((x - t) / 0.15) ** 2)) for t, i in zip(lines.two_theta, lines.intensity, strict=True))
    phase = PhaseLines(ALUMINIUM, lines, lines.two_theta, 100.0 * lines.intensity / top)
    pattern = Pattern(x, y, np.ones(x.size), radiation=radiation, name="Al")
    return Simulation("powder", ("al.cif",), (phase,), radiation, pattern=pattern)


def parsed(text):
    return ET.fromstring(text)


def titles(root):
    return [element.text for element in root.iter(f"{SVG}title")][1:]  # the first is the page's


def test_the_highest_point_stands_over_its_angle(powder):
    root = parsed(pattern_svg(powder))
    points = [tuple(map(float, p.split(","))) for p in root.find(f"{SVG}polyline").get("points").split()]
    x, y = min(points, key=lambda p: p[1])
    pattern = powder.pattern
    at = pattern.x[pattern.intensity.argmax()]
    # coordinates are written to 0.01 pixels
    assert x == pytest.approx(BOX[0] + BOX[2] * (at - LIMITS[0]) / (LIMITS[1] - LIMITS[0]), abs=0.011)
    assert y > BOX[1]
    assert len(points) == len(pattern)


def test_a_bar_for_each_reflection_tells_what_it_is(powder):
    found = titles(parsed(pattern_svg(powder)))
    lines = powder.phases[0].reflections
    assert len(found) == len(lines) == 8  # 111 200 220 311 222 400 331 420 of fcc up to 120° for 4.0495 Å
    # 2θ = 2 asin(λ √3/2a) = 38.4727°
    angle = 2.0 * np.degrees(np.arcsin(1.5405929 * np.sqrt(3.0) / 2.0 / 4.0495))
    assert found[0].startswith(f"Al 1 1 1: 2θ = {angle:.4f} °, d = 2.33798 Å, m = 8")


def test_strong_lines_carry_their_indices(powder):
    text = pattern_svg(powder)
    for indices in ("111", "200", "220", "311"):
        assert f">{indices}</text>" in text


def test_labels_do_not_overlap(powder):
    root = parsed(pattern_svg(powder))
    places = [
        (float(t.get("x")), float(t.get("y"))) for t in root.iter(f"{SVG}text") if t.get("class") == "small"
    ]  # fmt: skip
    assert len(places) >= 4
    across = np.sort([x for x, _ in places])
    assert np.diff(across).min() > 0.62 * 11.0 * 3.0  # three digits of the font


def test_square_root_axis(powder):
    plain, root = pattern_svg(powder), pattern_svg(powder, square_root=True)
    assert "√(Intensity)" in root
    assert "√(Intensity)" not in plain
    curve = [p.split(",")[1] for p in parsed(root).find(f"{SVG}polyline").get("points").split()]
    linear = [p.split(",")[1] for p in parsed(plain).find(f"{SVG}polyline").get("points").split()]
    base = max(map(float, linear))
    top = min(map(float, linear))
    second = powder.phases[0].position[2]  # 220
    i = int(np.abs(powder.pattern.x - second).argmin())
    share = powder.pattern.intensity[i] / powder.pattern.intensity.max()
    assert (base - float(linear[i])) / (base - top) == pytest.approx(share, abs=1e-3)
    assert (base - float(curve[i])) / (base - top) == pytest.approx(np.sqrt(share), abs=1e-3)


def test_phases_of_a_mixture_have_colours_and_weights(powder):
    phase = replace(powder.phases[0], weight_fraction=0.25)
    text = pattern_svg(replace(powder, phases=(phase, phase)))
    assert phase_colours()[0] in text
    assert phase_colours()[1] in text
    assert "25 wt%" in text


def test_names_are_text_never_markup(powder):
    evil = replace(ALUMINIUM, name='<script>alert("x")</script>&')
    text = pattern_svg(replace(powder, phases=(replace(powder.phases[0], structure=evil),)))
    assert "<script" not in text
    parsed(text)


def test_nothing_to_draw_is_refused(powder):
    dark = replace(powder.pattern, intensity=np.zeros(len(powder.pattern)))
    with pytest.raises(InputError, match="no intensity to draw"):
        pattern_svg(replace(powder, pattern=dark))


def test_thinning_keeps_peaks_and_ends():
    x = np.arange(100_000.0)
    y = np.random.default_rng(3).random(x.size)
    y[51_234] = 9.0
    thin_x, thin_y = thinned(x, y, 1000)
    assert thin_x.size <= 2002
    assert (thin_x[0], thin_x[-1]) == (0.0, 99_999.0)
    assert thin_y.max() == 9.0
    assert thin_x[thin_y.argmax()] == 51_234.0
    assert np.all(np.diff(thin_x) > 0)


@pytest.mark.parametrize(("ends", "step"), [((5.0, 90.0), 10.0), ((0.1, 2.0), 0.2), ((0.0, 4.2e6), 5e5)])
def test_ticks_are_round_and_inside(ends, step):
    ticks = nice_ticks(*ends)
    assert np.diff(ticks) == pytest.approx(step, rel=1e-9)
    assert ends[0] <= ticks[0] < ends[0] + step
    assert ends[1] - step < ticks[-1] <= ends[1]


def test_indices_as_in_print():
    assert hkl_svg([1, -1, 0]) == '1<tspan text-decoration="overline">1</tspan>0'
    assert hkl_svg([1, 0, 12]) == "1 0 12"


def test_panel_maps_corners():
    panel = Panel((10.0, 20.0, 100.0, 50.0), (0.0, 1.0), (-1.0, 1.0))
    assert (float(panel.x(0.25)), float(panel.y(-1.0)), float(panel.y(1.0))) == (35.0, 70.0, 20.0)


def test_colours_are_those_of_the_report_on_paper():
    assert phase_colours()[:3] == ("#0072b2", "#009e73", "#cc79a7")  # blue, green, purple of Okabe & Ito


@pytest.fixture(scope="module")
def zone():
    pattern = simulate_zone_axis(ALUMINIUM, (0, 0, 1), thickness=50.0, d_min=0.9)
    phase = PhaseLines(ALUMINIUM, simulate_lines(ALUMINIUM, "CuKa1", (1.0, 2.5e1)), np.empty(0), np.empty(0))
    return Simulation("zone", (), (phase,), pattern.radiation, zone=pattern)


def circles(text):
    found = list(parsed(text).iter(f"{SVG}circle"))
    return {c.find(f"{SVG}title").text.split(":")[0]: c for c in found}


def test_zone_spots_stand_as_their_vectors(zone):
    drawn = circles(zone_svg(zone))
    beam = np.array([float(drawn["direct beam"].get(key)) for key in ("cx", "cy")])

    def offset(name):
        return np.array([float(drawn[name].get(key)) for key in ("cx", "cy")]) - beam

    # 200 and 020 of fcc are of one length at right angles; 220 is their sum
    assert np.linalg.norm(offset("2 0 0")) == pytest.approx(np.linalg.norm(offset("0 2 0")), abs=0.02)
    assert offset("2 0 0") @ offset("0 2 0") == pytest.approx(0.0, abs=2.0)
    assert np.allclose(offset("2 2 0"), offset("2 0 0") + offset("0 2 0"), atol=0.03)
    assert np.allclose(offset("-2 0 0"), -offset("2 0 0"), atol=0.02)
    radii = {name: float(c.get("r")) for name, c in drawn.items()}
    assert radii["2 0 0"] > radii["4 0 0"] > 0.0


def test_zone_has_a_scale_bar(zone):
    text = zone_svg(zone)
    (length,) = map(float, re.findall(r">([\d.]+) Å⁻¹</text>", text))
    bar = next(line for line in parsed(text).iter(f"{SVG}line") if line.get("stroke-width") == "3")
    pixels = float(bar.get("x2")) - float(bar.get("x1"))
    drawn = circles(text)
    beam, spot = (float(drawn[name].get("cx")) for name in ("direct beam", "2 0 0"))
    beam_y, spot_y = (float(drawn[name].get("cy")) for name in ("direct beam", "2 0 0"))
    g = np.hypot(spot - beam, spot_y - beam_y) * length / pixels
    assert g == pytest.approx(2.0 / 4.0495, rel=1e-3)  # |g| = 1/d


def test_spots_on_a_detector_with_row_0_below():
    geometry = DetectorGeometry.facing(0.1, (49.5, 49.5), 1e-3, (100, 100))
    hkl = np.array([[1, 1, 1], [2, 0, 0]])
    columns = (np.array([10.0, 90.0]), np.array([0.0, 60.0]), np.zeros(2), np.array([16.0, 1.0]))
    spots = SpotList(hkl, *columns, np.array([2.3, 2.0]), np.zeros(2))
    frame = Frame(np.zeros((100, 100)), geometry=geometry)
    phase = PhaseLines(ALUMINIUM, simulate_lines(ALUMINIUM, "CuKa1", LIMITS), np.empty(0), np.empty(0))
    simulation = Simulation("spots", (), (phase,), radiation_from_name("MoKa1"), frame=frame, spots=spots)
    text = spots_svg(simulation)
    drawn = circles(text)
    assert float(drawn["1 1 1"].get("cy")) > float(drawn["2 0 0"].get("cy"))
    assert float(drawn["1 1 1"].get("cx")) < float(drawn["2 0 0"].get("cx"))
    # the area grows with the square root of the intensity: radius with its fourth root
    assert float(drawn["1 1 1"].get("r")) / float(drawn["2 0 0"].get("r")) == pytest.approx(2.0, rel=1e-2)
    assert text.count("stroke-dasharray") >= 4
    with pytest.raises(InputError, match="no spot falls on the detector"):
        spots_svg(replace(simulation, spots=spots.select(np.zeros(2, bool))))
