"""A neutron time-of-flight powder pattern of one or several phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.draw_tof_lines import TofLines, draw_tof_lines, reach_of_tof_lines
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.absorption_flight import cylinder_over_wavelengths
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.scattering.time_of_flight import TofBank
from anatase.scattering.unique_hkl import unique_rows
from anatase.simulation.arguments import (
    ScatteringOptions,
    as_array,
    as_kind,
    as_number,
    as_phases,
    scattering_of,
)
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_extinction import LineExtinction, line_extinction
from anatase.simulation.line_intensity import Factor, texture_factors
from anatase.simulation.mixture import phase_scales
from anatase.simulation.powder_lines import ListedReflections
from anatase.simulation.sample import Sample
from anatase.simulation.tof_broadening import anisotropic_strain, broadened

__all__ = [
    "TofPhase",
    "TofSettings",
    "simulate_time_of_flight",
    "tof_limits",
    "tof_pattern",
    "tof_phase",
    "tof_reflections",
    "tof_settings",
]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

NEUTRONS = Radiation("neutron", ((1.0, 1.0),), 0.0)  # of any wavelength: scattering lengths are taken not to vary
CAPILLARY = Instrument("debye_scherrer")  # its axis stands across the plane of diffraction


@dataclass(frozen=True)
class TofSettings:
    """How a pattern is calculated: bank, profile, points (n,) in µs, spectrum, background, tails, scattering."""

    bank: TofBank
    profile: TofProfile
    points: Array
    spectrum: Array
    background: Array
    tail: float
    model: ScatteringModel
    u_default: float


@dataclass(frozen=True)
class TofPhase:
    """The reflections (n) of a phase, its lines, the profile with what the sample adds, and its texture.

    hkl (n, 3), d_spacing (n,) in Å, f_squared (n,) in fm². ``per_square`` (n,) is the area of each line per unit of
    |F|² and of scale but for extinction. ``absorption``: its factor (n,), and the derivatives by μR and by λ;
    ``anisotropic``: what strain that differs with hkl adds to γ (n,), and the derivatives (t, n) by its terms.
    """

    hkl: Indices
    d_spacing: Array
    f_squared: Array
    lines: TofLines
    profile: TofProfile
    textures: list[Factor]
    per_square: Array
    extinction: LineExtinction | None = None
    absorption: tuple[Array, Array, Array] | None = None
    anisotropic: tuple[Array, Array] | None = None


def simulate_time_of_flight(
    structures: Structure | Sequence[Structure],
    bank: TofBank,
    profile: TofProfile,
    tof: ArrayLike,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    *,
    scale: float = 1.0,
    weight_fractions: Sequence[float] | None = None,
    spectrum: ArrayLike = 1.0,
    tail: float = 1e-3,
    **options: Unpack[ScatteringOptions],
) -> Pattern:
    """Return the neutron powder pattern of one or several phases on a bank of detectors.

    I(t) = background + spectrum(t) · Σ_phases S Σ m |F|² d⁴ sinθ · texture · H(t − t_hkl), |F|² in fm² per cell and H
    in 1/µs (Von Dreele, Jorgensen & Windsor (1982) J. Appl. Cryst. 15, 581). Scattering lengths do not vary with λ.

    Parameters
    ----------
    structures
        A phase or several.
    bank, profile
        What the bank makes of d, and how the shape of its lines varies.
    tof
        Points (n,) in µs, increasing; bins of constant Δt/t are ``np.geomspace(2e3, 3e4, n)``.
    sample
        One for all phases, or one for each. A size D adds K DIFC d²/D to γ, a strain e (half the FWHM of Δd/d) adds
        2 e DIFC d, ``stephens`` DIFC d³ √(Σ S_HKL h^H k^K l^L)/2. The axis of a texture stands across the plane of
        diffraction, as a spun can's does. ``absorption`` is μR of the can at 1 Å, which grows with λ. Nothing else of a
        ``Sample`` applies.
    background
        Intensity added everywhere: a number, or one for each point.
    scale, weight_fractions
        As for ``simulate``.
    spectrum
        Incident spectrum, a number or an array (n,).
    tail
        Share of a line's area that may be cut off its tails.
    options
        ``u_default``, ``table``, ``hydrogen``, as for ``simulate_lines``; ``dispersion`` cannot be asked for.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, the sample has what does not apply, or ``tof`` holds fewer than two
        increasing points.
    PhysicsError
        For a structure that no crystal has, or a profile that is impossible at some d.

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
    2.04
    """
    settings = tof_settings(bank, profile, tof, spectrum, background, tail, **options)
    phases, samples = as_phases(structures, sample)
    scales = phase_scales(phases, weight_fractions, as_number("scale", scale, 0.0))
    y = np.zeros_like(settings.points)
    warnings: list[str] = []
    for structure, powder, share in zip(phases, samples, scales, strict=True):
        check_physical(structure)
        listed = tof_reflections(structure, powder, settings)
        squared = f_squared_of_rows(structure, listed[0], listed[2], settings.model, settings.u_default)
        phase = tof_phase(structure, powder, settings, share, listed, squared)
        y += draw_tof_lines(settings.points, phase.lines, settings.tail)
        warnings += structure.warnings
    return tof_pattern(phases, settings, y, tuple(warnings))


def tof_settings(
    bank: TofBank,
    profile: TofProfile,
    tof: ArrayLike,
    spectrum: ArrayLike,
    background: ArrayLike | None,
    tail: float,
    **options: Unpack[ScatteringOptions],
) -> TofSettings:
    """Return settings from what a caller gave, checked.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, or ``tof`` does not increase.
    PhysicsError
        When a number is not finite.
    """
    as_kind("bank", bank, TofBank, "TofBank(difc, ...), or anatase.io.instrument_file.read_instrument(path).beam.bank")
    as_kind("profile", profile, TofProfile, "TofProfile(alpha, beta, variance, gamma)")
    points = as_array("tof", tof, example="at least two points in µs")
    if points.ndim != 1 or points.size < 2 or not np.all(np.diff(points) > 0.0):
        raise InputError(f"tof of shape {points.shape} does not increase strictly", "give at least two points in µs")
    if not 1e-9 < as_number("tail", tail) < 0.1:
        raise InputError(f"tail = {tail:g} is no share of a line's area", "give a number from 1e-9 to 0.1")
    model, u_default = scattering_of(NEUTRONS, options, dispersion=False)
    if model.dispersion:
        raise InputError("dispersion wants one wavelength, time of flight has many", "leave dispersion out")
    shapes, wanted = ((), points.shape), f"a number or {points.size} of them"
    lit = as_array("spectrum", spectrum, *shapes, example=wanted)
    under = as_array("the background", 0.0 if background is None else background, *shapes, example=wanted)
    return TofSettings(bank, profile, points, lit, under, tail, model, u_default)


def tof_limits(settings: TofSettings, sample: Sample) -> tuple[float, float]:
    """Return the d-spacings (Å) between which lines reach into the pattern.

    Raises
    ------
    InputError
        When the sample has what does not apply.
    PhysicsError
        When the profile is impossible at an end of the pattern.
    """
    bank, points = settings.bank, settings.points
    ends = bank.d_spacing(points[[0, -1]])
    shape = broadened(settings.profile, bank, sample).at(ends)
    before, after = np.max(np.stack(reach_of_tof_lines(shape, settings.tail)), axis=1)
    # lines beyond the ends of the pattern reach into it, none from below d/2 or above 3 d
    low, high = bank.time_of_flight(np.clip(ends * [0.5, 3.0], 1.001 * bank.d_limits[0], 0.999 * bank.d_limits[1]))
    d_min, d_max = bank.d_spacing([max(points[0] - after, low), min(points[-1] + before, high)])
    return float(d_min), float(d_max)


def tof_reflections(structure: Structure, sample: Sample, settings: TofSettings) -> ListedReflections:
    """Return hkl (n, 3), multiplicity (n,) and 1/d² (n,) of the reflections whose lines reach into the pattern."""
    return unique_rows(structure.lattice, structure.space_group, *tof_limits(settings, sample))


def tof_phase(
    structure: Structure,
    sample: Sample,
    settings: TofSettings,
    scale: float,
    listed: ListedReflections,
    squared: Array,
    slopes: Array | None = None,
    block: float = 0.0,
) -> TofPhase:
    """Return the lines of listed reflections of |F|² (n,).

    ``slopes`` (c, 3, 3): ∂G*/∂p of the free cell parameters, ``None`` where no derivatives are asked for. ``block``
    (Å): the edge of perfect blocks, for primary extinction.

    Raises
    ------
    InputError
        When the sample has what does not apply.
    PhysicsError
        When the profile is impossible at some d.
    """
    bank, (hkl, multiplicity, inverse_d2) = settings.bank, listed
    profile = broadened(settings.profile, bank, sample)
    d = 1.0 / np.sqrt(inverse_d2)
    textures = texture_factors(hkl, structure, CAPILLARY, sample, slopes)
    per_square = multiplicity * bank.lorentz(d)
    for factor in textures:
        per_square = per_square * factor.value
    wavelength, absorption = bank.wavelength(d), None
    if sample.absorption is not None:
        absorption = cylinder_over_wavelengths(sample.absorption, bank.two_theta, wavelength)
        per_square = per_square * absorption[0]
    volume = structure.lattice.volume
    extinction = line_extinction(block, squared, wavelength, bank.two_theta, volume, NEUTRONS.probe)
    area = scale * per_square * squared
    if extinction is not None:
        area *= extinction.value
    shape, anisotropic = profile.at(d), None
    if sample.stephens:
        anisotropic = anisotropic_strain(hkl, d, structure, sample, bank)
        shape = shape._replace(gamma=shape.gamma + anisotropic[0])
    lines = TofLines(bank.time_of_flight(d), area, shape)
    return TofPhase(hkl, d, squared, lines, profile, textures, per_square, extinction, absorption, anisotropic)


def tof_pattern(phases: list[Structure], settings: TofSettings, lines: Array, warnings: tuple[str, ...]) -> Pattern:
    """Return the pattern of lines (n,) under the spectrum and over the background."""
    bank, y = settings.bank, settings.spectrum * lines + settings.background
    metadata: dict[str, Any] = {name: getattr(bank, name) for name in ("difc", "difa", "difb", "zero", "two_theta")}
    name = " + ".join(phase.name or phase.formula for phase in phases)
    sigma = np.sqrt(np.maximum(y, 1.0))
    return Pattern(settings.points, y, sigma, "tof", None, metadata, name, warnings=warnings)
