"""Axial divergence against the published integral, for equal and unequal heights, and its derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.pattern.axial_divergence import MOST_NODES, axial_divergence

Array = NDArray[np.float64]


def nodes_of(two_theta: float, s: float, h: float, fwhm: float) -> Array:
    """Return the nodes (n, 8), shifts in degrees, everything else as it comes."""
    nodes = np.empty((MOST_NODES, 8))
    n = axial_divergence(np.radians(two_theta), s, h, np.radians(fwhm), nodes)
    nodes[:n, 0] = np.degrees(nodes[:n, 0])
    return nodes[:n]


def profile(x: Array, fwhm: float) -> Array:
    """Half Gaussian, half Lorentzian of unit area, written independently of the package."""
    u2 = (2.0 * x / fwhm) ** 2
    gauss = 2.0 * np.sqrt(np.log(2.0) / np.pi) / fwhm * np.exp(-np.log(2.0) * u2)
    return 0.5 * (gauss + 2.0 / np.pi / fwhm / (1.0 + u2))


def published(x: Array, two_theta: float, s: float, h: float, fwhm: float) -> Array:
    """Integrate Finger, Cox & Jephcoat (1994), equations 10 to 15, over 2φ.

    D(2φ, 2θ) = L/(2H h cos 2φ) W with h/L = √(cos²2φ/cos²2θ − 1); W = H + S − h from 2φ_min to 2φ_infl, where
    h = |H − S|, and 2 min(H, S) from there to 2θ. D grows as 1/h towards 2θ: the variable t with 2φ = 2θ ∓ t² takes
    the singularity away.
    """
    centre = np.radians(two_theta)
    end = np.arccos(np.cos(centre) * np.sqrt((s + h) ** 2 + 1.0))
    width = np.sqrt(abs(centre - end))
    t = (np.arange(4000) + 0.5) / 4000 * width
    phi = centre - np.sign(centre - end) * t**2
    height = np.sqrt(np.maximum(np.cos(phi) ** 2 / np.cos(centre) ** 2 - 1.0, 0.0))
    window = np.where(height > abs(h - s), h + s - height, 2.0 * min(h, s))
    density = window / (height * np.abs(np.cos(phi))) * 2.0 * t
    return profile(x[:, None] - np.degrees(phi)[None], fwhm) @ (density / density.sum())


HEIGHTS = [(0.005, 0.005, 0.03), (0.02, 0.02, 0.05), (0.02, 0.02, 0.1), (0.04, 0.04, 0.1)]
UNEVEN = [(0.03, 0.02, 0.05), (0.01, 0.03, 0.1), (0.005, 0.05, 0.1)]


@pytest.mark.parametrize("two_theta", [8.0, 20.0, 60.0, 120.0, 165.0])
@pytest.mark.parametrize(("s", "h", "fwhm"), HEIGHTS + UNEVEN)
def test_axial_divergence_is_the_published_integral(two_theta: float, s: float, h: float, fwhm: float):
    nodes = nodes_of(two_theta, s, h, fwhm)
    shifts, weights = nodes[:, 0], nodes[:, 1]
    x = np.arange(two_theta + shifts.min() - 3 * fwhm, two_theta + shifts.max() + 3 * fwhm, fwhm / 40)
    expected = published(x, two_theta, s, h, fwhm)
    made = profile(x[:, None] - two_theta - shifts[None], fwhm) @ weights
    assert np.abs(made - expected).max() < 0.002 * expected.max()  # as the module states


@pytest.mark.parametrize(("s", "h"), [(0.05, 0.05), (0.06, 0.03)])
def test_a_spread_beyond_the_densest_nodes_keeps_its_area_and_mean(s: float, h: float):
    # 32 nodes ripple beyond 11 FWHM, but weights and first moment stay those of the integral, here by 4,000 nodes
    nodes = nodes_of(6.0, s, h, 0.02)
    height = (np.arange(4000) + 0.5) / 4000 * (s + h)
    phi = np.arccos(np.cos(np.radians(6.0)) * np.sqrt(1.0 + height**2))
    dense = np.minimum(s + h - height, 2.0 * min(s, h)) / ((1.0 + height**2) * np.sin(phi))
    mean = np.degrees(phi) @ dense / dense.sum() - 6.0
    assert nodes[:, 1].sum() == pytest.approx(1.0, abs=1e-14)
    assert nodes[:, 0] @ nodes[:, 1] == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("two_theta", [15.0, 60.0, 100.0, 150.0])
def test_axial_divergence_leans_away_from_90_degrees(two_theta: float):
    # the cone of a line below 90° curves towards the beam, beyond 90° away from it
    nodes = nodes_of(two_theta, 0.02, 0.02, 0.05)
    assert np.all(nodes[:, 0] * (90.0 - two_theta) <= 0)
    # leading order of the mean: −(2a)²/6 · cot 2θ / 2
    expected = -np.degrees(0.04**2 / 12.0 / np.tan(np.radians(two_theta)))
    assert nodes[:, 0] @ nodes[:, 1] == pytest.approx(expected, rel=0.02)


def test_mean_shift_of_unequal_heights():
    # Finger, Cox & Jephcoat: ⟨h²⟩ = (S² + H²)/3 for the sum of two uniform heights; the mean shift is −⟨h²⟩/2 cot 2θ
    nodes = nodes_of(40.0, 0.03, 0.01, 0.1)
    expected = -np.degrees((0.03**2 + 0.01**2) / 6.0 / np.tan(np.radians(40.0)))
    assert nodes[:, 0] @ nodes[:, 1] == pytest.approx(expected, rel=0.01)


def test_no_axial_divergence_at_90_degrees():
    nodes = nodes_of(90.0, 0.02, 0.02, 0.05)
    assert nodes[:, 0] == pytest.approx([0.0], abs=1e-12)
    assert nodes[:, 1].tolist() == [1.0]


@pytest.mark.parametrize(("two_theta", "fwhm"), [(6.0, 0.05), (25.0, 0.1), (140.0, 0.05), (85.0, 0.1)])
@pytest.mark.parametrize(("s", "h"), [(0.03, 0.03), (0.031, 0.02), (0.02, 0.033)])
def test_derivatives_of_shifts_and_weights(two_theta: float, fwhm: float, s: float, h: float):
    # central differences, error O(step²); the compiled function takes no complex numbers
    nodes, step = nodes_of(two_theta, s, h, fwhm), 1e-6
    ends = {
        2: [nodes_of(two_theta + d, s, h, fwhm) for d in (step, -step)],
        4: [nodes_of(two_theta, s + d, h, fwhm) for d in (step, -step)],
        6: [nodes_of(two_theta, s, h + d, fwhm) for d in (step, -step)],
    }
    for column, (up, down) in ends.items():
        if column > 2 and s == h:
            continue  # a second triangle opens with the square of the difference
        slope = (up[:, :2] - down[:, :2]) / (2.0 * step)
        unit = [1.0, np.degrees(1.0)] if column == 2 else [np.radians(1.0), 1.0]
        expected = slope * unit
        np.testing.assert_allclose(nodes[:, column : column + 2], expected, rtol=1e-5, atol=1e-5)


def test_equal_heights_move_together_as_one():
    nodes, step = nodes_of(25.0, 0.03, 0.03, 0.1), 1e-6
    up, down = nodes_of(25.0, 0.03 + step, 0.03 + step, 0.1), nodes_of(25.0, 0.03 - step, 0.03 - step, 0.1)
    slope = (up[:, :2] - down[:, :2]) / (2.0 * step) * [np.radians(1.0), 1.0]
    np.testing.assert_allclose(nodes[:, 4:6] + nodes[:, 6:8], slope, rtol=1e-5, atol=1e-6)


def test_nodes_beyond_the_beam_carry_no_weight():
    # at 2θ = 2° and S/L = 0.04 the cone ends at h = tan 2°, before h = 2a = 0.08
    nodes = nodes_of(2.0, 0.04, 0.04, 0.1)
    assert nodes[:, 1].sum() == pytest.approx(1.0, abs=1e-14)
    assert np.all(2.0 + nodes[:, 0] > 0.0)
    assert len(nodes) < len(nodes_of(6.0, 0.04, 0.04, 0.03))
