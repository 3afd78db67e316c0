"""Lines drawn into a pattern: against the formulas point by point, and every derivative against differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import voigt_profile

from anatase.errors import PhysicsError
from anatase.pattern.draw_lines import (
    Lines,
    Sensitivity,
    draw_lines,
    draw_lines_with_derivatives,
    draw_lines_with_gradient,
)
from anatase.pattern.profile import thompson_cox_hastings

Array = NDArray[np.float64]
X = np.arange(5.0, 90.0, 0.02)


def summed(x: Array, lines: Lines) -> Array:
    """Sum pseudo-Voigts over all points, without any cut, in NumPy."""
    y = np.zeros(x.size)
    for place, gauss, lorentz, area in zip(lines.position, lines.gauss, lines.lorentz, lines.area, strict=True):
        fwhm, eta = thompson_cox_hastings(gauss, lorentz)[:2]
        u2 = (2.0 * (x - place) / fwhm) ** 2
        bell = 2.0 * np.sqrt(np.log(2.0) / np.pi) * np.exp(-np.log(2.0) * u2)
        y += area / fwhm * (eta * 2.0 / np.pi / (1.0 + u2) + (1.0 - eta) * bell)
    return y


def random_lines(m: int, fwhm: float, seed: int = 1) -> Lines:
    rng = np.random.default_rng(seed)
    widths = fwhm * rng.uniform(0.2, 0.9, (2, m))
    return Lines(rng.uniform(3.0, 93.0, m), *widths, rng.uniform(0.1, 1.0, m))


@pytest.mark.parametrize("fwhm", [0.02, 0.06, 0.2, 1.0, 5.0, 30.0])
@pytest.mark.parametrize("step", [0.005, 0.02, 0.1])
def test_lines_are_the_formula_everywhere(fwhm: float, step: float):
    # 1e-4 of the height of the highest line, as draw_lines states: the interpolation of tails
    lines, x = random_lines(12, fwhm), np.arange(5.0, 90.0, step)
    expected = summed(x, lines)
    highest = (lines.area / np.hypot(lines.gauss, lines.lorentz)).max()
    assert np.abs(draw_lines(x, lines) - expected).max() < 1e-4 * highest


def test_lines_of_many_widths_are_the_formula():
    lines = Lines(np.linspace(10, 80, 40), np.full(40, 0.03), np.geomspace(0.01, 8.0, 40), np.ones(40))
    expected = summed(X, lines)
    assert np.abs(draw_lines(X, lines) - expected).max() < 1e-5 * expected.max()


def test_an_uneven_axis_with_a_gap_gives_the_same_values():
    lines = random_lines(30, 0.1)
    even = draw_lines(X, lines)
    keep = np.random.default_rng(2).random(X.size) < 0.4
    keep |= (X > 50) & (X < 52)
    keep &= (X < 30) | (X > 42)
    # interpolation of the tails on other grids: 1e-4 of the height
    assert np.abs(draw_lines(X[keep], lines) - even[keep]).max() < 1e-4 * even.max()


@pytest.mark.parametrize("eta", ["gauss", "lorentz"])
def test_the_area_is_kept(eta: str):
    # beyond ±50° a Lorentzian of 0.1° has 0.1/(50 π) of its area, which is added by hand: 6.4e-4
    widths = (np.array([0.1]), np.zeros(1)) if eta == "gauss" else (np.zeros(1), np.array([0.1]))
    x = np.arange(0.0, 100.0, 0.01)
    area = draw_lines(x, Lines(np.array([50.0]), *widths, np.array([3.0]))).sum() * 0.01
    outside = 0.0 if eta == "gauss" else 2.0 / np.pi * np.arctan(0.05 / 50.0)
    assert area / 3.0 + outside == pytest.approx(1.0, abs=2e-6)


def test_pseudo_voigt_stands_for_the_voigt_function():
    # Thompson, Cox & Hastings (1987): within about 1 % of the height of the true convolution
    for gauss, lorentz in [(0.1, 0.02), (0.1, 0.1), (0.03, 0.1)]:
        lines = Lines(np.array([40.0]), np.array([gauss]), np.array([lorentz]), np.ones(1))
        true = voigt_profile(X - 40.0, gauss / np.sqrt(8.0 * np.log(2.0)), lorentz / 2.0)
        assert np.abs(draw_lines(X, lines) - true).max() < 0.013 * true.max()


def test_a_floor_loses_no_more_than_itself_per_line():
    lines = random_lines(1, 0.1)
    whole = draw_lines(X, lines)
    for floor in (1e-6, 1e-4, 1e-2):
        cut = draw_lines(X, lines, floor)
        assert np.all(whole - cut > -2e-4 * whole.max())
        assert (whole - cut).max() < max(1.05 * floor, 2e-4 * whole.max())
        inside, _ = draw_lines_with_derivatives(X, lines, [], 0, floor=floor)
        np.testing.assert_allclose(inside, cut, atol=1e-9 * whole.max())


def test_order_does_not_matter_and_zero_areas_draw_nothing():
    lines = random_lines(20, 0.1)
    turned = Lines(*(getattr(lines, name)[::-1] for name in ("position", "gauss", "lorentz", "area")))
    np.testing.assert_allclose(draw_lines(X, turned), draw_lines(X, lines), rtol=1e-12)
    assert not draw_lines(X, replace(lines, area=np.zeros(20))).any()
    assert not draw_lines(X, Lines(*np.empty((4, 0)))).any()


def test_widths_that_no_line_has_are_refused():
    one = np.ones(1)
    with pytest.raises(PhysicsError, match="FWHM"):
        draw_lines(X, Lines(30 * one, -0.1 * one, 0.2 * one, one))
    with pytest.raises(PhysicsError, match="FWHM"):
        draw_lines(X, Lines(30 * one, 0 * one, 0 * one, one))


def moved(lines: Lines, chain: Array, changes: dict[str, Array], p: Array) -> Lines:
    """Return lines whose attributes are linear in parameters; chain (4, m) is what 1/d² does."""
    new = {name: getattr(lines, name) + p @ changes[name] for name in ("position", "gauss", "lorentz", "area")}
    along = p @ changes["reciprocal"]
    new["position"] = new["position"] + chain[0] * along
    new["gauss"] = new["gauss"] + chain[1] * along
    new["lorentz"] = new["lorentz"] + chain[2] * along
    new["area"] = new["area"] * np.exp(chain[3] * along)
    return replace(lines, **new)


@pytest.mark.parametrize("fwhm", [0.1, 0.6, 4.0])
@pytest.mark.parametrize(("s", "h"), [(0.0, 0.0), (0.021, 0.021), (0.03, 0.02)])
def test_derivatives(fwhm: float, s: float, h: float):
    # central differences with a step of 1e-5 of the width: truncation and rounding both near 1e-9 relative
    rng = np.random.default_rng(3)
    m, x = 25, np.arange(5.0, 60.0, 0.02)
    lines = replace(random_lines(m, fwhm), s_over_l=s, h_over_l=h)
    names = ("position", "gauss", "lorentz", "area", "reciprocal")
    changes = {name: np.where(rng.random((6, m)) < 0.7, rng.normal(size=(6, m)), 0.0) for name in names}
    for i in range(5):  # one parameter moves one attribute only, the sixth all
        for j, other in enumerate(names):
            if i != j:
                changes[other][i] = 0.0
    chain = rng.normal(size=(4, m))
    sensitivities = [Sensitivity(name, np.arange(6), change) for name, change in changes.items()]
    y, jacobian = draw_lines_with_derivatives(x, lines, sensitivities, 8, chain, (6, 7))
    np.testing.assert_allclose(y, draw_lines(x, lines), atol=1e-9 * y.max())
    step = 1e-5 * fwhm
    for i in range(6):
        p = np.zeros(6)
        p[i] = step
        up, down = (draw_lines(x, moved(lines, chain, changes, sign * p)) for sign in (1, -1))
        numeric = (up - down) / (2 * step)
        assert np.linalg.norm(jacobian[i] - numeric) < 1e-6 * np.linalg.norm(numeric), names[min(i, 4)]
    if s == 0.0:
        return
    for row, name in ((6, "s_over_l"), (7, "h_over_l")):
        ends = [draw_lines(x, replace(lines, **{name: getattr(lines, name) + sign * 1e-6})) for sign in (1, -1)]
        numeric = (ends[0] - ends[1]) / 2e-6
        if s != h:  # at S = H a second triangle opens between the two ends, with the square of the difference
            assert np.linalg.norm(jacobian[row] - numeric) < 1e-6 * np.linalg.norm(numeric), name
    both = [draw_lines(x, replace(lines, s_over_l=s + d, h_over_l=h + d)) for d in (1e-6, -1e-6)]
    numeric = (both[0] - both[1]) / 2e-6
    assert np.linalg.norm(jacobian[6] + jacobian[7] - numeric) < 1e-6 * np.linalg.norm(numeric)


def test_derivatives_of_cut_lines():
    # reaches follow the floor and not the parameters, up to the size of what is cut: areas are linear all the same
    lines, floor = random_lines(30, 0.1), 1e-3
    sensitivity = Sensitivity("area", np.array([0]), lines.area[None])
    y, jacobian = draw_lines_with_derivatives(X, lines, [sensitivity], 1, floor=floor)
    np.testing.assert_allclose(jacobian[0], y, atol=1e-12 * y.max())


@pytest.mark.parametrize("fwhm", [0.03, 0.1, 4.0, 30.0])
@pytest.mark.parametrize(("s", "h"), [(0.0, 0.0), (0.021, 0.021), (0.03, 0.02)])
@pytest.mark.parametrize("floor", [0.0, 1e-2])
def test_the_gradient_is_the_jacobian_times_the_weights(fwhm: float, s: float, h: float, floor: float):
    # one parameter for each attribute of each line; both are exact, Gaussians end at 1e-11 of their height
    x = np.concatenate([np.arange(5.0, 40.0, 0.02), np.arange(41.0, 60.0, 0.05)])
    lines = replace(random_lines(12, fwhm), s_over_l=s, h_over_l=h)
    m, weights = len(lines.area), np.random.default_rng(5).normal(size=x.size)
    attributes = ("position", "gauss", "lorentz", "area")
    sensitivities = [Sensitivity(name, np.arange(i * m, i * m + m), np.eye(m)) for i, name in enumerate(attributes)]
    rows = (4 * m, 4 * m + 1) if s else (-1, -1)
    y, jacobian = draw_lines_with_derivatives(x, lines, sensitivities, 4 * m + 2, None, rows, floor)
    found_y, by_line = draw_lines_with_gradient(x, lines, weights, floor)
    np.testing.assert_allclose(found_y, y, rtol=1e-9, atol=1e-10 * y.max())
    by_line[1:] *= lines.area
    found = np.concatenate([by_line[[1, 2, 3, 0]].ravel(), by_line[4:].sum(axis=1) if s else np.zeros(2)])
    jacobian[4 * m :] *= bool(s)
    scale = np.abs(jacobian) @ np.abs(weights)
    assert np.all(np.abs(found - jacobian @ weights) <= 1e-8 * scale)
