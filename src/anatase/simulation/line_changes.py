"""How the lines of one phase change with every parameter: instrument, scale, sample, cell and atoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Attribute, Lines
from anatase.scattering.structure_factor_gradient import f_squared_gradient
from anatase.simulation.atom_parameters import atom_derivatives, tensor_stretch
from anatase.simulation.faults import fault_widths_by_cell
from anatase.simulation.line_intensity import cosine_slopes
from anatase.simulation.powder_lines import (
    Beam,
    ListedReflections,
    PhaseReflections,
    drawn_lines,
    listed_reflections,
    phase_lines,
)
from anatase.simulation.sample import Sample

__all__ = ["Change", "LineChanges", "atomic_changes", "line_changes", "optical_changes", "reciprocal_rates"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """∂attribute/∂parameter of every line, (m,), for k parameters: ``values`` (k, m)."""

    names: tuple[str, ...]
    attribute: Attribute
    values: Array


@dataclass(frozen=True)
class LineChanges:
    """Lines (m,), their changes, and ∂(position, gauss, lorentz, ln area)/∂(1/d²) (4, m); what they came from."""

    lines: Lines
    changes: list[Change]
    by_reciprocal: Array
    found: PhaseReflections


def line_changes(structure: Structure, beam: Beam, sample: Sample, scale: float) -> LineChanges:
    """Return the lines of a phase with their changes by every parameter (``atomic_changes``)."""
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    slopes = reciprocal_metric_slopes(structure.lattice, rates)
    listed = listed_reflections(structure, beam, sample)
    return atomic_changes(structure, beam, sample, scale, listed, (names, slopes))


def atomic_changes(
    structure: Structure,
    beam: Beam,
    sample: Sample,
    scale: float,
    listed: ListedReflections,
    cell: tuple[tuple[str, ...], Array],
    block: float = 0.0,
) -> LineChanges:
    """Return the lines of listed reflections with their changes by every parameter.

    The cell moves the Bragg angles and with them shift, width, Lorentz-polarization factor, absorption and asymmetry;
    it changes |F|² at fixed fractional coordinates, and the angles to the axes of texture and size. ``cell``: the
    names (c) of the free cell parameters and the slopes (c, 3, 3) of the reciprocal metric. ``block`` (Å): the edge of
    perfect blocks, for primary extinction.
    """
    names, slopes = cell
    gradient = f_squared_gradient(structure, listed[0], beam.model, beam.u_default, listed[2])
    found = phase_lines(structure, beam, sample, listed, gradient.f_squared, slopes, block)
    optical = optical_changes(structure, beam, sample, scale, found, cell)
    index, changes, chain = found.placed.reflection, list(optical.changes), optical.by_reciprocal
    per_square = scale * found.per_square
    extinction = found.extinction
    if extinction is not None:
        per_square *= extinction.value * extinction.by_square
    if any(site.u_aniso is not None for site in structure.sites):
        rest = tensor_stretch(structure, gradient.u_aniso, slopes)
        changes.append(Change(names, "area", per_square * rest[:, index]))
    labels, by_atom = atom_derivatives(structure, gradient.xyz, gradient.u_iso, gradient.occupancy, gradient.u_aniso)
    by_atom = by_atom.take(index, axis=1)
    by_atom *= per_square
    changes.append(Change(labels, "area", by_atom))
    lit = found.f_squared > 0.0  # where |F|² is zero it is at its least, and so is every derivative
    along = np.divide(gradient.by_reciprocal, found.f_squared, out=np.zeros(len(lit)), where=lit)[index]
    chain[3] += along if extinction is None else along * extinction.by_square
    return LineChanges(optical.lines, changes, chain, found)


def optical_changes(
    structure: Structure,
    beam: Beam,
    sample: Sample,
    scale: float,
    found: PhaseReflections,
    cell: tuple[tuple[str, ...], Array],
) -> LineChanges:
    """Return the lines of a phase with their changes by every parameter at constant |F|².

    ``cell``: the names (c) of the free cell parameters and the slopes (c, 3, 3) of the reciprocal metric.
    """
    lines, index = drawn_lines(found, beam.instrument, scale), found.placed.reflection
    extinction = found.extinction
    by_scale = found.per_square * found.f_squared[index]
    if extinction is not None:
        by_scale *= extinction.value
    changes = [Change(("scale",), "area", by_scale[None])]
    changes += [Change(parameters, "position", shift.by_parameter) for parameters, shift in found.shifts]
    changes += [Change(names, attribute, values) for names, attribute, values in found.widths.by_parameter]
    for factor in found.angle_factors:
        if factor.by_parameter is not None:
            changes.append(Change(factor.names, "area", lines.area * factor.by_parameter))
    for factor in found.texture_factors:
        if factor.by_parameter is not None and factor.by_cell is not None:
            changes.append(Change(factor.names, "area", lines.area * factor.by_parameter[:, index]))
            changes.append(Change(cell[0], "area", lines.area * factor.by_cell[:, index]))
    if extinction is not None:
        changes.append(Change(("extinction",), "area", (lines.area * extinction.by_block)[None]))
        by_volume = extinction.by_cell(structure.lattice.reciprocal_metric, cell[1])
        changes.append(Change(cell[0], "area", lines.area * by_volume))
    changes += _cell_changes(structure, sample, found, *cell)
    return LineChanges(lines, changes, _by_reciprocal(found), found)


def _cell_changes(
    structure: Structure, sample: Sample, found: PhaseReflections, names: tuple[str, ...], slopes: Array
) -> list[Change]:
    """Return what the cell does to 1/d², and to the widths by the angle to the size axis."""
    index = found.placed.reflection
    changes = [Change(names, "reciprocal", reciprocal_rates(found.hkl, slopes)[:, index])]
    if sample.size_across is not None and sample.size_axis is not None:
        axis = np.array([sample.size_axis])
        turned = cosine_slopes(found.hkl, axis, structure.lattice.reciprocal_metric, slopes)[:, index, 0]
        changes.append(Change(names, "gauss", found.widths.by_size_cos2[0] * turned))
        changes.append(Change(names, "lorentz", found.widths.by_size_cos2[1] * turned))
    if found.widths.faults is not None:
        rates, inverse_d2 = changes[0].values, found.placed.inverse_d2
        by_cell = fault_widths_by_cell(structure, found.widths.faults, inverse_d2, rates, slopes)
        changes.append(Change(names, "lorentz", by_cell))
    return changes


def reciprocal_rates(hkl: Indices, slopes: Array) -> Array:
    """Return ∂(1/d²)/∂p (c, n) of reflections (n, 3) for slopes ∂G*/∂p (c, 3, 3)."""
    h = hkl.astype(np.float64)
    pairs = np.concatenate([h * h, 2.0 * h * h[:, [1, 2, 0]]], axis=1)
    return np.asarray(slopes.reshape(-1, 9)[:, [0, 4, 8, 1, 5, 6]] @ pairs.T)


def _by_reciprocal(found: PhaseReflections) -> Array:
    """Return ∂(position, gauss, lorentz, ln area)/∂(1/d²) (4, m)."""
    chain = np.zeros((4, found.placed.two_theta.size))
    chain[0] = 1.0
    for _, shift in found.shifts:
        chain[0] += shift.by_two_theta
    chain[1:3] = found.widths.by_two_theta
    for factor in found.angle_factors:
        if factor.by_two_theta is not None:
            chain[3] += factor.by_two_theta
    if found.extinction is not None:
        chain[3] += found.extinction.by_two_theta
    chain *= found.placed.by_reciprocal
    chain[1:3] += found.widths.by_reciprocal
    return chain
