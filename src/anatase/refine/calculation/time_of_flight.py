"""One phase in one time-of-flight histogram: its lines, and how the pattern follows its parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.draw_tof_lines import TofLines, TofSensitivity, draw_tof_lines, draw_tof_lines_with_derivatives
from anatase.refine.calculation.lattice_strain import strained_structure
from anatase.refine.calculation.row_targets import RowTargets, row_targets
from anatase.refine.model import Histogram, Phase, PhasePart, TimeOfFlight
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.simulation.powder_lines import ListedReflections
from anatase.simulation.time_of_flight import TofPhase, TofSettings, tof_phase, tof_reflections
from anatase.simulation.tof_line_changes import TofLineChanges, atomic_tof_changes, optical_tof_changes

__all__ = ["listed_tof_lines", "placed_tof_lines", "tof_phase_curve", "tof_phase_derivatives"]

Array = NDArray[np.float64]

TAIL = 1e-3  # share of a line's area beyond which it is not looked for in a pattern
FLOOR = 1e-4  # of the least s.u. of a point: intensity below which tails may be left out


def _settings(histogram: Histogram) -> TofSettings:
    beam, x = histogram.beam, histogram.pattern.x
    if not isinstance(beam, TimeOfFlight):
        raise InputError(f"{histogram.name} is of constant wavelength", "give a time-of-flight pattern")
    spectrum = np.asarray(beam.spectrum, dtype=np.float64)
    return TofSettings(beam.bank, beam.profile, x, spectrum, np.zeros(()), TAIL, beam.scattering, 0.0)


def listed_tof_lines(histogram: Histogram, phase: Phase, part: PhasePart) -> ListedReflections:
    """Return hkl (n, 3), multiplicity (n,) and 1/d² (n,) of the reflections of a phase that count in a histogram."""
    structure = strained_structure(phase.structure, part.lattice_strain)
    if part.reflections is not None:
        hkl = part.reflections.hkl
        return hkl, part.reflections.multiplicity, structure.lattice.inverse_d_squared(hkl)
    return tof_reflections(structure, part.sample, _settings(histogram))


def _floor(histogram: Histogram, settings: TofSettings, lines: TofLines) -> Array:
    """Return the intensity (n,) before the spectrum below which tails of lines may be left out."""
    lit = np.broadcast_to(settings.spectrum, settings.points.shape)
    least = FLOOR * float(histogram.pattern.sigma.min())
    return np.asarray(least / np.maximum(np.interp(lines.position, settings.points, lit), 1e-300))


def _kept(structure: Structure, listed: ListedReflections) -> ListedReflections:
    """Return listed reflections with 1/d² (n,) of the present cell."""
    return listed[0], listed[1], structure.lattice.inverse_d_squared(listed[0])


def _squared(structure: Structure, part: PhasePart, kept: ListedReflections, settings: TofSettings) -> Array:
    if part.reflections is not None:
        return part.reflections.f_squared
    return f_squared_of_rows(structure, kept[0], kept[2], settings.model, settings.u_default)


def placed_tof_lines(
    histogram: Histogram, phase: Phase, part: PhasePart, listed: ListedReflections | None = None
) -> tuple[ListedReflections, TofPhase]:
    """Return the reflections of a phase with 1/d² of the present cell, and their lines."""
    structure, settings = strained_structure(phase.structure, part.lattice_strain), _settings(histogram)
    kept = _kept(structure, listed_tof_lines(histogram, phase, part) if listed is None else listed)
    squared = _squared(structure, part, kept, settings)
    return kept, tof_phase(structure, part.sample, settings, part.scale, kept, squared, block=part.extinction)


def tof_phase_curve(
    histogram: Histogram, phase: Phase, part: PhasePart, listed: ListedReflections | None = None
) -> Array:
    """Return the part (n,) of a phase in the pattern."""
    settings, found = _settings(histogram), placed_tof_lines(histogram, phase, part, listed)[1]
    floor = _floor(histogram, settings, found.lines)
    return np.asarray(settings.spectrum * draw_tof_lines(settings.points, found.lines, floor=floor))


def _changes(
    settings: TofSettings, structure: Structure, part: PhasePart, targets: RowTargets, kept: ListedReflections
) -> TofLineChanges:
    """Return the lines of a phase with their changes by the parameters that are asked for, and perhaps others."""
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    cell = (names, reciprocal_metric_slopes(structure.lattice, rates))
    lines = (structure, part.sample, settings)
    if part.reflections is None and (targets.of_atoms or targets.any_of(CELL_NAMES)):
        return atomic_tof_changes(*lines, part.scale, kept, cell, part.extinction)
    squared = _squared(structure, part, kept, settings)
    return optical_tof_changes(*lines, tof_phase(*lines, part.scale, kept, squared, cell[1], part.extinction), cell)


def tof_phase_derivatives(
    histogram: Histogram,
    phase: Phase,
    part: PhasePart,
    rows: Mapping[str, int],
    jacobian: Array,
    listed: ListedReflections | None = None,
) -> Array:
    """Return the part (n,) of a phase in the pattern, and add its derivatives to the rows of the Jacobian (k, n)."""
    structure, settings = strained_structure(phase.structure, part.lattice_strain), _settings(histogram)
    kept = _kept(structure, listed_tof_lines(histogram, phase, part) if listed is None else listed)
    targets = row_targets(histogram.name, phase, part, rows)
    changed = _changes(settings, structure, part, targets, kept)
    index: dict[str, int] = {}
    parts: list[TofSensitivity] = []
    for change in changed.changes:
        local, values = targets.kept(change, index)
        if local.size:
            parts.append(TofSensitivity(change.attribute, local, values))
    lines = changed.phase.lines
    floor = _floor(histogram, settings, lines)
    y, drawn = draw_tof_lines_with_derivatives(settings.points, lines, parts, len(index), floor=floor)
    targets.add(drawn * settings.spectrum, index, jacobian)
    return np.asarray(settings.spectrum * y)
