"""Steps that place lines and background: scales, cells, shifts, wavelengths."""

from __future__ import annotations

from dataclasses import replace

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.calculation.lattice_strain import PREFIX, strain_names
from anatase.refine.model import ConstantWavelength, Histogram, TimeOfFlight
from anatase.refine.start.background_choice import linear_names
from anatase.refine.strategy.strategy import Progress, Proposal

__all__ = [
    "cell_and_shift", "flight_zero", "is_plate", "more_background", "own_cells", "scale_and_background", "wavelengths",
]  # fmt: skip

MINOR = 0.02  # share of the Bragg intensity
MORE_TERMS = 3
OWN_CELL_GAIN = 0.02  # of χ²
EMISSION_LINE = 0.3  # polarization ratio above which X-rays come from a tube


def scale_and_background(progress: Progress) -> Proposal:
    """Free all scales and the background's coefficients."""
    model = progress.model
    names = [f"{phase.name}.{one.name}.scale" for one in model.histograms for phase in model.phases]
    for one in model.histograms:
        names += [f"{one.name}.background.{name}" for name in linear_names(one.background)]
    return Proposal(
        "scale and background",
        "nothing else can be judged before the calculated pattern has the height of the measured one",
        tuple(names),
        needed=True,
    )


def cell_and_shift(progress: Progress) -> Proposal:
    """Free cells of phases with lines enough, and the sample's displacement or the zero of each pattern."""
    model, names = progress.model, list[str]()
    for phase, seen in zip(model.phases, progress.seen(), strict=True):
        cell, _ = free_cell_parameters(phase.structure.lattice, phase.structure.space_group)
        if seen.lines > len(cell):
            names += [f"{phase.name}.{name}" for name in cell]
    names += [name for one in model.histograms if (name := _shift(one))]
    return Proposal(
        "cell and line shift",
        "lines must lie on their peaks before their widths and heights mean anything",
        tuple(names),
        needed=True,
    )


def _shift(histogram: Histogram) -> str:
    if not isinstance(histogram.beam, ConstantWavelength):
        return ""  # the zero of a calibrated time-of-flight bank is known better than the cell
    return f"{histogram.name}.{'displacement' if is_plate(histogram) else 'zero'}"


def is_plate(histogram: Histogram) -> bool:
    """Tell whether a pattern is of a flat plate in reflection."""
    beam = histogram.beam
    return isinstance(beam, ConstantWavelength) and beam.instrument.geometry == "bragg_brentano"


def wavelengths(progress: Progress) -> Proposal | None:
    """Free wavelength or DIFC of every pattern but the first of a joint refinement, where it is no emission line."""
    names = [
        f"{one.name}.difc" if isinstance(one.beam, TimeOfFlight) else f"{one.name}.wavelength"
        for one in progress.model.histograms[1:]
        if isinstance(one.beam, TimeOfFlight) or one.beam.radiation.polarization < EMISSION_LINE
    ]
    if not names:
        return None
    return Proposal(
        "wavelengths of further patterns",
        "one cell serves all patterns, so that it calibrates the wavelengths, or DIFC, that are known less well",
        tuple(names),
    )


def own_cells(progress: Progress) -> Proposal | None:
    """Give the phases a cell of their own in every pattern but the first of a joint refinement."""
    model = progress.model
    names = [
        f"{phase.name}.{one.name}.{name}"
        for one in model.histograms[1:]
        for phase, seen in zip(model.phases, progress.seen(), strict=True)
        for name in strain_names(phase.structure)
        if seen.share > MINOR and f"{phase.name}.{name.removeprefix(PREFIX)}" in progress.free
    ]
    if not names:
        return None
    return Proposal(
        "cells of further patterns",
        "the sample may have been warmer in one measurement than in the other, or the wavelengths do not agree",
        tuple(names),
        released=tuple(name for name in progress.free if name.endswith((".wavelength", ".difc"))),
        gain=OWN_CELL_GAIN,
    )


def flight_zero(progress: Progress) -> Proposal | None:
    """Free the zero of time-of-flight banks."""
    names = [f"{one.name}.zero" for one in progress.model.histograms if isinstance(one.beam, TimeOfFlight)]
    if not names:
        return None
    return Proposal(
        "zero of the flight time", "DIFC sets the scale of the cell; what is left of the lines' shift is the zero",
        tuple(names),
    )  # fmt: skip


def more_background(progress: Progress) -> Proposal | None:
    """Give the polynomial backgrounds three terms more."""
    model, names = progress.model, list[str]()
    for i, one in enumerate(model.histograms):
        terms = one.background.chebyshev
        if terms and not one.background.nodes and not one.background.inverse:
            longer = replace(one.background, chebyshev=(*terms, *[0.0] * MORE_TERMS))
            model = model.with_histogram(i, replace(one, background=longer))
            names += [f"{one.name}.background.chebyshev_{len(terms) + k}" for k in range(MORE_TERMS)]
    if not names:
        return None
    return Proposal(
        "more of the background",
        "what is left under the peaks may be background",
        tuple(names),
        model=model,
        gain=0.002,
    )
