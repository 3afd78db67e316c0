"""Steps that shape lines: size, strain, resolution, asymmetry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anatase.pattern.stephens import quartic_columns, stephens_names
from anatase.refine.agreement import residuals
from anatase.refine.model import ConstantWavelength, Histogram, Phase, RefinementModel, TimeOfFlight
from anatase.refine.strategy.pattern_steps import is_plate
from anatase.refine.strategy.strategy import Planner, Progress, Proposal
from anatase.simulation.sample import Sample

__all__ = ["anisotropic_strain", "asymmetry", "flight_shape", "gaussian_widths", "size_and_strain"]

MAJOR, MINOR = 0.1, 0.02  # shares of the Bragg intensity
LOW_ANGLE = 60.0  # °2θ below which axial divergence shows in laboratory patterns
DIVERGENCES = (0.002, 0.006, 0.02, 0.04)  # S/L to start from
DIRECTIONS_GAIN = 0.03  # of χ²
LINES_PER_STRAIN = 4
LEAST_STRAIN = 3e-4


def size_and_strain(progress: Progress) -> Proposal | None:
    """Free size and strain of the phases whose lines can be told apart."""
    names = []
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        for one in progress.model.histograms:
            if seen.lines >= 3:
                names.append(f"{phase.name}.{one.name}.size")
            if seen.lines >= 6 and seen.share > MINOR:
                names.append(f"{phase.name}.{one.name}.strain")
    names += [name for one in progress.model.histograms if one.name not in progress.calibrated for name in _shape(one)]
    if not names:
        return None
    return Proposal(
        "size and strain",
        "line widths overlap neighbours and trade with the background: they come before intensities",
        tuple(names),
        needed=True,
    )


def _shape(histogram: Histogram) -> tuple[str, ...]:
    if isinstance(histogram.beam, TimeOfFlight):
        return ()
    return (f"{histogram.name}.gauss_w",)


def gaussian_widths(progress: Progress) -> Proposal | None:
    """Free U and W of patterns with lines enough; V too of neutrons, whose resolution is best at some angle."""
    lines = sum(seen.lines for seen in progress.seen())
    names = [
        f"{one.name}.gauss_{width}"
        for one in progress.model.histograms
        if isinstance(one.beam, ConstantWavelength) and lines >= 8 * len(progress.model.histograms)
        for width in ("uvw" if one.beam.radiation.probe == "neutron" or one.beam.instrument.gauss_v else "uw")
    ]
    if not names:
        return None
    return Proposal("resolution", "the instrument's Gaussian width varies with angle (Caglioti)", tuple(names))


def flight_shape(progress: Progress) -> Proposal | None:
    """Free the widths of time-of-flight banks: those terms of the Gaussian variance and the Lorentzian in use."""
    names = []
    for one in progress.model.histograms:
        if isinstance(one.beam, TimeOfFlight):
            for kind in ("variance", "gamma"):
                terms = getattr(one.beam.profile, kind)
                names += [f"{one.name}.{kind}_{i}" for i, term in enumerate(terms) if term]
    if not names:
        return None
    return Proposal("resolution", "the bank's line widths vary with d", tuple(names))


def asymmetry(progress: Progress) -> Proposal | None:
    """Free axial divergence, S/L = H/L, of patterns with lines at low angle."""
    model, names = progress.model, list[str]()
    for i, one in enumerate(model.histograms):
        if not isinstance(one.beam, ConstantWavelength) or one.pattern.x[0] > LOW_ANGLE:
            continue
        if one.beam.instrument.s_over_l != one.beam.instrument.h_over_l or one.beam.instrument.s_over_l == 0.0:
            model = min((_diverging(model, i, ratio) for ratio in DIVERGENCES), key=lambda m: residuals(m).chi2)
        names += [f"{one.name}.s_over_l", f"{one.name}.h_over_l"]
    if not names:
        return None
    return Proposal(
        "asymmetry",
        "axial divergence draws the flanks of low-angle lines out, and shifts them against the cell",
        tuple(names),
        model=model,
        needed=any(is_plate(one) for one in model.histograms),  # every tube has it, and the cell follows
    )


def _diverging(model: RefinementModel, index: int, ratio: float) -> RefinementModel:
    """Return the model with S/L = H/L in one histogram."""
    one = model.histograms[index]
    if not isinstance(one.beam, ConstantWavelength):
        return model
    instrument = replace(one.beam.instrument, s_over_l=ratio, h_over_l=ratio)
    return model.with_histogram(index, replace(one, beam=replace(one.beam, instrument=instrument)))


def anisotropic_strain(which: int) -> Planner:
    """Return the step that gives one phase's strain the directions of Stephens' quartic form."""

    def plan(progress: Progress) -> Proposal | None:
        phase, seen = progress.model.phases[which], progress.seen()[which]
        names = stephens_names(phase.structure.space_group)
        flying = any(not isinstance(one.beam, ConstantWavelength) for one in progress.model.histograms)
        if flying or seen.share < 2.0 * MAJOR or seen.lines < LINES_PER_STRAIN * len(names):
            return None
        if any(part.sample.stephens for part in phase.parts):
            return None
        own = [f"{phase.name}.{one.name}" for one in progress.model.histograms]
        parts = tuple(replace(part, sample=_directed(part.sample, phase)) for part in phase.parts)
        return Proposal(
            f"anisotropic strain of {phase.name}",
            "its lines differ in width by more than size and strain alike in all directions allow",
            tuple(f"{head}.{name}" for head in own for name in names),
            model=progress.model.with_phase(which, replace(phase, parts=parts)),
            released=tuple(f"{head}.strain" for head in own),
            gain=DIRECTIONS_GAIN,
        )

    return plan


def _directed(sample: Sample, phase: Phase) -> Sample:
    """Return a sample whose strain stands in S_HKL, alike in all directions: Σ S h^H k^K l^L = 16 e²/d⁴."""
    group = phase.structure.space_group
    hkl = np.array([(h, k, l) for h in range(-3, 4) for k in range(-3, 4) for l in range(4) if (h, k, l) != (0, 0, 0)])
    target = 16.0 * max(sample.strain, LEAST_STRAIN) ** 2 * phase.structure.lattice.inverse_d_squared(hkl) ** 2
    terms = np.linalg.lstsq(quartic_columns(hkl, group), target, rcond=None)[0]
    return replace(sample, strain=0.0, stephens=tuple(terms.tolist()))
