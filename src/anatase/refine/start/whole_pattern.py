"""The whole-pattern model: background, instrument and phases with fixed relative intensities, and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.pattern.draw_lines import Lines, Sensitivity, draw_lines, draw_lines_with_derivatives
from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines
from anatase.pattern.profile import pseudo_voigts
from anatase.refine.start.cell_strain import strain_basis
from anatase.refine.start.phase_profile import MARGIN, place_lines
from anatase.refine.start.pulse_tails import PulseTails, widened, with_tails
from anatase.scattering.lorentz_polarization import effective_polarization, lorentz_polarization
from anatase.scattering.radiation import Radiation

__all__ = [
    "INSTRUMENT",
    "PhaseLines",
    "WholePattern",
    "evaluate",
    "line_profiles",
    "line_reflections",
    "phase_curve",
    "phase_lines",
]

Array = NDArray[np.float64]

# Global parameters after the background's: 2θ shift (°), axial divergence S/L, Gaussian W and U (deg²)
INSTRUMENT = ("shift", "divergence", "gauss_w", "gauss_u")


@dataclass(frozen=True)
class PhaseLines:
    """What a fit needs of one phase: its lines, how they move with strain, how texture changes them.

    hkl (n, 3), inverse_d2 (n,) in Å⁻² at the reference lattice, strength (n,) = m|F|²/V² times a constant
    ``norm``, strain_terms (n, k), cos2 (n, m) to the texture axis or ``None``.
    """

    hkl: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    inverse_d2: Array
    strength: Array
    strain_terms: Array
    lattice: Lattice
    space_group: SpaceGroup
    basis: Array
    norm: float = 1.0
    axis: tuple[int, int, int] | None = None
    cos2: Array | None = None

    @property
    def n_parameters(self) -> int:
        """Scale, strains, size broadening X, strain broadening Y, and March r where an axis is set."""
        return 3 + len(self.basis) + int(self.axis is not None)

    def with_axis(self, axis: tuple[int, int, int] | None) -> PhaseLines:
        """Return the same phase with another texture axis, or none."""
        cos2 = None if axis is None else orientation_cosines(self.hkl, axis, self.lattice, self.space_group)
        return replace(self, axis=axis, cos2=cos2)


def phase_lines(
    hkl: NDArray[np.int64],
    multiplicity: NDArray[np.int64],
    intensity: Array,
    lattice: Lattice,
    space_group: SpaceGroup,
    radiation: Radiation,
    basis: Array | None = None,
) -> PhaseLines:
    """Build the lines of a phase from m|F|²/V² (n,), scaled so that its pattern has about unit area."""
    basis = strain_basis(lattice, space_group) if basis is None else basis
    h = hkl.astype(float)
    inverse_d2 = lattice.inverse_d_squared(h)
    sine = radiation.wavelength * np.sqrt(inverse_d2) / 2.0
    factor = lorentz_polarization(2.0 * np.degrees(np.arcsin(np.minimum(sine, 0.9999))), radiation)
    total = float(np.sum(intensity * factor))
    norm = 1.0 / total if total > 0 else 1.0
    terms = np.einsum("ni,kij,nj->nk", h, basis, h)
    return PhaseLines(hkl, multiplicity, inverse_d2, intensity * norm, terms, lattice, space_group, basis, norm)


@dataclass(frozen=True)
class WholePattern:
    """A pattern's abscissa (n,) in °2θ, its background columns (b, n), radiation, and the phases in it.

    ``shift_kind`` tells whether the 2θ shift is a sample displacement (∝ cos θ) or a zero error.
    ``floor`` is the intensity below which a line's tail is left out, however wide. ``tails`` are a neutron pulse's.
    """

    x: Array
    columns: Array
    radiation: Radiation
    phases: tuple[PhaseLines, ...]
    shift_kind: Literal["displacement", "zero"] = "displacement"
    asymmetry: bool = False
    floor: float = 1.0
    tails: PulseTails | None = None

    @cached_property
    def offsets(self) -> list[int]:
        """Index of each phase's first parameter, and the number of parameters at the end."""
        start = self.columns.shape[0] + len(INSTRUMENT)
        return list(np.cumsum([start, *(p.n_parameters for p in self.phases)]))


def _at(
    model: WholePattern, which: int, parameters: Array
) -> tuple[Array, Array, Array, tuple[Array, Array, float, bool]]:
    """Return a phase's 1/d² (n,), textured strength (n,), its slope by March r, and the beam, at given parameters."""
    phase = model.phases[which]
    values = parameters[model.offsets[which] : model.offsets[which + 1]]
    k = phase.basis.shape[0]
    inverse_d2 = np.maximum(phase.inverse_d2 + phase.strain_terms @ values[1 : 1 + k], 1e-8)
    strength, slope = phase.strength, np.empty(0)
    if phase.cos2 is not None:
        factor, by_r = march_dollase(phase.cos2, values[3 + k])
        strength, slope = phase.strength * factor, phase.strength * by_r
    lines = np.array(model.radiation.lines)
    beam = (
        np.ascontiguousarray(lines[:, 0]),
        lines[:, 1] / lines[:, 1].sum(),
        effective_polarization(model.radiation),
        model.shift_kind == "displacement",
    )
    return inverse_d2, strength, slope, beam


def _placed(model: WholePattern, which: int, parameters: Array) -> tuple[Lines, Array, NDArray[np.int64], Array]:
    """Return a phase's lines (m), the table of ``place_lines``, the reflection of each, and the slope by March r."""
    b = model.columns.shape[0]
    inverse_d2, strength, slope, beam = _at(model, which, parameters)
    values = parameters[model.offsets[which] : model.offsets[which + 1]]
    k = model.phases[which].basis.shape[0]
    table, reflection = place_lines(
        model.x[0] - MARGIN, model.x[-1] + MARGIN, *beam, inverse_d2, strength, parameters[b : b + 4],
        values[1 + k : 3 + k],
    )  # fmt: skip
    divergence = float(parameters[b + 1]) if model.asymmetry else 0.0
    if model.tails is not None:
        table[0] += model.tails.offset(table[0])
    lines = Lines(table[0], table[1], table[2], values[0] * table[3], divergence, divergence)
    return lines, table, reflection, slope


def line_profiles(model: WholePattern, parameters: Array, which: int) -> tuple[Array, Array, Array, Array]:
    """Return position (°2θ), FWHM (°), mixing η and area (m,) of one phase's lines, all wavelengths, no asymmetry."""
    lines, _, _, _ = _placed(model, which, parameters)
    inside = (lines.position >= model.x[0]) & (lines.position <= model.x[-1])
    fwhm, eta = pseudo_voigts(lines.gauss[inside], lines.lorentz[inside])
    position = lines.position[inside]
    if model.tails is not None:
        position = position - model.tails.offset(position)
    return np.asarray(position), widened(model.tails, position, fwhm), eta, lines.area[inside]


def line_reflections(model: WholePattern, parameters: Array, which: int) -> NDArray[np.int64]:
    """Return the index (m,) among a phase's reflections of each line that ``line_profiles`` gives."""
    lines, _, reflection, _ = _placed(model, which, parameters)
    return np.asarray(reflection[(lines.position >= model.x[0]) & (lines.position <= model.x[-1])])


def phase_curve(model: WholePattern, parameters: Array, which: int) -> Array:
    """Return one phase's part (n,) of the calculated pattern."""
    return with_tails(model.tails, model.x, draw_lines(model.x, _placed(model, which, parameters)[0], -model.floor))


def _differentiated(model: WholePattern, parameters: Array, which: int) -> tuple[Array, Array]:
    """Return one phase's part (n,) and its derivatives (4 + p, n): rows for the instrument, then the phase's own."""
    phase = model.phases[which]
    lines, table, reflection, slope = _placed(model, which, parameters)
    k, half = phase.basis.shape[0], 0.5 / lines.gauss
    sensitivities = [
        Sensitivity("position", np.array([0]), table[8:9]),
        Sensitivity("gauss", np.array([2, 3]), np.array([half, half * table[9] ** 2])),
        Sensitivity("area", np.array([4]), table[3:4]),
        Sensitivity("reciprocal", np.arange(5, 5 + k), phase.strain_terms[reflection].T),
        Sensitivity("lorentz", np.array([5 + k, 6 + k]), table[[10, 9]]),
    ]
    if phase.cos2 is not None:
        scale = parameters[model.offsets[which]]
        sensitivities.append(Sensitivity("area", np.array([7 + k]), (scale * table[11] * slope[reflection])[None]))
    rows = (1, 1) if model.asymmetry else (-1, -1)
    curve, slopes = draw_lines_with_derivatives(
        model.x, lines, sensitivities, 4 + phase.n_parameters, table[4:8], rows, -model.floor
    )
    return with_tails(model.tails, model.x, curve), with_tails(model.tails, model.x, slopes)


def evaluate(model: WholePattern, parameters: Array) -> tuple[Array, Array]:
    """Return the calculated pattern (n,) and its derivatives (k, n) by all parameters.

    Parameters stand in the order: background coefficients, ``INSTRUMENT``, then for each phase its scale (area),
    strains, size broadening X (°, ∝ 1/cos θ), strain broadening Y (°, ∝ tan θ), March r.
    """
    b, n = model.columns.shape[0], model.x.size
    jacobian = np.zeros((parameters.size, n))
    jacobian[:b] = model.columns
    y = parameters[:b] @ model.columns
    for i in range(len(model.phases)):
        start, stop = model.offsets[i], model.offsets[i + 1]
        curve, local = _differentiated(model, parameters, i)
        y += curve
        jacobian[b : b + 4] += local[:4]
        jacobian[start:stop] = local[4:]
    return y, jacobian
