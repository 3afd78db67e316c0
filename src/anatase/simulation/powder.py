"""A powder pattern of one or several phases, and its derivatives by every parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.draw_lines import Sensitivity, draw_lines, draw_lines_with_derivatives
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_changes import LineChanges, line_changes
from anatase.simulation.powder_lines import drawn_lines, phase_reflections
from anatase.simulation.powder_settings import DEFAULT_INSTRUMENT, PowderOptions, PowderSettings
from anatase.simulation.sample import Sample

__all__ = ["SimulatedDerivatives", "powder_pattern", "simulate", "simulate_derivatives"]

Array = NDArray[np.float64]

IDEAL = Sample()


@dataclass(frozen=True)
class SimulatedDerivatives:
    """A pattern, the names of its parameters (k), and the derivatives (k, n) of the intensity by each."""

    pattern: Pattern
    names: tuple[str, ...]
    jacobian: Array


def _listed(
    structures: Structure | Sequence[Structure], samples: Sample | Sequence[Sample] | None
) -> tuple[list[Structure], list[Sample]]:
    """Return phases and one sample for each."""
    phases = [structures] if isinstance(structures, Structure) else list(structures)
    if not phases:
        raise InputError("there is no structure to simulate", "give one or more")
    if samples is None or isinstance(samples, Sample):
        return phases, [samples or IDEAL] * len(phases)
    if len(samples) != len(phases):
        raise InputError(f"{len(samples)} samples for {len(phases)} structures", "give one for each, or one for all")
    return phases, list(samples)


def _scales(phases: list[Structure], fractions: Sequence[float] | None, scale: float) -> list[float]:
    """Return each phase's scale: S ∝ W/(Z M V) (Hill & Howard 1987, J. Appl. Cryst. 20, 467), together ``scale``."""
    if fractions is None and len(phases) == 1:
        return [scale]
    shares = np.array([1.0] * len(phases) if fractions is None else fractions, dtype=float)
    if shares.size != len(phases) or not np.all(shares >= 0.0) or not shares.sum() > 0.0:
        raise PhysicsError(
            f"weight fractions {shares.tolist()} for {len(phases)} phases; give one of 0 or more for each, not all 0"
        )
    per_weight = np.array([1.0 / (phase.mass_per_cell * phase.lattice.volume) for phase in phases])
    parts = shares * per_weight
    return [float(s) for s in scale * parts / parts.sum()]


def _background(background: ArrayLike | None, points: int) -> Array:
    """Return the background (n,): 0, a constant, or one value for each point."""
    values = np.asarray(0.0 if background is None else background, dtype=float)
    if values.shape not in ((), (points,)):
        raise InputError(f"the background has shape {values.shape}", f"give a number or {points} values")
    return np.full(points, values) if values.shape == () else values.copy()


def _pattern(x: Array, intensity: Array, radiation: Radiation, phases: list[Structure]) -> Pattern:
    sigma = np.sqrt(np.maximum(intensity, 1.0))
    name = " + ".join(phase.name or phase.formula for phase in phases)
    warnings = tuple(warning for phase in phases for warning in phase.warnings)
    return Pattern(x, intensity, sigma, radiation=radiation, name=name, warnings=warnings)


def simulate(
    structures: Structure | Sequence[Structure],
    wavelength: float | str | Radiation = "CuKa",
    two_theta: tuple[float, float] = (5.0, 90.0),
    step: float = 0.02,
    instrument: Instrument | None = None,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    *,
    weight_fractions: Sequence[float] | None = None,
    **options: Unpack[PowderOptions],
) -> Pattern:
    """Return the powder pattern of one or several phases.

    y(2θ) = background + Σ_phases S Σ_lines m |F|² LP · texture · absorption · profile(2θ − position), with
    S ∝ W/(Z M V) of phases of weight fractions W (Hill & Howard, 1987), together ``scale``. Profiles have unit
    area in degrees; sigma = √max(y, 1).

    Parameters
    ----------
    structures
        A phase or several.
    wavelength
        Å, or a radiation by its name (``"CuKa"``) or whole.
    two_theta, step
        First and last angle, both included, and step, degrees.
    instrument
        The diffractometer; by default a good laboratory one.
    sample
        Size, strain, texture: one for all phases, or one for each.
    background
        Intensity added everywhere: a number, or one for each point.
    weight_fractions
        W of each phase, in any unit; equal by default.
    options
        ``scale``, ``probe``, ``dispersion``, ``table``, ``hydrogen``, ``u_default``, ``floor``: see ``PowderSettings``.

    Raises
    ------
    PhysicsError
        When no crystal has such a structure, or widths, fractions or angles are impossible.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125), u_iso=0.005)
    >>> silicon = Structure(Lattice(5.431, 5.431, 5.431), SpaceGroup.from_number(227), (site,))
    >>> pattern = simulate(silicon)
    >>> len(pattern), float(pattern.x[pattern.intensity.argmax()].round(2))
    (4251, 28.44)
    """
    settings = PowderSettings(wavelength, two_theta, step, instrument or DEFAULT_INSTRUMENT, **options)
    return powder_pattern(structures, settings, sample, background, weight_fractions)


def powder_pattern(
    structures: Structure | Sequence[Structure],
    settings: PowderSettings,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    weight_fractions: Sequence[float] | None = None,
) -> Pattern:
    """Return what ``simulate`` does, with its settings in one piece."""
    phases, samples = _listed(structures, sample)
    x, beam = settings.points, settings.beam
    y = _background(background, x.size)
    for phase, powder, scale in zip(phases, samples, _scales(phases, weight_fractions, settings.scale), strict=True):
        check_physical(phase)
        found = phase_reflections(phase, beam, powder)
        y += draw_lines(x, drawn_lines(found, beam.instrument, scale), settings.floor)
    return _pattern(x, y, beam.radiation, phases)


INSTRUMENTAL = ("zero", "displacement", "displacement_across", "penetration", "s_over_l", "h_over_l")


def _belongs_to_instrument(name: str) -> bool:
    return name in INSTRUMENTAL or name.startswith(("gauss_", "lorentz_"))


def simulate_derivatives(
    structures: Structure | Sequence[Structure],
    wavelength: float | str | Radiation = "CuKa",
    two_theta: tuple[float, float] = (5.0, 90.0),
    step: float = 0.02,
    instrument: Instrument | None = None,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    *,
    weight_fractions: Sequence[float] | None = None,
    **options: Unpack[PowderOptions],
) -> SimulatedDerivatives:
    """Return the pattern of ``simulate`` with its derivatives by every parameter that is in use.

    Names: those of ``Instrument`` (``zero``, ``gauss_u`` …) and, for each phase, ``scale``, those of ``Sample``,
    ``S400`` … of anisotropic strain, the free cell parameters ``a`` … ``gamma`` (Å, degrees) and the atoms' ``Ti1.x``,
    ``Ti1.u_iso``, ``Ti1.Ti.occupancy``; of several phases they begin with ``0:``, ``1:``. A phase's scale is
    a parameter of its own, held while its cell moves.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Fe", (Species("Fe"),), (0, 0, 0), u_iso=0.004)
    >>> iron = Structure(Lattice(2.866, 2.866, 2.866), SpaceGroup.from_number(229), (site,))
    >>> answer = simulate_derivatives(iron)
    >>> answer.jacobian.shape == (len(answer.names), 4251), "a" in answer.names
    (True, True)
    """
    settings = PowderSettings(wavelength, two_theta, step, instrument or DEFAULT_INSTRUMENT, **options)
    phases, samples = _listed(structures, sample)
    x, beam = settings.points, settings.beam
    y = _background(background, x.size)
    parts = []
    for phase, powder, scale in zip(phases, samples, _scales(phases, weight_fractions, settings.scale), strict=True):
        check_physical(phase)
        curve, names, jacobian = _drawn(x, line_changes(phase, beam, powder, scale), settings.floor)
        y += curve
        parts.append((names, jacobian))
    return SimulatedDerivatives(_pattern(x, y, beam.radiation, phases), *_gathered(parts))


def _gathered(parts: list[tuple[list[str], Array]]) -> tuple[tuple[str, ...], Array]:
    """Return names (k) and Jacobian (k, n) of all phases: what belongs to the instrument adds up."""
    if len(parts) == 1:
        return tuple(parts[0][0]), parts[0][1]
    rows: dict[str, Array] = {}
    for i, (names, jacobian) in enumerate(parts):
        for name, row in zip(names, jacobian, strict=True):
            label = name if _belongs_to_instrument(name) else f"{i}:{name}"
            rows[label] = rows[label] + row if label in rows else row
    return tuple(rows), np.array(list(rows.values()))


def _drawn(x: Array, found: LineChanges, floor: float) -> tuple[Array, list[str], Array]:
    """Return one phase's curve (n,), the names of its parameters and its derivatives."""
    names = list(dict.fromkeys([name for change in found.changes for name in change.names]))
    rows = {name: i for i, name in enumerate(names)}
    parts = [
        Sensitivity(change.attribute, np.array([rows[name] for name in change.names]), change.values)
        for change in found.changes
        if change.names
    ]
    divergence = (-1, -1)
    if found.lines.s_over_l > 0.0:
        divergence = (len(names), len(names) + 1)
        names += ["s_over_l", "h_over_l"]
    y, jacobian = draw_lines_with_derivatives(x, found.lines, parts, len(names), found.by_reciprocal, divergence, floor)
    return y, names, jacobian
