"""The derivatives of a weighted sum over a powder pattern by every parameter, without its Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Lines, draw_lines_with_gradient
from anatase.pattern.line_shapes import SHAPES
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.scattering.structure_factor_adjoint import f_squared_sums, pull_back
from anatase.simulation.arguments import as_array, as_phases
from anatase.simulation.atom_parameters import atom_derivatives, tensor_stretch
from anatase.simulation.doubts import doubts_about
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_changes import LineChanges, optical_changes
from anatase.simulation.mixture import (
    background_at,
    gathered_parameters,
    mixture_pattern,
    phase_scales,
)
from anatase.simulation.powder_lines import Beam, listed_reflections, phase_lines
from anatase.simulation.powder_settings import PowderOptions, powder_settings
from anatase.simulation.sample import Sample

__all__ = ["SimulatedGradient", "simulate_gradient"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SimulatedGradient:
    """A pattern, the names of its parameters (k), and ∂(Σ w y)/∂parameter (k,) for the weights w that were given."""

    pattern: Pattern
    names: tuple[str, ...]
    gradient: Array


def simulate_gradient(
    structures: Structure | Sequence[Structure],
    weights: ArrayLike,
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    step: float | None = None,
    instrument: Instrument | None = None,
    sample: Sample | Sequence[Sample] | None = None,
    background: ArrayLike | None = None,
    *,
    weight_fractions: Sequence[float] | None = None,
    **options: Unpack[PowderOptions],
) -> SimulatedGradient:
    """Return the pattern y (n,) of ``simulate`` and the derivatives of Σ w y by every parameter that is in use.

    For weights w (n,) = ∂L/∂y this is the gradient of any loss L of the pattern: of χ² = Σ (y − y_obs)²/σ² with
    w = 2 (y − y_obs)/σ². Names, and what they mean, are those of ``simulate_derivatives``, of whose Jacobian J this is
    J w; but it takes a few times as long as the pattern however many parameters there are, for it goes backwards
    (reverse accumulation): from points to lines, to reflections, to atoms.

    Raises
    ------
    InputError
        When there is not one weight for each point.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Fe", (Species("Fe"),), (0, 0, 0), u_iso=0.004)
    >>> iron = Structure(Lattice(2.866, 2.866, 2.866), SpaceGroup.from_number(229), (site,))
    >>> answer = simulate_gradient(iron, np.ones(4251))
    >>> total = answer.pattern.intensity.sum()
    >>> bool(abs(answer.gradient[answer.names.index("scale")] / total - 1.0) < 1e-9)
    True
    """
    settings = powder_settings(wavelength, two_theta, step, instrument, **options)
    phases, samples = as_phases(structures, sample)
    x, beam = settings.points, settings.beam
    w = np.ascontiguousarray(as_array("weights", weights, x.shape, example="one finite number for each point"))
    y = background_at(background, x.size)
    parts, doubts = [], list[str]()
    for phase, powder, scale in zip(
        phases, samples, phase_scales(phases, weight_fractions, settings.scale), strict=True
    ):
        check_physical(phase)
        curve, lines, names, gradient = _phase_gradient(phase, beam, powder, scale, (x, w, settings.floor))
        y += curve
        doubts += doubts_about(x, lines, phase, powder, beam.model)
        parts.append((names, gradient))
    return SimulatedGradient(mixture_pattern(x, y, beam.radiation, phases, doubts), *gathered_parameters(parts))


def _phase_gradient(
    structure: Structure, beam: Beam, sample: Sample, scale: float, drawn: tuple[Array, Array, float]
) -> tuple[Array, Lines, list[str], Array]:
    """Return a phase's curve (n,), its lines, the names (k) of its parameters, and ∂L by each (k,)."""
    cell, rates = free_cell_parameters(structure.lattice, structure.space_group)
    slopes = reciprocal_metric_slopes(structure.lattice, rates)
    listed = listed_reflections(structure, beam, sample)
    sums = f_squared_sums(structure, listed[0], listed[2], beam.model, beam.u_default)
    found = phase_lines(structure, beam, sample, listed, sums.f_squared, slopes)
    optical = optical_changes(structure, beam, sample, scale, found, (cell, slopes))
    x, weights, floor = drawn
    y, by_line = draw_lines_with_gradient(x, optical.lines, weights, floor)
    by_line[1:] *= optical.lines.area
    values = _contracted(optical, by_line)
    per_square = scale * found.per_square * by_line[SHAPES["area"]]
    by_square: Array = np.bincount(found.placed.reflection, per_square, len(found.f_squared)).astype(np.float64)
    pulled = pull_back(sums, by_square, beam.u_default)
    by_cell = np.tensordot(slopes, pulled.by_metric, axes=2)
    if any(site.u_aniso is not None for site in structure.sites):
        by_cell += tensor_stretch(structure, pulled.u_aniso[None], slopes)[:, 0]
    by_site = [part[None] for part in (pulled.xyz, pulled.u_iso, pulled.occupancy, pulled.u_aniso)]
    labels, by_atom = atom_derivatives(structure, *by_site)
    for names, change in ((cell, by_cell), (labels, by_atom[:, 0])):
        for name, value in zip(names, change.tolist(), strict=True):
            values[name] = values.get(name, 0.0) + value
    if optical.lines.s_over_l > 0.0:
        for name in ("s_over_l", "h_over_l"):
            values[name] = float(by_line[SHAPES[name]].sum())
    return y, optical.lines, list(values), np.array(list(values.values()))


def _contracted(optical: LineChanges, by_line: Array) -> dict[str, float]:
    """Return ∂L by each parameter at constant |F|², from ∂L by the lines' attributes (6, m)."""
    by_attribute = {name: by_line[row] for name, row in SHAPES.items() if row < len(by_line)}
    moved, gauss, lorentz, area = optical.by_reciprocal
    by_attribute["reciprocal"] = (
        moved * by_line[SHAPES["position"]]
        + gauss * by_line[SHAPES["gauss"]]
        + lorentz * by_line[SHAPES["lorentz"]]
        + area * optical.lines.area * by_line[SHAPES["area"]]
    )
    values: dict[str, float] = {}
    for change in optical.changes:
        for name, value in zip(change.names, (change.values @ by_attribute[change.attribute]).tolist(), strict=True):
            values[name] = values.get(name, 0.0) + value
    return values
