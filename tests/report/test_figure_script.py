"""The figure's conversions, ticks and thinning, run in Node where there is one."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from importlib import resources

import pytest

NODE = shutil.which("node")
CU_KA1 = 1.5405929  # Å, Hölzer et al. (1997)

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed; the figure's script is not run")


def run(expression):
    """Evaluate an expression with the functions of the figure, in JSON."""
    data = resources.files("anatase.report").joinpath("data")
    functions = "\n".join(data.joinpath(name).read_text("utf-8") for name in ("axes.js", "curves.js"))
    script = f"{functions}\nconsole.log(JSON.stringify({expression}))"
    done = subprocess.run([NODE, "-e", script], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_axes_follow_braggs_law():
    two_theta = 28.443  # silicon 111, a = 5.4310 Å
    d = CU_KA1 / (2 * math.sin(math.radians(two_theta / 2)))
    assert d == pytest.approx(5.4310 / math.sqrt(3), abs=2e-4)
    assert run(f"convert({two_theta}, 'two_theta', 'd', {CU_KA1})") == pytest.approx(d, rel=1e-12)
    assert run(f"convert({two_theta}, 'two_theta', 'q', {CU_KA1})") == pytest.approx(2 * math.pi / d, rel=1e-12)
    back = f"convert(convert({two_theta}, 'two_theta', 'q', {CU_KA1}), 'q', 'two_theta', {CU_KA1})"
    assert run(back) == pytest.approx(two_theta, rel=1e-12)


def test_axes_need_what_they_need():
    drawable = (
        "[['tof', 0], ['two_theta', 0], ['two_theta', 1.5], ['q', 0], ['d', 1.5]].map(([a, w]) => drawableAxes(a, w))"
    )
    every = ["two_theta", "d", "q"]
    assert run(drawable) == [["tof"], ["two_theta"], every, ["d", "q"], every]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (10, 130), (-0.37, 0.41), (28.1, 28.2), (0, 250_000)])
def test_ticks_are_round_inside_and_few(low, high):
    ticks = run(f"linearTicks({low}, {high}, 6)")
    major = ticks["major"]
    assert 3 <= len(major) <= 13
    assert low - 1e-9 <= major[0]
    assert major[-1] <= high + 1e-9
    step = major[1] - major[0]
    assert step / 10 ** math.floor(math.log10(step) + 1e-9) == pytest.approx(
        round(step / 10 ** math.floor(math.log10(step) + 1e-9))
    )
    assert len(ticks["minor"]) > len(major)
    written = run(f"linearTicks({low}, {high}, 6).major.map((v) => formatNumber(v, {ticks['decimals']}))")
    assert len(set(written)) == len(written)


def test_logarithmic_ticks_are_decades():
    assert run("logTicks(12, 45000).major") == pytest.approx([100, 1000, 10000])
    assert 30 in run("logTicks(12, 45000).minor")


def test_numbers_are_written_as_in_print():
    assert run("[-5, 12345, 1234, 0.5, -0.001].map((v, k) => formatNumber(v, k === 3 ? 1 : 0))") == [
        "−5",
        "12\u202f345",
        "1234",
        "0.5",
        "0",
    ]


def test_thinned_line_keeps_every_extreme():
    # 10,000 points on 50 pixels, one spike up and one down
    path = run(
        "(() => { const n = 10000; const x = Array.from({length: n}, (_, k) => k);"
        " const y = x.map((k) => k === 3333 ? 9 : k === 7777 ? -9 : 0);"
        " return linePath(x, y, 0, n, (v) => v / 200, (v) => v); })()"
    )
    points = [tuple(map(float, pair.split())) for pair in path[1:].split("L")]
    assert max(y for _, y in points) == 9
    assert min(y for _, y in points) == -9
    assert len(points) <= 4 * 100
    assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_curves_turn_round_on_the_d_axis():
    result = run(
        "(() => { const d = {axis: 'two_theta', wavelength: 1.5405929, x: [20, 30, 40], observed: [1, 2, 3],"
        " sigma: [1, 1, 1], calculated: [1, 2, 3], background: [0, 0, 0],"
        " phases: [{profile: [4, 5, 6], ticks: []}], unexplained: []};"
        " const c = curvesOn('d', d);"
        " return [[...c.x], [...c.observed], [...c.profiles[0]], nearestIndex(c.x, 2.9)]; })()"
    )
    x, observed, profile, nearest = result
    assert x == sorted(x)
    assert observed == [3, 2, 1]
    assert profile == [6, 5, 4]
    assert nearest == 1  # 30° is 2.976 Å
