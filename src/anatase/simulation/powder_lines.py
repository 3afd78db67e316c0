"""The lines of one phase as the instrument sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Lines
from anatase.pattern.line_shift import LineShift
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.scattering.unique_hkl import unique_rows
from anatase.simulation.faults import FAULTS, fault_shift
from anatase.simulation.instrument import Instrument
from anatase.simulation.last_line import BACKSCATTERING, describable_angles, last_sine
from anatase.simulation.line_extinction import LineExtinction, line_extinction
from anatase.simulation.line_intensity import Factor, angle_factors, texture_factors
from anatase.simulation.line_shifts import instrument_shifts, largest_shift
from anatase.simulation.line_widths import Widths, line_widths
from anatase.simulation.sample import Sample

__all__ = [
    "Beam",
    "ListedReflections",
    "PhaseReflections",
    "PlacedLines",
    "drawn_lines",
    "listed_reflections",
    "phase_lines",
    "phase_reflections",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
ListedReflections = tuple[Indices, Indices, Array]  # hkl (n, 3), multiplicity (n,), 1/d² (n,)
LEAST_EXIT = 1e-3  # degrees between the plate and a beam that leaves it


@dataclass(frozen=True)
class Beam:
    """What falls on the sample and where it is looked for: radiation, instrument, range (°2θ), tables of scattering."""

    radiation: Radiation
    instrument: Instrument
    low: float
    high: float
    model: ScatteringModel
    u_default: float = 0.0


@dataclass(frozen=True)
class PlacedLines:
    """Lines that count: which reflection each is of (m,), λ and Δλ/λ, weight, 1/d², 2θ and ∂2θ/∂(1/d²)."""

    reflection: Indices
    wavelength: Array
    relative_width: Array | None
    weight: Array
    inverse_d2: Array
    two_theta: Array
    by_reciprocal: Array


@dataclass(frozen=True)
class PhaseReflections:
    """Reflections (n) of a phase and its lines (m): what places, widens and scales them.

    ``per_square`` (m,) is the area of each line per unit of |F|² at scale 1 but for extinction.
    """

    hkl: Indices
    inverse_d2: Array
    f_squared: Array
    placed: PlacedLines
    widths: Widths
    shifts: list[tuple[tuple[str, ...], LineShift]]
    angle_factors: list[Factor]
    texture_factors: list[Factor]
    per_square: Array
    extinction: LineExtinction | None = None


def _place(inverse_d2: Array, beam: Beam, sample: Sample) -> PlacedLines:
    """Place reflections of 1/d² (n,) after Bragg, for each wavelength, and keep those that the instrument can see."""
    spectrum, instrument = np.array(beam.radiation.lines), beam.instrument
    wavelength, weight = spectrum[:, :1], spectrum[:, 1] / spectrum[:, 1].sum()
    sine = 0.5 * wavelength * np.sqrt(inverse_d2)
    which, reflection = np.nonzero(sine <= BACKSCATTERING)
    angle = np.degrees(2.0 * np.arcsin(sine[which, reflection]))
    p, q = sample.roughness or (0.0, 0.0)
    pitschke = (p, q) if sample.roughness_model == "pitschke" else None
    first, last = describable_angles(instrument, beam.low, beam.high, pitschke)
    if instrument.incidence is not None:
        first = max(first, instrument.incidence + LEAST_EXIT)
    if angle.size and (angle.min() <= first + largest_shift(instrument) or angle.max() >= last):
        # a line may be shifted to the other side of the beam
        shifted = angle + sum(shift.value for _, shift in instrument_shifts(angle, instrument))
        seen = (angle > first) & (angle < last) & (shifted > 0.0)
        which, reflection, angle = which[seen], reflection[seen], angle[seen]
    sine, of_line = sine[which, reflection], wavelength[which, 0]
    cosine = np.sqrt(1.0 - sine * sine)
    widths = beam.radiation.line_widths
    relative = (np.array(widths) / wavelength[:, 0])[which] if widths else None
    slope = np.degrees(of_line**2 / (4.0 * sine * cosine))
    return PlacedLines(reflection, of_line, relative, weight[which], inverse_d2[reflection], angle, slope)


def listed_reflections(structure: Structure, beam: Beam, sample: Sample) -> ListedReflections:
    """Return hkl (n, 3), multiplicity (n,) and 1/d² (n,) of the reflections whose lines count (``last_line``)."""
    shortest = min(wavelength for wavelength, _ in beam.radiation.lines)
    top = last_sine(structure, beam.radiation, beam.instrument, beam.high, sample)
    return unique_rows(structure.lattice, structure.space_group, shortest / (2.0 * top), np.inf)


def phase_lines(
    structure: Structure,
    beam: Beam,
    sample: Sample,
    listed: ListedReflections,
    squared: Array,
    slopes: Array | None = None,
    block: float = 0.0,
) -> PhaseReflections:
    """Return the lines of listed reflections of |F|² (n,), with all that the derivatives need.

    ``slopes`` (c, 3, 3): ∂G*/∂p of the free cell parameters, ``None`` where no derivatives are asked for. ``block``
    (Å): the edge of perfect blocks, for primary extinction.
    """
    hkl, multiplicity, inverse_d2 = listed
    placed = _place(inverse_d2, beam, sample)
    index = placed.reflection
    optics = (placed.two_theta, placed.wavelength, placed.relative_width, placed.inverse_d2)
    derived = slopes is not None
    widths = line_widths(*optics, hkl[index], structure, beam.instrument, sample, derived=derived)
    textures = texture_factors(hkl, structure, beam.instrument, sample, slopes)
    angles = angle_factors(placed.two_theta, beam.radiation, beam.instrument, sample, derived=derived)
    per_square = placed.weight * multiplicity[index]
    for factor in angles:
        per_square *= factor.value
    for factor in textures:
        per_square *= factor.value[index]
    shifted = derived or largest_shift(beam.instrument) > 0.0
    shifts = instrument_shifts(placed.two_theta, beam.instrument) if shifted else []
    if sample.has_faults:
        shifts.append((FAULTS, fault_shift(placed.two_theta, hkl[index], structure, sample)))
    extinction = None
    if block != 0.0:
        at, volume = (placed.wavelength, placed.two_theta), structure.lattice.volume
        extinction = line_extinction(block, squared[index], *at, volume, beam.radiation.probe)
    return PhaseReflections(hkl, inverse_d2, squared, placed, widths, shifts, angles, textures, per_square, extinction)


def phase_reflections(structure: Structure, beam: Beam, sample: Sample) -> PhaseReflections:
    """Return the reflections and lines of a phase."""
    listed = listed_reflections(structure, beam, sample)
    squared = f_squared_of_rows(structure, listed[0], listed[2], beam.model, beam.u_default)
    return phase_lines(structure, beam, sample, listed, squared)


def drawn_lines(found: PhaseReflections, instrument: Instrument, scale: float) -> Lines:
    """Return the lines with area = scale · m |F|² · LP · texture · absorption · extinction · weight of λ."""
    position = found.placed.two_theta.copy()
    for _, shift in found.shifts:
        position += shift.value
    area = scale * found.per_square * found.f_squared[found.placed.reflection]
    if found.extinction is not None:
        area *= found.extinction.value
    return Lines(position, found.widths.gauss, found.widths.lorentz, area, instrument.s_over_l, instrument.h_over_l)
