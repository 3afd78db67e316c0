"""Parameters by name: every value can be read, set and found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel, DebyeTerm, Hump
from anatase.pattern.pattern import Pattern
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import matching, parameter_values, with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

UNDER = BackgroundModel(
    (20.0, 60.0),
    (50.0, -3.0),
    2.0,
    (20.0, 60.0),
    (1.0, 2.0),
    debye=(DebyeTerm(3.0, 1.6),),
    humps=(Hump(9.0, 30.0, 8.0),),
)


@pytest.fixture
def model(titania) -> RefinementModel:
    """Return rutile and anatase in two patterns, with samples that have something of everything."""
    x = np.arange(20.0, 60.0, 0.05)
    pattern = Pattern(x, np.full(x.size, 60.0), np.full(x.size, 8.0))
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    histograms = tuple(Histogram(name, pattern, beam, UNDER) for name in ("first", "second"))
    plain = PhasePart(1e-3, Sample(size=500.0, strain=1e-3, texture_axis=(0, 0, 1), march_r=0.9))
    several = PhasePart(2e-3, Sample(textures=(((0, 0, 1), 0.8, 0.4),), roughness=(0.3, 0.1), stephens=(0.0,) * 4))
    rutile, anatase = titania
    sites = (replace(rutile.sites[0], u_iso=None, u_aniso=(0.005, 0.005, 0.004, 0.001, 0.0, 0.0)), rutile.sites[1])
    rutile = replace(rutile, sites=sites)
    return RefinementModel(histograms, (Phase("R", rutile, (plain, several)), Phase("A", anatase, (several, plain))))


def test_every_parameter_can_be_set_and_read_again(model):
    values = parameter_values(model)
    moved = {name: 1.01 * value + 1e-5 for name, value in values.items()}
    found = parameter_values(with_values(model, moved))
    assert found.keys() == values.keys()
    for name, value in moved.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name


def test_names_cover_phases_patterns_and_samples(model):
    names = parameter_values(model)
    assert {"R.a", "R.c", "R.Ti.u11", "R.Ti.u12", "R.O.x", "R.O.u_iso", "A.O.z", "A.Ti.Ti.occupancy"} <= names.keys()
    assert {
        "first.zero",
        "second.wavelength",
        "first.background.debye_0_u",
        "second.background.hump_0_fwhm",
    } <= names.keys()
    assert {
        "R.first.march_r",
        "R.second.S400",
        "R.second.roughness_q",
        "A.first.march_share0",
        "A.second.size",
    } <= names.keys()
    assert not {"R.b", "R.O.y", "R.Ti.u_iso", "R.second.size", "R.second.march_r"} & names.keys()


def test_what_symmetry_ties_follows(model):
    moved = with_values(model, {"R.a": 4.7, "R.O.x": 0.31, "R.Ti.u11": 0.008})
    structure = moved.phases[0].structure
    assert structure.lattice.parameters[:3] == (4.7, 4.7, 2.9587)
    assert structure.sites[1].xyz == pytest.approx((0.31, 0.31, 0.0))
    assert structure.sites[0].u_aniso == pytest.approx((0.008, 0.008, 0.004, 0.001, 0.0, 0.0))
    assert moved.phases[1] == model.phases[1]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("R.b", "b is no free parameter of the cell"),
        ("R.Ti.x", "Ti.x is no free parameter"),
        ("R.Fe.x", "Fe is no site"),
        ("first.tilt", "first has no parameter tilt"),
        ("third.zero", "'third.zero' names no parameter"),
        ("R.first.harmonic0", "no parameter harmonic0"),
        ("first.background.slope", "no slope"),
    ],
)
def test_a_name_of_nothing_is_refused(model, name, told):
    with pytest.raises(InputError, match=told):
        with_values(model, {name: 1.0})


def test_patterns_select_names_(model):
    names = list(parameter_values(model))
    assert matching(["*.u_iso", "R.a"], names) == ("R.O.u_iso", "A.Ti.u_iso", "A.O.u_iso", "R.a")
    with pytest.raises(InputError, match="names no parameter"):
        matching(["*.u_isotropic"], names)
