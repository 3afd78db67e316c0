"""The quantification of one pattern of a refined model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.refine.calculation.lattice_strain import PREFIX, strained_structure
from anatase.refine.model import ConstantWavelength, Phase, RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.quantity.external_standard import ExternalStandard
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.refine.quantity.quantification import Quantification
from anatase.refine.quantity.quantify import ParticleSize, quantify
from anatase.refine.quantity.reference_intensity_ratio import ratio_amounts, strongest_of
from anatase.scattering.attenuation import linear_attenuation
from anatase.scattering.radiation import Radiation
from anatase.scattering.reflections import Reflections

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
    *,
    ratios: Mapping[str, float] | None = None,
    **options: Unpack[QuantityOptions],
) -> Quantification | None:
    """Return the weight fractions in one pattern of a refined model, ``None`` where it has no phase to be weighed.

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
    ratios
        I/Ic of phases by name that are fitted without a structure (Le Bail, Pawley): what they weigh beside the others
        (Chung 1974). Phases with neither are left out, with a warning.
    options
        ``particle_size``, ``mean_absorption``, ``internal_standard``, ``external_standard`` as ``quantify`` takes them.

    Raises
    ------
    InputError
        As ``quantify``; when ratios are given with time of flight or particle sizes, or for no phase.
    PhysicsError, ConvergenceError
        As ``quantify``.
    """
    of_line = _checked_ratios(model, histogram, ratios or {}, options)
    there = [phase for phase in model.phases if phase.parts[histogram].scale != 0.0]
    phases = [phase for phase in there if phase.mode == "rietveld" or phase.name in of_line]
    if not phases:
        return None
    by_line = [phase.name for phase in phases if phase.mode != "rietveld"]
    left_out = [phase.name for phase in there if phase not in phases]
    wanted, sizes = [phase.name for phase in phases], {name: of_line[name] for name in by_line}
    scales, volumes, masses = _content(model, histogram, wanted, sizes).reshape(3, -1)
    known = None if covariance is None else _content_covariance(model, histogram, wanted, sizes, names, covariance)
    absorptions = None if by_line else _absorptions(model, histogram, phases)
    found = quantify(wanted, scales, masses, volumes, known, linear_absorptions=absorptions, **options)
    doubts = [f"{name} is fitted without a structure and has no part in the weight fractions" for name in left_out]
    doubts += [
        f"the amount of {name} rests on one line and its I/Ic: expect 10 % of error and more" for name in by_line
    ]
    return replace(found, warnings=(*doubts, *found.warnings))


def _checked_ratios(
    model: RefinementModel, histogram: int, ratios: Mapping[str, float], options: QuantityOptions
) -> dict[str, float]:
    """Return what stands for Z M V of phases without a structure, by name, from their strongest lines and I/Ic."""
    if not ratios:
        return {}
    beam, by_name = model.histograms[histogram].beam, {phase.name: phase for phase in model.phases}
    if unknown := [
        name for name in ratios if name not in by_name or by_name[name].parts[histogram].reflections is None
    ]:
        raise InputError(f"an I/Ic of {unknown[0]}", "give those of phases that are fitted without a structure")
    if not isinstance(beam, ConstantWavelength):
        raise InputError("an I/Ic for a pattern of time of flight", "give it for patterns of constant wavelength")
    if options.get("particle_size") is not None:
        raise InputError("particle sizes beside an I/Ic", "absorption needs the atoms of every phase: leave one out")
    return {
        name: float(
            ratio_amounts(_line_of(by_name[name], histogram, beam.radiation), ratio, wavelength=beam.radiation).values[
                0
            ]
        )
        for name, ratio in ratios.items()
    }


def _line_of(phase: Phase, histogram: int, radiation: Radiation) -> float:
    """Return the area of the strongest line of a phase's list of reflections at scale 1."""
    listed = phase.parts[histogram].reflections
    if listed is None or not len(listed.hkl):
        raise InputError(f"{phase.name} has no reflections in this pattern", "leave out its I/Ic")
    d = _here(phase, histogram).lattice.d_spacing(listed.hkl)
    order = np.argsort(-d, kind="stable")
    order = order[d[order] > 0.5 * radiation.wavelength]
    lines = Reflections(listed.hkl[order], listed.multiplicity[order], d[order], listed.f_squared[order], radiation)
    return strongest_of(lines).intensity


def _here(phase: Phase, histogram: int) -> Structure:
    """Return the structure with the cell that it has in this pattern."""
    return strained_structure(phase.structure, phase.parts[histogram].lattice_strain)


def _absorptions(model: RefinementModel, histogram: int, phases: Sequence[Phase]) -> list[float] | None:
    beam = model.histograms[histogram].beam
    if not isinstance(beam, ConstantWavelength) or beam.radiation.probe == "electron":
        return None
    radiation = beam.radiation
    return [linear_attenuation(_here(phase, histogram), radiation.wavelength, radiation.probe) for phase in phases]


def _content_covariance(
    model: RefinementModel,
    histogram: int,
    wanted: Sequence[str],
    sizes: Mapping[str, float],
    names: Sequence[str],
    covariance: Array,
) -> Array:
    """Return the covariance (3n, 3n) of scales, cell volumes and cell masses, by central differences."""
    here = model.histograms[histogram].name
    values = parameter_values(model)
    rows, columns = [], []
    for row, name in enumerate(names):
        phase = max((one for one in wanted if name.startswith(f"{one}.")), key=len, default="")
        if not phase or not _counts(name.removeprefix(f"{phase}."), here):
            continue
        step = max(STEP * abs(values[name]), 1e-300) if name.endswith(".scale") else STEP
        ends = [
            _content(with_values(model, {name: values[name] + way}), histogram, wanted, sizes) for way in (step, -step)
        ]
        columns.append((ends[0] - ends[1]) / (2.0 * step))
        rows.append(row)
    if not rows:
        return np.zeros((3 * len(wanted), 3 * len(wanted)))
    jacobian = np.stack(columns, axis=1)
    return np.asarray(jacobian @ covariance[np.ix_(rows, rows)] @ jacobian.T)


def _counts(name: str, histogram: str) -> bool:
    own = name.removeprefix(f"{histogram}.")
    return name in CELL or name.endswith(".occupancy") or (own != name and (own == "scale" or own.startswith(PREFIX)))


def _content(model: RefinementModel, histogram: int, wanted: Sequence[str], sizes: Mapping[str, float]) -> Array:
    """Return scales, volumes (Å³) and masses (g/mol) of named phases, (3n,); 1 and ``sizes`` where these are given."""
    by_name = {phase.name: phase for phase in model.phases}
    scales = [by_name[name].parts[histogram].scale for name in wanted]
    cells = [None if name in sizes else _here(by_name[name], histogram) for name in wanted]
    volumes = [1.0 if cell is None else cell.lattice.volume for cell in cells]
    masses = [sizes[name] if cell is None else cell.mass_per_cell for name, cell in zip(wanted, cells, strict=True)]
    return np.array([*scales, *volumes, *masses])
