"""Weights of the calculated pattern: when they apply, and that they remove the bias of weights from the counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculated_weights import intensity_per_count, with_calculated_weights
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, RefinementModel
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument

X = np.linspace(10.0, 90.0, 4000)
LEVEL = "xray.background.chebyshev_0"


def flat(counts, unit=1.0):
    pattern = Pattern(X, unit * counts, np.broadcast_to(unit, X.shape) * np.sqrt(np.maximum(counts, 1.0)))
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    return RefinementModel((Histogram("xray", pattern, beam, BackgroundModel((10.0, 90.0), (15.0,))),), ())


@pytest.fixture
def counts():
    return np.random.default_rng(2).poisson(20.0, X.size).astype(float)


@pytest.mark.parametrize("unit", [1.0, 0.02, 50.0])
def test_the_level_of_counts_is_no_longer_pulled_down(counts, unit):
    # weights 1/N give the harmonic mean, one count below the mean (Mighell 1999); the calculated ones the mean
    first = fit(flat(counts, unit), [LEVEL])
    again = fit(with_calculated_weights(first.model), [LEVEL])
    assert first.values[0] / unit == pytest.approx(1.0 / np.mean(1.0 / counts), rel=1e-6)
    assert again.values[0] / unit == pytest.approx(counts.mean(), rel=1e-6)
    assert again.su[0] / unit == pytest.approx(np.sqrt(20.0 / X.size), rel=0.03)


def test_s_u_known_otherwise_stay(counts):
    for sigma in (np.full(X.size, 4.0), np.random.default_rng(3).uniform(3.0, 6.0, X.size)):
        model = flat(counts)
        histogram = model.histograms[0]
        model = model.with_histogram(0, replace(histogram, pattern=replace(histogram.pattern, sigma=sigma)))
        assert intensity_per_count(model.histograms[0].pattern) is None
        np.testing.assert_array_equal(with_calculated_weights(model).histograms[0].pattern.sigma, sigma)


def test_detectors_that_counted_for_different_times_keep_their_units(counts):
    # each point is a mean over 4 to 40 detectors, as at the ends of a position-sensitive arc
    detectors = np.interp(X, [10.0, 30.0, 70.0, 90.0], [4.0, 40.0, 40.0, 4.0])
    pattern = flat(counts, 1.0 / detectors).histograms[0].pattern
    unit = intensity_per_count(pattern)
    np.testing.assert_allclose(unit * detectors, 1.0, rtol=0.06)  # of the ten points to either side, at the ends


def test_no_counts_at_all_are_no_measure(counts):
    assert intensity_per_count(flat(np.zeros(X.size)).histograms[0].pattern) is None
