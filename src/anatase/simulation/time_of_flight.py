"""A neutron time-of-flight powder pattern of a structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.draw_tof_lines import (
    TofLines,
    TofSensitivity,
    draw_tof_lines,
    draw_tof_lines_with_derivatives,
    reach_of_tof_lines,
)
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile, shape_columns
from anatase.scattering.reflections import Reflections, reflections
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor_gradient import FSquaredGradient, f_squared_gradient
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.atom_parameters import atom_derivatives, tensor_stretch

__all__ = ["simulate_time_of_flight", "simulate_time_of_flight_derivatives"]

Array = NDArray[np.float64]
Attribute = Literal["position", "area", "alpha", "beta", "variance", "gamma"]

NEUTRON = ScatteringModel("neutron")
SHAPE: tuple[Attribute, ...] = ("alpha", "beta", "variance", "gamma")
SCHERRER = 0.9


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
    2.04
    """
    points = _points(tof, tail)
    lines, _ = _lines(structure, bank, profile, points, scale, crystallite_size, microstrain, tail)
    intensity = np.asarray(spectrum) * draw_tof_lines(points, lines, tail) + np.asarray(background)
    return _pattern(structure, bank, points, intensity)


def simulate_time_of_flight_derivatives(
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
) -> tuple[Pattern, tuple[str, ...], Array]:
    """Return the pattern of ``simulate_time_of_flight``, the parameters' names (P), and its derivatives (P, n) by them.

    Parameters are the scale, the four constants of the bank, every coefficient of the profile (``alpha_0`` …
    ``gamma_2``), microstrain, crystallite size where one is given, the cell parameters that symmetry leaves free
    (``a`` … ``gamma``, Å and degrees), and the atoms' (``Si.x``, ``Si.u_iso``, ``Si.Si.occupancy``: see
    ``atom_derivatives``). Exact, lines being cut off at fixed distances.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Ni", (Species("Ni"),), (0.0, 0.0, 0.0), u_iso=0.005)
    >>> nickel = Structure(Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (site,))
    >>> bank = TofBank(7476.91, -1.54, two_theta=144.845)
    >>> _, names, jacobian = simulate_time_of_flight_derivatives(nickel, bank, TofProfile(), np.arange(4e3, 2e4, 5.0))
    >>> names[:4], jacobian.shape
    (('scale', 'difc', 'difa', 'difb'), (19, 3200))
    """
    points = _points(tof, tail)
    lines, found = _lines(structure, bank, profile, points, scale, crystallite_size, microstrain, tail)
    d = found.d_spacing
    names: list[str] = []
    sensitivities = []

    def add(attribute: Attribute, labels: Sequence[str], change: Array) -> None:
        rows = np.arange(len(names), len(names) + len(labels))
        names.extend(labels)
        sensitivities.append(TofSensitivity(attribute, rows, np.ascontiguousarray(change)))

    unit = found.multiplicity * bank.lorentz(d)
    add("area", ["scale"], (unit * found.f_squared)[None])
    add("position", ["difc", "difa", "difb", "zero"], np.stack([d, d * d, 1.0 / d, np.ones_like(d)]))
    # the instrument's γ follows difc through size and strain
    by_strain, by_size = bank.difc * d, SCHERRER * bank.difc * d * d
    through = microstrain * d + (0.0 if crystallite_size is None else SCHERRER * d * d / crystallite_size)
    sensitivities.append(TofSensitivity("gamma", np.array([names.index("difc")]), through[None]))
    coefficients = (profile.alpha, profile.beta, profile.variance, profile.gamma)
    for attribute, given, columns in zip(SHAPE, coefficients, shape_columns(d), strict=True):
        add(attribute, [f"{attribute}_{k}" for k in range(len(given))], columns[: len(given)])
    add("gamma", ["microstrain"], by_strain[None])
    if crystallite_size is not None:
        add("gamma", ["crystallite_size"], -by_size[None] / crystallite_size**2)
    gradient = f_squared_gradient(structure, found.hkl, NEUTRON)
    labels, by_atoms = atom_derivatives(structure, gradient.xyz, gradient.u_iso, gradient.occupancy)
    add("area", labels, scale * unit * by_atoms)
    broadened = _broadened(profile, bank, crystallite_size, microstrain)
    cell, changes = _by_cell(structure, found, gradient, scale * unit, (bank, broadened, lines))
    rows = np.arange(len(names), len(names) + len(cell))
    names.extend(cell)
    sensitivities += [TofSensitivity(attribute, rows, change) for attribute, change in changes]
    lit = np.asarray(spectrum, dtype=float)
    intensity, jacobian = draw_tof_lines_with_derivatives(points, lines, sensitivities, len(names), tail)
    pattern = _pattern(structure, bank, points, lit * intensity + np.asarray(background))
    return pattern, tuple(names), jacobian * lit


def _by_cell(
    structure: Structure,
    found: Reflections,
    gradient: FSquaredGradient,
    per_square: Array,
    drawn: tuple[TofBank, TofProfile, TofLines],
) -> tuple[tuple[str, ...], list[tuple[Attribute, Array]]]:
    """Return the free cell parameters (c), and what each does to attributes (c, m): through d, and through |F|²."""
    bank, profile, lines = drawn
    d = found.d_spacing
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    slopes = reciprocal_metric_slopes(structure.lattice, rates)
    rest = tensor_stretch(structure, gradient.u_aniso, slopes)
    along = np.einsum("ni,pij,nj->pn", found.hkl, slopes, found.hkl)
    changes: list[tuple[Attribute, Array]] = [("area", per_square * (rest + along * gradient.by_reciprocal))]
    moved = -0.5 * d**3 * along
    attributes: tuple[Attribute, ...] = ("position", "area", *SHAPE)
    by_d = (bank.slope(d), 4.0 * lines.area / d, *profile.by_d(d))
    changes += [(attribute, moved * change) for attribute, change in zip(attributes, by_d, strict=True)]
    return names, changes


def _points(tof: ArrayLike, tail: float) -> Array:
    """Return the points (n,) of the pattern, checked."""
    points = np.asarray(tof, dtype=np.float64)
    if points.ndim != 1 or points.size < 2 or not np.all(np.diff(points) > 0.0):
        raise InputError(f"tof of shape {points.shape} does not increase strictly", "give at least two points in µs")
    if not 1e-9 < tail < 0.1:
        raise InputError(f"tail = {tail:g} is no share of a line's area", "give a number from 1e-9 to 0.1")
    return points


def _lines(
    structure: Structure,
    bank: TofBank,
    profile: TofProfile,
    points: Array,
    scale: float,
    size: float | None,
    strain: float,
    tail: float,
) -> tuple[TofLines, Reflections]:
    """Return the lines that reach into the pattern, and their reflections."""
    check_physical(structure)
    broadened = _broadened(profile, bank, size, strain)
    ends = bank.d_spacing(points[[0, -1]])
    before, after = np.max(np.stack(reach_of_tof_lines(broadened.at(ends), tail)), axis=1)
    # lines beyond the ends of the pattern reach into it, none from below d/2 or above 3 d
    low, high = bank.time_of_flight(np.clip(ends * [0.5, 3.0], 1.001 * bank.d_limits[0], 0.999 * bank.d_limits[1]))
    d_min, d_max = bank.d_spacing([max(points[0] - after, low), min(points[-1] + before, high)])
    found = reflections(structure, float(d_min), NEUTRON, float(d_max))
    d = found.d_spacing
    area = scale * found.multiplicity * found.f_squared * bank.lorentz(d)
    return TofLines(bank.time_of_flight(d), area, broadened.at(d)), found


def _pattern(structure: Structure, bank: TofBank, points: Array, intensity: Array) -> Pattern:
    metadata = {"difc": bank.difc, "difa": bank.difa, "difb": bank.difb, "zero": bank.zero, "two_theta": bank.two_theta}
    sigma = np.sqrt(np.maximum(intensity, 1.0))
    return Pattern(points, intensity, sigma, "tof", None, metadata, structure.name or structure.formula)


def _broadened(profile: TofProfile, bank: TofBank, size: float | None, strain: float) -> TofProfile:
    """Return the profile with what crystallite size (Å) and microstrain (FWHM of Δd/d) add to γ."""
    if (size is not None and not 0.0 < size < np.inf) or not 0.0 <= strain < 0.5:
        raise PhysicsError(f"crystallite size {size} Å must be positive, microstrain {strain:g} from 0 to 0.5")
    constant, linear, square = profile.gamma
    by_size = 0.0 if size is None else SCHERRER * bank.difc / size
    return replace(profile, gamma=(constant, linear + strain * bank.difc, square + by_size))
