"""What multiplies m|F|² in the area of a powder line: Lorentz-polarization, texture, absorption, roughness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.preferred_orientation import march_dollase, march_dollase_across, orientation_cosines
from anatase.pattern.spherical_harmonics import symmetrised_harmonics, texture_factor
from anatase.scattering.absorption import plate_reflection, plate_transmission
from anatase.scattering.absorption_cylinder import cylinder
from anatase.scattering.lorentz_polarization import lorentz_polarization, lorentz_polarization_slope
from anatase.scattering.radiation import Radiation
from anatase.scattering.surface_roughness import pitschke_roughness, suortti_roughness
from anatase.simulation.instrument import Geometry, Instrument
from anatase.simulation.sample import Sample

__all__ = ["Factor", "angle_factors", "cosine_slopes", "texture_factors"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ANGLE_STEP = 1e-4  # degrees 2θ, for the slopes of absorption factors


@dataclass(frozen=True)
class Factor:
    """A factor of the intensity of m lines or n reflections with its logarithmic derivatives.

    ``value`` (m,); ``by_two_theta`` (m,), per degree; ``by_parameter`` (k, m) with ``names`` (k); ``by_cell`` (c, m).
    """

    value: Array
    by_two_theta: Array | None = None
    names: tuple[str, ...] = ()
    by_parameter: Array | None = None
    by_cell: Array | None = None


def _with_slope(factor: Callable[[Array], Array], two_theta: Array, names: tuple[str, ...], rows: Array) -> Factor:
    """Return a factor of 2θ with its slope by central differences, error 1e-10; rows (k, m) are derivatives."""
    value = factor(two_theta)
    slope = (factor(two_theta + ANGLE_STEP) - factor(two_theta - ANGLE_STEP)) / (2.0 * ANGLE_STEP)
    return Factor(value, slope / value, names, rows / value)


def angle_factors(
    two_theta: Array, radiation: Radiation, instrument: Instrument, sample: Sample, *, derived: bool = True
) -> list[Factor]:
    """Return the factors that depend on 2θ (m,): Lorentz-polarization, absorption, roughness.

    The slope of the first is left out where it is not ``derived``.
    """
    lorentz = lorentz_polarization(two_theta, radiation)
    factors = [Factor(lorentz, lorentz_polarization_slope(two_theta, radiation) / lorentz if derived else None)]
    absorb = _absorption(instrument, sample)
    if absorb is not None:
        known = sample.absorption is not None
        slope = absorb(two_theta)[1][None] if known else np.empty((0, two_theta.size))
        factors.append(_with_slope(lambda tt: absorb(tt)[0], two_theta, ("absorption",) if known else (), slope))
    if sample.roughness is not None:
        if instrument.geometry != "bragg_brentano" or instrument.incidence is not None:
            raise InputError(
                "surface roughness belongs to a flat plate in symmetric reflection", "leave it out for this geometry"
            )
        p, q = sample.roughness
        rough = suortti_roughness if sample.roughness_model == "suortti" else pitschke_roughness
        rows = np.array(rough(two_theta, p, q)[1:])
        factors.append(_with_slope(lambda tt: rough(tt, p, q)[0], two_theta, ("roughness_p", "roughness_q"), rows))
    return factors


def _absorption(instrument: Instrument, sample: Sample) -> Callable[[Array], tuple[Array, Array]] | None:
    """Return the absorption factor of 2θ and its derivative by μt or μR, ``None`` where it is constant."""
    thickness, incidence = sample.absorption, instrument.incidence
    if instrument.geometry == "bragg_brentano":
        if thickness is None and incidence is None:
            return None
        return lambda tt: plate_reflection(np.inf if thickness is None else thickness, tt, incidence)
    if instrument.geometry == "transmission":
        return lambda tt: plate_transmission(thickness or 0.0, tt)
    return None if thickness is None else lambda tt: cylinder(thickness, tt)


def cosine_slopes(hkl: Indices, axes: Indices, metric: Array, slopes: Array) -> Array:
    """Return ∂cos²/∂p (c, n, m) between reflections (n, 3) and axes (m, 3) for slopes ∂G*/∂p (c, 3, 3)."""
    h, a = np.asarray(hkl, dtype=float), np.asarray(axes, dtype=float)
    dot, by_p = h @ metric @ a.T, h @ slopes @ a.T
    h2, a2 = np.einsum("ni,ij,nj->n", h, metric, h), np.einsum("ni,ij,nj->n", a, metric, a)
    h2_p, a2_p = ((h @ slopes) * h).sum(axis=2), ((a @ slopes) * a).sum(axis=2)
    square = dot**2 / np.outer(h2, a2)
    return np.asarray(
        2.0 * dot * by_p / np.outer(h2, a2) - square * ((h2_p / h2)[:, :, None] + (a2_p / a2)[:, None, :])
    )


def texture_factors(
    hkl: Indices, structure: Structure, instrument: Instrument, sample: Sample, slopes: Array | None
) -> list[Factor]:
    """Return the factors of texture of reflections hkl (n, 3); slopes ∂G*/∂p (c, 3, 3), or ``None``.

    A plate in symmetric reflection shows the planes along the axis of the texture, its normal. In a spun capillary
    (axis along it) and a plate in symmetric transmission the scattering vector is at 90° to the axis; harmonics may
    be seen at any other angle (``texture_tilt``).
    """
    oriented = sample.texture_axis is not None or sample.textures or sample.harmonics
    if instrument.incidence is not None and oriented:
        raise InputError(
            "under a fixed angle of incidence each line sees a texture from another side",
            "leave texture out, or incidence for symmetric reflection",
        )
    factors = []
    across = instrument.geometry != "bragg_brentano"
    if sample.textures:
        factors.append(_several_marches(hkl, structure, sample, across, slopes))
    if sample.texture_axis is not None:
        factors.append(_march(hkl, structure, sample.texture_axis, sample.march_r, across, slopes))
    if sample.harmonics:
        factors.append(_harmonics(hkl, structure, instrument.geometry, sample, slopes))
    return factors


def _march(
    hkl: Indices, structure: Structure, axis: tuple[int, int, int], r: float, across: bool, slopes: Array | None
) -> Factor:
    cos2 = orientation_cosines(hkl, axis, structure.lattice, structure.space_group)
    if across:
        value, by_r, by_cos2 = march_dollase_across(cos2, r)
    else:
        value, by_r = march_dollase(cos2, r)
        by_cos2 = -1.5 * (r * r * cos2 + (1.0 - cos2) / r) ** -2.5 * (r * r - 1.0 / r)
    if slopes is None:
        return Factor(value)
    axes = np.unique(np.asarray(axis) @ np.unique(structure.space_group.rotations, axis=0), axis=0)
    by_cell = (by_cos2 * cosine_slopes(hkl, axes, structure.lattice.reciprocal_metric, slopes)).mean(axis=2) / value
    return Factor(value, None, ("march_r",), by_r[None] / value, by_cell)


def _several_marches(hkl: Indices, structure: Structure, sample: Sample, across: bool, slopes: Array | None) -> Factor:
    """Return P = 1 + Σ f_i (P_i − 1), the axes of ``march_dollase_mixture``, seen along or across the sample's axis."""
    parts = [_march(hkl, structure, axis, r, across, slopes) for axis, r, _ in sample.textures]
    shares = np.array([share for _, _, share in sample.textures])
    single = np.stack([part.value for part in parts])
    value = 1.0 + shares @ (single - 1.0)
    if slopes is None:
        return Factor(value)
    weights = shares[:, None] * single / value
    by_r = [w * part.by_parameter[0] for w, part in zip(weights, parts, strict=True) if part.by_parameter is not None]
    by_cell = [w * part.by_cell for w, part in zip(weights, parts, strict=True) if part.by_cell is not None]
    names = [f"march_r{i}" for i in range(len(parts))] + [f"march_share{i}" for i in range(len(parts))]
    rows = np.concatenate([np.stack(by_r), (single - 1.0) / value])
    return Factor(value, None, tuple(names), rows, np.sum(by_cell, axis=0))


def _harmonics(hkl: Indices, structure: Structure, geometry: Geometry, sample: Sample, slopes: Array | None) -> Factor:
    basis = symmetrised_harmonics(structure.lattice, structure.space_group, sample.harmonic_order)
    if len(basis.orders) != len(sample.harmonics):
        raise InputError(
            f"{len(sample.harmonics)} harmonics for {structure.space_group.symbol} up to order {sample.harmonic_order}",
            f"give {len(basis.orders)} coefficients",
        )
    tilt = sample.texture_tilt
    if tilt is None:
        tilt = 0.0 if geometry == "bragg_brentano" else 90.0
    columns = basis.columns(hkl, tilt)
    value = texture_factor(columns, sample.harmonics)
    if slopes is None:
        return Factor(value)
    by_cell, metric = np.zeros((len(slopes), len(hkl))), basis.lattice.reciprocal_metric
    for i, slope in enumerate(slopes):
        step = 1e-6 * float(np.abs(metric).max() / max(float(np.abs(slope).max()), 1e-300))
        ends = []
        for sign in (1.0, -1.0):
            moved = basis.lattice.from_metric(np.linalg.inv(metric + sign * step * slope))
            ends.append(texture_factor(replace(basis, lattice=moved).columns(hkl, tilt), sample.harmonics))
        by_cell[i] = (ends[0] - ends[1]) / (2.0 * step) / value
    names = tuple(f"harmonic{i}" for i in range(len(sample.harmonics)))
    return Factor(value, None, names, columns.T / value, by_cell)
