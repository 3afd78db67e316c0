"""The quantification of one pattern of a refined model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.refine.lattice_strain import PREFIX, strained_structure
from anatase.refine.model import ConstantWavelength, Phase, RefinementModel
from anatase.refine.parameters import parameter_values, with_values
from anatase.refine.quantity.external_standard import ExternalStandard
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.refine.quantity.quantification import Quantification
from anatase.refine.quantity.quantify import ParticleSize, quantify
from anatase.scattering.attenuation import linear_attenuation

__all__ = ["QuantityOptions", "quantify_histogram"]

Array = NDArray[np.float64]

STEP = 1e-4  # Å, degrees, or occupancy, in differences
CELL = ("a", "b", "c", "alpha", "beta", "gamma")


class QuantityOptions(TypedDict, total=False):
    """What may be said by keyword of standards and grains: see ``quantify``."""

    particle_size: ParticleSize | None
    mean_absorption: float | None
    internal_standard: InternalStandard | None
    external_standard: ExternalStandard | None


def quantify_histogram(
    model: RefinementModel,
    histogram: int,
    names: Sequence[str] = (),
    covariance: Array | None = None,
    **options: Unpack[QuantityOptions],
) -> Quantification | None:
    """Return the weight fractions in one pattern of a refined model, ``None`` where no phase has a fitted structure.

    Absorption coefficients are those of the structures at the pattern's strongest wavelength; with time of flight there
    are none, and neutrons need no correction for microabsorption.

    Parameters
    ----------
    model
        Its refined values.
    histogram
        Which pattern.
    names, covariance
        The refined parameters (r) and their covariance (r, r), as ``Fitted.spread`` has it: scales, cells and
        occupancies count, with all that ties them.
    options
        ``particle_size``, ``mean_absorption``, ``internal_standard``, ``external_standard`` as ``quantify`` takes them.

    Raises
    ------
    InputError, PhysicsError, ConvergenceError
        As ``quantify``.
    """
    there = [phase for phase in model.phases if phase.parts[histogram].scale != 0.0]
    phases = [phase for phase in there if phase.mode == "rietveld"]
    if not phases:
        return None
    structures = [_here(phase, histogram) for phase in phases]
    known = None if covariance is None else _content_covariance(model, histogram, phases, names, covariance)
    found = quantify(
        [phase.name for phase in phases],
        [phase.parts[histogram].scale for phase in phases],
        [structure.mass_per_cell for structure in structures],
        [structure.lattice.volume for structure in structures],
        known,
        linear_absorptions=_absorptions(model, histogram, structures),
        **options,
    )
    left_out = [phase.name for phase in there if phase.mode != "rietveld"]
    if not left_out:
        return found
    doubt = f"{', '.join(left_out)} is fitted without a structure and has no part in the weight fractions"
    return replace(found, warnings=(doubt, *found.warnings))


def _here(phase: Phase, histogram: int) -> Structure:
    """Return the structure with the cell that it has in this pattern."""
    return strained_structure(phase.structure, phase.parts[histogram].lattice_strain)


def _absorptions(model: RefinementModel, histogram: int, structures: Sequence[Structure]) -> list[float] | None:
    beam = model.histograms[histogram].beam
    if not isinstance(beam, ConstantWavelength) or beam.radiation.probe == "electron":
        return None
    return [linear_attenuation(one, beam.radiation.wavelength, beam.radiation.probe) for one in structures]


def _content_covariance(
    model: RefinementModel, histogram: int, phases: Sequence[Phase], names: Sequence[str], covariance: Array
) -> Array:
    """Return the covariance (3n, 3n) of scales, cell volumes and cell masses, by central differences."""
    here = model.histograms[histogram].name
    values = parameter_values(model)
    wanted = [phase.name for phase in phases]
    rows, columns = [], []
    for row, name in enumerate(names):
        phase = max((one for one in wanted if name.startswith(f"{one}.")), key=len, default="")
        if not phase or not _counts(name.removeprefix(f"{phase}."), here):
            continue
        step = max(STEP * abs(values[name]), 1e-300) if name.endswith(".scale") else STEP
        ends = [_content(with_values(model, {name: values[name] + way}), histogram, wanted) for way in (step, -step)]
        columns.append((ends[0] - ends[1]) / (2.0 * step))
        rows.append(row)
    if not rows:
        return np.zeros((3 * len(phases), 3 * len(phases)))
    jacobian = np.stack(columns, axis=1)
    return np.asarray(jacobian @ covariance[np.ix_(rows, rows)] @ jacobian.T)


def _counts(name: str, histogram: str) -> bool:
    own = name.removeprefix(f"{histogram}.")
    return name in CELL or name.endswith(".occupancy") or (own != name and (own == "scale" or own.startswith(PREFIX)))


def _content(model: RefinementModel, histogram: int, wanted: Sequence[str]) -> Array:
    """Return scales, volumes (Å³) and masses (g/mol) of named phases, (3n,)."""
    by_name = {phase.name: phase for phase in model.phases}
    phases = [by_name[name] for name in wanted]
    scales = [phase.parts[histogram].scale for phase in phases]
    structures = [_here(phase, histogram) for phase in phases]
    return np.array([*scales, *(s.lattice.volume for s in structures), *(s.mass_per_cell for s in structures)])
