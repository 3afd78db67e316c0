"""The derivatives of a neutron time-of-flight pattern by every parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.structure import Structure
from anatase.pattern.draw_tof_lines import TofSensitivity, draw_tof_lines_with_derivatives
from anatase.pattern.tof_profile import TofProfile, shape_columns
from anatase.scattering.structure_factor_gradient import FSquaredGradient, f_squared_gradient
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.arguments import ScatteringOptions, as_number, as_phases
from anatase.simulation.atom_parameters import atom_derivatives, tensor_stretch
from anatase.simulation.mixture import gathered_parameters, phase_scales
from anatase.simulation.powder import SimulatedDerivatives
from anatase.simulation.sample import Sample
from anatase.simulation.time_of_flight import TofPhase, TofSettings, tof_pattern, tof_phase, tof_settings

__all__ = ["simulate_time_of_flight_derivatives"]

Array = NDArray[np.float64]
Attribute = Literal["position", "area", "alpha", "beta", "variance", "gamma"]
Change = tuple[Attribute, Sequence[str], Array]

SHAPE: tuple[Attribute, ...] = ("alpha", "beta", "variance", "gamma")


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
        cell, rates = free_cell_parameters(structure.lattice, structure.space_group)
        slopes = reciprocal_metric_slopes(structure.lattice, rates)
        phase = tof_phase(structure, powder, settings, share, slopes)
        gradient = f_squared_gradient(structure, phase.found.hkl, settings.model, settings.u_default)
        changes = _by_bank(phase, settings, powder)
        labels, by_atoms = atom_derivatives(
            structure, gradient.xyz, gradient.u_iso, gradient.occupancy, gradient.u_aniso
        )
        changes.append(("area", labels, share * phase.per_square * by_atoms))
        changes += [("area", cell, share * phase.per_square * _by_stretch(structure, phase, gradient, slopes))]
        changes += _by_cell(phase, settings.bank, cell, slopes)
        curve, names, jacobian = _drawn(phase, changes, settings)
        y += curve
        parts.append((names, jacobian))
        warnings += phase.found.warnings
    names_of_all, rows = gathered_parameters(parts)
    pattern = tof_pattern(phases, settings, y, tuple(warnings))
    return SimulatedDerivatives(pattern, names_of_all, rows * settings.spectrum)


def _drawn(phase: TofPhase, changes: list[Change], settings: TofSettings) -> tuple[Array, list[str], Array]:
    """Return a phase's curve (n,), the names (k) of its parameters, and its derivatives (k, n)."""
    names = list(dict.fromkeys([name for _, labels, _ in changes for name in labels]))
    rows = {name: i for i, name in enumerate(names)}
    sensitivities = [
        TofSensitivity(attribute, np.array([rows[name] for name in labels]), np.ascontiguousarray(values))
        for attribute, labels, values in changes
        if labels
    ]
    points = settings.points
    curve, jacobian = draw_tof_lines_with_derivatives(points, phase.lines, sensitivities, len(names), settings.tail)
    return curve, names, jacobian


def _by_bank(phase: TofPhase, settings: TofSettings, sample: Sample) -> list[Change]:
    """Return what scale, bank, profile, strain, size and texture do to attributes of lines."""
    d, difc, k = phase.found.d_spacing, settings.bank.difc, sample.shape_factor
    by_difc = 2.0 * sample.strain * d  # the instrument's γ follows difc through strain and size
    if sample.size is not None:
        by_difc += k * d * d / sample.size
    changes: list[Change] = [
        ("area", ["scale"], (phase.per_square * phase.found.f_squared)[None]),
        ("position", ["difc", "difa", "difb", "zero"], np.stack([d, d * d, 1.0 / d, np.ones_like(d)])),
        ("gamma", ["difc"], by_difc[None]),
    ]
    given = settings.profile
    coefficients = (given.alpha, given.beta, given.variance, given.gamma)
    for attribute, values, columns in zip(SHAPE, coefficients, shape_columns(d), strict=True):
        changes.append((attribute, [f"{attribute}_{i}" for i in range(len(values))], columns[: len(values)]))
    changes.append(("gamma", ["strain"], 2.0 * difc * d[None]))
    if sample.size is not None:
        changes.append(("gamma", ["size"], -k * difc * d[None] ** 2 / sample.size**2))
    return changes + [
        ("area", factor.names, phase.lines.area * factor.by_parameter)
        for factor in phase.textures
        if factor.by_parameter is not None
    ]


def _by_stretch(structure: Structure, phase: TofPhase, gradient: FSquaredGradient, slopes: Array) -> Array:
    """Return the derivatives of |F|² (c, n) by the free cell parameters."""
    rest = tensor_stretch(structure, gradient.u_aniso, slopes)
    return np.asarray(rest + _along(phase, slopes) * gradient.by_reciprocal)


def _along(phase: TofPhase, slopes: Array) -> Array:
    """Return the derivatives of 1/d² (c, n) by the free cell parameters."""
    hkl = phase.found.hkl
    return np.asarray(np.einsum("ni,pij,nj->pn", hkl, slopes, hkl))


def _by_cell(phase: TofPhase, bank: TofBank, names: tuple[str, ...], slopes: Array) -> list[Change]:
    """Return what the free cell parameters (c) do to attributes (c, n) through d and texture, |F|² apart."""
    d, lines = phase.found.d_spacing, phase.lines
    changes: list[Change] = [
        ("area", names, lines.area * factor.by_cell) for factor in phase.textures if factor.by_cell is not None
    ]
    moved = -0.5 * d**3 * _along(phase, slopes)
    attributes: tuple[Attribute, ...] = ("position", "area", *SHAPE)
    by_d = (bank.slope(d), 4.0 * lines.area / d, *phase.profile.by_d(d))
    changes += [(attribute, names, moved * change) for attribute, change in zip(attributes, by_d, strict=True)]
    return changes
