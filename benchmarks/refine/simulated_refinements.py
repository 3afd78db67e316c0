"""Random refinements whose truth is known: a crystal, a diffractometer, a counted pattern, and a start nearby.

One phase or two; cells 0.2 % from the published ones and starts 0.05 % from the truth, coordinates 0.005 and 0.004
(all in the root mean square), highest peaks of 1,000 to 30,000 counts over a background of 30 to 800, sizes of 250 to
2,000 Å, strains of 0.0002 to 0.002; U, sizes, strains and scales start 30 % off, backgrounds flat, shifts at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.counting import count_pattern
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["KINDS", "SimulatedRefinement", "draw"]

Atom = tuple[str, tuple[float, float, float]]

# Rutile, anatase: Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462. Corundum: Lewis, Schwarzenbach & Flack (1982)
# Acta Cryst. A38, 733. Quartz: Levien, Prewitt & Weidner (1980) Am. Mineral. 65, 920. Anglesite: Miyake, Minato,
# Morikawa & Iwai (1978) Am. Mineral. 63, 506. Zircon: Hazen & Finger (1979) Am. Mineral. 64, 196.
CRYSTALS: dict[str, tuple[int, tuple[float, ...], tuple[Atom, ...]]] = {
    "rutile": (136, (4.5937, 4.5937, 2.9587, 90, 90, 90), (("Ti", (0, 0, 0)), ("O", (0.3048, 0.3048, 0)))),
    "anatase": (141, (3.7845, 3.7845, 9.5143, 90, 90, 90), (("Ti", (0, 0.75, 0.125)), ("O", (0, 0.25, 0.0815)))),
    "corundum": (167, (4.757, 4.757, 12.9877, 90, 90, 120), (("Al", (0, 0, 0.35216)), ("O", (0.30624, 0, 0.25)))),
    "quartz": (154, (4.916, 4.916, 5.4054, 90, 90, 120), (("Si", (0.4697, 0, 2 / 3)), ("O", (0.4135, 0.2669, 0.7858)))),
    "zircon": (141, (6.607, 6.607, 5.982, 90, 90, 90),
               (("Zr", (0, 0.75, 0.125)), ("Si", (0, 0.25, 0.375)), ("O", (0, 0.0661, 0.1953)))),
    "anglesite": (62, (8.482, 5.398, 6.959, 90, 90, 90),
                  (("Pb", (0.188, 0.25, 0.167)), ("S", (0.065, 0.25, 0.684)), ("O", (0.907, 0.25, 0.596)),
                   ("O", (0.194, 0.25, 0.543)), ("O", (0.082, 0.026, 0.809)))),
}  # fmt: skip


@dataclass(frozen=True)
class SimulatedRefinement:
    """The true model, its pattern counted; the model from which to start; what each stage of the fit frees."""

    truth: RefinementModel
    start: RefinementModel
    stages: tuple[tuple[str, ...], ...]


def _crystal(name: str, rng: np.random.Generator) -> Structure:
    number, cell, atoms = CRYSTALS[name]
    sites = tuple(
        Site(f"{element}{i}", (Species(element),), xyz, u_iso=float(rng.uniform(0.003, 0.015)))
        for i, (element, xyz) in enumerate(atoms)
    )
    return Structure(Lattice(*cell), SpaceGroup.from_number(number), sites, name=name)


def _blank(low: float, high: float, step: float) -> Pattern:
    x = np.arange(low, high, step)
    return Pattern(x, np.ones(x.size), np.ones(x.size))


def _background(rng: np.random.Generator, pattern: Pattern, terms: int) -> BackgroundModel:
    level = np.exp(rng.uniform(np.log(30.0), np.log(800.0)))
    shape = rng.uniform(-0.25, 0.25, terms - 1) * level / np.arange(1, terms)
    return BackgroundModel((float(pattern.x[0]), float(pattern.x[-1])), (level, *shape.tolist()))


def _laboratory(rng: np.random.Generator) -> Histogram:
    pattern = _blank(20.0, 110.0, 0.03)
    instrument = Instrument(displacement=float(rng.normal(0.0, 0.05)), s_over_l=0.02, h_over_l=0.02)
    beam = ConstantWavelength(radiation_from_name("CuKa"), instrument, ScatteringModel("xray", 1.5406))
    return Histogram("xray", pattern, beam, _background(rng, pattern, 5))


def _synchrotron(rng: np.random.Generator) -> Histogram:
    pattern = _blank(5.0, 45.0, 0.008)
    instrument = Instrument("debye_scherrer", 0.0005, -0.0004, 0.0008, 0.002, 0.01, zero=float(rng.normal(0.0, 0.005)))
    beam = ConstantWavelength(radiation_from_name("0.6"), instrument, ScatteringModel("xray", 0.6))
    return Histogram("xray", pattern, beam, _background(rng, pattern, 4))


def _reactor(rng: np.random.Generator) -> Histogram:
    pattern = _blank(10.0, 155.0, 0.05)
    instrument = Instrument("debye_scherrer", 0.1, -0.12, 0.12, 0.0, 0.05, zero=float(rng.normal(0.0, 0.05)))
    beam = ConstantWavelength(radiation_from_name("1.5", "neutron"), instrument, ScatteringModel("neutron"))
    return Histogram("neutron", pattern, beam, _background(rng, pattern, 4))


def _spallation(rng: np.random.Generator) -> Histogram:
    x = np.exp(np.arange(np.log(4000.0), np.log(20000.0), 0.0006))
    pattern = Pattern(x, np.ones(x.size), np.ones(x.size), axis="tof")
    bank = TofBank(7476.0, 0.0, two_theta=144.8, zero=float(rng.normal(0.0, 2.0)))
    return Histogram("tof", pattern, TimeOfFlight(bank, TofProfile((0.0, 0.6), (0.042, 0.009), (3.0, 40.0, 2.0))),
                     _background(rng, pattern, 4))  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A way to measure: a random histogram, and what of instrument and sample is refined beside all the rest."""

    histogram: Callable[[np.random.Generator], Histogram]
    instrument: tuple[str, ...]
    sample: tuple[str, ...]


KINDS = {
    "laboratory": Kind(_laboratory, ("displacement",), ("size", "strain")),
    "synchrotron": Kind(_synchrotron, ("zero",), ("size", "strain")),
    "reactor": Kind(_reactor, ("zero", "gauss_u", "gauss_v", "gauss_w"), ()),
    "spallation": Kind(_spallation, ("zero", "variance_1"), ("strain",)),
}


def _phases(kind: Kind, rng: np.random.Generator) -> tuple[Phase, ...]:
    """Return one phase, or two."""
    phases = []
    for name in rng.choice(list(CRYSTALS), size=rng.integers(1, 3), replace=False):
        size, strain = np.exp(rng.uniform(np.log((250.0, 2e-4)), np.log((2000.0, 2e-3))))
        sample = Sample(
            size=float(size) if "size" in kind.sample else None,
            strain=float(strain) if "strain" in kind.sample else 0.0,
        )
        phases.append(Phase(str(name), _crystal(str(name), rng), (PhasePart(1.0, sample),)))
    return tuple(phases)


def _moved(model: RefinementModel, rng: np.random.Generator, cell: float, coordinate: float) -> RefinementModel:
    """Return a model with cells changed by a share and coordinates by a distance in parts of the cell."""
    changes = {}
    for name, value in parameter_values(model).items():
        owner, _, rest = name.partition(".")
        if owner in CRYSTALS and rest in ("a", "b", "c"):
            changes[name] = value * (1.0 + rng.normal(0.0, cell))
        elif owner in CRYSTALS and rest.endswith((".x", ".y", ".z")):
            changes[name] = value + rng.normal(0.0, coordinate)
    return with_values(model, changes)


def _counted(model: RefinementModel, rng: np.random.Generator) -> RefinementModel:
    """Return the model with the pattern that a counter would measure, its s.u. the root of the counts."""
    histogram = model.histograms[0]
    ideal = replace(histogram.pattern, intensity=calculated(model, 0).intensity)
    return model.with_histogram(0, replace(histogram, pattern=count_pattern(ideal, rng)))


def _start(model: RefinementModel, kind: Kind, rng: np.random.Generator) -> RefinementModel:
    """Return a model near the truth: flat background, no shift, everything else somewhat off."""
    start = _moved(model, rng, 5e-4, 0.004)
    histogram = start.histograms[0]
    flat = float(np.percentile(histogram.pattern.intensity, 10))
    changes = {}
    for name, value in parameter_values(start).items():
        last = name.rpartition(".")[2]
        if ".chebyshev_" in name:
            changes[name] = flat if name.endswith("_0") else 0.0
        elif last in ("zero", "displacement") and last in kind.instrument:
            changes[name] = 0.0
        elif last in ("u_iso", "scale", *kind.sample):
            changes[name] = value * float(np.exp(rng.normal(0.0, 0.3)))
        elif last in kind.instrument:
            changes[name] = value * rng.uniform(0.95, 1.05)
    return with_values(start, changes)


def draw(name: str, rng: np.random.Generator) -> SimulatedRefinement:
    """Return a random refinement of a kind."""
    kind = KINDS[name]
    model = _moved(RefinementModel((kind.histogram(rng),), _phases(kind, rng)), rng, 0.002, 0.005)
    for i, (phase, curve) in enumerate(zip(model.phases, calculated(model, 0).phases, strict=True)):
        height = np.exp(rng.uniform(np.log(1e3), np.log(3e4)))
        model = model.with_phase(i, replace(phase, parts=(replace(phase.parts[0], scale=height / curve.max()),)))
    truth = _counted(model, rng)
    return SimulatedRefinement(truth, _start(truth, kind, rng), _stages(truth, kind))


def _stages(model: RefinementModel, kind: Kind) -> tuple[tuple[str, ...], ...]:
    """Return scales and background, then cells and shifts, then the rest: what is refined, in three stages."""

    def stage(name: str) -> int:
        owner, _, rest = name.partition(".")
        last = rest.rpartition(".")[2]
        if last == "scale" or rest.startswith("background.chebyshev"):
            return 1
        if (owner in CRYSTALS and rest in ("a", "b", "c")) or (
            last in ("zero", "displacement") and rest in kind.instrument
        ):
            return 2
        return 3 if last in ("x", "y", "z", "u_iso", *kind.sample) or rest in kind.instrument else 0

    return tuple(tuple(name for name in parameter_values(model) if stage(name) == i) for i in (1, 2, 3))
