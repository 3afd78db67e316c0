"""Stacking faults of a close-packed metal in a simulation: where they move its lines and how they widen them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.line_shift import LineShift
from anatase.pattern.line_width import Broadening
from anatase.pattern.stacking_faults import FaultEffects, fcc_fault_effects, hcp_fault_effects
from anatase.simulation.sample import Sample

__all__ = ["FAULTS", "fault_broadening", "fault_shift", "fault_widths_by_cell", "widest_by_faults"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

FAULTS = ("deformation_faults", "twin_faults")
CUBIC, HEXAGONAL = 225, 194
ON_SITE = 1e-3  # fractional coordinates; CIFs write 0.3333


def _packing(structure: Structure) -> int:
    """Return 225 for a face-centred cubic metal, 194 for a hexagonal close-packed one; refuse all others."""
    number = structure.space_group.number
    if len(structure.sites) == 1 and number in (CUBIC, HEXAGONAL):
        x, y, z = (coordinate % 1.0 for coordinate in structure.sites[0].xyz)
        ideal = [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)]
        if number == HEXAGONAL:
            ideal = [(a, 1.0 - a, c) for a in (1.0 / 3.0, 2.0 / 3.0) for c in (0.25, 0.75)]
        for place in ideal:
            gaps = np.array([x, y, z]) - place
            if np.abs(gaps - np.round(gaps)).max() < ON_SITE:
                return number
    raise InputError(
        f"stacking faults are set for '{structure.name or structure.formula}' in {structure.space_group.symbol} with "
        f"{len(structure.sites)} sites",
        "give a metal in Fm-3m (225) with one site at 0,0,0 or in P63/mmc (194) with one at 1/3,2/3,1/4, or no faults",
    )


def _effects(structure: Structure, hkl: Indices, sample: Sample) -> FaultEffects:
    lattice, faults = structure.lattice, (sample.deformation_faults, sample.twin_faults)
    if _packing(structure) == CUBIC:
        return fcc_fault_effects(hkl, lattice.a, *faults)
    return hcp_fault_effects(hkl, lattice.a, lattice.c, *faults)


def fault_shift(two_theta: Array, hkl: Indices, structure: Structure, sample: Sample) -> LineShift:
    """Return how far faults move lines hkl (m, 3) at 2θ (m,): 2 tan θ Δs/s, with derivatives by both faults.

    Raises
    ------
    InputError
        When the structure is not a close-packed metal.
    PhysicsError
        When so many faults leave no such stacking.
    """
    effects = _effects(structure, hkl, sample)
    half = np.radians(two_theta) / 2.0
    by_two_theta = effects.relative_shift / np.cos(half) ** 2
    unit = np.degrees(2.0 * np.tan(half))
    return LineShift(effects.shift(two_theta), by_two_theta, effects.relative_shift_by_fault * unit)


def fault_broadening(
    two_theta: Array, wavelength: Array, hkl: Indices, structure: Structure, sample: Sample
) -> Broadening:
    """Return the Lorentzian FWHM = λ/(π D cos θ) (°) of lines hkl (m, 3), with derivatives by both faults."""
    effects = _effects(structure, hkl, sample)
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(wavelength / (np.pi * np.cos(half)))
    fwhm = unit * effects.inverse_size
    return Broadening(fwhm, np.radians(0.5) * np.tan(half) * fwhm, unit * effects.inverse_size_by_fault)


def fault_widths_by_cell(structure: Structure, fwhm: Array, inverse_d2: Array, by_cell: Array, slopes: Array) -> Array:
    """Return the derivatives (c, m) of the FWHM (m,) by faults at constant 2θ, by the parameters of the cell.

    1/D is in proportion to 1/a of a cubic, and to d/c² of a hexagonal metal. ``by_cell`` (c, m): ∂(1/d²)/∂p of the
    lines; ``slopes`` (c, 3, 3): ∂G*/∂p.
    """
    metric = structure.lattice.reciprocal_metric
    if _packing(structure) == CUBIC:
        return np.outer(0.5 * slopes[:, 0, 0] / metric[0, 0], fwhm)
    relative = slopes[:, 2, 2, None] / metric[2, 2] - 0.5 * by_cell / inverse_d2
    return np.asarray(relative * fwhm)


def widest_by_faults(two_theta: float, wavelength: float, structure: Structure, sample: Sample) -> float:
    """Return the largest FWHM (°) that faults can give to a line at 2θ (°)."""
    # of cubic metals 200, of hexagonal ones lines next to 00l of either parity
    steep = np.array([[2, 0, 0]] if _packing(structure) == CUBIC else [[1, 0, 98], [1, 0, 99]])
    inverse_size = float(_effects(structure, steep, sample).inverse_size.max())
    return float(np.degrees(wavelength * inverse_size / (np.pi * np.cos(np.radians(two_theta) / 2.0))))
