"""The whole-pattern model: background, instrument and phases with fixed relative intensities, and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines
from anatase.refine.cell_strain import strain_basis
from anatase.refine.phase_profile import add_phase, place_lines
from anatase.scattering.lorentz_polarization import effective_polarization, lorentz_polarization
from anatase.scattering.radiation import Radiation

__all__ = ["INSTRUMENT", "PhaseLines", "WholePattern", "evaluate", "line_profiles", "phase_curve", "phase_lines"]

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
    ``floor`` is the intensity below which a line's tail is cut off.
    """

    x: Array
    columns: Array
    radiation: Radiation
    phases: tuple[PhaseLines, ...]
    shift_kind: Literal["displacement", "zero"] = "displacement"
    asymmetry: bool = False
    floor: float = 1.0

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


def _add(model: WholePattern, parameters: Array, which: int, y: Array, jacobian: Array) -> None:
    """Add one phase to y (n,) and to jacobian (4 + p, n): rows for the instrument, then the phase's own."""
    b = model.columns.shape[0]
    inverse_d2, strength, slope, beam = _at(model, which, parameters)
    values = parameters[model.offsets[which] : model.offsets[which + 1]]
    wavelengths, line_weights, polarization, displaced = beam
    add_phase(
        model.x,
        wavelengths,
        line_weights,
        polarization,
        displaced,
        model.asymmetry,
        model.floor,
        inverse_d2,
        model.phases[which].strain_terms,
        strength,
        slope,
        parameters[b : b + 4],
        values,
        y,
        jacobian,
    )


def line_profiles(model: WholePattern, parameters: Array, which: int) -> tuple[Array, Array, Array, Array]:
    """Return position (°2θ), FWHM (°), mixing η and area (m,) of one phase's lines, all wavelengths, no asymmetry."""
    b = model.columns.shape[0]
    inverse_d2, strength, _, beam = _at(model, which, parameters)
    values = parameters[model.offsets[which] : model.offsets[which + 1]]
    k = model.phases[which].basis.shape[0]
    position, fwhm, eta, unit = place_lines(
        model.x[0], model.x[-1], *beam, inverse_d2, strength, parameters[b : b + 4], (values[1 + k], values[2 + k])
    )
    return position, fwhm, eta, values[0] * unit


def phase_curve(model: WholePattern, parameters: Array, which: int) -> Array:
    """Return one phase's part (n,) of the calculated pattern."""
    y = np.zeros(model.x.size)
    _add(model, parameters, which, y, np.zeros((0, model.x.size)))
    return y


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
        local = np.zeros((4 + stop - start, n))
        _add(model, parameters, i, y, local)
        jacobian[b : b + 4] += local[:4]
        jacobian[start:stop] = local[4:]
    return y, jacobian
