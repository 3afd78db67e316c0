"""Weight fractions: Hill & Howard (1987) J. Appl. Cryst. 20, 467, by hand, by simulation and by propagation."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.refine.quantity.weight_fractions import PhaseAmounts, phase_amounts, weight_fractions
from anatase.simulation import simulate

SCALES = np.array([3.0, 1.0, 0.2])
MASSES = np.array([611.8, 162.8, 312.3])
VOLUMES = np.array([254.7, 47.6, 163.0])


@pytest.fixture(scope="module")
def covariance() -> np.ndarray:
    """Of scales, volumes and masses, all correlated."""
    rng = np.random.default_rng(5)
    relative = rng.normal(size=(9, 9)) * 0.004
    root = np.concatenate([SCALES, VOLUMES, MASSES])[:, None] * relative
    return root @ root.T


def fractions_of(values: np.ndarray) -> np.ndarray:
    amounts = values[:3] * values[3:6] * values[6:]
    return amounts / amounts.sum()


def test_by_hand():
    # 3 · 611.8 · 254.7 = 467 476; 162.8 · 47.6 = 7749; 0.2 · 312.3 · 163.0 = 10 181: 485 406 together
    found = weight_fractions(phase_amounts(SCALES, MASSES, VOLUMES)).values
    assert found == pytest.approx([0.963060, 0.015965, 0.020974], abs=2e-6)


def test_simulated_mixtures_come_back(titania):
    """Scales of a mixture's curve in those of its phases, by linear least squares, give what was mixed."""
    rutile, anatase = titania
    mixed = simulate([rutile, anatase], "CuKa1", (20.0, 80.0), step=0.02, weight_fractions=[0.83, 0.17], scale=7.0)
    pure = np.stack([simulate(one, "CuKa1", (20.0, 80.0), step=0.02).intensity for one in titania])
    scales = np.linalg.lstsq(pure.T, mixed.intensity, rcond=None)[0]
    masses, volumes = [one.mass_per_cell for one in titania], [one.lattice.volume for one in titania]
    found = weight_fractions(phase_amounts(scales, masses, volumes)).values
    assert found == pytest.approx([0.83, 0.17], abs=1e-6)  # lines end where they no longer count


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_propagation_against_central_differences(covariance, blocks):
    known = covariance[: 3 * blocks, : 3 * blocks]
    # the order of the covariance is scales, volumes, masses
    point = np.concatenate([SCALES, VOLUMES, MASSES])
    step = 1e-6 * point
    columns = [
        (fractions_of(point + s * e) - fractions_of(point - s * e)) / (2.0 * s)
        for s, e in zip(step[: 3 * blocks], np.eye(9)[: 3 * blocks], strict=True)
    ]
    jacobian = np.stack(columns, axis=1)
    found = weight_fractions(phase_amounts(SCALES, MASSES, VOLUMES, known)).covariance
    assert np.allclose(found, jacobian @ known @ jacobian.T, rtol=1e-6, atol=1e-14)
    assert np.allclose(found.sum(axis=0), 0.0, atol=1e-15)  # they sum to 1


def test_propagation_against_a_draw(covariance):
    rng = np.random.default_rng(6)
    drawn = rng.multivariate_normal(np.concatenate([SCALES, VOLUMES, MASSES]), covariance, size=20_000)
    spread = np.std([fractions_of(one) for one in drawn], axis=0)
    su = [one.su for one in weight_fractions(phase_amounts(SCALES, MASSES, VOLUMES, covariance)).estimates]
    assert su == pytest.approx(spread, rel=0.03)  # 20 000 draws give 0.5 %, curvature of the ratio the rest


def test_a_single_phase_is_all_of_it():
    found = weight_fractions(phase_amounts([3.0], [611.8], [254.7], [[0.01]])).estimates[0]
    assert (found.value, found.su) == (1.0, None)


def test_without_covariance_there_is_no_su():
    assert all(one.su is None for one in PhaseAmounts(np.array([0.4, 0.6])).estimates)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0], [2.0, 3.0], [4.0]), InputError, "1 scales, 2 cell masses and 1 cell volumes"),
        (([1.0, 1.0], [2.0, -3.0], [4.0, 5.0]), PhysicsError, "masses and volumes are above 0"),
        (([np.nan], [2.0], [4.0]), PhysicsError, "all are finite"),
        (([1.0, 2.0], [2.0, 3.0], [4.0, 5.0], np.eye(3)), InputError, "a covariance of 3 × 3 for 2 phases"),
    ],
)
def test_refusals(arguments, error, message):
    with pytest.raises(error, match=message):
        phase_amounts(*arguments)


def test_nothing_there():
    with pytest.raises(PhysicsError, match="add up to 0: no phase is there"):
        weight_fractions(phase_amounts([0.0, 0.0], [2.0, 3.0], [4.0, 5.0]))
