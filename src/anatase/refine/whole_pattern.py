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
from anatase.pattern.profile import accumulate, axial_divergence, thompson_cox_hastings
from anatase.refine.cell_strain import strain_basis
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import Radiation

__all__ = ["INSTRUMENT", "PhaseLines", "WholePattern", "evaluate", "phase_lines"]

Array = NDArray[np.float64]

# Global parameters after the background's: 2θ shift (°), axial divergence S/L, Gaussian W and U (deg²)
INSTRUMENT = ("shift", "divergence", "gauss_w", "gauss_u")
SHIFT, DIVERGENCE, GAUSS_W, GAUSS_U = range(4)


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
        return 3 + self.basis.shape[0] + (self.axis is not None)

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


def _spread(position: Array, divergence: float) -> tuple[NDArray[np.int64], Array, Array]:
    """Return which line each sub-line belongs to, its shift and its weight for axial divergence."""
    shift, weight = axial_divergence(position, divergence)
    index = np.repeat(np.arange(position.size), shift.shape[1])
    return index, shift.ravel(), weight.ravel()


@dataclass(frozen=True)
class _Lines:
    """One phase's lines of one wavelength at given parameters, all arrays (m,) over the lines in range."""

    keep: NDArray[np.int64]
    position: Array
    fwhm: Array
    eta: Array
    base: Array  # area at unit scale without texture
    unit: Array  # area at unit scale
    texture_slope: Array | None
    tangent: Array
    cosine: Array
    lever: Array
    by_metric: Array
    widths: tuple[Array, Array, Array, Array, Array]  # Gaussian FWHM; ∂FWHM and ∂η by Gaussian and Lorentzian FWHM


def _lines(model: WholePattern, phase: PhaseLines, instrument: Array, values: Array) -> list[_Lines]:
    """Place one phase's lines: one entry per wavelength with lines in range."""
    k = phase.basis.shape[0]
    inverse_d2 = np.maximum(phase.inverse_d2 + phase.strain_terms @ values[1 : 1 + k], 1e-8)
    texture, texture_slope = np.ones(inverse_d2.size), None
    if phase.cos2 is not None:
        texture, texture_slope = march_dollase(phase.cos2, values[3 + k])
    total_weight = sum(weight for _, weight in model.radiation.lines)
    placed = []
    for wavelength, line_weight in model.radiation.lines:
        sine = wavelength * np.sqrt(inverse_d2) / 2.0
        keep = np.flatnonzero(sine < 0.9998)
        theta = np.arcsin(sine[keep])
        lever = np.cos(theta) if model.shift_kind == "displacement" else np.ones_like(theta)
        position = 2.0 * np.degrees(theta) + instrument[SHIFT] * lever
        inside = (position > model.x[0] - 1.0) & (position < model.x[-1] + 1.0)
        keep, theta, lever, position = keep[inside], theta[inside], lever[inside], position[inside]
        if not keep.size:
            continue
        tangent, cosine = np.tan(theta), np.cos(theta)
        gauss = np.sqrt(np.maximum(instrument[GAUSS_W] + instrument[GAUSS_U] * tangent**2, 1e-8))
        fwhm, eta, *slopes = thompson_cox_hastings(gauss, values[1 + k] / cosine + values[2 + k] * tangent)
        factor = lorentz_polarization(2.0 * np.degrees(theta), model.radiation)
        base = phase.strength[keep] * factor * line_weight / total_weight
        by_metric = np.degrees(wavelength**2 / (2.0 * np.sin(2.0 * theta)))
        slope = None if texture_slope is None else texture_slope[keep]
        unit = base * texture[keep]
        placed.append(
            _Lines(keep, position, fwhm, eta, base, unit, slope, tangent, cosine, lever, by_metric, (gauss, *slopes))  # type: ignore[arg-type]
        )
    return placed


def _slopes(phase: PhaseLines, lines: _Lines, scale: float, rows: int) -> tuple[Array, Array, Array, Array]:
    """Return derivatives (m, rows) of position, FWHM, η and area by the instrument's and the phase's parameters."""
    k, m = phase.basis.shape[0], lines.position.size
    d_position, d_fwhm, d_eta, d_area = (np.zeros((m, rows)) for _ in range(4))
    if not rows:
        return d_position, d_fwhm, d_eta, d_area
    gauss, fwhm_g, fwhm_l, eta_g, eta_l = lines.widths
    d_position[:, SHIFT] = lines.lever
    half = 0.5 / gauss
    for column, slope in ((GAUSS_W, half), (GAUSS_U, half * lines.tangent**2)):
        d_fwhm[:, column], d_eta[:, column] = fwhm_g * slope, eta_g * slope
    d_area[:, 4] = lines.unit
    d_position[:, 5 : 5 + k] = lines.by_metric[:, None] * phase.strain_terms[lines.keep]
    for column, slope in ((5 + k, 1.0 / lines.cosine), (6 + k, lines.tangent)):
        d_fwhm[:, column], d_eta[:, column] = fwhm_l * slope, eta_l * slope
    if lines.texture_slope is not None:
        d_area[:, 7 + k] = scale * lines.base * lines.texture_slope
    return d_position, d_fwhm, d_eta, d_area


def _phase_profile(
    model: WholePattern, phase: PhaseLines, instrument: Array, values: Array, y: Array, jacobian: Array
) -> None:
    """Add one phase to y (n,) and to jacobian (4 + p, n): rows for the instrument, then the phase's own."""
    rows = jacobian.shape[0]
    for lines in _lines(model, phase, instrument, values):
        d_position, d_fwhm, d_eta, d_area = _slopes(phase, lines, values[0], rows)
        position, fwhm, eta, area = lines.position, lines.fwhm, lines.eta, values[0] * lines.unit
        if model.asymmetry and instrument[DIVERGENCE] > 1e-4:
            index, shift, weight = _spread(position, instrument[DIVERGENCE])
            position, fwhm, eta, area = position[index] + shift, fwhm[index], eta[index], area[index] * weight
            d_position, d_fwhm, d_eta = d_position[index], d_fwhm[index], d_eta[index]
            d_area = d_area[index] * weight[:, None]
            if rows:
                d_position[:, DIVERGENCE] = 2.0 * shift / instrument[DIVERGENCE]
        # the Lorentzian tail falls to the floor at this many half-widths
        reach = fwhm * np.clip(0.5 * np.sqrt(np.maximum(eta, 0.05) * area / fwhm / model.floor), 3.0, 40.0)
        accumulate(model.x, position, fwhm, eta, area, reach, d_position, d_fwhm, d_eta, d_area, y, jacobian)


def line_profiles(model: WholePattern, parameters: Array, which: int) -> tuple[Array, Array, Array, Array]:
    """Return position (°2θ), FWHM (°), mixing η and area (m,) of one phase's lines, all wavelengths, no asymmetry."""
    b = model.columns.shape[0]
    start, stop = model.offsets[which], model.offsets[which + 1]
    phase, values, instrument = model.phases[which], parameters[start:stop], parameters[b : b + 4]
    lines = _lines(model, phase, instrument, values)
    return tuple(np.concatenate(part) for part in zip(*((x.position, x.fwhm, x.eta, values[0] * x.unit) for x in lines), strict=True))  # type: ignore[return-value]


def phase_curve(model: WholePattern, parameters: Array, which: int) -> Array:
    """Return one phase's part (n,) of the calculated pattern."""
    b = model.columns.shape[0]
    start, stop = model.offsets[which], model.offsets[which + 1]
    y = np.zeros(model.x.size)
    nothing = np.zeros((0, model.x.size))
    _phase_profile(model, model.phases[which], parameters[b : b + 4], parameters[start:stop], y, nothing)
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
    instrument = parameters[b : b + 4]
    for i, phase in enumerate(model.phases):
        start, stop = model.offsets[i], model.offsets[i + 1]
        local = np.zeros((4 + stop - start, n))
        _phase_profile(model, phase, instrument, parameters[start:stop], y, local)
        jacobian[b : b + 4] += local[:4]
        jacobian[start:stop] = local[4:]
    return y, jacobian
