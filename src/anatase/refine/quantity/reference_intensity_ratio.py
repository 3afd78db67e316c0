"""Reference intensity ratios I/Ic: how strong a phase's strongest line is beside corundum's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.refine.quantity.weight_fractions import PhaseAmounts
from anatase.scattering.radiation import Radiation
from anatase.scattering.reflections import Reflections
from anatase.simulation.arguments import ScatteringOptions
from anatase.simulation.lines import simulate_lines

__all__ = ["PowderLine", "corundum", "ratio_amounts", "reference_intensity_ratio", "strongest_line", "strongest_of"]

Array = NDArray[np.float64]

RANGE = (2.0, 120.0)  # degrees 2θ
RESOLVED = 0.02  # degrees 2θ: lines that stand closer are one
REFERENCE_LINE = (1, 1, 3)


@dataclass(frozen=True)
class PowderLine:
    """A powder line: indices of one of its reflections, 2θ in degrees, area at scale 1."""

    hkl: tuple[int, int, int]
    two_theta: float
    intensity: float


@lru_cache(maxsize=1)
def corundum() -> Structure:
    """Return α-Al₂O₃ as the reference: Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733, at room temperature.

    The cell is that of NIST SRM 674 (International Tables C, table 5.2.11.1).

    Examples
    --------
    >>> corundum().formula, round(corundum().density, 2)
    ('Al2O3', 3.99)
    """
    sites = (
        Site("Al", (Species("Al"),), (0.0, 0.0, 0.35223), u_iso=0.0029),
        Site("O", (Species("O"),), (0.30627, 0.0, 0.25), u_iso=0.0034),
    )
    origin = Origin(citation="Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733")
    cell, group = Lattice(4.75893, 4.75893, 12.9917, 90.0, 90.0, 120.0), SpaceGroup.from_symbol("R -3 c:H")
    return Structure(cell, group, sites, "corundum", origin)


def strongest_line(
    structure: Structure, wavelength: float | str | Radiation = "CuKa1", **options: Unpack[ScatteringOptions]
) -> PowderLine:
    """Return the strongest line of a phase between 2 and 120° 2θ: reflections closer than 0.02° add up.

    Its intensity is m |F|² LP, the area at scale 1, so that a fit with scale S gives the line S times that.
    ``options`` are those of ``simulate_lines``, with f′ and f″ unless ``dispersion=False``, and U_iso = 0.008 Å²
    for sites without displacement parameters.

    Examples
    --------
    >>> strongest_line(corundum()).hkl  # by area; 113 is 1 % weaker and, being narrower, higher
    (2, -1, 6)
    """
    return strongest_of(_lines(structure, wavelength, options))


def strongest_of(lines: Reflections) -> PowderLine:
    """Return the strongest of listed reflections, in descending d; those closer than 0.02° add up."""
    summed = _merged(lines)
    at = int(np.argmax(summed))
    h, k, l = (int(index) for index in lines.hkl[at])
    return PowderLine((h, k, l), float(lines.two_theta[at]), float(summed[at]))


def _lines(structure: Structure, wavelength: float | str | Radiation, options: ScatteringOptions) -> Reflections:
    given: ScatteringOptions = {"dispersion": True, "u_default": TYPICAL_U_ISO, **options}
    lines = simulate_lines(structure, wavelength, RANGE, **given)
    if len(lines.hkl) == 0:
        raise PhysicsError(
            f"{structure.name or structure.formula} has no line between {RANGE[0]:g} and {RANGE[1]:g} deg"
        )
    return lines


def _merged(lines: Reflections) -> Array:
    """Return for each reflection (n,) the intensity of all that stand within ``RESOLVED`` of it."""
    angle = lines.two_theta  # rises
    total = np.concatenate([[0.0], np.cumsum(lines.intensity)])
    first = np.searchsorted(angle, angle - RESOLVED, side="left")
    past = np.searchsorted(angle, angle + RESOLVED, side="right")
    return np.asarray(total[past] - total[first])


def _corundum_line(wavelength: float | str | Radiation, options: ScatteringOptions) -> PowderLine:
    """Return the line 113 of corundum."""
    lines = _lines(corundum(), wavelength, options)
    d = corundum().lattice.d_spacing(np.array([REFERENCE_LINE]))[0]
    at = int(np.argmin(np.abs(lines.d_spacing - d)))
    return PowderLine(REFERENCE_LINE, float(lines.two_theta[at]), float(_merged(lines)[at]))


def reference_intensity_ratio(
    structure: Structure, wavelength: float | str | Radiation = "CuKa1", **options: Unpack[ScatteringOptions]
) -> float:
    """Return I/Ic: area of a phase's strongest line over that of corundum's 113 in a mixture 1:1 by weight.

    I/Ic = [m |F|² LP/(ρ V²)] / [m |F|² LP/(ρ V²)]_corundum: both are in one specimen, so that its absorption drops out
    (Hubbard, Evans & Smith 1976, J. Appl. Cryst. 9, 169). Measured ratios are of peak heights and suffer from
    extinction, microabsorption and texture: cards differ from this, and from each other, by some 10 %.

    Parameters
    ----------
    structure
        The phase.
    wavelength
        Å, a radiation by its name, or whole; Cu Kα1 by default, as the cards have it.
    options
        As ``strongest_line``.

    Examples
    --------
    >>> site = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125))
    >>> silicon = Structure(Lattice(5.431, 5.431, 5.431), SpaceGroup.from_number(227), (site,))
    >>> round(reference_intensity_ratio(silicon), 1)
    4.7
    """
    of_phase = strongest_line(structure, wavelength, **options).intensity / _mass_volume(structure)
    return float(of_phase / (_corundum_line(wavelength, options).intensity / _mass_volume(corundum())))


def _mass_volume(structure: Structure) -> float:
    """Return Z M V, which is ρ V² but for a constant."""
    return structure.mass_per_cell * structure.lattice.volume


def ratio_amounts(
    intensities: ArrayLike,
    ratios: ArrayLike,
    covariance: ArrayLike | None = None,
    relative: ArrayLike | None = None,
    wavelength: float | str | Radiation | None = None,
) -> PhaseAmounts:
    """Return the masses of phases (n,) from the intensity of one line each: I/(I_rel · I/Ic).

    Chung (1974) J. Appl. Cryst. 7, 519, equation 8: no structure and no absorption coefficient is needed. It is a
    fallback: one line stands for a phase, with all its texture and overlap.

    Parameters
    ----------
    intensities
        Areas or heights (n,) of one line of each phase, all in the same pattern.
    ratios
        I/Ic (n,).
    covariance
        Of the intensities (n, n).
    relative
        I_rel (n,): strength of the line relative to the phase's strongest, 0 to 1; by default all are the strongest.
    wavelength
        When given, the amounts have the unit of ``phase_amounts``, so that a phase of a Le Bail fit whose I/Ic is known
        can stand beside phases with structures. The intensities are then S m |F|² LP with S the scale of the fit.

    Raises
    ------
    InputError
        When the numbers of values disagree.
    PhysicsError
        When a ratio is not positive or a number not finite.

    Examples
    --------
    >>> ratio_amounts([100.0, 50.0], [4.0, 1.0]).values.tolist()
    [25.0, 50.0]
    """
    intensity, ratio = (np.atleast_1d(np.asarray(one, dtype=float)) for one in (intensities, ratios))
    part = np.ones_like(intensity) if relative is None else np.atleast_1d(np.asarray(relative, dtype=float))
    if intensity.ndim != 1 or intensity.size == 0 or not intensity.shape == ratio.shape == part.shape:
        raise InputError(
            f"{intensity.size} intensities, {ratio.size} ratios I/Ic and {part.size} relative intensities",
            "give one of each for a phase",
        )
    if not np.all(np.isfinite(intensity)) or not np.all((ratio > 0.0) & np.isfinite(ratio) & (part > 0.0)):
        raise PhysicsError(
            f"intensities {intensity.tolist()}, ratios I/Ic {ratio.tolist()} and relative intensities "
            f"{part.tolist()}: ratios and relative intensities are above 0 and all are finite"
        )
    factor = 1.0 / (ratio * part)
    if wavelength is not None:
        factor *= _mass_volume(corundum()) / _corundum_line(wavelength, {}).intensity
    if covariance is None:
        return PhaseAmounts(intensity * factor)
    known = np.asarray(covariance, dtype=float)
    if known.shape != (intensity.size, intensity.size):
        raise InputError(f"a covariance of {known.shape} for {intensity.size} intensities", "give one row for each")
    return PhaseAmounts(intensity * factor, known * np.outer(factor, factor))
