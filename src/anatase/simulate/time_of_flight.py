"""A neutron time-of-flight powder pattern of a structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import FWHM_PER_SIGMA, TofLineShape, TofProfile, back_to_back_value
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank

__all__ = ["draw_tof_lines", "simulate_time_of_flight"]

Array = NDArray[np.float64]

SCHERRER = 0.9
SAMPLES = 2_000_000  # points of lines drawn at a time, some 300 MB


def _reach(shape: TofLineShape, tail: float) -> tuple[Array, Array]:
    """Return how far (m,) in µs before and after their position lines are drawn, losing at most ``tail`` of the area.

    A Lorentzian of FWHM γ has γ/(π D) of its area beyond ±D; the pseudo-Voigt in its stead up to 1.37 times that.
    """
    sharp = -np.log(tail)
    gauss = FWHM_PER_SIGMA * np.sqrt(shape.variance)
    symmetric = 1.37 * shape.gamma / (np.pi * tail) + 1.5 * gauss * np.sqrt(sharp) / 2.0
    return symmetric + sharp / shape.alpha, symmetric + sharp / shape.beta


def draw_tof_lines(tof: Array, position: Array, area: Array, shape: TofLineShape, tail: float = 1e-3) -> Array:
    """Return the intensity (n,) of lines at times of flight (n,) in µs, increasing.

    Parameters
    ----------
    tof
        Points (n,), µs.
    position, area
        Of the lines (m,): µs, and intensity times µs.
    shape
        α, β, σ², γ of the lines, each (m,).
    tail
        Share of a line's area that may be cut off its tails.
    """
    before, after = _reach(shape, tail)
    first, last = np.searchsorted(tof, position - before), np.searchsorted(tof, position + after)
    counts = last - first
    total = np.zeros(tof.size)
    ends = np.cumsum(counts)
    start = 0
    while start < counts.size:
        stop = max(int(np.searchsorted(ends, (ends[start - 1] if start else 0) + SAMPLES)), start + 1)
        line = np.repeat(np.arange(start, stop), counts[start:stop])
        offset = np.arange(line.size) - np.repeat(ends[start:stop] - counts[start:stop], counts[start:stop])
        point = first[line] + offset + (ends[start - 1] if start else 0)
        value = back_to_back_value(tof[point] - position[line], TofLineShape(*(part[line] for part in shape)))
        total += np.bincount(point, weights=area[line] * value, minlength=tof.size)
        start = stop
    return total


def simulate_time_of_flight(
    structure: Structure,
    bank: TofBank,
    profile: TofProfile,
    tof: ArrayLike,
    *,
    scale: float = 1.0,
    crystallite_size: float | None = None,
    microstrain: float = 0.0,
    spectrum: ArrayLike = 1.0,
    background: ArrayLike = 0.0,
    tail: float = 1e-3,
) -> Pattern:
    """Return the neutron powder pattern of a structure on a bank of detectors.

    I(t) = background + spectrum(t) · scale · Σ m |F|² d⁴ sinθ H(t − t_hkl), |F|² in fm² per cell and H in 1/µs
    (Von Dreele, Jorgensen & Windsor (1982) J. Appl. Cryst. 15, 581). Scattering lengths do not vary with λ.

    Parameters
    ----------
    tof
        Points (n,) in µs, increasing; bins of constant Δt/t are ``np.geomspace(2e3, 3e4, n)``.
    scale
        Scale factor.
    crystallite_size
        Volume-weighted crystallite size in Å (K = 0.9): adds K DIFC d²/D to γ.
    microstrain
        FWHM of Δd/d, dimensionless: adds ε DIFC d to γ.
    spectrum, background
        Incident spectrum and background, numbers or arrays (n,).
    tail
        Share of a line's area that may be cut off its tails.

    Raises
    ------
    PhysicsError
        For a size or strain that is not positive, or a profile that is impossible at some d.
    InputError
        When ``tof`` holds fewer than two increasing points.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Ni", (Species("Ni"),), (0.0, 0.0, 0.0), u_iso=0.005)
    >>> nickel = Structure(Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (site,))
    >>> bank = TofBank(7476.91, -1.54, two_theta=144.845)
    >>> pattern = simulate_time_of_flight(nickel, bank, TofProfile(), np.arange(4e3, 2e4, 5.0))
    >>> round(float(bank.d_spacing(pattern.x[pattern.intensity.argmax()])), 2)
    2.03
    """
    points = np.asarray(tof, dtype=np.float64)
    if points.ndim != 1 or points.size < 2 or not np.all(np.diff(points) > 0.0):
        raise InputError(f"tof of shape {points.shape} does not increase strictly", "give at least two points in µs")
    if not 1e-9 < tail < 0.1:
        raise InputError(f"tail = {tail:g} is no share of a line's area", "give a number from 1e-9 to 0.1")
    check_physical(structure)
    broadened = _broadened(profile, bank, crystallite_size, microstrain)
    ends = bank.d_spacing(points[[0, -1]])
    margin = np.max(np.stack(_reach(broadened.at(ends), tail)), axis=0)
    # lines beyond the ends of the pattern reach into it; below the calibration's range there are none
    low, high = bank.time_of_flight(0.5 * ends[0]), points[-1] + margin[1]
    d_min, d_max = bank.d_spacing([max(points[0] - margin[0], float(low)), high])
    found = reflections(structure, float(d_min), ScatteringModel("neutron"), float(d_max))
    d = found.d_spacing
    intensity = np.zeros(points.size)
    if d.size:
        area = scale * found.multiplicity * found.f_squared * bank.lorentz(d)
        intensity = draw_tof_lines(points, bank.time_of_flight(d), area, broadened.at(d), tail)
    intensity = np.asarray(spectrum) * intensity + np.asarray(background)
    metadata = {"difc": bank.difc, "difa": bank.difa, "difb": bank.difb, "zero": bank.zero, "two_theta": bank.two_theta}
    name = structure.name or structure.formula
    return Pattern(points, intensity, np.sqrt(np.maximum(intensity, 1.0)), "tof", None, metadata, name)


def _broadened(profile: TofProfile, bank: TofBank, size: float | None, strain: float) -> TofProfile:
    """Return the profile with what crystallite size (Å) and microstrain (FWHM of Δd/d) add to γ."""
    if (size is not None and not 0.0 < size < np.inf) or not 0.0 <= strain < 0.5:
        raise PhysicsError(f"crystallite size {size} Å must be positive, microstrain {strain:g} from 0 to 0.5")
    constant, linear, square = profile.gamma
    by_size = 0.0 if size is None else SCHERRER * bank.difc / size
    return replace(profile, gamma=(constant, linear + strain * bank.difc, square + by_size))
