"""Patterns of a model, and their derivatives by every parameter that a model has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel, DebyeTerm, Hump
from anatase.pattern.pattern import Pattern
from anatase.pattern.spherical_harmonics import symmetrised_harmonics
from anatase.pattern.stephens import stephens_names
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.calculation.evaluate import calculated, listing
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

# anatase with a mixed site, a tensor and an isotropic site; coordinates: Howard, Sabine & Dickson (1991)
ANATASE = Structure(
    Lattice(3.7842, 3.7842, 9.5146),
    SpaceGroup.from_number(141),
    (
        Site(
            "Ti", (Species("Ti", 0.9), Species("Zr", 0.08)), (0.0, 0.75, 0.125), u_aniso=(0.005, 0.005, 0.004, 0, 0, 0)
        ),
        Site("O", (Species("O"),), (0.0, 0.25, 0.0816), u_iso=0.006),
    ),
    "anatase",
)
# general coordinates, a monoclinic cell
BADDELEYITE = Structure(
    Lattice(5.1505, 5.2116, 5.3173, 90.0, 99.23, 90.0),
    SpaceGroup.from_number(14),
    (
        Site("Zr", (Species("Zr"),), (0.2754, 0.0395, 0.2083), u_iso=0.004),
        Site("O1", (Species("O"),), (0.07, 0.3317, 0.3447), u_iso=0.007),
        Site("O2", (Species("O"),), (0.4496, 0.7569, 0.4792), u_iso=0.007),
    ),
    "baddeleyite",
)
TETRAGONAL_TERMS = len(stephens_names(ANATASE.space_group))
HARMONICS = len(symmetrised_harmonics(ANATASE.lattice, ANATASE.space_group, 4).orders)
DIFFUSE = {"debye": (DebyeTerm(30.0, 2.4, 0.03),), "inverse": 50.0}


def flat(x: np.ndarray, axis: str) -> Pattern:
    """Return a pattern of s.u. so small that no tail is cut off where a difference could see it."""
    return Pattern(x, np.full(x.size, 100.0), np.full(x.size, 1e-6), axis)


def plate() -> Histogram:
    """A flat plate, Kα doublet, everything set."""
    doublet = Radiation("xray", ((1.540593, 1.0), (1.544427, 0.5)), line_widths=(5e-4, 6e-4))
    instrument = Instrument(
        gauss_u=0.004, gauss_v=-0.003, gauss_w=0.004, lorentz_x=0.02, lorentz_y=0.03, lorentz_z=0.004, s_over_l=0.02,
        h_over_l=0.015, zero=0.013, displacement=0.05, penetration=0.04,
    )  # fmt: skip
    background = BackgroundModel(
        (20.0, 80.0), (120.0, -9.0, 3.0), humps=(Hump(400.0, 30.0, 7.0, 0.3), Hump(50.0, 2.1, 0.4, 0.2, in_q=True)),
        nodes=(20.0, 50.0, 80.0), heights=(3.0, 1.0, 2.0), **DIFFUSE,
    )  # fmt: skip
    beam = ConstantWavelength(doublet, instrument, ScatteringModel("xray", doublet.wavelength))
    return Histogram("plate", flat(np.arange(20.0, 80.0, 0.1), "two_theta"), beam, background)


def capillary() -> Histogram:
    """A neutron can of constant wavelength."""
    neutrons = Radiation("neutron", ((1.909, 1.0),))
    instrument = Instrument(
        "debye_scherrer", gauss_u=0.13, gauss_v=-0.4, gauss_w=0.4, lorentz_x=0.02, lorentz_y=0.08, lorentz_z=0.01,
        s_over_l=0.02, h_over_l=0.02, zero=-0.08, displacement=0.3, displacement_across=-0.2, radius=650.0,
    )  # fmt: skip
    beam = ConstantWavelength(neutrons, instrument, ScatteringModel("neutron", dispersion=False))
    background = BackgroundModel((15.0, 150.0), (200.0, 10.0), **DIFFUSE)
    return Histogram("can", flat(np.arange(15.0, 150.0, 0.2), "two_theta"), beam, background)


def bank() -> Histogram:
    """A time-of-flight bank under a spectrum."""
    tof = np.geomspace(12_000.0, 22_000.0, 200)
    profile = TofProfile((0.02, 0.6), (0.03, 0.01, 0.002), (4.0, 42.0, 2.0, 3.0), (0.5, 3.0, 1.0))
    calibration = TofBank(7476.91, -1.54, 2.0, -9.2, 144.845)
    background = BackgroundModel((3_000.0, 22_000.0), (90.0, 4.0), **DIFFUSE)
    return Histogram("bank", flat(tof, "tof"), TimeOfFlight(calibration, profile, np.exp(-tof / 2e4)), background)


SAMPLES = {
    "harmonics": Sample(
        size=400.0, size_gauss_share=0.3, strain=1e-3, strain_gauss_share=0.4, harmonics=(0.3, -0.2, 0.1)[:HARMONICS],
        harmonic_order=4,
    ),
    "march": Sample(size=300.0, strain=1e-3, texture_axis=(0, 0, 1), march_r=0.8),
    "marches": Sample(size=300.0, strain=4e-4, textures=(((0, 0, 1), 0.7, 0.3), ((1, 0, 0), 1.4, 0.2))),
    "plain": Sample(strain=1e-3),
}  # fmt: skip
ANISOTROPIC = {
    "needles": Sample(
        strain=2e-4, size=300.0, size_across=150.0, size_axis=(0, 0, 1), size_gauss_share=0.2, absorption=0.8
    ),
    "stephens": Sample(strain=2e-4, stephens=(3e-4, 1e-4, 2e-4, -1e-4)[:TETRAGONAL_TERMS], strain_gauss_share=0.3),
}
ROUGH = {
    "suortti": Sample(size=500.0, strain=1e-3, roughness=(0.2, 0.1)),
    "pitschke": Sample(size=500.0, strain=1e-3, roughness=(0.1, 0.05), roughness_model="pitschke"),
}


def model_of(histogram: Histogram, sample: Sample) -> RefinementModel:
    """Two phases; anatase with that sample, extinction, and a cell that is strained in this histogram."""
    scale = 1e-3 if histogram.name == "plate" else 10.0 if histogram.name == "can" else 0.02
    strained = PhasePart(scale, sample, extinction=8e3, lattice_strain=(3e-4, -2e-4))
    return RefinementModel(
        (histogram,),
        (
            Phase("anatase", ANATASE, (strained,)),
            Phase(
                "baddeleyite", BADDELEYITE, (PhasePart(0.3 * scale, Sample(size=600.0, strain=5e-4), extinction=5e3),)
            ),
        ),
    )


CASES = [
    *((plate, name, sample) for name, sample in {**SAMPLES, **ANISOTROPIC, **ROUGH}.items()),
    *((capillary, name, sample) for name, sample in {**SAMPLES, **ANISOTROPIC}.items()),
    *((bank, name, replace(sample, size_gauss_share=0.0, strain_gauss_share=0.0)) for name, sample in SAMPLES.items()),
    (bank, "absorbing", Sample(strain=1e-3, absorption=0.4)),
    (bank, "stephens", Sample(strain=2e-4, stephens=(3e-4, 1e-4, 2e-4, -1e-4)[:TETRAGONAL_TERMS])),
]


FINE = ("a", "b", "c", "beta", "wavelength", "difc")  # what moves lines: relative steps of 1e-6


@pytest.mark.parametrize(("make", "name", "sample"), CASES, ids=[f"{c[0].__name__}-{c[1]}" for c in CASES])
def test_every_parameter_has_its_exact_derivative(make, name, sample):
    model = model_of(make(), sample)
    values, kept = parameter_values(model), listing(model)
    names = list(values)
    answer = calculated(model, 0, names, kept)
    for row, one in enumerate(names):
        short = one.rpartition(".")[2]
        least = 0.0 if short.startswith("S") else 1e-2
        step = 1e-6 * abs(values[one]) if short in FINE else 1e-4 * max(abs(values[one]), least)
        ends = [
            calculated(with_values(model, {one: values[one] + s * step}), 0, (), kept).intensity for s in (1.0, -1.0)
        ]
        slope = (ends[0] - ends[1]) / (2.0 * step)
        size = np.abs(slope).max()
        assert size > 0.0, one
        # central differences err by (step/width)² in truncation and 1e-16 y/step in rounding
        np.testing.assert_allclose(answer.jacobian[row], slope, atol=1e-5 * size, err_msg=one)


@pytest.mark.parametrize("make", [plate, capillary, bank])
def test_the_curve_alone_is_the_curve_with_derivatives(make):
    model = model_of(make(), SAMPLES["march"])
    names = list(parameter_values(model))
    alone, whole = calculated(model, 0), calculated(model, 0, names)
    # tails go through coarser grids on one way, in another order of summation
    np.testing.assert_allclose(alone.intensity, whole.intensity, rtol=1e-9)
    np.testing.assert_allclose(alone.background + sum(alone.phases), alone.intensity, rtol=1e-12)
    assert alone.jacobian.shape == (0, len(model.histograms[0].pattern))


def test_parameters_of_other_histograms_and_absent_phases_change_nothing():
    first, second = plate(), capillary()
    part, absent = PhasePart(1e-3, Sample(size=300.0)), PhasePart(0.0)
    model = RefinementModel(
        (first, second), (Phase("anatase", ANATASE, (part, part)), Phase("baddeleyite", BADDELEYITE, (absent, absent)))
    )
    foreign = [
        "can.zero",
        "anatase.can.size",
        "anatase.can.lattice_strain_a",
        "baddeleyite.a",
        "baddeleyite.plate.strain",
    ]
    answer = calculated(model, 0, [*foreign, "baddeleyite.plate.scale"])
    assert not answer.jacobian[:-1].any()
    assert answer.jacobian[-1].any()  # a phase that is absent may come


def test_a_strained_lattice_is_another_cell_in_one_histogram():
    first, second = plate(), capillary()
    part = PhasePart(1e-3, Sample(size=300.0))
    model = RefinementModel((first, second), (Phase("anatase", ANATASE, (part, part)),))
    strained = with_values(model, {"anatase.can.lattice_strain_c": 1e-3})
    longer = with_values(model, {"anatase.c": 9.5146 * 1.001})
    assert parameter_values(strained)["anatase.can.lattice_strain_c"] == 1e-3
    np.testing.assert_allclose(calculated(strained, 0).intensity, calculated(model, 0).intensity, rtol=1e-14)
    np.testing.assert_allclose(calculated(strained, 1).intensity, calculated(longer, 1).intensity, rtol=1e-9)


def test_one_histogram_alone_offers_no_strain_of_its_lattice():
    model = RefinementModel((plate(),), (Phase("anatase", ANATASE, (PhasePart(),)),))
    assert not any("lattice_strain" in name for name in parameter_values(model))


def test_electrons_have_no_primary_extinction():
    electrons = Radiation("electron", ((0.0251, 1.0),))
    beam = ConstantWavelength(electrons, Instrument("debye_scherrer"), ScatteringModel("electron"))
    x = np.arange(0.5, 2.0, 0.001)
    histogram = Histogram("frame", flat(x, "two_theta"), beam, BackgroundModel((0.5, 2.0), (1.0,)))
    model = RefinementModel((histogram,), (Phase("anatase", ANATASE, (PhasePart(extinction=100.0),)),))
    with pytest.raises(InputError, match="electrons"):
        calculated(model, 0)


def test_harmonics_of_one_sample_are_seen_at_several_tilts():
    # the pole density at tilt χ has P_l(cos χ) where that along the axis has 1; at 54.7356° P_2 is 0
    coefficients = (0.3,) + (0.0,) * (HARMONICS - 1)
    curves = []
    for tilt in (None, 0.0, 54.735610317, 90.0):
        sample = Sample(size=500.0, harmonics=coefficients, harmonic_order=4, texture_tilt=tilt)
        model = RefinementModel((plate(),), (Phase("anatase", ANATASE, (PhasePart(1e-3, sample),)),))
        curves.append(calculated(model, 0).phases[0])
    random = RefinementModel((plate(),), (Phase("anatase", ANATASE, (PhasePart(1e-3, Sample(size=500.0)),)),))
    plain = calculated(random, 0).phases[0]
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-14)
    np.testing.assert_allclose(curves[2], plain, rtol=1e-8)
    np.testing.assert_allclose(curves[3] - plain, -0.5 * (curves[1] - plain), atol=1e-10 * plain.max())
