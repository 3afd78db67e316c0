"""The steps of a Rietveld refinement, each a proposal made from what the model and the pattern show, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from anatase.crystal.free_cell import free_cell_parameters
from anatase.crystal.site_freedom import site_freedom
from anatase.refine.background_choice import linear_names
from anatase.refine.fit import residuals
from anatase.refine.lattice_strain import PREFIX, strain_names
from anatase.refine.model import ConstantWavelength, Histogram, Phase, RefinementModel, TimeOfFlight
from anatase.refine.strategy import Progress, Proposal
from anatase.refine.texture_search import best_march_axis

__all__ = ["PLANS", "Planner"]

Planner = Callable[[Progress], Proposal | None]

MAJOR, MINOR = 0.1, 0.02  # shares of the Bragg intensity
LOW_ANGLE = 60.0  # °2θ below which axial divergence shows in laboratory patterns
DIVERGENCES = (0.002, 0.006, 0.02, 0.04)  # S/L to start from
TEXTURE_GAIN = 0.03  # of χ²
LINES_PER_DISPLACEMENT, LINES_PER_COORDINATE = 4, 3
MORE_TERMS = 3
OWN_CELL_GAIN = 0.02  # of χ²


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
    return f"{histogram.name}.{'displacement' if _plate(histogram) else 'zero'}"


def _plate(histogram: Histogram) -> bool:
    """Tell whether a pattern is of a flat plate in reflection."""
    beam = histogram.beam
    return isinstance(beam, ConstantWavelength) and beam.instrument.geometry == "bragg_brentano"


def wavelengths(progress: Progress) -> Proposal | None:
    """Free the wavelength of every pattern but the first of a joint refinement, where it is not an emission line."""
    names = [
        f"{one.name}.wavelength"
        for one in progress.model.histograms[1:]
        if isinstance(one.beam, ConstantWavelength) and one.beam.radiation.polarization < 0.3
    ]
    if not names:
        return None
    return Proposal(
        "wavelengths of further patterns",
        "one cell serves all patterns, so that it calibrates the wavelengths that are known less well",
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
        released=tuple(name for name in progress.free if name.endswith(".wavelength")),
        gain=OWN_CELL_GAIN,
    )


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
        needed=any(_plate(one) for one in model.histograms),  # every tube has it, and the cell follows
    )


def _diverging(model: RefinementModel, index: int, ratio: float) -> RefinementModel:
    """Return the model with S/L = H/L in one histogram."""
    one = model.histograms[index]
    if not isinstance(one.beam, ConstantWavelength):
        return model
    instrument = replace(one.beam.instrument, s_over_l=ratio, h_over_l=ratio)
    return model.with_histogram(index, replace(one, beam=replace(one.beam, instrument=instrument)))


def overall_displacement(progress: Progress) -> Proposal | None:
    """Free one displacement for all atoms of each phase that is seen well."""
    names, ties = list[str](), list[tuple[str, ...]]()
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        group = _displacements(phase)
        if group and seen.share > MAJOR and seen.lines >= 5:
            names += group
            ties.append(group)
    if not names:
        return None
    return Proposal(
        "overall displacement",
        "it lets intensities fall with angle as the thermal motion of these atoms does; differences between sites stay",
        tuple(names),
        tuple(ties),
    )


def _displacements(phase: Phase) -> tuple[str, ...]:
    return tuple(f"{phase.name}.{site.label}.u_iso" for site in phase.structure.sites if site.u_aniso is None)


def texture(which: int) -> Planner:
    """Return the step that gives one phase the axis of preferred orientation that helps most."""

    def plan(progress: Progress) -> Proposal | None:
        phase = progress.model.phases[which]
        seen = progress.seen()[which]
        if (
            phase.mode != "rietveld"
            or seen.share < MAJOR
            or seen.lines < 5
            or not isinstance(progress.model.histograms[0].beam, ConstantWavelength)
        ):
            return None
        found = best_march_axis(progress.model, which)
        if found is None or found[0] < TEXTURE_GAIN:
            return None
        _, axis, model = found
        return Proposal(
            f"preferred orientation of {phase.name}",
            f"of common faces and edges, ({' '.join(map(str, axis))}) explains its intensities best",
            tuple(f"{phase.name}.{one.name}.march_r" for one in model.histograms),
            model=model,
            gain=TEXTURE_GAIN,
        )

    return plan


def positions(progress: Progress) -> Proposal | None:
    """Free the coordinates of major phases with three clear lines for each of them."""
    names = []
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        own = _coordinates(phase)
        if own and seen.share > 2.0 * MAJOR and seen.lines >= LINES_PER_COORDINATE * len(own) + 3:
            names += own
    if not names:
        return None
    return Proposal("atomic coordinates", "there are three clear lines and more for each coordinate", tuple(names))


def _coordinates(phase: Phase) -> list[str]:
    return [
        f"{phase.name}.{site.label}.{axis}"
        for index, site in enumerate(phase.structure.sites)
        for axis in site_freedom(phase.structure, index).axes
        if site.species[0].element not in ("H", "D")
    ]


def site_displacements(progress: Progress) -> Proposal | None:
    """Free displacements by element, or by site where there are lines enough."""
    names, ties = list[str](), list[tuple[str, ...]]()
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        own = _displacements(phase)
        elements = sorted({site.species[0].element for site in phase.structure.sites if site.u_aniso is None})
        if len(own) < 2 or seen.share < 2.0 * MAJOR or not any(name in progress.free for name in own):
            continue
        if seen.lines >= LINES_PER_DISPLACEMENT * len(own):
            names += own
            ties += [(name,) for name in own]
        elif len(elements) > 1 and seen.lines >= LINES_PER_DISPLACEMENT * len(elements):
            names += own
            ties += [_of_element(phase, element) for element in elements]
    if not names:
        return None
    return Proposal(
        "displacements of sites",
        "there are four clear lines and more for each displacement",
        tuple(names),
        tuple(ties),
    )


def _of_element(phase: Phase, element: str) -> tuple[str, ...]:
    return tuple(
        f"{phase.name}.{site.label}.u_iso"
        for site in phase.structure.sites
        if site.u_aniso is None and site.species[0].element == element
    )


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


def _textures(model: RefinementModel) -> tuple[Planner, ...]:
    return tuple(texture(i) for i in range(len(model.phases)))


def _laboratory(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, size_and_strain, asymmetry, *_textures(model),
        overall_displacement, gaussian_widths, more_background, positions, site_displacements,
    )  # fmt: skip


def _synchrotron(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, size_and_strain, asymmetry, overall_displacement,
        gaussian_widths, more_background, positions, site_displacements, *_textures(model),
    )  # fmt: skip


def _neutron(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, gaussian_widths, size_and_strain, asymmetry,
        overall_displacement, more_background, positions, site_displacements, *_textures(model),
    )  # fmt: skip


def _tof(model: RefinementModel) -> tuple[Planner, ...]:  # noqa: ARG001 as of the other kinds
    return (
        scale_and_background, cell_and_shift, own_cells, size_and_strain, overall_displacement, more_background,
        positions, site_displacements,
    )  # fmt: skip


# The orders of steps: a preset's name gives the steps for a model.
PLANS: dict[str, Callable[[RefinementModel], tuple[Planner, ...]]] = {
    "laboratory": _laboratory,
    "synchrotron": _synchrotron,
    "neutron": _neutron,
    "tof": _tof,
}
