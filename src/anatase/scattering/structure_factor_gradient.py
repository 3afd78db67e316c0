"""Derivatives of structure factors by the atoms' parameters, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.independent_operations import independent_operations
from anatase.crystal.structure import Structure
from anatase.scattering.scatterers import displacement_tensors
from anatase.scattering.scattering_power import ScatteringModel, scattering_power
from anatase.scattering.site_sum import f_derivatives, f_squared_derivatives
from anatase.scattering.structure_factor import XRAY

__all__ = ["FGradient", "FSquaredGradient", "f_gradient", "f_squared_gradient"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]

Values = TypeVar("Values", Array, Complex)

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))  # U11, U22, U33, U12, U13, U23


@dataclass(frozen=True)
class FGradient:
    """F (n,) and its derivatives by the parameters of the sites (s) and of the species on them (q).

    Parameters
    ----------
    f
        F (n,), complex.
    xyz
        ∂F/∂(x, y, z) (n, s, 3), fractional.
    u_iso
        ∂F/∂U_iso (n, s) in Å⁻².
    u_aniso
        ∂F/∂(U11, U22, U33, U12, U13, U23) (n, s, 6) in Å⁻², zero for sites without a tensor.
    occupancy
        ∂F/∂occupancy (n, q), species after species of site after site.
    """

    f: Complex
    xyz: Complex
    u_iso: Complex
    u_aniso: Complex
    occupancy: Complex


@dataclass(frozen=True)
class FSquaredGradient:
    """|F|² (n,), averaged over Friedel mates, and its real derivatives, shaped as in ``FGradient``."""

    f_squared: Array
    xyz: Array
    u_iso: Array
    u_aniso: Array
    occupancy: Array


def f_gradient(structure: Structure, hkl: Indices, model: ScatteringModel = XRAY, u_default: float = 0.0) -> FGradient:
    """Return F of reflections hkl (n, 3) with its derivatives by every atomic parameter.

    A site on a special position moves with its images: derivatives are projected onto what its site symmetry
    allows, so that a coordinate which symmetry fixes has derivative zero, and one that is tied to
    another (x, 2x, z) shares its derivative with it. Units and ``u_default`` as in ``structure_factors``.
    """
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    f, xyz, u_aniso, occupancy, u_iso = f_derivatives(hkl, *_arguments(structure, hkl, model, u_default))
    operations = independent_operations(structure.space_group)
    if operations.centrosymmetric:
        turn = np.exp(2j * np.pi * (hkl @ operations.centre))
        f, occupancy, u_iso = f * turn, occupancy * turn[:, None], u_iso * turn[:, None]
        xyz, u_aniso = xyz * turn[:, None, None], u_aniso * turn[:, None, None]
    xyz, u_iso, u_aniso = _finished(structure, hkl, xyz, u_iso, u_aniso)
    return FGradient(f, xyz, u_iso, u_aniso, occupancy)


def f_squared_gradient(
    structure: Structure, hkl: Indices, model: ScatteringModel = XRAY, u_default: float = 0.0
) -> FSquaredGradient:
    """Return |F|² of reflections hkl (n, 3) with its derivatives by every atomic parameter; see ``f_gradient``."""
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    squared, xyz, u_aniso, occupancy, u_iso = f_squared_derivatives(hkl, *_arguments(structure, hkl, model, u_default))
    xyz, u_iso, u_aniso = _finished(structure, hkl, xyz, u_iso, u_aniso)
    return FSquaredGradient(squared, xyz, u_iso, u_aniso, occupancy)


def _arguments(structure: Structure, hkl: Indices, model: ScatteringModel, u_default: float) -> tuple[
    Array, Array, NDArray[np.bool_], Array, Array, Array, Indices, Indices, Array, Indices, Array, Array, bool
]:  # fmt: skip
    """Return what the compiled sums need after hkl, in their order."""
    operations, content = independent_operations(structure.space_group), structure.cell_content
    stol2 = structure.lattice.inverse_d_squared(hkl) / 4.0
    species = [(index, s) for index, site in enumerate(structure.sites) for s in site.species]
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys((s.element, s.charge, s.isotope) for _, s in species))}
    powers, absorption = np.empty((len(kinds), len(hkl))), np.empty(len(kinds))
    for kind, row in kinds.items():
        powers[row], absorption[row] = scattering_power(*kind, stol2, model)
    phase = hkl @ operations.centring.T
    allowed = np.all(np.abs(phase - np.round(phase)) < 1e-4, axis=1)
    return (
        np.ascontiguousarray(content.xyz),
        displacement_tensors(structure, u_default),
        np.array([site.u_aniso is not None for site in structure.sites]),
        content.multiplicities / len(operations.rotations),
        powers,
        absorption,
        np.array([index for index, _ in species]),
        np.array([kinds[s.element, s.charge, s.isotope] for _, s in species]),
        np.array([s.occupancy for _, s in species]),
        operations.rotations,
        operations.translations - operations.centre,
        allowed.astype(float),
        operations.centrosymmetric,
    )


def _finished(
    structure: Structure, hkl: Indices, xyz: Values, u_iso: Values, u_aniso: Values
) -> tuple[Values, Values, Values]:
    """Return the derivatives by x, U_iso and U, projected onto what the sites' symmetry allows."""
    rotations, content = structure.space_group.rotations, structure.cell_content
    reciprocal = np.sqrt(np.diag(structure.lattice.reciprocal_metric))
    for q, (i, j) in enumerate(PAIRS):
        u_aniso[:, :, q] *= -2.0 * np.pi**2 * reciprocal[i] * reciprocal[j] * (1.0 if i == j else 2.0)
    u_iso *= -2.0 * np.pi**2 * structure.lattice.inverse_d_squared(hkl)[:, None]
    for site in np.flatnonzero(content.stabilizers.sum(axis=1) > 1):
        symmetry = rotations[content.stabilizers[site]]
        xyz[:, site] = xyz[:, site] @ symmetry.mean(axis=0)
        if structure.sites[site].u_aniso is not None:
            u_aniso[:, site] = u_aniso[:, site] @ _tensor_average(symmetry, reciprocal)
    return xyz, u_iso, u_aniso


def _tensor_average(rotations: Indices, reciprocal: Array) -> Array:
    """Return the matrix (6, 6) that takes (U11 … U23) to their average over rotations (n, 3, 3)."""
    average = np.empty((6, 6))
    scale = np.outer(reciprocal, reciprocal)
    for q, (i, j) in enumerate(PAIRS):
        unit = np.zeros((3, 3))
        unit[i, j] = unit[j, i] = 1.0
        mean = np.mean([r @ (unit * scale) @ r.T for r in rotations], axis=0) / scale
        average[:, q] = [mean[k, l] for k, l in PAIRS]
    return average
