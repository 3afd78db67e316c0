"""Brindley's particle absorption factor against closed forms, a draw and fits of his table; and its correction."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.microabsorption import Grains, grinding, particle_absorption, unshadowed_amounts
from anatase.refine.quantity.weight_fractions import PhaseAmounts, weight_fractions

X = np.array([-1.0, -0.5, -0.1, 0.05, 0.1, 0.3, 0.5, 1.0])
# corundum, magnetite and zircon: the phases of sample 4 of the round robin of Scarlett et al. (2002)
MASSES, VOLUMES = np.array([611.8, 1852.3, 733.2]), np.array([254.7, 592.0, 260.9])
ABSORPTION = (126.0, 1135.0, 380.0)
DENSITIES = MASSES / VOLUMES * 1.66053906660


def test_forwards():
    """Way = chord l: (3/8) ∫ l² exp(−x l) dl over 0 to 2, by parts."""
    z = 2.0 * X
    assert particle_absorption(X, 0.0) == pytest.approx(
        3.0 * (2.0 - (z * z + 2.0 * z + 2.0) * np.exp(-z)) / z**3, rel=5e-6
    )


def test_backwards():
    """Way = twice the depth: (3/8) ∫ l (1 − exp(−2xl))/(2x) dl over 0 to 2."""
    a = 2.0 * X
    exact = 0.375 * (2.0 - (1.0 - (1.0 + 2.0 * a) * np.exp(-2.0 * a)) / a**2) / a
    assert particle_absorption(X, 180.0) == pytest.approx(exact, rel=5e-6)


@pytest.mark.parametrize("two_theta", [30.0, 90.0, 140.0])
def test_between_against_a_draw(two_theta):
    rng = np.random.default_rng(2)
    points = rng.uniform(-1.0, 1.0, (600_000, 3))
    points = points[(points**2).sum(axis=1) < 1.0]
    angle = np.radians(two_theta)
    rest = 1.0 - (points**2).sum(axis=1)
    inwards, outwards = points[:, 2], -points @ [np.sin(angle), 0.0, np.cos(angle)]
    way = inwards + np.sqrt(inwards**2 + rest) + outwards + np.sqrt(outwards**2 + rest)
    for x in (-0.5, 0.1, 1.0):
        drawn = np.exp(-x * way)
        error = drawn.std() / np.sqrt(drawn.size)
        assert particle_absorption(x, two_theta) == pytest.approx(drawn.mean(), abs=4.0 * error)


def test_slope_and_scale():
    # the mean way is 3/2 of the radius at any angle, and τ is convex: not below exp(−1.5 x) (Jensen)
    for two_theta in (0.0, 70.0, 180.0):
        tau = particle_absorption([-1e-4, 0.0, 1e-4], two_theta)
        assert tau[1] == pytest.approx(1.0, abs=1e-14)
        assert (tau[0] - tau[2]) / 2e-4 == pytest.approx(1.5, abs=1e-4)
        assert np.all(particle_absorption(X, two_theta) >= np.exp(-1.5 * X))


def test_fits_of_the_table():
    """Brindley's table as FullProf and MAUD fit it; the second misses 1 at 0 by 0.4 %."""
    near = np.linspace(-0.1, 0.1, 21)
    assert particle_absorption(near) == pytest.approx(1.0 - 1.450 * near + 1.426 * near**2, rel=0.01)
    wide = np.linspace(-0.3, 0.3, 31)
    exponential = -0.00229 + 2.0754 * np.exp(-(wide + 0.50356) / 0.69525)
    assert particle_absorption(wide) == pytest.approx(exponential, rel=0.04)


def shadowed(fractions: np.ndarray, diameters: np.ndarray) -> np.ndarray:
    """Return what a pattern shows of known weight fractions."""
    volumes = fractions / DENSITIES
    mean = volumes @ np.array(ABSORPTION) / volumes.sum()
    return fractions * particle_absorption((np.array(ABSORPTION) - mean) * diameters * 0.5e-4)


def grains_of(diameters, su=0.0, mean=None):
    return Grains(ABSORPTION, tuple(Estimate(float(d), su * float(d) or None) for d in diameters), mean)


def test_weighed_fractions_come_back():
    weighed = np.array([0.5046, 0.1964, 0.2990])
    diameters = np.array([1.0, 8.0, 3.0])
    seen = shadowed(weighed, diameters) * 17.0
    found = unshadowed_amounts(PhaseAmounts(seen), MASSES, VOLUMES, grains_of(diameters))
    assert weight_fractions(found.amounts).values == pytest.approx(weighed, abs=1e-9)
    assert seen[1] / seen.sum() < 0.15  # else there was nothing to correct
    assert found.tau[1] < found.tau[2] < found.tau[0]


def test_a_known_mean_is_kept():
    found = unshadowed_amounts(PhaseAmounts(np.ones(3)), MASSES, VOLUMES, grains_of([1.0, 1.0, 1.0], mean=100.0))
    assert found.mean_absorption == 100.0
    assert np.all(found.tau < 1.0)


def test_no_grains_no_correction():
    seen = PhaseAmounts(np.array([1.0, 2.0, 3.0]), np.diag([0.01, 0.02, 0.03]))
    found = unshadowed_amounts(seen, MASSES, VOLUMES, grains_of([0.0, 0.0, 0.0]))
    assert found.amounts.values == pytest.approx(seen.values, rel=1e-14)
    assert found.amounts.covariance == pytest.approx(seen.covariance, abs=1e-9)


def test_uncertainty_against_a_draw():
    rng = np.random.default_rng(9)
    diameters, size_su = np.array([1.0, 3.0, 2.0]), 0.1
    seen = PhaseAmounts(np.array([5.0, 1.5, 3.0]), np.diag([0.05, 0.03, 0.04]) ** 2)
    draws = 1500
    a = rng.normal(seen.values, np.sqrt(np.diag(seen.covariance)), (draws, 3))
    d = rng.normal(diameters, size_su * diameters, (draws, 3))
    drawn = [
        weight_fractions(unshadowed_amounts(PhaseAmounts(one), MASSES, VOLUMES, grains_of(sizes)).amounts).values
        for one, sizes in zip(a, d, strict=True)
    ]
    found = weight_fractions(unshadowed_amounts(seen, MASSES, VOLUMES, grains_of(diameters, size_su)).amounts)
    assert [one.su for one in found.estimates] == pytest.approx(np.std(drawn, axis=0), rel=0.08)  # 1500 draws: 1.8 %


def test_classes():
    # Brindley (1945): fine below μD = 0.01, medium to 0.1, coarse to 1
    assert [grinding(one) for one in (0.009, 0.05, 0.5, 5.0)] == ["fine", "medium", "coarse", "very coarse"]


def test_grains_too_coarse_for_one_answer():
    """Dark and bright grains of 60 µm: the more of the dark ones, the less a given line means of the bright ones."""
    grains = Grains((30.0, 2500.0), (Estimate(60.0), Estimate(60.0)))
    with pytest.raises(ConvergenceError, match=r"mixtures of \d+ and of \d+ cm⁻¹ look alike; .* grind the sample"):
        unshadowed_amounts(PhaseAmounts(np.array([0.999, 0.001])), MASSES[:2], VOLUMES[:2], grains)


def test_refusals():
    with pytest.raises(InputError, match="2 linear absorption coefficients for grains of 1 phases"):
        Grains((1.0, 2.0), (Estimate(1.0),))
    with pytest.raises(PhysicsError, match="give numbers of 0 or more"):
        Grains((1.0,), (Estimate(-1.0),))
    with pytest.raises(PhysicsError, match="let no beam through; give diameters in micrometres"):
        Grains((1000.0,), (Estimate(5e4),))
    with pytest.raises(PhysicsError, match="an angle 2θ of 200 deg"):
        particle_absorption([0.1], 200.0)
    with pytest.raises(InputError, match="grains of 3 phases"):
        unshadowed_amounts(PhaseAmounts(np.ones(2)), MASSES[:2], VOLUMES[:2], grains_of([1.0, 1.0, 1.0]))
    with pytest.raises(PhysicsError, match="add up to nothing"):
        unshadowed_amounts(PhaseAmounts(np.zeros(3)), MASSES, VOLUMES, grains_of([1.0, 1.0, 1.0]))
