"""From a refined model to weight fractions: simulated counts with a spike, and weighed mixtures of the round robin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.io.read import read
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.fit import Fitted, fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, ReflectionList
from anatase.refine.parameters.parameters import with_values
from anatase.refine.quantity import (
    ExternalStandard,
    InternalStandard,
    g_factor,
    quantify_histogram,
    reference_intensity_ratio,
)
from anatase.refine.quantity.reference_intensity_ratio import corundum
from anatase.scattering.attenuation import mass_attenuation
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation import simulate_lines
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

X_RAY = ScatteringModel("xray", 1.5406)
ZINCITE = Structure(  # Kisi & Elcombe (1989) Acta Cryst. C45, 1867
    Lattice(3.2498, 3.2498, 5.2066, 90.0, 90.0, 120.0),
    SpaceGroup.from_number(186),
    (
        Site("Zn", (Species("Zn"),), (1 / 3, 2 / 3, 0.0), u_iso=0.008),
        Site("O", (Species("O"),), (1 / 3, 2 / 3, 0.382), u_iso=0.008),
    ),
)
FLUORITE = Structure(
    Lattice(5.463, 5.463, 5.463),
    SpaceGroup.from_number(225),
    (
        Site("Ca", (Species("Ca"),), (0.0, 0.0, 0.0), u_iso=0.006),
        Site("F", (Species("F"),), (0.25, 0.25, 0.25), u_iso=0.009),
    ),
)
ROUND_ROBIN = {"corundum": corundum(), "zincite": ZINCITE, "fluorite": FLUORITE}
FORMULAE = ("Al2O3", "ZnO", "CaF2")
# Madsen, Scarlett, Cranswick & Lwin (2001) J. Appl. Cryst. 34, 409, as weighed
WEIGHED = {"1A": (0.0115, 0.0404, 0.9481), "1D": (0.1353, 0.3289, 0.5358), "1G": (0.3137, 0.3421, 0.3442)}


def mixture(titania, weights, total=0.005, mode="rietveld") -> RefinementModel:
    """Return a laboratory pattern of rutile and anatase, with scales S ∝ W/(Z M V)."""
    x = np.arange(22.0, 75.0, 0.04)
    blank = Pattern(x, np.ones(x.size), np.ones(x.size))
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), X_RAY)
    histogram = Histogram("lab", blank, beam, BackgroundModel((22.0, 75.0), (100.0,)))
    sizes = [one.mass_per_cell * one.lattice.volume for one in titania]
    scales = [total * w * sizes[0] / one for w, one in zip(weights, sizes, strict=True)]
    phases = tuple(
        Phase(name, structure, (PhasePart(scale, Sample(size=500.0)),), mode=one)
        for name, structure, scale, one in zip(("R", "A"), titania, scales, ("rietveld", mode), strict=True)
    )
    return RefinementModel((histogram,), phases)


def counted(model: RefinementModel, rng: np.random.Generator) -> RefinementModel:
    histogram = model.histograms[0]
    counts = rng.poisson(calculated(model, 0).intensity).astype(float)
    pattern = replace(histogram.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    return model.with_histogram(0, replace(histogram, pattern=pattern))


def content_of(fitted: Fitted, **options):
    return quantify_histogram(fitted.model, 0, fitted.parametrisation.names, fitted.spread, **options)


def test_a_spiked_sample_within_its_uncertainty(titania):
    """0.25 rutile as the spike beside 0.45 anatase, the rest invisible: pulls over 20 counted patterns."""
    rng = np.random.default_rng(17)
    truth = mixture(titania, (0.25, 0.45))
    free = ["R.a", "R.c", "A.a", "A.c", "R.lab.scale", "A.lab.scale", "lab.background.chebyshev_0"]
    pulls = []
    for _ in range(20):
        fitted = fit(counted(truth, rng), free)
        # as weighed, with an error of its own
        standard = InternalStandard("R", Estimate(0.25 + 0.002 * rng.normal(), 0.002))
        found = content_of(fitted, internal_standard=standard)
        pulls.append((found.amorphous_in_sample.value - 0.4) / found.amorphous_in_sample.su)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.7)  # 3/√20
    assert np.sqrt(np.mean(np.square(pulls))) == pytest.approx(1.0, abs=0.45)  # 3/√40


def test_cells_and_occupancies_count(titania):
    """The covariance of fractions against a draw of all that is refined."""
    model = mixture(titania, (0.6, 0.4))
    names = ["R.lab.scale", "A.lab.scale", "R.a", "A.c", "R.Ti.Ti.occupancy", "R.O.x", "lab.background.chebyshev_0"]
    centre = np.array(
        [model.phases[0].parts[0].scale, model.phases[1].parts[0].scale, 4.5937, 9.5143, 1.0, 0.3048, 9.0]
    )
    rng = np.random.default_rng(4)
    root = rng.normal(size=(7, 7)) * 0.003 * centre[:, None]
    covariance = root @ root.T
    found = quantify_histogram(model, 0, names, covariance)
    drawn = []
    for one in rng.multivariate_normal(centre, covariance, size=600):
        moved = with_values(model, dict(zip(names, one.tolist(), strict=True)))
        drawn.append(quantify_histogram(moved, 0).phases[0].weight_fraction.value)
    su = found.phases[0].weight_fraction.su
    assert su == pytest.approx(np.std(drawn), rel=0.12)  # 600 draws: 3 %
    scales_alone = quantify_histogram(model, 0, names[:2], covariance[:2, :2]).phases[0].weight_fraction.su
    assert abs(su / scales_alone - 1.0) > 0.05  # else the test would not see cells and occupancies


def test_a_cell_of_its_own_in_the_pattern(titania):
    """A strain e of a cell edge counts as a cell edge a (1 + e) does."""
    model = mixture(titania, (0.6, 0.4))
    phase = model.phases[0]
    strained = model.with_phase(0, replace(phase, parts=(replace(phase.parts[0], lattice_strain=(0.01, -0.02)),)))
    same = with_values(model, {"R.a": 4.5937 * 1.01, "R.c": 2.9587 * 0.98})
    found, expected = quantify_histogram(strained, 0), quantify_histogram(same, 0)
    assert found.phases[0].weight_fraction.value == pytest.approx(expected.phases[0].weight_fraction.value, rel=1e-12)
    one = quantify_histogram(strained, 0, ["R.lab.lattice_strain_a"], np.array([[1e-6]])).phases[0].weight_fraction
    # W ∝ V ∝ (1 + e)²: dW = W (1 − W) · 2 de/(1 + e)
    assert one.su == pytest.approx(one.value * (1.0 - one.value) * 2e-3 / 1.01, rel=1e-6)


def test_phases_without_structure_are_left_out(titania):
    found = quantify_histogram(mixture(titania, (0.6, 0.4), mode="lebail"), 0)
    assert [(phase.name, phase.weight_fraction.value) for phase in found.phases] == [("R", 1.0)]
    assert found.warnings == ("A is fitted without a structure and has no part in the weight fractions",)
    model = mixture(titania, (0.0, 0.4), mode="lebail")
    assert quantify_histogram(model, 0) is None
    with pytest.raises(InputError, match="'A' is none of the phases R"):
        quantify_histogram(
            mixture(titania, (0.6, 0.4), mode="lebail"), 0, internal_standard=InternalStandard("A", Estimate(0.4))
        )


def test_a_phase_without_structure_has_its_intensity_ratio(titania):
    """Anatase by a list of its own |F|² and the I/Ic of its structure weighs what it weighs by its structure."""
    whole = mixture(titania, (0.6, 0.4))
    lines = simulate_lines(titania[1], radiation_from_name("CuKa"), (20.0, 90.0), dispersion=True)
    listed = ReflectionList(lines.hkl, lines.multiplicity, lines.f_squared)
    phase = whole.phases[1]
    alone = replace(phase, mode="lebail", parts=(replace(phase.parts[0], reflections=listed),))
    ratio = reference_intensity_ratio(titania[1], radiation_from_name("CuKa"))
    names, covariance = ["R.lab.scale", "A.lab.scale"], np.diag([1e-10, 4e-10])
    found = quantify_histogram(whole.with_phase(1, alone), 0, names, covariance, ratios={"A": ratio})
    expected = quantify_histogram(whole, 0, names, covariance)
    for one, other in zip(found.phases, expected.phases, strict=True):
        assert one.weight_fraction.value == pytest.approx(other.weight_fraction.value, rel=1e-9)
        assert one.weight_fraction.su == pytest.approx(other.weight_fraction.su, rel=1e-6)
    assert found.warnings[0].startswith("the amount of A rests on one line and its I/Ic")


def test_intensity_ratios_that_cannot_be_used(titania):
    model = mixture(titania, (0.6, 0.4))
    with pytest.raises(InputError, match="an I/Ic of A; give those of phases that are fitted without a structure"):
        quantify_histogram(model, 0, ratios={"A": 5.0})
    phase = model.phases[1]
    empty = ReflectionList(np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    alone = model.with_phase(1, replace(phase, mode="lebail", parts=(replace(phase.parts[0], reflections=empty),)))
    with pytest.raises(InputError, match="A has no reflections in this pattern"):
        quantify_histogram(alone, 0, ratios={"A": 5.0})
    with pytest.raises(InputError, match="particle sizes beside an I/Ic"):
        quantify_histogram(alone, 0, ratios={"A": 5.0}, particle_size=1.0)


@pytest.fixture(scope="module")
def round_robin(shared_data, fit_mixture) -> dict[str, Fitted]:
    """Return fits of weighed mixtures of corundum, zincite and fluorite, all measured alike."""
    folder = shared_data / "powder" / "cpd_roundrobin" / "xray"
    return {which: fit_mixture(read(folder / f"CPD-{which}.xye").cut(20.0, 140.0), ROUND_ROBIN, 6) for which in WEIGHED}


def test_weighed_mixtures(round_robin):
    """Within 1.5 wt% in the mean of all phases and samples: participants' spread was several (Madsen et al. 2001)."""
    errors = [
        phase.weight_fraction.value - weighed
        for which, fitted in round_robin.items()
        for phase, weighed in zip(content_of(fitted).phases, WEIGHED[which], strict=True)
    ]
    assert np.mean(np.abs(errors)) < 0.015
    assert max(map(abs, errors)) < 0.025


@pytest.mark.parametrize(("standard", "sample"), [("1D", "1A"), ("1G", "1D"), ("1A", "1G")])
def test_one_mixture_is_the_external_standard_of_another(round_robin, standard, sample):
    """G from the weighed fluorite of one: all of the other is crystalline. 4 % is what 2 wt% of the standard make."""
    of = {
        which: Estimate(mass_attenuation(dict(zip(FORMULAE, WEIGHED[which], strict=True)), 1.5406)) for which in WEIGHED
    }
    fluorite = round_robin[standard].model.phases[2]
    cell = fluorite.structure.mass_per_cell, fluorite.structure.lattice.volume
    g = g_factor(Estimate(fluorite.parts[0].scale), *cell, of[standard], Estimate(WEIGHED[standard][2]))
    found = content_of(round_robin[sample], external_standard=ExternalStandard(g, of[sample]))
    assert found.amorphous.value == pytest.approx(0.0, abs=0.04)
    assert [one.weight_fraction.value for one in found.phases] == pytest.approx(WEIGHED[sample], abs=0.03)
