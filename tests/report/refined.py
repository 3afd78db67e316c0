"""Refinements of simulated patterns with counting noise, from models off the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.provenance import Provenance
from anatase.refine.answer import answer_of
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.constraint.constraints import Equal
from anatase.refine.constraint.parametrisation import parametrise
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.refinement import Refinement, Step
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

X = np.round(np.arange(20.0, 110.0, 0.03), 6)
TENSOR = (0.006, 0.006, 0.004, 0.0005, 0.0, 0.0)
EXCLUDED = ((50.0, 51.0),)


def oxide(name: str, number: int, cell: tuple[float, float], ti: tuple, o: tuple, tensor: tuple | None) -> Structure:
    titanium = Site("Ti1", (Species("Ti", charge=4),), ti, None if tensor else 0.005, tensor)
    sites = (titanium, Site("O1", (Species("O"),), o, 0.007))
    lattice = Lattice(cell[0], cell[0], cell[1])
    return Structure(lattice, SpaceGroup.from_number(number), sites, name, Origin("typed", name))


def tof_histogram() -> Histogram:
    """A bank like that of the SEPD at IPNS, 4 to 20 ms."""
    x = np.round(np.arange(4000.0, 20000.0, 6.0), 3)
    pattern = Pattern(x, np.ones_like(x), np.ones_like(x), axis="tof", name="tof.xy", sha256="c" * 64)
    beam = TimeOfFlight(
        TofBank(7476.91, -1.54, two_theta=144.845), TofProfile((0.0, 5.0), (0.03, 0.01), (5.0, 40.0, 5.0))
    )
    return Histogram("tof", pattern, beam, BackgroundModel((4000.0, 20000.0), (50.0, -10.0)), ((9000.0, 9100.0),))


def histogram(name: str, probe: str) -> Histogram:
    if probe == "tof":
        return tof_histogram()
    lines = ((1.5405929, 1.0), (1.5444274, 0.5)) if probe == "xray" else ((1.54, 1.0),)
    radiation = Radiation(probe, lines, 1.0 if probe == "xray" else 0.0, name="CuKa" if probe == "xray" else "")
    instrument = Instrument("bragg_brentano" if probe == "xray" else "debye_scherrer", lorentz_x=0.0, lorentz_y=0.0)
    beam = ConstantWavelength(radiation, instrument, ScatteringModel(probe, radiation.wavelength))
    pattern = Pattern(X, np.ones_like(X), np.ones_like(X), radiation=radiation, name=f"{name}.xy", sha256="a" * 64)
    return Histogram(name, pattern, beam, BackgroundModel((20.0, 110.0), (200.0, -40.0)), EXCLUDED)


def model(probes: tuple[str, ...], phases: int) -> RefinementModel:
    """Return the true model: rutile (with a tensor of displacement), and anatase where there are two phases."""
    rutile = oxide("rutile", 136, (4.5937, 2.9587), (0.0, 0.0, 0.0), (0.3048, 0.3048, 0.0), TENSOR)
    anatase = oxide("anatase", 141, (3.7845, 9.5143), (0.0, 0.75, 0.125), (0.0, 0.25, 0.0815), None)
    histograms = tuple(histogram(probe, probe) for probe in probes)
    scales = {"xray": 2e-3, "neutron": 2e-3, "tof": 3.0}
    parts = tuple(PhasePart(scales[probe], Sample(size=800.0)) for probe in probes)
    given = [Phase("rutile", rutile, parts), Phase("anatase", anatase, parts)][:phases]
    return RefinementModel(histograms, tuple(given))


def with_counts(true: RefinementModel, seed: int) -> RefinementModel:
    """Return a model whose patterns are drawn from it."""
    rng = np.random.default_rng(seed)
    for i, one in enumerate(true.histograms):
        counts = rng.poisson(calculated(true, i).intensity).astype(float)
        pattern = replace(one.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
        true = true.with_histogram(i, replace(one, pattern=pattern))
    return true


def refined(probes: tuple[str, ...] = ("xray",), phases: int = 2, seed: int = 1) -> Refinement:
    """Return the refinement of simulated patterns, U of the oxygens held equal where there are two phases."""
    true = with_counts(model(probes, phases), seed)
    names = []
    for phase in true.phases:
        names += [f"{phase.name}.{word}" for word in ("a", "c", "O1.u_iso")]
        names += [f"{phase.name}.{one.name}.scale" for one in true.histograms]
    names += ["rutile.O1.x", "rutile.Ti1.u11", "rutile.Ti1.u33", "rutile.xray.size"]
    names += [f"{one.name}.background.chebyshev_{k}" for one in true.histograms for k in (0, 1)]
    start = with_values(true, {"rutile.a": 4.5945, "rutile.O1.x": 0.306, "rutile.xray.size": 600.0})
    constraints = [Equal(("*.O1.u_iso",))] if phases > 1 else []
    parametrisation = parametrise(start, names, parameter_values(start), constraints=constraints)
    found = fit(start, names, parametrisation=parametrisation)
    step = Step("all at once", "the start is near", tuple(names), tuple(names), 20.0, found.residuals.total, 5, True,
                False, "", found.model)  # fmt: skip
    back = replace(step, title="more of the background", reverted=True, outcome="noise would save as much")
    return answer_of(found, steps=(step, back), warnings=("a warning <b>",), provenance=Provenance(inputs={"x": "a"}))
