"""How the time-of-flight lines of one phase change with every parameter: bank, profile, sample, cell and atoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.pattern.draw_tof_lines import TofAttribute
from anatase.pattern.stephens import stephens_names
from anatase.pattern.tof_profile import shape_columns
from anatase.scattering.structure_factor_gradient import f_squared_gradient
from anatase.simulation.atom_parameters import atom_derivatives, tensor_stretch
from anatase.simulation.line_changes import reciprocal_rates
from anatase.simulation.powder_lines import ListedReflections
from anatase.simulation.sample import Sample
from anatase.simulation.time_of_flight import TofPhase, TofSettings, tof_phase

__all__ = ["TofChange", "TofLineChanges", "atomic_tof_changes", "optical_tof_changes"]

Array = NDArray[np.float64]
Cell = tuple[tuple[str, ...], Array]

SHAPE: tuple[TofAttribute, ...] = ("alpha", "beta", "variance", "gamma")


@dataclass(frozen=True)
class TofChange:
    """∂attribute/∂parameter of every line, (n,), for k parameters: ``values`` (k, n)."""

    names: tuple[str, ...]
    attribute: TofAttribute
    values: Array


@dataclass(frozen=True)
class TofLineChanges:
    """The lines (n,) of a phase and their changes."""

    phase: TofPhase
    changes: list[TofChange]


def atomic_tof_changes(
    structure: Structure,
    sample: Sample,
    settings: TofSettings,
    scale: float,
    listed: ListedReflections,
    cell: Cell,
    block: float = 0.0,
) -> TofLineChanges:
    """Return the lines of listed reflections with their changes by every parameter.

    ``cell``: the names (c) of the free cell parameters and the slopes (c, 3, 3) of the reciprocal metric. ``block``
    (Å): the edge of perfect blocks, for primary extinction.
    """
    names, slopes = cell
    gradient = f_squared_gradient(structure, listed[0], settings.model, settings.u_default, listed[2])
    phase = tof_phase(structure, sample, settings, scale, listed, gradient.f_squared, slopes, block)
    optical = optical_tof_changes(structure, sample, settings, phase, cell)
    per_square = scale * phase.per_square
    if phase.extinction is not None:
        per_square = per_square * phase.extinction.value * phase.extinction.by_square
    by_cell = reciprocal_rates(phase.hkl, slopes) * gradient.by_reciprocal
    if any(site.u_aniso is not None for site in structure.sites):
        by_cell += tensor_stretch(structure, gradient.u_aniso, slopes)
    labels, by_atom = atom_derivatives(structure, gradient.xyz, gradient.u_iso, gradient.occupancy, gradient.u_aniso)
    atoms = [TofChange(names, "area", per_square * by_cell), TofChange(labels, "area", per_square * by_atom)]
    return TofLineChanges(phase, optical.changes + atoms)


def optical_tof_changes(
    structure: Structure, sample: Sample, settings: TofSettings, phase: TofPhase, cell: Cell
) -> TofLineChanges:
    """Return the lines of a phase with their changes by every parameter at constant |F|²."""
    names, slopes = cell
    by_scale = phase.per_square * phase.f_squared
    if phase.extinction is not None:
        by_scale = by_scale * phase.extinction.value
    changes = [TofChange(("scale",), "area", by_scale[None]), *_by_bank(phase, settings, sample)]
    if phase.anisotropic is not None:
        changes.append(TofChange(stephens_names(structure.space_group), "gamma", phase.anisotropic[1]))
    for texture in phase.textures:
        if texture.by_parameter is not None and texture.by_cell is not None:
            changes.append(TofChange(texture.names, "area", phase.lines.area * texture.by_parameter))
            changes.append(TofChange(names, "area", phase.lines.area * texture.by_cell))
    d, area, bank = phase.d_spacing, phase.lines.area, settings.bank
    by_d = [bank.slope(d), 4.0 * area / d, *phase.profile.by_d(d)]
    if phase.extinction is not None:
        changes.append(TofChange(("extinction",), "area", (area * phase.extinction.by_block)[None]))
        by_volume = phase.extinction.by_cell(structure.lattice.reciprocal_metric, slopes)
        changes.append(TofChange(names, "area", area * by_volume))
        by_d[1] = by_d[1] + 2.0 * area * phase.extinction.by_argument / d  # x follows λ² = (2 d sin θ)²
    if phase.absorption is not None:
        factor, by_mu_r, by_wavelength = phase.absorption
        changes.append(TofChange(("absorption",), "area", (area * by_mu_r / factor)[None]))
        by_d[1] = by_d[1] + area * by_wavelength / factor * bank.wavelength(1.0)  # λ is in proportion to d
    if phase.anisotropic is not None:
        by_d[5] = by_d[5] + 3.0 * phase.anisotropic[0] / d
    moved = -0.5 * d**3 * reciprocal_rates(phase.hkl, slopes)
    attributes: tuple[TofAttribute, ...] = ("position", "area", *SHAPE)
    changes += [TofChange(names, attribute, moved * change) for attribute, change in zip(attributes, by_d, strict=True)]
    return TofLineChanges(phase, changes)


def _by_bank(phase: TofPhase, settings: TofSettings, sample: Sample) -> list[TofChange]:
    """Return what bank, profile, strain and size do to attributes of lines."""
    d, difc, k = phase.d_spacing, settings.bank.difc, sample.shape_factor
    by_difc = 2.0 * sample.strain * d  # the instrument's γ follows difc through strain and size
    if sample.size is not None:
        by_difc = by_difc + k * d * d / sample.size
    if phase.anisotropic is not None:
        by_difc = by_difc + phase.anisotropic[0] / difc
    bank = ("difc", "difa", "difb", "zero")
    changes = [
        TofChange(bank, "position", np.stack([d, d * d, 1.0 / d, np.ones_like(d)])),
        TofChange(("difc",), "gamma", by_difc[None]),
    ]
    given = settings.profile
    coefficients = (given.alpha, given.beta, given.variance, given.gamma)
    for attribute, values, columns in zip(SHAPE, coefficients, shape_columns(d), strict=True):
        labels = tuple(f"{attribute}_{i}" for i in range(len(values)))
        changes.append(TofChange(labels, attribute, columns[: len(values)]))
    changes.append(TofChange(("strain",), "gamma", 2.0 * difc * d[None]))
    if sample.size is not None:
        changes.append(TofChange(("size",), "gamma", -k * difc * d[None] ** 2 / sample.size**2))
    return changes
