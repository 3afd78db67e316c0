"""Stacking faults: Warren's published coefficients, and stackings made layer by layer."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.pattern.stacking_faults import fcc_fault_effects, hcp_fault_effects

# Warren (1969) X-ray Diffraction, chapter 13, the table of fcc coefficients: Σ(±)L0/(h0²(u + b)) and Σ|L0|/(h0(u + b))
WARREN = {
    (1, 1, 1): (1 / 4, np.sqrt(3) / 4),
    (2, 0, 0): (-1 / 2, 1.0),
    (2, 2, 0): (1 / 4, 1 / np.sqrt(2)),
    (3, 1, 1): (-1 / 11, 3 / (2 * np.sqrt(11))),
    (2, 2, 2): (-1 / 8, np.sqrt(3) / 4),
    (4, 0, 0): (1 / 4, 1.0),
}
HKL = np.array(list(WARREN))


def test_fcc_shift_is_the_published_one():
    # Δ2θ = 90√3 α tanθ/π² · coefficient, degrees, to first order in α
    alpha, two_theta = 1e-6, np.array([43.3, 50.4, 74.1, 89.9, 95.1, 116.9])
    expected = 90 * np.sqrt(3) * alpha * np.tan(np.radians(two_theta / 2)) / np.pi**2 * [w[0] for w in WARREN.values()]
    np.testing.assert_allclose(fcc_fault_effects(HKL, 3.6149, alpha).shift(two_theta), expected, rtol=1e-5)
    assert np.abs(fcc_fault_effects(HKL, 3.6149, 0.0, 0.01).relative_shift).max() < 2e-5  # twins: second order


@pytest.mark.parametrize(("alpha", "beta", "factor"), [(1e-6, 0.0, 1.5e-6), (0.0, 1e-6, 1e-6), (2e-6, 1e-6, 4e-6)])
def test_fcc_broadening_is_the_published_one(alpha: float, beta: float, factor: float):
    # 1/D = (1.5 α + β)/a · coefficient
    effects = fcc_fault_effects(HKL, 3.6149, alpha, beta)
    np.testing.assert_allclose(
        effects.inverse_size, factor / 3.6149 * np.array([w[1] for w in WARREN.values()]), rtol=1e-5
    )


def test_hcp_broadening_is_the_published_one():
    # Warren: FWHM = (360/π²) tanθ |l| (d/c)² (3α + 3β) for even, (3α + β) for odd l; none for h − k = 3N
    a, c, wavelength, alpha, beta = 2.507, 4.069, 1.789, 1e-6, 3e-6
    hkl = np.array([[1, 0, 0], [0, 0, 2], [1, 0, 1], [1, 0, 2], [1, 1, 0], [1, 0, 3], [1, 1, 2], [2, 0, 1]])
    d = 1.0 / np.sqrt(4 / 3 * (hkl[:, 0] ** 2 + hkl[:, 0] * hkl[:, 1] + hkl[:, 1] ** 2) / a**2 + hkl[:, 2] ** 2 / c**2)
    two_theta = 2.0 * np.degrees(np.arcsin(wavelength / (2.0 * d)))
    faults = np.where(hkl[:, 2] % 2 == 0, 3 * alpha + 3 * beta, 3 * alpha + beta)
    expected = 360 / np.pi**2 * np.tan(np.radians(two_theta / 2)) * np.abs(hkl[:, 2]) * (d / c) ** 2 * faults
    expected[(hkl[:, 0] - hkl[:, 1]) % 3 == 0] = 0.0
    effects = hcp_fault_effects(hkl, a, c, alpha, beta)
    np.testing.assert_allclose(effects.lorentzian_fwhm(two_theta, wavelength), expected, rtol=1e-5, atol=1e-15)
    assert np.all(effects.shift(two_theta) == 0.0)


def stacking(rng: np.random.Generator, layers: int, alpha: float, beta: float, kind: str) -> np.ndarray:
    """Return positions A, B, C = 0, 1, 2 of layers; growth faults turn all later steps, deformation faults one."""
    turned = np.cumsum(rng.random(layers) < beta) % 2
    sense = 1 - 2 * turned
    if kind == "hcp":
        sense = sense * (1 - 2 * (np.arange(layers) % 2))
    step = np.where(rng.random(layers) < alpha, -sense, sense)
    return np.cumsum(step) % 3


@pytest.mark.parametrize(("alpha", "beta"), [(0.05, 0.0), (0.0, 0.06), (0.04, 0.05)])
@pytest.mark.parametrize("kind", ["fcc", "hcp"])
def test_a_stacking_made_layer_by_layer(kind: str, alpha: float, beta: float):
    # the correlation of layers m apart, counted in two million layers, is fitted with the two eigenvalues' powers; its
    # counting error is near 1e-3 of the decay per layer
    positions = stacking(np.random.default_rng(8), 2_000_000, alpha, beta, kind)
    phase = np.exp(2j * np.pi * positions / 3.0)
    lags = np.arange(0, 14)
    correlation = np.array([np.mean(phase[m:] * phase[: phase.size - m].conj()) for m in lags])
    if kind == "fcc":
        # along [111] of a reflection such as 11-1, L = 1, cosine 1/3, layers a/√3 apart
        effects = fcc_fault_effects([[1, 1, 1]], 1.0, alpha, beta)
        decay = (
            effects.inverse_size[0] * (4.0 / 3.0) * 3.0 / np.sqrt(3.0)
        )  # three in four components, 1/cosine, spacing
        turn = 2 * np.pi * (1.0 / 3.0 + effects.relative_shift[0] * 4.0 / 3.0 * 9.0 / 3.0)
        first = np.exp(-decay + 1j * turn)
        powers = np.stack([first**lags, first.conj() ** lags], axis=1)
    else:
        decays = [
            float(hcp_fault_effects([[1, 0, l]], 1.0, 1.6, alpha, beta).inverse_size[0]) * 0.8 / cosine(l)
            for l in (2, 1)
        ]
        powers = np.stack([np.exp(-decays[0] * lags), (-np.exp(-decays[1])) ** lags], axis=1).astype(complex)
    _, residual, *_ = np.linalg.lstsq(powers, correlation, rcond=None)
    assert float(residual[0]) < 14 * (2e-3) ** 2
    # the same with eigenvalues off by 5 % of the decay is refuted by the count
    wrong = powers * np.exp(-0.1 * (alpha + beta) * lags)[:, None]
    assert float(np.linalg.lstsq(wrong, correlation, rcond=None)[1][0]) > 5.0 * float(residual[0])


def cosine(l: int) -> float:
    """|l| d/c of 10l in a cell of a = 1, c = 1.6."""
    return l / 1.6 / np.sqrt(4.0 / 3.0 + (l / 1.6) ** 2)


def test_untouched_share():
    # of {111} one pair in four lies along the faults' normal, {200} has none, {220} half
    np.testing.assert_allclose(fcc_fault_effects(HKL, 3.6, 0.01).affected, [3 / 4, 1, 1 / 2, 1 / 2, 3 / 4, 1])


def test_impossible_faults_are_refused():
    for alpha, beta in ((-0.1, 0.0), (0.6, 0.0), (0.0, 0.5), (0.0, 1.2), (np.nan, 0.0)):
        with pytest.raises(PhysicsError):
            fcc_fault_effects(HKL, 3.6, alpha, beta)
        with pytest.raises(PhysicsError):
            hcp_fault_effects(HKL, 2.5, 4.1, alpha, beta if beta != 0.5 else 1.0)


@pytest.mark.parametrize(("alpha", "beta"), [(0.02, 0.03), (0.1, 0.01)])
def test_derivatives_by_the_faults(alpha: float, beta: float):
    # central differences of step 1e-6: error 1e-10 of the values
    hexagonal = np.array([[1, 0, 1], [1, 0, 2], [2, 0, 3], [1, 1, 0]])
    calls = (
        lambda a, b: fcc_fault_effects(HKL, 3.6149, a, b),
        lambda a, b: hcp_fault_effects(hexagonal, 2.507, 4.069, a, b),
    )
    for call in calls:
        exact = call(alpha, beta)
        for i, (da, db) in enumerate(((1e-6, 0.0), (0.0, 1e-6))):
            above, below = call(alpha + da, beta + db), call(alpha - da, beta - db)
            shift = (above.relative_shift - below.relative_shift) / 2e-6
            size = (above.inverse_size - below.inverse_size) / 2e-6
            np.testing.assert_allclose(exact.relative_shift_by_fault[i], shift, rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(exact.inverse_size_by_fault[i], size, rtol=1e-7, atol=1e-10)
