"""Uncertainty of a refinement by the names of its parameters, whatever the fit moves in their place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.uncertainty.refined_parameters import (
    bootstrap_parameters,
    multistart_parameters,
    profile_parameter,
    sample_parameters,
)
from anatase.refine.zero_widths import zero_widths
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

FREE = ["R.a", "R.lab.scale", "R.lab.size", "lab.background.chebyshev_0"]
SIZE = FREE.index("R.lab.size")


@pytest.fixture(scope="module")
def counted(titania) -> RefinementModel:
    """Return rutile of 300 Å crystallites, counted on a laboratory diffractometer."""
    x = np.arange(24.0, 46.0, 0.05)
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    blank = Histogram("lab", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((24.0, 46.0), (80.0,)))
    model = RefinementModel((blank,), (Phase("R", titania[0], (PhasePart(0.002, Sample(size=300.0)),)),))
    counts = np.random.default_rng(5).poisson(calculated(model, 0).intensity).astype(float)
    pattern = replace(blank.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    return model.with_histogram(0, replace(blank, pattern=pattern))


@pytest.fixture(scope="module")
def fitted(counted):
    return fit(counted, FREE)


def test_a_bootstrap_tells_of_sizes_and_not_of_their_inverse(fitted):
    # 40 refits know an s.u. to 11 %
    found = bootstrap_parameters(fitted, np.random.default_rng(1), refits=40, kind="gaussian")
    assert found.names == tuple(FREE)
    assert found.values == pytest.approx(fitted.values)
    assert found.su == pytest.approx(fitted.su, rel=0.4)
    assert np.all(found.samples[:, SIZE] > 100.0)


def test_the_profile_of_a_size_is_the_inverse_of_that_of_its_variable(fitted):
    found = profile_parameter(fitted, "R.lab.size")
    assert found.value == pytest.approx(fitted.values[SIZE])
    assert found.su == pytest.approx(fitted.su[SIZE])
    low, high = found.interval_95
    assert low < 300.0 < high
    # χ² is a parabola in 1/size, for which the ends lie evenly: 1/low − 1/D = 1/D − 1/high
    assert 1.0 / low - 1.0 / found.value == pytest.approx(1.0 / found.value - 1.0 / high, rel=0.05)


def test_the_profile_of_a_size_ends_at_its_bound(counted):
    # crystallites of 300 Å that may not be larger than 305: χ² rises by less than 1 up to there
    bounded = fit(counted, FREE, bounds={"R.lab.size": (10.0, 305.0)})
    found = profile_parameter(bounded, "R.lab.size")
    assert found.grid.max() <= 305.001
    assert found.interval_68[1] is None
    assert "the data do not bound R.lab.size above up to its bound" in found.warnings


def test_the_profile_of_a_cell_length_is_its_su(fitted):
    found = profile_parameter(fitted, "R.a")
    assert found.parabolic
    assert found.interval_68[1] - found.value == pytest.approx(fitted.su[0], rel=0.05)


def test_what_has_no_bounds_has_a_profile(fitted):
    found = profile_parameter(fitted, "lab.background.chebyshev_0")
    assert found.interval_68[0] == pytest.approx(found.value - fitted.su[3], abs=0.05 * fitted.su[3])


def test_widths_that_the_fit_moves_by_other_variables_have_a_profile(counted):
    widths = ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w"]
    found = profile_parameter(fit(counted, ["R.a", "R.lab.scale", *widths]), "lab.gauss_w")
    low, high = found.interval_68
    assert low is None or low < found.value
    assert high > found.value


def test_ranges_of_starts_are_those_of_the_parameters(fitted):
    found = multistart_parameters(
        fitted, np.random.default_rng(1), starts=4, ranges={"R.lab.size": (100.0, 900.0), "R.a": (4.58, 4.61)}
    )
    best = found.minima[0]
    assert found.names == tuple(FREE)
    assert best.hits >= 1
    assert best.values == pytest.approx(fitted.values, rel=1e-3)
    assert best.su == pytest.approx(fitted.su, rel=0.05)
    assert best.rwp == pytest.approx(fitted.residuals.total, rel=1e-4)


def test_samples_are_those_of_the_parameters(fitted):
    pytest.importorskip("emcee", reason="emcee is not installed: pip install anatase[mcmc]")
    end = fitted.fit  # its tangent in place of the model: the samples are then those of the covariance
    tangent = replace(fitted.problem, curve=lambda values: end.model + (values - end.values) @ end.jacobian)
    found = sample_parameters(replace(fitted, problem=tangent), np.random.default_rng(1))
    assert found.names == tuple(FREE)
    assert found.autocorrelation_time.shape == (4,)
    assert found.su == pytest.approx(fitted.su, rel=0.1)
    assert np.all(found.samples[:, SIZE] > 100.0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda fitted: profile_parameter(fitted, "R.c"),
        lambda fitted: multistart_parameters(fitted, np.random.default_rng(1), ranges={"R.c": (2.9, 3.0)}),
    ],
)
def test_what_was_not_refined_is_refused(fitted, ask):
    with pytest.raises(InputError, match=r"'R\.c' was not refined; choose among R\.a, R\.lab\.scale"):
        ask(fitted)


def test_a_range_of_what_follows_others_is_refused(counted):
    widths = ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w"]
    tied = fit(counted, ["R.lab.scale", *widths])
    with pytest.raises(InputError, match=r"lab\.gauss_u follows other parameters"):
        multistart_parameters(tied, np.random.default_rng(1), ranges={"lab.gauss_u": (0.0, 1.0)})


def test_a_width_of_zero_is_said_in_degrees(counted):
    """The pattern is made without a Gaussian width that grows: U t² + V t + W touches 0 within 24 to 46°."""
    widths = ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w"]
    fitted = fit(counted, ["R.a", "R.lab.scale", *widths])
    told = zero_widths(fitted)
    assert list(told) == widths
    (words,) = set(told.values())
    place = float(words.partition(" at ")[2].partition("°")[0])
    t = np.tan(np.radians(0.5 * place))
    u, v, w = fitted.values[2:]
    assert 24.0 <= place <= 46.0
    assert u * t**2 + v * t + w == pytest.approx(0.0, abs=2e-6)  # 1e-7 deg² and the place's rounding
