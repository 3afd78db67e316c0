"""Derivatives of structure factors by the atoms' parameters, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.independent_operations import IndependentOperations, independent_operations
from anatase.crystal.site_freedom import TENSOR_INDICES, tensor_average
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.scattering.scatterers import displacement_tensors
from anatase.scattering.scattering_power import ScatteringModel, scattering_power, scattering_power_slope
from anatase.scattering.site_sum import f_derivatives, f_squared_derivatives
from anatase.scattering.structure_factor import XRAY, allowed_by_centring

__all__ = ["FGradient", "FSquaredGradient", "f_gradient", "f_squared_gradient", "mean_rotation", "projected"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]

Values = TypeVar("Values", Array, Complex)


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
    """|F|² (n,), averaged over Friedel mates, and its real derivatives, shaped as in ``FGradient``.

    ``by_reciprocal`` (n,) is by 1/d², which form factors and isotropic damping follow.
    """

    f_squared: Array
    xyz: Array
    u_iso: Array
    u_aniso: Array
    occupancy: Array
    by_reciprocal: Array


@dataclass(frozen=True)
class _Cell:
    """What the compiled sums need of a structure: see ``f_squared_derivatives``, whose names these are."""

    xyz: Array
    tensors: Array
    anisotropic: NDArray[np.bool_]
    shares: Array
    powers: Array
    slopes: Array
    absorption: Array
    u_iso: Array
    site_of: Indices
    kind_of: Indices
    occupancies: Array
    allowed: Array
    operations: IndependentOperations


def f_gradient(structure: Structure, hkl: Indices, model: ScatteringModel = XRAY, u_default: float = 0.0) -> FGradient:
    """Return F of reflections hkl (n, 3) with its derivatives by every atomic parameter.

    A site on a special position moves with its images: derivatives are projected onto what its site symmetry
    allows, so that a coordinate which symmetry fixes has derivative zero, and one that is tied to
    another (x, 2x, z) shares its derivative with it. Units and ``u_default`` as in ``structure_factors``.
    """
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    inverse_d2 = structure.lattice.inverse_d_squared(hkl)
    c = _cell(structure, hkl, inverse_d2, model, u_default)
    operations = c.operations
    f, xyz, u_aniso, occupancy, u_iso = f_derivatives(
        hkl, c.xyz, c.tensors, c.anisotropic, c.shares, c.powers, c.absorption, c.site_of, c.kind_of, c.occupancies,
        operations.rotations, operations.translations - operations.centre, c.allowed, operations.centrosymmetric,
    )  # fmt: skip
    if operations.centrosymmetric:
        turn = np.exp(2j * np.pi * (hkl @ operations.centre))
        f, occupancy, u_iso = f * turn, occupancy * turn[:, None], u_iso * turn[:, None]
        xyz, u_aniso = xyz * turn[:, None, None], u_aniso * turn[:, None, None]
    u_iso *= -2.0 * np.pi**2 * inverse_d2[:, None]
    xyz, u_aniso = projected(structure, xyz, u_aniso)
    return FGradient(f, xyz, u_iso, u_aniso, occupancy)


def f_squared_gradient(
    structure: Structure,
    hkl: Indices,
    model: ScatteringModel = XRAY,
    u_default: float = 0.0,
    inverse_d2: Array | None = None,
) -> FSquaredGradient:
    """Return |F|² of reflections hkl (n, 3) with its derivatives by every atomic parameter; see ``f_gradient``.

    ``inverse_d2`` (n,) is 1/d² in Å⁻² where the caller knows it already.
    """
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    if inverse_d2 is None:
        inverse_d2 = structure.lattice.inverse_d_squared(hkl)
    c = _cell(structure, hkl, inverse_d2, model, u_default)
    operations = c.operations
    squared, xyz, u_aniso, occupancy, u_iso, by_reciprocal = f_squared_derivatives(
        hkl, c.xyz, c.tensors, c.anisotropic, c.shares, c.powers, c.slopes, c.absorption, c.u_iso, c.site_of,
        c.kind_of, c.occupancies, operations.rotations, operations.translations - operations.centre, c.allowed,
        operations.centrosymmetric,
    )  # fmt: skip
    u_iso *= -2.0 * np.pi**2 * inverse_d2[:, None]
    xyz, u_aniso = projected(structure, xyz, u_aniso)
    return FSquaredGradient(squared, xyz, u_iso, u_aniso, occupancy, by_reciprocal)


def _cell(structure: Structure, hkl: Indices, inverse_d2: Array, model: ScatteringModel, u_default: float) -> _Cell:
    """Return what the compiled sums need after hkl."""
    operations, content = independent_operations(structure.space_group), structure.cell_content
    species = [(index, s) for index, site in enumerate(structure.sites) for s in site.species]
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys([(s.element, s.charge, s.isotope) for _, s in species]))}
    powers, slopes = np.empty((len(kinds), len(hkl))), np.empty((len(kinds), len(hkl)))
    absorption, stol2 = np.empty(len(kinds)), 0.25 * inverse_d2
    for kind, row in kinds.items():
        powers[row], absorption[row] = scattering_power(*kind, stol2, model)
        slopes[row] = 0.25 * scattering_power_slope(kind[0], kind[1], stol2, model)
    allowed = np.ones(len(hkl))
    if len(operations.centring) > 1:
        allowed *= allowed_by_centring(hkl, operations.centring)
    tensor_of_its_own = [site.u_aniso is not None for site in structure.sites]
    u_iso = [u_default if site.u_iso is None else site.u_iso for site in structure.sites]
    return _Cell(
        np.ascontiguousarray(content.xyz),
        displacement_tensors(structure, u_default),
        np.array(tensor_of_its_own),
        content.multiplicities / len(operations.rotations),
        powers,
        slopes,
        absorption,
        np.array([0.0 if own else u for own, u in zip(tensor_of_its_own, u_iso, strict=True)]),
        np.array([index for index, _ in species]),
        np.array([kinds[s.element, s.charge, s.isotope] for _, s in species]),
        np.array([s.occupancy for _, s in species]),
        allowed,
        operations,
    )


@lru_cache(maxsize=4096)
def mean_rotation(group: SpaceGroup, stabilizer: bytes) -> Array:
    """Return the mean (3, 3) of the rotations that keep a site in place; the stabilizer is the bytes of its mask."""
    return np.asarray(group.rotations[np.frombuffer(stabilizer, dtype=np.bool_)].mean(axis=0))


def projected(structure: Structure, xyz: Values, u_aniso: Values) -> tuple[Values, Values]:
    """Return the derivatives by x and U, from those by Σ kᵢ kⱼ, projected onto what the sites' symmetry allows."""
    group, content = structure.space_group, structure.cell_content
    reciprocal = np.sqrt(np.diag(structure.lattice.reciprocal_metric))
    if any(site.u_aniso is not None for site in structure.sites):
        for q, (i, j) in enumerate(TENSOR_INDICES):
            u_aniso[:, :, q] *= -2.0 * np.pi**2 * reciprocal[i] * reciprocal[j] * (1.0 if i == j else 2.0)
    for site in np.flatnonzero(np.count_nonzero(content.stabilizers, axis=1) > 1).tolist():
        stabilizer = content.stabilizers[site]
        xyz[:, site] = np.dot(xyz[:, site], mean_rotation(group, stabilizer.tobytes()))
        if structure.sites[site].u_aniso is not None:
            u_aniso[:, site] = u_aniso[:, site] @ tensor_average(group.rotations[stabilizer], reciprocal)
    return xyz, u_aniso
