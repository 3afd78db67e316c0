"""Fits of whole models: simulated patterns give back what made them, and no step makes a fit worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.agreement import residuals
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.constraint.parametrisation import parametrise
from anatase.refine.constraint.variable_bounds import natural_bounds
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

FREE = [
    "R.a", "R.c", "R.O.x", "R.Ti.u_iso", "R.O.u_iso", "A.a", "A.c", "lab.displacement", "lab.background.chebyshev_0",
    "lab.background.chebyshev_1", "R.lab.scale", "R.lab.size", "A.lab.scale",
]  # fmt: skip


def measured(truth: RefinementModel, seed: int) -> RefinementModel:
    """Return a model of the same kind whose pattern was counted from the truth."""
    rng = np.random.default_rng(seed)
    histograms = []
    for i, histogram in enumerate(truth.histograms):
        counts = rng.poisson(calculated(truth, i).intensity).astype(float)
        pattern = replace(histogram.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
        histograms.append(replace(histogram, pattern=pattern))
    return RefinementModel(tuple(histograms), truth.phases)


@pytest.fixture(scope="module")
def truth(titania) -> RefinementModel:
    """Return rutile and anatase on a laboratory diffractometer."""
    x = np.arange(20.0, 90.0, 0.04)
    blank = Pattern(x, np.ones(x.size), np.ones(x.size))
    beam = ConstantWavelength(
        radiation_from_name("CuKa"), Instrument(displacement=0.03), ScatteringModel("xray", 1.5406)
    )
    histogram = Histogram("lab", blank, beam, BackgroundModel((20.0, 90.0), (120.0, -40.0)))
    phases = (
        Phase("R", titania[0], (PhasePart(0.004, Sample(size=600.0)),)),
        Phase("A", titania[1], (PhasePart(0.001, Sample(size=600.0)),)),
    )
    return RefinementModel((histogram,), phases)


@pytest.fixture(scope="module")
def fitted(truth):
    start = {"R.a": 4.59, "R.c": 2.962, "A.a": 3.79, "R.O.x": 0.300, "lab.displacement": 0.0, "R.lab.scale": 0.003}
    return fit(with_values(measured(truth, 7), start), FREE)


def test_the_truth_is_found_again(truth, fitted):
    values = parameter_values(truth)
    pulls = {name: (value - values[name]) / su for name, value, su in zip(FREE, fitted.values, fitted.su, strict=True)}
    assert fitted.converged
    assert fitted.gof == pytest.approx(1.0, abs=0.05)  # √(2/1750)/2 is 0.017
    assert max(map(abs, pulls.values())) < 4.0, pulls
    assert np.sqrt(np.mean(np.square(list(pulls.values())))) < 1.6, pulls


def test_no_step_raises_the_objective(fitted):
    assert len(fitted.history) > 3
    assert np.all(np.diff(fitted.history) <= 0.0)


def test_residuals_are_those_of_the_definition(fitted):
    histogram = fitted.model.histograms[0]
    y, w = histogram.pattern.intensity, histogram.pattern.sigma**-2.0
    curve = calculated(fitted.model, 0)
    assert fitted.residuals.rwp[0] == pytest.approx(100.0 * np.sqrt(w @ (y - curve.intensity) ** 2 / (w @ y**2)))
    assert fitted.residuals.rp[0] == pytest.approx(100.0 * np.abs(y - curve.intensity).sum() / y.sum())
    np.testing.assert_allclose(curve.intensity, curve.background + sum(curve.phases), rtol=1e-12)


def test_excluded_ranges_do_not_count(truth):
    model = measured(truth, 8)
    histogram = model.histograms[0]
    spoilt = histogram.pattern.intensity + np.where(np.abs(histogram.pattern.x - 50.0) < 1.0, 1e4, 0.0)
    pattern = replace(histogram.pattern, intensity=spoilt)
    out = model.with_histogram(0, replace(histogram, pattern=pattern, excluded=((48.9, 51.1),)))
    found = fit(out, FREE)
    assert found.gof < 1.1
    assert found.residuals.n_points == int(out.histograms[0].used.sum()) < len(pattern)
    with pytest.raises(InputError, match="leave no point"):
        fit(model.with_histogram(0, replace(histogram, excluded=((0.0, 180.0),))), FREE)


def test_two_patterns_of_one_sample_share_the_structure(truth):
    neutron = ConstantWavelength(
        radiation_from_name("1.9", "neutron"), Instrument("debye_scherrer", gauss_w=0.05), ScatteringModel("neutron")
    )
    second = replace(truth.histograms[0], name="neutron", beam=neutron)
    phases = tuple(
        replace(phase, parts=(phase.parts[0], PhasePart(20.0 * phase.parts[0].scale))) for phase in truth.phases
    )
    joint = measured(RefinementModel((*truth.histograms, second), phases), 9)
    names = [*FREE, "R.neutron.scale", "A.neutron.scale", "neutron.zero", "neutron.background.chebyshev_0"]
    found = fit(with_values(joint, {"R.a": 4.592, "R.O.x": 0.301}), names)
    alone = fit(with_values(RefinementModel(joint.histograms[:1], tuple(
        replace(phase, parts=phase.parts[:1]) for phase in joint.phases
    )), {"R.a": 4.592, "R.O.x": 0.301}), FREE)  # fmt: skip
    assert found.gof == pytest.approx(1.0, abs=0.05)
    # neutrons see oxygen: the joint fit knows its place better than X-rays alone
    assert found.su[names.index("R.O.x")] < 0.7 * alone.su[FREE.index("R.O.x")]
    assert found.values[names.index("R.O.x")] == pytest.approx(0.3048, abs=4.0 * found.su[names.index("R.O.x")])


def test_widths_of_the_instrument_stay_possible_from_a_bad_start(truth):
    # U, V, W freed at once from far off: the optimiser moves FWHM² at angles, which cannot turn negative
    bad = with_values(measured(truth, 10), {"lab.gauss_u": 0.3, "lab.gauss_v": -0.2, "lab.gauss_w": 0.2})
    found = fit(bad, [*FREE, "lab.gauss_u", "lab.gauss_v", "lab.gauss_w"], max_iterations=60)
    assert found.gof < 1.1
    assert np.all(np.diff(found.history) <= 0.0)


def test_sizes_too_large_to_broaden_stop_at_their_bound(titania, truth):
    sharp = RefinementModel(truth.histograms, tuple(
        replace(phase, parts=(replace(phase.parts[0], sample=Sample(size=1e6)),)) for phase in truth.phases
    ))  # fmt: skip
    found = fit(with_values(measured(sharp, 11), {"R.lab.size": 900.0}), ["R.lab.scale", "R.lab.size", "A.lab.scale"])
    assert parameter_values(found.model)["R.lab.size"] > 2e4
    assert found.residuals.total < 12.0


def test_natural_bounds_hold_the_start():
    assert natural_bounds("R.lab.scale", -1.0) == (-1.0, np.inf)
    assert natural_bounds("R.a", 4.0) == pytest.approx((3.6, 4.4))
    assert natural_bounds("lab.background.chebyshev_0", 1.0) == (-np.inf, np.inf)


def test_derivatives_of_a_parametrisation(truth):
    names = ["lab.gauss_w", "lab.gauss_u", "R.lab.size", "lab.gauss_v", "R.a"]
    found = parametrise(truth, names, parameter_values(truth))
    at = found.variables_of(np.array([parameter_values(truth)[name] for name in names]))
    values, slopes = found.at(at)
    np.testing.assert_allclose(values, [parameter_values(truth)[name] for name in names], rtol=1e-9)
    for column in range(len(at)):
        step = np.zeros(len(at))
        step[column] = 1e-5 * abs(at[column])
        numeric = (found.at(at + step)[0] - found.at(at - step)[0]) / (2.0 * step[column])
        np.testing.assert_allclose(slopes[:, column], numeric, rtol=1e-7, atol=1e-9)


def test_residuals_of_a_perfect_model_are_zero(truth):
    exact = replace(truth.histograms[0].pattern, intensity=calculated(truth, 0).intensity)
    assert residuals(truth.with_histogram(0, replace(truth.histograms[0], pattern=exact))).chi2 == 0.0


def test_a_line_without_width_that_comes_in_ends_a_fit_and_breaks_none(titania, scan, stretched, monkeypatch):
    from anatase.refine import fit as module
    from anatase.refine.refine import starts_of

    (start,) = starts_of([scan([titania[0]], limits=(20.0, 60.0))], titania, {"background": 3})
    larger = stretched(titania[0], 1.004)
    model = RefinementModel((start.histogram,), (Phase("R", larger, (PhasePart(1e-3, Sample(size=600.0)),)),))
    first, lists = module.levenberg_marquardt, iter([module.listing(model)])
    other = module.listing(replace(model, phases=(replace(model.phases[0], structure=titania[1]),)))
    monkeypatch.setattr(module, "listing", lambda model: next(lists, other))
    calls = []

    def once(*given, **options):
        calls.append(given)
        if len(calls) > 1:
            raise PhysicsError("a line has no width")
        return first(*given, **options)

    monkeypatch.setattr(module, "levenberg_marquardt", once)
    found = module.fit(model, ["R.xray.scale", "xray.background.chebyshev_0"])
    assert len(calls) == 2
    assert not found.converged
    assert found.history[-1] < found.history[0]
    assert found.residuals.chi2 == pytest.approx(found.history[-1])
