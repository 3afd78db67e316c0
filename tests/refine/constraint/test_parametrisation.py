"""Free variables under constraints: values, derivatives, bounds, and a fit that keeps to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.constraint.constraints import Bound, Equal, Fixed, Linear, Tie
from anatase.refine.constraint.parametrisation import follows, parametrise
from anatase.refine.constraint.relations import on_constraints
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample


@pytest.fixture(scope="module")
def model(titania) -> RefinementModel:
    """Return rutile and anatase on a laboratory diffractometer, with a pattern of rutile and anatase's own making."""
    x = np.arange(20.0, 80.0, 0.05)
    beam = ConstantWavelength(
        radiation_from_name("CuKa"), Instrument(s_over_l=0.02, h_over_l=0.02), ScatteringModel("xray", 1.5406)
    )
    flat = Histogram("lab", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((20.0, 80.0), (50.0,)))
    phases = tuple(
        Phase(name, structure, (PhasePart(0.003, Sample(size=500.0)),))
        for name, structure in zip("RA", titania, strict=True)
    )
    return RefinementModel((flat,), phases)


def check(found, values):
    """Compare derivatives with central differences around the start; return the parameters there by name."""
    at = found.variables_of(np.array([values[name] for name in found.names]))
    _, slopes = found.at(at)
    for column in range(len(at)):
        step = np.zeros(len(at))
        step[column] = 1e-6 * max(abs(at[column]), 1e-3)
        numeric = (found.at(at + step)[0] - found.at(at - step)[0]) / (2.0 * step[column])
        np.testing.assert_allclose(slopes[:, column], numeric, rtol=1e-6, atol=1e-8)
    return dict(zip(found.names, found.at(at)[0], strict=True))


def test_one_variable_for_equal_ones(model):
    values = parameter_values(model)
    found = parametrise(model, ["R.O.u_iso"], values, constraints=[Equal(("*.O.u_iso",))])
    assert found.names == ("R.O.u_iso", "A.O.u_iso")
    assert found.free == ("R.O.u_iso",)
    check(found, values)
    assert follows(found) == {"A.O.u_iso": "R.O.u_iso"}


def test_sizes_stay_equal_and_go_by_their_reciprocal(model):
    values = parameter_values(model)
    sizes = ["R.lab.size", "A.lab.size"]
    found = parametrise(model, sizes, values, constraints=[Equal(tuple(sizes))])
    assert found.inverse.tolist() == [True, True]
    assert found.at(np.array([1.0 / 250.0]))[0] == pytest.approx([250.0, 250.0])
    check(found, values)
    half = parametrise(model, sizes, values, constraints=[Tie("A.lab.size", "R.lab.size", 0.5, 10.0)])
    assert not half.inverse.any()
    assert half.at(np.array([400.0]))[0] == pytest.approx([400.0, 210.0])
    check(half, values)


def test_what_is_held_has_no_variable(model):
    values = parameter_values(model)
    found = parametrise(model, ["R.a", "R.c", "A.a"], values, constraints=[Fixed(("R.*",))])
    assert found.names == ("A.a",)
    with pytest.raises(InputError, match=r"leave none of A\.a free"):
        parametrise(model, ["A.a"], values, constraints=[Fixed(("R.a",)), Tie("A.a", "R.a")])


def test_heights_of_the_slits_are_one_variable_unless_said_otherwise(model):
    values = parameter_values(model)
    both = ["lab.s_over_l", "lab.h_over_l"]
    assert parametrise(model, both, values).free == ("lab.s_over_l",)
    assert len(parametrise(model, both, values, constraints=[Bound(("lab.h_over_l",), 0.001, 0.03)]).free) == 2
    assert len(parametrise(model, both, {**values, "lab.h_over_l": 0.01}).free) == 2


def test_widths_that_a_constraint_touches_are_freed_as_they_are(model):
    values = parameter_values(model)
    widths = ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w", "R.a"]
    assert "lab: FWHM at the start" in parametrise(model, widths, values, constraints=[Equal(("[RA].a",))]).free
    tied = parametrise(model, widths, values, constraints=[Tie("lab.gauss_v", "lab.gauss_u", -1.0)])
    assert tied.free == ("lab.gauss_u", "lab.gauss_w", "R.a")
    check(parametrise(model, widths, values, constraints=[Equal(("[RA].a",))]), {**values, "A.a": values["R.a"]})


def test_bounds_reach_what_leads(model):
    values = {**parameter_values(model), "R.Ti.Ti.occupancy": 0.7, "A.Ti.Ti.occupancy": 0.3}
    full = Linear(((1.0, "R.Ti.Ti.occupancy"), (1.0, "A.Ti.Ti.occupancy")), 1.0)
    names = ["R.Ti.Ti.occupancy"]
    found = parametrise(model, names, values, constraints=[full, Bound(("A.Ti.*",), 0.1, 0.4)])
    assert (found.low[0], found.high[0]) == pytest.approx((0.6, 0.9))
    with pytest.raises(InputError, match="leave no range"):
        parametrise(model, names, values, {names[0]: (0.0, 0.2)}, [full, Bound(("A.Ti.*",), 0.1, 0.4)])


def test_starts_off_a_constraint_are_moved_onto_it_and_that_is_said():
    changed, warnings = on_constraints({"a": 0.6, "b": 0.3, "c": 1.0}, [Linear(((1.0, "a"), (1.0, "b")), 1.0)])
    assert changed == pytest.approx({"b": 0.4})
    assert warnings == ("b started at 0.3; a constraint moved it to 0.4 = -a + 1",)
    changed, warnings = on_constraints({"a": 0.6, "b": 0.6}, [Bound(("a",), 0.0, 0.5), Equal(("a", "b"))])
    assert changed == {"a": 0.5, "b": 0.5}
    assert "outside its bounds" in warnings[0]
    assert on_constraints({"a": 0.6, "b": 0.4}, [Linear(((1.0, "a"), (1.0, "b")), 1.0)]) == ({}, ())


def test_a_fit_keeps_to_its_constraints(model):
    # made with equal displacements; a fit that ties them finds their value, with a smaller s.u. than either alone
    truth = with_values(model, {"R.O.u_iso": 0.012, "A.O.u_iso": 0.012})
    counts = np.random.default_rng(5).poisson(calculated(truth, 0).intensity).astype(float)
    pattern = replace(truth.histograms[0].pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    data = truth.with_histogram(0, replace(truth.histograms[0], pattern=pattern))
    data = with_values(data, {"R.O.u_iso": 0.005, "A.O.u_iso": 0.005})
    names = ["R.O.u_iso", "A.O.u_iso", "R.lab.scale", "A.lab.scale", "lab.background.chebyshev_0"]
    tied = parametrise(data, names, parameter_values(data), constraints=[Equal(tuple(names[:2]))])
    found, alone = fit(data, names, parametrisation=tied), fit(data, names)
    assert found.values[0] == found.values[1] == pytest.approx(0.012, abs=3.0 * found.su[0])
    assert found.su[0] == found.su[1] < min(alone.su[:2])


@pytest.mark.parametrize("uvw", [(0.004, -0.002, 0.003), (-0.0006, 0.0, 0.001)])
def test_widths_stay_possible_wherever_lines_count(uvw):
    # lines far outside the pattern reach into it: of the second instrument as far as 104°, where U tan²θ + W is 0
    x = np.arange(20.0, 60.0, 0.1)
    instrument = Instrument(gauss_u=uvw[0], gauss_v=uvw[1], gauss_w=uvw[2])
    beam = ConstantWavelength(radiation_from_name("CuKa"), instrument, ScatteringModel("xray", 1.5406))
    histogram = Histogram("lab", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((20.0, 60.0)))
    model = RefinementModel((histogram,), ())
    names = ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w"]
    found = parametrise(model, names, parameter_values(model))
    np.testing.assert_allclose(found.at(found.variables_of(np.array(uvw)))[0], uvw, atol=2e-6)  # 10⁻³ of FWHM²
    last = 170.0 if uvw[0] > 0.0 else 104.0
    t = np.tan(np.radians(0.5 * np.arange(0.5, last, 0.5)))
    rng = np.random.default_rng(5)
    for variables in rng.uniform(0.0, 0.1, (200, 3)) * rng.integers(0, 2, (200, 3)):
        u, v, w = found.at(variables)[0]
        assert np.min(u * t**2 + v * t + w) > -1e-12
