"""A simulated two-phase scan with counting noise, fitted back: cells, scales and s.u. must come out true."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.structure import Structure
from anatase.refine.least_squares import Fit, Prior, levenberg_marquardt
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.whole_pattern import WholePattern, evaluate, phase_lines
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel

Array = NDArray[np.float64]
CU = radiation_from_name("CuKa")
X = np.arange(20.0, 80.0, 0.02)
B = 3  # background columns
SCALES = (8000.0, 4000.0)  # areas in counts·degrees: strongest lines of ten thousand counts over 400 of background
STRAINS = ((0.004, -0.003), (-0.005, 0.002))  # cells 0.1 to 0.3 % off those that the fit starts from


def model_of(structures: tuple[Structure, ...]) -> WholePattern:
    phases = []
    for structure in structures:
        d_min = CU.wavelength / 2.0 / np.sin(np.radians(40.5))
        listed = reflections(structure, d_min, ScatteringModel("xray", CU.wavelength), u_default=TYPICAL_U_ISO)
        intensity = listed.multiplicity * listed.f_squared / structure.lattice.volume**2
        phases.append(
            phase_lines(listed.hkl, listed.multiplicity, intensity, structure.lattice, structure.space_group, CU)
        )
    columns = np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, X.size), B - 1).T.copy()
    return WholePattern(X, columns, CU, tuple(phases), asymmetry=True)


def truth() -> Array:
    blocks = [[scale, *strain, 0.04, 0.06] for scale, strain in zip(SCALES, STRAINS, strict=True)]
    return np.concatenate([[400.0, -80.0, 32.0], [0.02, 0.02, 0.005, 0.001], *blocks])


def fitted(model: WholePattern, counts: Array) -> Fit:
    """Fit from cells up to 0.3 % off, scales a third too low, no shift; S/L held, as in an identification."""
    start = truth()
    start[:B] = np.median(counts), 0.0, 0.0
    start[B : B + 4] = 0.0, 0.02, 0.008, 0.0
    su, low = np.full(start.size, np.inf), np.full(start.size, -np.inf)
    su[B + 1] = 1e-9
    low[B + 1 : B + 4] = 0.0
    for i, offset in enumerate(model.offsets[:-1]):
        start[offset : offset + 5] = SCALES[i] / 1.5, 0.0, 0.0, 0.06, 0.06
        su[offset + 1 : offset + 3] = 0.01
        low[[offset, offset + 3, offset + 4]] = 0.0
    mean = np.where(np.isfinite(su), start, 0.0)
    prior = Prior(mean, su, low, np.full(start.size, np.inf))
    weights = 1.0 / np.maximum(counts, 1.0)
    return levenberg_marquardt(
        lambda p: evaluate(model, p), start, counts, weights, prior, max_iterations=60, tolerance=1e-7
    )


@pytest.fixture(scope="module")
def fits(titania) -> tuple[WholePattern, list[Fit]]:
    model = model_of(titania)
    expected = evaluate(model, truth())[0]
    rng = np.random.default_rng(20240617)
    return model, [fitted(model, rng.poisson(expected).astype(float)) for _ in range(6)]


def su_of(fit: Fit) -> Array:
    return np.sqrt(np.diag(np.linalg.inv(fit.normal)))


def test_the_fit_reaches_the_noise(fits):
    for fit in fits[1]:
        assert fit.converged
        # χ² of n points has an s.u. of √(2n); weights from counts near 400 bias it by some parts in a thousand
        chi2 = fit.objective / (X.size - fit.values.size)
        assert abs(chi2 - 1.0) < 3.0 * np.sqrt(2.0 / X.size) + 0.01


def test_cells_come_back_within_three_su(fits):
    model, runs = fits
    for fit in runs:
        su = su_of(fit)
        for offset, strain in zip(model.offsets[:-1], STRAINS, strict=True):
            at = slice(offset + 1, offset + 3)
            assert np.all(np.abs(fit.values[at] - strain) < 3.0 * su[at])
            assert su[at].max() < 1e-4  # and the s.u. is a statement: below 50 ppm of a cell edge


def test_cell_edges_come_back(fits, titania):
    model, runs = fits
    for i, (phase, structure) in enumerate(zip(model.phases, titania, strict=True)):
        true = strained_lattice(structure.lattice, phase.basis, np.array(STRAINS[i]))
        at = slice(model.offsets[i] + 1, model.offsets[i] + 3)
        for fit in runs:
            found = strained_lattice(structure.lattice, phase.basis, fit.values[at])
            assert found.parameters[:3] == pytest.approx(true.parameters[:3], rel=5e-5)


def test_scales_come_back_within_one_per_cent(fits):
    model, runs = fits
    for fit in runs:
        assert fit.values[model.offsets[:-1]] == pytest.approx(SCALES, rel=0.01)


def test_su_describe_the_scatter(fits):
    # pulls (found − true)/s.u. of 6 runs × 4 strains: mean square 1 ± √(2/24)·3 at 3 s.u., correlations aside
    model, runs = fits
    at = [offset + j for offset in model.offsets[:-1] for j in (1, 2)]
    true = np.array(STRAINS).ravel()
    pulls = np.array([(fit.values[at] - true) / su_of(fit)[at] for fit in runs])
    assert 0.2 < np.mean(pulls**2) < 2.2
