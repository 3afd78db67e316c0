"""How far beyond the end of a pattern lines still count: their shifts, and the reach of their tails.

All lines below the range count. Of those above, the ones whose tails matter: a Lorentzian tail falls as
Γ/(2π D²) of the line's area at a distance D, so that lines beyond a reach R, dense as they are there, add
Γ/(2π R) of their mean intensity to the last point. R = 100 Γ makes that 1.6·10⁻³, and 2.5·10⁻⁵ of its own height for
each line. Where a crystal has few lines, the intensity between them is nothing but tails, and a share of the mean
says little: as many reflections as are quickly summed count whatever their distance, up to backscattering.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.pattern.line_width import caglioti, lorentz_instrument
from anatase.pattern.stephens import quartic_columns
from anatase.scattering.radiation import Radiation
from anatase.simulation.faults import fault_shift, widest_by_faults
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_shifts import largest_shift
from anatase.simulation.line_widths import widths_without_hkl
from anatase.simulation.sample import Sample

__all__ = ["BACKSCATTERING", "describable_angles", "last_sine"]

Array = NDArray[np.float64]

BACKSCATTERING = 0.9998  # sin θ beyond which Lorentz factor and width have no bounds
TAIL_REACH = 100.0  # Lorentzian FWHM
GAUSS_REACH = 4.0  # FWHM
LEAST_REACH = 2.0  # degrees
QUICKLY_SUMMED = 300.0  # reflections that count whatever their distance, roughly
LAST_WIDTH = 175.0  # degrees; widths grow without bounds from there on
DIRECTIONS = np.array(
    [(h, k, l) for h in range(3) for k in range(-2, 3) for l in range(-2, 3) if (h, k, l) > (0, 0, 0)]
)


@lru_cache(maxsize=256)
def describable_angles(
    instrument: Instrument, low: float, high: float, pitschke: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return the ends (°2θ) of the angles about a range that an instrument's formulas describe.

    U, V, W, X, Y, Z are found within a range; beyond it they may give negative widths, and p and q of Pitschke's
    roughness negative intensities. Lines there do not count. Within the range they are refused with the widths.
    """
    angles = np.arange(0.25, 180.0, 0.25)
    uvw = (instrument.gauss_u, instrument.gauss_v, instrument.gauss_w)
    xyz = (instrument.lorentz_x, instrument.lorentz_y, instrument.lorentz_z)
    real = (caglioti(angles, *uvw).value >= 0.0) & (lorentz_instrument(angles, *xyz).value >= 0.0)
    if pitschke is not None:
        p, q = pitschke
        inverse = 1.0 / np.sin(np.radians(0.5 * angles))
        real &= p * (inverse - q * inverse**2) < 1.0
    first, last = angles[~real & (angles < low)], angles[~real & (angles > high)]
    return (float(first[-1]) if first.size else 0.0, float(last[0]) if last.size else 180.0)


@lru_cache(maxsize=256)
def _isotropic_reach(
    instrument: Instrument, wavelength: float, relative_width: float, at: float, sample: Sample
) -> float:
    """Return how far beyond an angle lines count (°), their shift left aside, from widths that know no hkl."""
    gauss, lorentz = widths_without_hkl(at, wavelength, relative_width, instrument, sample)
    return max(LEAST_REACH, GAUSS_REACH * (gauss + lorentz), TAIL_REACH * lorentz)


def last_sine(structure: Structure, radiation: Radiation, instrument: Instrument, high: float, sample: Sample) -> float:
    """Return sin θ of the last lines that count in a pattern that ends at ``high`` (°2θ)."""
    wavelength = max(wavelength for wavelength, _ in radiation.lines)
    relative = max(radiation.line_widths, default=0.0) / wavelength
    sizes = [size for size in (sample.size, sample.size_across) if size is not None]
    broad = Sample(
        min(sizes, default=None),
        size_gauss_share=sample.size_gauss_share,
        shape_factor=sample.shape_factor,
        strain=sample.strain,
        strain_gauss_share=sample.strain_gauss_share,
    )
    at, shift = min(high, LAST_WIDTH), largest_shift(instrument)
    reach = _isotropic_reach(instrument, wavelength, relative, at, broad)
    if sample.stephens:
        reach += TAIL_REACH * _widest_by_strain(at, structure, sample)
    if sample.has_faults:
        moved = fault_shift(np.full(len(DIRECTIONS), at), DIRECTIONS, structure, sample).value
        reach += TAIL_REACH * widest_by_faults(at, wavelength, structure, sample)
        shift += float(np.abs(moved).max())
    # in steps of half an octave, so that refining widths seldom changes which lines count
    last = high + 2.0 ** (0.5 * np.ceil(2.0 * np.log2(reach))) + shift
    if last >= 180.0:
        return BACKSCATTERING
    return min(max(float(np.sin(np.radians(0.5 * last))), _free_sine(structure, wavelength)), BACKSCATTERING)


def _free_sine(structure: Structure, wavelength: float) -> float:
    """Return sin θ below which a crystal has about as many independent reflections as are quickly summed.

    A sphere of 1/d holds 4π V/(3 n d³) lattice points that centring of n points per cell leaves, of which operations
    and Friedel's law make one of as many as the Laue class has.
    """
    group = structure.space_group
    per_orbit = group.order * (1.0 if group.is_centrosymmetric else 2.0)
    radius = (QUICKLY_SUMMED * 3.0 * per_orbit / (4.0 * np.pi * structure.lattice.volume)) ** (1.0 / 3.0)
    return float(0.5 * wavelength * radius)


def _widest_by_strain(two_theta: float, structure: Structure, sample: Sample) -> float:
    """Return the largest FWHM (°) that anisotropic strain gives to lines of low indices moved to 2θ (°)."""
    columns = quartic_columns(DIRECTIONS, structure.space_group)
    if columns.shape[1] != len(sample.stephens):
        return 0.0  # refused with the widths
    variance = np.maximum(columns @ np.array(sample.stephens), 0.0)
    relative = np.sqrt(variance) / structure.lattice.inverse_d_squared(DIRECTIONS)
    return float(np.degrees(relative.max() * np.tan(np.radians(0.5 * two_theta))))
