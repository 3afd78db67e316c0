"""Amorphous content by a weighed spike: by hand, by propagation, and of a spike that is not all crystal."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.internal_standard import InternalStandard, by_internal_standard
from anatase.refine.quantity.weight_fractions import PhaseAmounts

SPIKE = InternalStandard("corundum", Estimate(0.2, 0.001), Estimate(0.9902, 0.00555))  # SRM 676a
ROOT = np.array([[0.30, 0.0, 0.0], [0.10, 0.50, 0.0], [0.05, -0.10, 0.20]])
SEEN = PhaseAmounts(np.array([25.0, 45.0, 12.0]), ROOT @ ROOT.T)  # corundum, quartz, calcite


def contents(values: np.ndarray) -> np.ndarray:
    """Return quartz, calcite and the rest, in the specimen and in the sample, of amounts, w and c."""
    a, w, c = values[:3], values[3], values[4]
    specimen = w * c * a / a[0]
    sample = specimen[1:] / (1.0 - w)
    return np.array([*specimen[1:], 1.0 - specimen.sum(), *sample, 1.0 - sample.sum()])


def test_by_hand():
    # 0.2 · 0.9902 = 0.19804 of the specimen is crystalline corundum; quartz is 45/25 of it, calcite 12/25
    specimen, sample = by_internal_standard(SEEN, 0, SPIKE)
    assert specimen.fractions.values == pytest.approx([0.19804, 0.356472, 0.0950592], abs=1e-9)
    assert specimen.amorphous.value == pytest.approx(0.3504288, abs=1e-9)
    assert sample.fractions.values == pytest.approx([0.0, 0.44559, 0.118824], abs=1e-9)
    # of the specimen's rest 0.2 · 0.0098 is the spike's own: (0.3504288 − 0.00196)/0.8
    assert sample.amorphous.value == pytest.approx(0.435586, abs=1e-9)


def test_uncertainty_against_a_draw():
    rng = np.random.default_rng(11)
    known = np.zeros((5, 5))
    known[:3, :3] = SEEN.covariance
    known[3, 3], known[4, 4] = SPIKE.weight_fraction.su**2, SPIKE.crystallinity.su**2
    centre = np.array([*SEEN.values, SPIKE.weight_fraction.value, SPIKE.crystallinity.value])
    drawn = np.array([contents(one) for one in rng.multivariate_normal(centre, known, size=20_000)])
    specimen, sample = by_internal_standard(SEEN, 0, SPIKE)
    estimates = [
        *specimen.fractions.estimates[1:],
        specimen.amorphous,
        *sample.fractions.estimates[1:],
        sample.amorphous,
    ]
    assert [one.su for one in estimates] == pytest.approx(drawn.std(axis=0), rel=0.03)  # 20 000 draws: 0.5 %


def test_the_spike_itself_is_as_sure_as_its_weighing():
    specimen, sample = by_internal_standard(SEEN, 0, SPIKE)
    # w c = 0.19804: s.u. from 0.001/0.2 and 0.00555/0.9902
    assert specimen.fractions.estimates[0].su == pytest.approx(0.19804 * np.hypot(0.005, 0.00555 / 0.9902), rel=1e-9)
    assert sample.fractions.estimates[0].su is None


def test_a_wholly_crystalline_sample_has_no_rest():
    amounts = PhaseAmounts(np.array([0.3, 0.5, 0.2]) * 7.0)
    _, sample = by_internal_standard(amounts, 2, InternalStandard("spike", Estimate(0.2)))
    assert sample.amorphous.value == pytest.approx(0.0, abs=1e-12)
    assert sample.fractions.values == pytest.approx([0.375, 0.625, 0.0], abs=1e-12)


@pytest.mark.parametrize("weighed", [0.0, 1.0, -0.1, float("nan")])
def test_impossible_weighing(weighed):
    with pytest.raises(PhysicsError, match="the weighed fraction of corundum is"):
        InternalStandard("corundum", Estimate(weighed))


def test_impossible_crystallinity():
    with pytest.raises(PhysicsError, match=r"the crystallinity of corundum is 1\.1; give a fraction above 0 and up to"):
        InternalStandard("corundum", Estimate(0.2), Estimate(1.1))


def test_an_unseen_spike():
    with pytest.raises(PhysicsError, match="the pattern must show the spike"):
        by_internal_standard(PhaseAmounts(np.array([0.0, 1.0])), 0, SPIKE)
