"""Back-to-back exponentials: area, derivatives, limits, and convolution by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from anatase.errors import PhysicsError
from anatase.pattern.profile import thompson_cox_hastings
from anatase.pattern.tof_profile import TofProfile, TofSlopes, back_to_back

# α, β (1/µs), σ² (µs²), γ (µs): SEPD-like, sharp rise, slow rise, almost no exponentials, Lorentzian alone
SHAPES = [(0.5, 0.05, 40.0, 5.0), (2.0, 0.02, 10.0, 30.0), (0.05, 0.3, 400.0, 0.0), (30.0, 20.0, 90.0, 4.0)]
SHAPES += [(0.3, 0.3, 0.0, 20.0)]


def brute_force(x: float, alpha: float, beta: float, variance: float, gamma: float) -> float:
    """Integrate the exponentials against the pseudo-Voigt of Thompson, Cox & Hastings, written from the definitions."""
    fwhm, eta = thompson_cox_hastings(np.sqrt(8.0 * np.log(2.0) * variance), gamma)[:2]

    def symmetric(t: float) -> float:
        gauss = 2.0 * np.sqrt(np.log(2.0) / np.pi) / fwhm * np.exp(-4.0 * np.log(2.0) * (t / fwhm) ** 2)
        return (1.0 - eta) * gauss + eta * 2.0 / np.pi / fwhm / (1.0 + 4.0 * (t / fwhm) ** 2)

    near = (x - 2 * fwhm, x, x + 2 * fwhm)
    rise = [p for p in near if -60 / alpha < p < 0]
    fall = [p for p in near if 0 < p < 60 / beta]
    norm = alpha * beta / (alpha + beta)
    left = quad(lambda s: np.exp(alpha * s) * symmetric(x - s), -60 / alpha, 0, points=rise or None, limit=400)[0]
    right = quad(lambda s: np.exp(-beta * s) * symmetric(x - s), 0, 60 / beta, points=fall or None, limit=400)[0]
    return norm * (left + right)


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_convolution(shape: tuple[float, ...]):
    x = np.array([-300.0, -40.0, -8.0, 0.0, 3.0, 20.0, 90.0, 700.0])
    expected = np.array([brute_force(float(p), *shape) for p in x])
    value, _ = back_to_back(x, *shape)
    # quadrature is good to 1e-10 of the integrand's size
    np.testing.assert_allclose(value, expected, rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_unit_area(shape: tuple[float, ...]):
    fwhm, eta = thompson_cox_hastings(np.sqrt(8.0 * np.log(2.0) * shape[2]), shape[3])[:2]
    reach = 1e4
    area = quad(
        lambda x: float(back_to_back([x], *shape)[0][0]), -reach, reach, points=[-100, -10, 0, 10, 100, 1000], limit=500
    )[0]
    # all but the Lorentzian's tails, of which η Γ/(π D) lies beyond ±D
    assert area == pytest.approx(1.0 - eta * fwhm / (np.pi * reach), abs=2e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("index", range(5))
def test_derivatives(shape: tuple[float, ...], index: int):
    x = np.concatenate([np.linspace(-100.0, 300.0, 81), [-2000.0, 3000.0]])
    values = np.array([0.0, *shape])
    if index > 2 and values[index] == 0.0:
        pytest.skip("a one-sided limit")
    step = np.zeros(5)
    step[index] = 1e-4 * max(values[index], 1.0 if index == 0 else 1e-2)

    def at(p: np.ndarray) -> np.ndarray:
        return back_to_back(x - p[0], *p[1:])[0]

    # fourth-order central differences: truncation ~ (1e-4)⁴
    numeric = (8.0 * (at(values + step) - at(values - step)) - at(values + 2 * step) + at(values - 2 * step)) / 12.0
    numeric /= step[index]
    analytic = back_to_back(x, *shape)[1][index]
    np.testing.assert_allclose(
        analytic, numeric, rtol=1e-6, atol=1e-7 * np.abs(numeric).max(), err_msg=TofSlopes._fields[index]
    )


def test_far_and_extreme_arguments_stay_finite():
    x = np.array([-1e6, -1e4, 1e4, 1e6])
    for shape in [(50.0, 1e-3, 1e-4, 1e-6), (1e-4, 40.0, 1e5, 1e3), (5.0, 5.0, 1e6, 0.0)]:
        value, slopes = back_to_back(x, *shape)
        assert np.all(np.isfinite(value))
        assert np.all(value >= 0.0)
        assert all(np.all(np.isfinite(part)) for part in slopes)


def test_shape_by_hand():
    # at d = 2: α = 0.1 + 1.2/2, β = 0.03 + 0.16/16 + 0.04/4, σ² = 3 + 40·4 + 2·16 + 5·2, γ = 1 + 2·2 + 3·4
    profile = TofProfile((0.1, 1.2), (0.03, 0.16, 0.04), (3.0, 40.0, 2.0, 5.0), (1.0, 2.0, 3.0))
    assert [float(part[0]) for part in profile.at([2.0])] == pytest.approx([0.7, 0.05, 205.0, 17.0], rel=1e-12)


def test_impossible_shapes_are_refused():
    for profile in (
        TofProfile(alpha=(-1.0, 0.5)),
        TofProfile(beta=(0.0, -1.0)),
        TofProfile(variance=(-100.0, 1.0, 0.0)),
        TofProfile(gamma=(0.0, -1.0, 0.0)),
        TofProfile(variance=(0.0, 0.0, 0.0)),
    ):
        with pytest.raises(PhysicsError):
            profile.at([1.0, 2.0])
