"""One phase in one histogram at constant wavelength: its lines, and how the pattern follows its parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.draw_lines import Sensitivity, draw_lines, draw_lines_with_derivatives
from anatase.refine.calculation.lattice_strain import strained_structure
from anatase.refine.calculation.row_targets import RowTargets, row_targets
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.simulation.line_changes import LineChanges, atomic_changes, optical_changes
from anatase.simulation.powder_lines import (
    Beam,
    ListedReflections,
    PhaseReflections,
    drawn_lines,
    listed_reflections,
    phase_lines,
)
from anatase.simulation.wavelength_changes import wavelength_changes

__all__ = ["beam_of", "listed_lines", "phase_curve", "phase_derivatives", "placed_lines"]

Array = NDArray[np.float64]

FLOOR = 1e-4  # of the least s.u. of a point: intensity below which tails may be left out


def beam_of(histogram: Histogram) -> Beam:
    """Return radiation, instrument and range of a histogram at constant wavelength, as the lines need them."""
    beam, x = histogram.beam, histogram.pattern.x
    if not isinstance(beam, ConstantWavelength):
        raise InputError(f"{histogram.name} is of time of flight", "give a pattern at constant wavelength")
    return Beam(beam.radiation, beam.instrument, float(x[0]), float(x[-1]), beam.scattering)


def listed_lines(histogram: Histogram, phase: Phase, part: PhasePart) -> ListedReflections:
    """Return hkl (n, 3), multiplicity (n,) and 1/d² (n,) of the reflections of a phase that count in a histogram."""
    structure = strained_structure(phase.structure, part.lattice_strain)
    if part.reflections is not None:
        hkl = part.reflections.hkl
        return hkl, part.reflections.multiplicity, structure.lattice.inverse_d_squared(hkl)
    return listed_reflections(structure, beam_of(histogram), part.sample)


def _floor(histogram: Histogram) -> float:
    return FLOOR * float(histogram.pattern.sigma.min())


def _now(structure: Structure, listed: ListedReflections) -> ListedReflections:
    """Return listed reflections with 1/d² (n,) of the present cell."""
    return listed[0], listed[1], structure.lattice.inverse_d_squared(listed[0])


def placed_lines(
    histogram: Histogram, phase: Phase, part: PhasePart, listed: ListedReflections | None = None
) -> tuple[ListedReflections, PhaseReflections]:
    """Return the reflections of a phase with 1/d² of the present cell, and their lines."""
    structure, beam = strained_structure(phase.structure, part.lattice_strain), beam_of(histogram)
    kept = _now(structure, listed_lines(histogram, phase, part) if listed is None else listed)
    if part.reflections is None:
        squared = f_squared_of_rows(structure, kept[0], kept[2], beam.model, beam.u_default)
    else:
        squared = part.reflections.f_squared
    return kept, phase_lines(structure, beam, part.sample, kept, squared, block=part.extinction)


def phase_curve(histogram: Histogram, phase: Phase, part: PhasePart, listed: ListedReflections | None = None) -> Array:
    """Return the part (n,) of a phase in the pattern."""
    found = placed_lines(histogram, phase, part, listed)[1]
    lines = drawn_lines(found, beam_of(histogram).instrument, part.scale)
    return draw_lines(histogram.pattern.x, lines, _floor(histogram))


def _changes(
    histogram: Histogram, phase: Phase, part: PhasePart, targets: RowTargets, listed: ListedReflections | None
) -> LineChanges:
    """Return the lines of a phase with their changes by the parameters that are asked for, and perhaps others."""
    structure, beam = strained_structure(phase.structure, part.lattice_strain), beam_of(histogram)
    kept = _now(structure, listed_lines(histogram, phase, part) if listed is None else listed)
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    cell = (names, reciprocal_metric_slopes(structure.lattice, rates))
    lines = (structure, beam, part.sample)
    if part.reflections is None and (targets.of_atoms or targets.any_of(CELL_NAMES)):
        changed = atomic_changes(*lines, part.scale, kept, cell, part.extinction)
    else:
        if part.reflections is None:
            squared = f_squared_of_rows(structure, kept[0], kept[2], beam.model, beam.u_default)
        else:
            squared = part.reflections.f_squared
        found = phase_lines(*lines, kept, squared, cell[1], part.extinction)
        changed = optical_changes(*lines, part.scale, found, cell)
    if "wavelength" in targets:
        changed.changes.extend(wavelength_changes(changed, part.sample, beam.radiation.wavelength))
    return changed


def phase_derivatives(
    histogram: Histogram,
    phase: Phase,
    part: PhasePart,
    rows: Mapping[str, int],
    jacobian: Array,
    listed: ListedReflections | None = None,
) -> Array:
    """Return the part (n,) of a phase in the pattern, and add its derivatives to the rows of the Jacobian (k, n)."""
    targets = row_targets(histogram.name, phase, part, rows)
    changed = _changes(histogram, phase, part, targets, listed)
    index: dict[str, int] = {}
    parts: list[Sensitivity] = []
    for change in changed.changes:
        local, values = targets.kept(change, index)
        if local.size:
            parts.append(Sensitivity(change.attribute, local, values))
    divergence = [-1, -1]
    if changed.lines.s_over_l > 0.0:
        for i, name in enumerate(("s_over_l", "h_over_l")):
            if name in targets:
                divergence[i] = index.setdefault(name, len(index))
    y, drawn = draw_lines_with_derivatives(
        histogram.pattern.x, changed.lines, parts, len(index), changed.by_reciprocal, (divergence[0], divergence[1]),
        _floor(histogram),
    )  # fmt: skip
    targets.add(drawn, index, jacobian)
    return y
