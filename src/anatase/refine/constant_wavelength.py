"""One phase in one histogram at constant wavelength: its lines, and how the pattern follows its parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.errors import InputError
from anatase.pattern.draw_lines import Sensitivity, draw_lines_with_derivatives
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.simulation.line_changes import LineChanges, atomic_changes, optical_changes
from anatase.simulation.powder_lines import Beam, ListedReflections, listed_reflections, phase_lines

__all__ = ["beam_of", "listed_lines", "phase_derivatives"]

Array = NDArray[np.float64]
Rows = dict[str, int]

FLOOR = 1e-4  # of the least s.u. of a point: intensity below which tails may be left out
INSTRUMENTAL = ("zero", "displacement", "displacement_across", "penetration", "s_over_l", "h_over_l")
OF_PHASE = ("a", "b", "c", "alpha", "beta", "gamma")


def beam_of(histogram: Histogram) -> Beam:
    """Return radiation, instrument and range of a histogram at constant wavelength, as the lines need them."""
    beam, x = histogram.beam, histogram.pattern.x
    if not isinstance(beam, ConstantWavelength):
        raise InputError(f"{histogram.name} is of time of flight", "give a pattern at constant wavelength")
    return Beam(beam.radiation, beam.instrument, float(x[0]), float(x[-1]), beam.scattering)


def listed_lines(histogram: Histogram, phase: Phase, part: PhasePart) -> ListedReflections:
    """Return hkl (n, 3), multiplicity (n,) and 1/d² (n,) of the reflections of a phase that count in a histogram."""
    if part.reflections is not None:
        hkl = part.reflections.hkl
        return hkl, part.reflections.multiplicity, phase.structure.lattice.inverse_d_squared(hkl)
    return listed_reflections(phase.structure, beam_of(histogram), part.sample)


def line_changes_of(
    histogram: Histogram, phase: Phase, part: PhasePart, rows: Rows, listed: ListedReflections | None
) -> LineChanges:
    """Return the lines of a phase with their changes by the parameters that are asked for, and perhaps others."""
    structure, beam = phase.structure, beam_of(histogram)
    hkl, multiplicity, _ = listed_lines(histogram, phase, part) if listed is None else listed
    inverse_d2 = structure.lattice.inverse_d_squared(hkl)
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    slopes = reciprocal_metric_slopes(structure.lattice, rates)
    kept = (hkl, multiplicity, inverse_d2)
    lines = (structure, beam, part.sample)
    if part.reflections is not None:
        found = phase_lines(*lines, kept, part.reflections.f_squared, slopes)
        return optical_changes(*lines, part.scale, found, (names, slopes))
    own = f"{phase.name}."
    atoms = any(row.startswith(own) and not row.startswith(f"{own}{histogram.name}.") for row in rows)
    if not atoms:
        squared = f_squared_of_rows(structure, hkl, inverse_d2, beam.model, beam.u_default)
        return optical_changes(*lines, part.scale, phase_lines(*lines, kept, squared, slopes), (names, slopes))
    return atomic_changes(*lines, part.scale, kept, (names, slopes))


def phase_derivatives(
    histogram: Histogram,
    phase: Phase,
    part: PhasePart,
    rows: Rows,
    jacobian: Array,
    listed: ListedReflections | None = None,
) -> Array:
    """Return the part (n,) of a phase in the pattern, and add its derivatives to the rows of the Jacobian (k, n)."""
    changed = line_changes_of(histogram, phase, part, rows, listed)
    owners = {"instrument": histogram.name, "phase": phase.name, "part": f"{phase.name}.{histogram.name}"}
    wanted: dict[str, int] = {}
    parts: list[Sensitivity] = []
    for change in changed.changes:
        full = [f"{owners[_owner(name)]}.{name}" for name in change.names]
        keep = [i for i, name in enumerate(full) if name in rows]
        if keep:
            local = np.array([wanted.setdefault(full[i], len(wanted)) for i in keep])
            parts.append(Sensitivity(change.attribute, local, change.values[keep]))
    divergence = [-1, -1]
    if changed.lines.s_over_l > 0.0:
        for i, name in enumerate(("s_over_l", "h_over_l")):
            if f"{histogram.name}.{name}" in rows:
                divergence[i] = wanted.setdefault(f"{histogram.name}.{name}", len(wanted))
    floor = FLOOR * float(histogram.pattern.sigma.min())
    y, local_jacobian = draw_lines_with_derivatives(
        histogram.pattern.x, changed.lines, parts, len(wanted), changed.by_reciprocal, (divergence[0], divergence[1]),
        floor,
    )  # fmt: skip
    for name, local_row in wanted.items():
        jacobian[rows[name]] += local_jacobian[local_row]
    return y


def _owner(name: str) -> str:
    """Return whose a parameter of the lines is: the instrument's, the phase's, or the phase's in this histogram."""
    if name in INSTRUMENTAL or name.startswith(("gauss_", "lorentz_")) or name == "wavelength":
        return "instrument"
    return "phase" if "." in name or name in OF_PHASE else "part"
