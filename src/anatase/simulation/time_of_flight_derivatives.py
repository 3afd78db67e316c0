"""The derivatives of a neutron time-of-flight pattern by every parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.pattern.draw_tof_lines import TofSensitivity, draw_tof_lines_with_derivatives
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.arguments import ScatteringOptions, as_number, as_phases
from anatase.simulation.mixture import gathered_parameters, phase_scales
from anatase.simulation.powder import SimulatedDerivatives
from anatase.simulation.sample import Sample
from anatase.simulation.time_of_flight import TofSettings, tof_pattern, tof_reflections, tof_settings
from anatase.simulation.tof_line_changes import TofLineChanges, atomic_tof_changes

__all__ = ["simulate_time_of_flight_derivatives"]

Array = NDArray[np.float64]


def simulate_time_of_flight_derivatives(
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
) -> SimulatedDerivatives:
    """Return the pattern of ``simulate_time_of_flight`` with its derivatives by every parameter that is in use.

    Names: the constants of the bank (``difc`` …), every coefficient of the profile (``alpha_0`` … ``gamma_2``), and,
    for each phase, ``scale``, ``strain``, ``size`` where one is given, those of its texture, the free cell parameters
    ``a`` … ``gamma`` (Å, degrees) and the atoms' ``Si.x``, ``Si.u_iso``, ``Si.Si.occupancy``; of several phases they
    begin with ``0:``, ``1:``. Exact, lines being cut off at fixed distances.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Ni", (Species("Ni"),), (0.0, 0.0, 0.0), u_iso=0.005)
    >>> nickel = Structure(Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (site,))
    >>> bank = TofBank(7476.91, -1.54, two_theta=144.845)
    >>> answer = simulate_time_of_flight_derivatives(nickel, bank, TofProfile(), np.arange(4e3, 2e4, 5.0))
    >>> answer.names[:4], answer.jacobian.shape
    (('scale', 'difc', 'difa', 'difb'), (19, 3200))
    """
    settings = tof_settings(bank, profile, tof, spectrum, background, tail, **options)
    phases, samples = as_phases(structures, sample)
    scales = phase_scales(phases, weight_fractions, as_number("scale", scale, 0.0))
    y = np.zeros_like(settings.points)
    parts, warnings = [], list[str]()
    for structure, powder, share in zip(phases, samples, scales, strict=True):
        check_physical(structure)
        cell, rates = free_cell_parameters(structure.lattice, structure.space_group)
        slopes = reciprocal_metric_slopes(structure.lattice, rates)
        listed = tof_reflections(structure, powder, settings)
        found = atomic_tof_changes(structure, powder, settings, share, listed, (cell, slopes))
        curve, names, jacobian = _drawn(found, settings)
        y += curve
        parts.append((names, jacobian))
        warnings += structure.warnings
    names_of_all, rows = gathered_parameters(parts)
    pattern = tof_pattern(phases, settings, y, tuple(warnings))
    return SimulatedDerivatives(pattern, names_of_all, rows * settings.spectrum)


def _drawn(found: TofLineChanges, settings: TofSettings) -> tuple[Array, list[str], Array]:
    """Return a phase's curve (n,), the names (k) of its parameters, and its derivatives (k, n)."""
    names = list(dict.fromkeys([name for change in found.changes for name in change.names]))
    rows = {name: i for i, name in enumerate(names)}
    sensitivities = [
        TofSensitivity(change.attribute, np.array([rows[name] for name in change.names]), change.values)
        for change in found.changes
        if change.names
    ]
    points, lines = settings.points, found.phase.lines
    curve, jacobian = draw_tof_lines_with_derivatives(points, lines, sensitivities, len(names), settings.tail)
    return curve, names, jacobian
