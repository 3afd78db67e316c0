"""Stacked layers: closed formulae, finite crystals summed layer by layer, perfect and random limits."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.pattern.stacking_faults import fcc_fault_effects
from anatase.scattering.layer_stacking import layer_shares, stacked_intensity

L = np.linspace(0.02, 2.97, 60)


def rod(h: int, k: int) -> np.ndarray:
    return np.stack([np.full(L.size, h), np.full(L.size, k), L], axis=1).astype(float)


def test_hendricks_and_teller():
    # layers alike, spacings 1 and 1.3 at random: I = (1 − |m|²)/|1 − m|², m the mean phase factor
    kinds = np.array([[0.7, 0.3], [0.7, 0.3]])
    vectors = np.zeros((2, 2, 3))
    vectors[:, 0, 2], vectors[:, 1, 2] = 1.0, 1.3
    mean = 0.7 * np.exp(2j * np.pi * L) + 0.3 * np.exp(2.6j * np.pi * L)
    expected = (1.0 - np.abs(mean) ** 2) / np.abs(1.0 - mean) ** 2
    np.testing.assert_allclose(stacked_intensity(rod(0, 0), [1.0, 1.0], kinds, vectors), expected, rtol=1e-11)


def test_layers_without_correlation():
    # F 3 and 1 at random, R = c: away from the peaks the variance of F, 0.25·0.75·(3 − 1)² = 0.75 (monotonic Laue)
    kinds = np.array([[0.25, 0.75], [0.25, 0.75]])
    vectors = np.broadcast_to([0.0, 0.0, 1.0], (2, 2, 3))
    points = np.array([[0.0, 0.0, 0.5]])
    value = stacked_intensity(points, [3.0, 1.0], kinds, vectors, coherence=1e9)
    assert value[0] == pytest.approx(0.75, rel=1e-6)


def test_a_sum_over_stackings():
    # mean over 4,000 crystals of 200 layers each, stacked at random; counting error near 1/√4000 of the intensity
    rng = np.random.default_rng(3)
    alpha = np.array([[0.8, 0.2], [0.5, 0.5]])
    vectors = np.array([[[1 / 3, 2 / 3, 1.0], [0.0, 0.0, 1.2]], [[-1 / 3, 1 / 3, 1.1], [0.1, 0.0, 1.0]]])
    amplitudes = np.array([1.0, 0.6 + 0.5j])
    points = np.array([[1.0, 0.0, 0.17], [1.0, 0.0, 0.61], [0.0, 1.0, 0.9]])
    n, size = 4_000, 200
    kind = (rng.random(n) > layer_shares(alpha)[0]).astype(int)
    place, total = np.zeros((n, 3)), np.zeros((n, len(points)), dtype=complex)
    for _ in range(size):
        total += amplitudes[kind][:, None] * np.exp(2j * np.pi * place @ points.T)
        following = (rng.random(n) > alpha[kind, 0]).astype(int)
        place = place + vectors[kind, following]
        kind = following
    expected = np.mean(np.abs(total) ** 2, axis=0) / size
    value = stacked_intensity(points, amplitudes, alpha, vectors)
    np.testing.assert_allclose(value, expected, rtol=0.08)


def test_a_perfect_stacking_of_finite_coherence():
    # ABC stacking: peaks at l = 1/3 + n for the 10 rod; with coherence N the height is 2N − 1
    vectors = np.array([[[1 / 3, 2 / 3, 1.0]]])
    points = np.array([[1.0, 0.0, 2.0 / 3.0], [0.0, 0.0, 1.0]])
    assert stacked_intensity(points, [1.0], [[1.0]], vectors, coherence=80.0) == pytest.approx([159.0, 159.0], rel=1e-9)
    with pytest.raises(PhysicsError, match="coherence"):
        stacked_intensity(points, [1.0], [[1.0]], vectors)


def test_it_agrees_with_the_shift_and_breadth_of_fcc_faults():
    # deformation faults in ABC: kinds are steps +(1/3, 2/3, 1) with 1 − α and −(1/3, 2/3) with α. The peak near
    # l = 2/3 of the 10 rod moves by δ and has FWHM 2·decay/(2π) in l, from the module for powder lines
    alpha = 0.04
    kinds = np.array([[1 - alpha, alpha], [1 - alpha, alpha]])
    vectors = np.zeros((2, 2, 3))
    vectors[:, 0], vectors[:, 1] = (1 / 3, 2 / 3, 1.0), (-1 / 3, -2 / 3, 1.0)
    l = np.linspace(0.5, 0.8, 30_001)
    points = np.stack([np.ones_like(l), np.zeros_like(l), l], axis=1)
    intensity = stacked_intensity(points, [1.0, 1.0], kinds, vectors)
    effects = fcc_fault_effects([[1, 1, 1]], 1.0, alpha)
    shift = effects.relative_shift[0] * 4.0 / 3.0 * 3.0  # one component of 11-1, in layers⁻¹
    assert l[intensity.argmax()] == pytest.approx(2.0 / 3.0 - shift, abs=3e-4)
    decay = effects.inverse_size[0] * 4.0 / 3.0 * np.sqrt(3.0)
    above = l[intensity > intensity.max() / 2.0]
    assert above[-1] - above[0] == pytest.approx(decay / np.pi, rel=0.02)


def test_shares():
    # balance: g0 · 0.2 = g1 · 0.5
    assert layer_shares([[0.8, 0.2], [0.5, 0.5]]) == pytest.approx([5 / 7, 2 / 7], rel=1e-12)
    for wrong in ([[0.5, 0.4], [0.5, 0.5]], [[1.2, -0.2], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]):
        with pytest.raises(PhysicsError):
            layer_shares(wrong)
    with pytest.raises(InputError, match="vectors"):
        stacked_intensity([[0, 0, 1]], [1.0], [[1.0]], [[0.0, 0.0, 1.0]])
