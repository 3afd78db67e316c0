"""Amorphous content by the G-factor, from intensities built up from the kinematic theory of a thick plate."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.external_standard import ExternalStandard, by_external_standard, g_factor
from anatase.refine.quantity.weight_fractions import PhaseAmounts, phase_amounts
from anatase.scattering.attenuation import linear_attenuation, mass_attenuation

CU = 1.5405929
BEAM = 4.2e3  # whatever the tube and the slits give


def scale_in_a_plate(structure, weight_fraction: float, attenuation: float) -> float:
    """Return S of a phase: I ∝ v m|F|²LP/(V² μ), v its volume per volume and μ linear, both of the same dense plate."""
    return BEAM * weight_fraction / (structure.density * structure.lattice.volume**2 * attenuation)


def test_glass_beside_two_phases(titania):
    """0.5 rutile, 0.2 anatase, 0.3 silica glass, against a plate of pure rutile."""
    rutile = titania[0]
    of_sample = mass_attenuation({"TiO2": 0.7, "SiO2": 0.3}, CU)
    of_rutile = linear_attenuation(rutile, CU) / rutile.density
    g = g_factor(
        Estimate(scale_in_a_plate(rutile, 1.0, of_rutile)),
        rutile.mass_per_cell,
        rutile.lattice.volume,
        Estimate(of_rutile),
    )
    assert g.value == pytest.approx(BEAM, rel=1e-9)  # in these units
    scales = [scale_in_a_plate(one, w, of_sample) for one, w in zip(titania, (0.5, 0.2), strict=True)]
    amounts = phase_amounts(scales, [one.mass_per_cell for one in titania], [one.lattice.volume for one in titania])
    found = by_external_standard(amounts, ExternalStandard(g, Estimate(of_sample)))
    assert found.fractions.values == pytest.approx([0.5, 0.2], rel=1e-9)
    assert found.amorphous.value == pytest.approx(0.3, rel=1e-9)
    assert found.amorphous.su is None


def test_uncertainty_against_a_draw():
    rng = np.random.default_rng(3)
    root = np.array([[0.05, 0.0], [-0.02, 0.03]])
    amounts = PhaseAmounts(np.array([5.0, 2.0]), root @ root.T)
    g, attenuation = Estimate(332.0, 4.0), Estimate(20.0, 0.3)
    found = by_external_standard(amounts, ExternalStandard(g, attenuation))
    a = rng.multivariate_normal(amounts.values, amounts.covariance, size=20_000)
    factor = 1.66053906660 * rng.normal(20.0, 0.3, 20_000) / rng.normal(332.0, 4.0, 20_000)
    drawn = a * factor[:, None]
    assert [one.su for one in found.fractions.estimates] == pytest.approx(drawn.std(axis=0), rel=0.03)
    assert found.amorphous.su == pytest.approx((1.0 - drawn.sum(axis=1)).std(), rel=0.03)  # 20 000 draws: 0.5 %


def test_uncertainty_of_g():
    g = g_factor(Estimate(2.0, 0.02), 100.0, 50.0, Estimate(30.0, 0.6), Estimate(0.99, 0.0055))
    assert g.value == pytest.approx(2.0 * 1.66053906660 * 5000.0 * 30.0 / 0.99, rel=1e-12)
    assert g.su == pytest.approx(g.value * np.sqrt(0.01**2 + 0.02**2 + (0.0055 / 0.99) ** 2), rel=1e-12)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_numbers(bad):
    with pytest.raises(PhysicsError, match="the scale is"):
        g_factor(Estimate(bad), 100.0, 50.0, Estimate(30.0))
    with pytest.raises(PhysicsError, match="the cell volume is"):
        g_factor(Estimate(1.0), 100.0, bad, Estimate(30.0))
    with pytest.raises(PhysicsError, match="the mass attenuation is"):
        ExternalStandard(Estimate(1.0), Estimate(bad))
