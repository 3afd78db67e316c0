"""A powder pattern of one or several phases, and its derivatives by every parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Sensitivity, draw_lines, draw_lines_with_derivatives
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.simulation.arguments import as_phases
from anatase.simulation.doubts import doubts_about
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_changes import LineChanges, line_changes
from anatase.simulation.mixture import background_at, gathered_parameters, mixture_pattern, phase_scales
from anatase.simulation.powder_lines import drawn_lines, phase_reflections
from anatase.simulation.powder_settings import PowderOptions, PowderSettings, powder_settings
from anatase.simulation.sample import Sample

__all__ = ["SimulatedDerivatives", "powder_pattern", "simulate", "simulate_derivatives"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SimulatedDerivatives:
    """A pattern, the names of its parameters (k), and the derivatives (k, n) of the intensity by each."""

    pattern: Pattern
    names: tuple[str, ...]
    jacobian: Array


def simulate(
    structures: Structure | Sequence[Structure],
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    step: float | None = None,
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
        Å, or a radiation by its name (``"CuKa"``) or whole; by default Cu Kα, 1.54 Å of neutrons, 200 kV of electrons.
    two_theta, step
        First and last angle, both included, and step, degrees; by default 5 to 90 and 0.02, of electrons 0.1 to 2 and
        0.001.
    instrument
        The diffractometer; by default a good laboratory one, with a capillary for neutrons and electrons.
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
    InputError
        When an argument is of the wrong kind, or ``probe`` is not that of the radiation.
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
    settings = powder_settings(wavelength, two_theta, step, instrument, **options)
    return powder_pattern(structures, settings, sample, background, weight_fractions)


def powder_pattern(
    structures: Structure | Sequence[Structure],
    settings: PowderSettings,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    weight_fractions: Sequence[float] | None = None,
) -> Pattern:
    """Return what ``simulate`` does, with its settings in one piece."""
    phases, samples = as_phases(structures, sample)
    x, beam = settings.points, settings.beam
    y, doubts = background_at(background, x.size), list[str]()
    for phase, powder, scale in zip(
        phases, samples, phase_scales(phases, weight_fractions, settings.scale), strict=True
    ):
        check_physical(phase)
        found = phase_reflections(phase, beam, powder)
        lines = drawn_lines(found, beam.instrument, scale)
        y += draw_lines(x, lines, settings.floor)
        doubts += doubts_about(x, lines, phase, powder, beam.model)
    return mixture_pattern(x, y, beam.radiation, phases, doubts)


def simulate_derivatives(
    structures: Structure | Sequence[Structure],
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    step: float | None = None,
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
    settings = powder_settings(wavelength, two_theta, step, instrument, **options)
    phases, samples = as_phases(structures, sample)
    x, beam = settings.points, settings.beam
    y = background_at(background, x.size)
    parts, doubts = [], list[str]()
    for phase, powder, scale in zip(
        phases, samples, phase_scales(phases, weight_fractions, settings.scale), strict=True
    ):
        check_physical(phase)
        found = line_changes(phase, beam, powder, scale)
        curve, names, jacobian = _drawn(x, found, settings.floor)
        y += curve
        doubts += doubts_about(x, found.lines, phase, powder, beam.model)
        parts.append((names, jacobian))
    return SimulatedDerivatives(mixture_pattern(x, y, beam.radiation, phases, doubts), *gathered_parameters(parts))


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
