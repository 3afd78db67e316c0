"""The relaxed cost beside the same marginal likelihood from dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.identify.evidence import LineErrors, relaxed_cost
from anatase.refine.start.whole_pattern import WholePattern, line_profiles, phase_curve, phase_lines
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel

Array = NDArray[np.float64]

FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"  # cubic: its lines in this range stand degrees apart
BEAM = radiation_from_name("CuKa1")
X = np.arange(25.0, 60.0, 0.02)
# background 0; shift, S/L, W, U; scale, strain, X, Y: lines of 0.1 to 0.15°
PARAMETERS = np.array([0.0, 0.0, 0.0, 0.01, 0.0, 500.0, 0.0, 0.04, 0.04])
ERRORS = LineErrors(intensity=0.25, place=0.10, width=0.20)


@pytest.fixture(scope="module")
def model(library) -> WholePattern:
    structure = library.structure(library.index_of(FLUORITE))
    listed = reflections(structure, 1.4, ScatteringModel("xray", BEAM.wavelength), u_default=TYPICAL_U_ISO)
    intensity = listed.multiplicity * listed.f_squared / structure.lattice.volume**2
    lines = phase_lines(listed.hkl, listed.multiplicity, intensity, structure.lattice, structure.space_group, BEAM)
    return WholePattern(X, np.ones((1, X.size)), BEAM, (lines,))


def curve(u: Array, eta: float) -> Array:
    """Return the pseudo-Voigt of unit area and width: η Lorentzian + (1 − η) Gaussian."""
    gauss = 2.0 * np.sqrt(np.log(2.0) / np.pi) * np.exp(-4.0 * np.log(2.0) * u**2)
    return eta * 2.0 / np.pi / (1.0 + 4.0 * u**2) + (1.0 - eta) * gauss


def dense_cost(model: WholePattern, residual: Array, weights: Array) -> float:
    """Return −2 ln N(r; 0, W⁻¹ + A D Aᵀ) less its ln det W⁻¹ and constant (Bishop, 2006, equation 2.115)."""
    columns, prior = [], []
    h = 1e-5
    for place, fwhm, eta, area in zip(*line_profiles(model, PARAMETERS, 0), strict=True):
        if area / fwhm * np.sqrt(np.interp(place, X, weights)) < 0.3:
            continue  # fainter than 0.3 s.u.: left alone
        inside = np.abs(X - place) <= 3.0 * fwhm

        def line(shift: float, stretch: float, at: tuple[float, ...] = (place, fwhm, eta, area)) -> Array:
            width = at[1] * (1.0 + stretch)
            return at[3] / width * curve((X - at[0] - shift * at[1]) / width, at[2])

        columns.append(line(0, 0) * inside)
        columns.append((line(h, 0) - line(-h, 0)) / (2 * h) * inside)
        columns.append((line(0, h) - line(0, -h)) / (2 * h) * inside)
        prior += [ERRORS.intensity**2, ERRORS.place**2, ERRORS.width**2]
    a = np.array(columns).T
    covariance = np.diag(1.0 / weights) + (a * np.array(prior)) @ a.T
    quadratic = float(residual @ np.linalg.solve(covariance, residual))
    return quadratic + float(np.linalg.slogdet(covariance)[1]) + float(np.log(weights).sum())


@pytest.mark.parametrize("seed", [1, 2])
def test_cost_is_the_marginal_likelihood(model, seed):
    rng = np.random.default_rng(seed)
    weights = 1.0 / rng.uniform(20.0, 40.0, X.size)
    residual = rng.normal(0.0, 1.0 / np.sqrt(weights)) + 0.2 * phase_curve(model, PARAMETERS, 0)
    relaxed = relaxed_cost(model, PARAMETERS, residual, weights, ERRORS)
    cost, left = relaxed.cost, relaxed.residual
    # windows may differ by the point at either end, where a line is at a hundredth of its height
    assert cost == pytest.approx(dense_cost(model, residual, weights), rel=2e-3)
    assert weights @ left**2 < weights @ residual**2


def test_errors_of_lines_cost_less_than_lines_elsewhere(model):
    weights = np.full(X.size, 1.0 / 30.0)
    own = 0.2 * phase_curve(model, PARAMETERS, 0)
    elsewhere = np.roll(own, 100)  # 2° away: another phase's peaks
    assert weights @ own**2 == pytest.approx(weights @ elsewhere**2, rel=0.01)
    one, other = (relaxed_cost(model, PARAMETERS, r, weights, ERRORS) for r in (own, elsewhere))
    forgiven, left, kept, unchanged = one.cost, one.residual, other.cost, other.residual
    assert forgiven < 0.2 * kept
    # 20 % is within the prior of 25 %, which strong lines hardly feel; the window keeps 97 % of a line's area
    assert np.abs(left).max() < 0.2 * np.abs(own).max()
    assert unchanged == pytest.approx(elsewhere, abs=0.1 * np.abs(elsewhere).max())


def test_no_phase_leaves_chi_squared(model):
    weights = np.full(X.size, 0.04)
    residual = np.random.default_rng(3).normal(0.0, 5.0, X.size)
    absent = PARAMETERS.copy()
    absent[5] = 0.0  # the scale
    relaxed = relaxed_cost(model, absent, residual, weights, ERRORS)
    cost, left = relaxed.cost, relaxed.residual
    assert cost == pytest.approx(0.04 * np.sum(residual**2))
    assert left == pytest.approx(residual)


def test_freedom_has_its_price(model):
    """Without any misfit the cost is ln det(1 + D AᵀWA) > 0, and more where the prior is wider."""
    weights = np.full(X.size, 1.0 / 30.0)
    nothing = np.zeros(X.size)
    narrow = relaxed_cost(model, PARAMETERS, nothing, weights, LineErrors(0.05, 0.02, 0.05)).cost
    wide = relaxed_cost(model, PARAMETERS, nothing, weights, ERRORS).cost
    assert 0.0 < narrow < wide
