"""The derivatives of a weighted sum of |F|² by every parameter of the atoms, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.site_freedom import TENSOR_INDICES
from anatase.crystal.structure import Structure
from anatase.scattering.cell_sum import cell_sums
from anatase.scattering.cell_sum_adjoint import pull_to_atoms, pull_to_damped_atoms
from anatase.scattering.group_powers import group_powers
from anatase.scattering.scatterers import Scatterers, species_scatterers
from anatase.scattering.scattering_power import ScatteringModel, scattering_power_slope
from anatase.scattering.structure_factor_gradient import projected

__all__ = ["FSquaredSums", "Pulled", "f_squared_sums", "pull_back"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SQUARE = [0, 3, 4, 3, 1, 5, 4, 5, 2]  # where 11, 12 … 33 stand among 11, 22, 33, 12, 13, 23


@dataclass(frozen=True)
class FSquaredSums:
    """|F|² (n,) of reflections (n, 3) with what their derivatives need again.

    ``sums`` (4, n): Σ f e and Σ f″ e over the cell as real and imaginary parts; ``slopes`` (4, n) by 1/d².
    ``order`` and ``sites`` (q,): see ``species_scatterers``.
    """

    structure: Structure
    rows: Indices
    inverse_d2: Array
    scatterers: Scatterers
    order: Indices
    sites: Indices
    powers: Array
    absorption: Array
    sums: Array
    slopes: Array

    @property
    def f_squared(self) -> Array:
        """|F|² (n,), averaged over Friedel mates."""
        return np.asarray(np.square(self.sums).sum(axis=0))


@dataclass(frozen=True)
class Pulled:
    """∂L by coordinates (s, 3), U_iso (s,), U11 … U23 (s, 6), occupancies (q,).

    ``by_metric`` (3, 3) is ∂L/∂G* through form factors and isotropic damping.
    """

    xyz: Array
    u_iso: Array
    u_aniso: Array
    occupancy: Array
    by_metric: Array


def f_squared_sums(
    structure: Structure, rows: Indices, inverse_d2: Array, model: ScatteringModel, u_default: float = 0.0
) -> FSquaredSums:
    """Sum over the cell for reflections (n, 3) in the order, and with the 1/d² (n,), of ``unique_rows``."""
    scatterers, order, sites = species_scatterers(structure, u_default)
    powers, absorption = group_powers(scatterers, inverse_d2, model)
    fall = -2.0 * np.pi**2 * np.array(scatterers.u_iso)[:, None]
    rates = fall * powers
    for group, ((element, charge, _, _),) in enumerate(scatterers.kinds):
        own = 0.25 * scattering_power_slope(element, charge, 0.25 * inverse_d2, model)
        rates[group] += own * np.exp(fall[group] * inverse_d2) if fall[group, 0] else own
    sums, slopes = np.zeros((4, len(rows))), np.zeros((4, len(rows)))
    parts = [(powers, rates)] if not len(absorption) else [(powers, rates), (absorption, fall * absorption)]
    for part, (power, rate) in enumerate(parts):
        both = np.empty((4, len(rows)))
        cell_sums(
            rows, scatterers.positions, scatterers.weights, scatterers.starts, scatterers.beta, power, rate,
            scatterers.operations.centrosymmetric, both,
        )  # fmt: skip
        sums[2 * part : 2 * part + 2], slopes[2 * part : 2 * part + 2] = both[:2], both[2:]
    return FSquaredSums(structure, rows, inverse_d2, scatterers, order, sites, powers, absorption, sums, slopes)


def pull_back(found: FSquaredSums, weights: Array, u_default: float = 0.0) -> Pulled:
    """Return the derivatives of L by the atoms' parameters, given ∂L/∂|F|² (n,).

    Sites on special positions move with their images, as in ``f_squared_gradient``. The time is that of |F|² times
    a small number, and no array goes over both reflections and atoms.
    """
    scatterers, structure = found.scatterers, found.structure
    levers = 2.0 * weights * found.sums[:2, None] * found.powers
    if len(found.absorption):
        levers += 2.0 * weights * found.sums[2:, None] * found.absorption
    where = (found.rows, scatterers.positions, scatterers.starts)
    h = found.rows.astype(np.float64)
    by_metric = (h.T * (2.0 * weights * (found.sums * found.slopes).sum(axis=0))) @ h
    if len(scatterers.beta):
        by_atom = np.empty((10, len(scatterers.weights)))
        pull_to_damped_atoms(*where, scatterers.beta, levers, by_atom)
        xyz, gain = _of_species(found, by_atom)
        spread = _spread_of_species(found, by_atom[4:])
        as_listed = _summed(found, by_atom[4:] * scatterers.weights)[:, SQUARE].reshape(-1, 3, 3)
        damped = np.einsum("qij,ij->q", as_listed, structure.lattice.reciprocal_metric)
        u_iso = [u_default if site.u_iso is None else site.u_iso for site in structure.sites]
        own = np.array([0.0 if s.u_aniso is not None else u for s, u in zip(structure.sites, u_iso, strict=True)])
        by_metric -= 2.0 * np.pi**2 * np.tensordot(own[found.sites], as_listed, axes=1)
    else:
        by_atom = np.empty((5, len(scatterers.weights)))
        pull_to_atoms(found.rows, found.inverse_d2, *where[1:], levers, scatterers.operations.centrosymmetric, by_atom)
        xyz, gain = _of_species(found, by_atom)
        damped, spread = _summed(found, by_atom[4:5] * scatterers.weights)[:, 0], np.zeros((len(xyz), 3, 3))
    s = len(structure.sites)
    by_site, u_site, tensor = np.zeros((1, s, 3)), np.zeros(s), np.zeros((1, s, 6))
    np.add.at(by_site[0], found.sites, xyz)
    np.add.at(u_site, found.sites, -2.0 * np.pi**2 * damped)
    np.add.at(tensor[0], found.sites, spread[:, *np.array(TENSOR_INDICES).T])
    tensor[:, [site.u_aniso is None for site in structure.sites]] = 0.0
    by_site, tensor = projected(structure, by_site, tensor)
    return Pulled(by_site[0], u_site, tensor[0], gain, by_metric)


def _summed(found: FSquaredSums, by_atom: Array) -> Array:
    """Return the sums (q, a) over the images of each species of what its atoms have (a, k)."""
    images = len(found.scatterers.operations.rotations)
    sums = np.empty((len(found.order), len(by_atom)))
    sums[found.order] = by_atom.reshape(len(by_atom), -1, images).sum(axis=2).T
    return sums


def _of_species(found: FSquaredSums, by_atom: Array) -> tuple[Array, Array]:
    """Return ∂L by the coordinates (q, 3) and by the occupancy (q,) of each species, from those of its images."""
    rotations = found.scatterers.operations.rotations
    moved = (by_atom[:3] * found.scatterers.weights).reshape(3, -1, len(rotations))
    xyz = np.empty((len(found.order), 3))
    xyz[found.order] = np.einsum("isp,pij->sj", moved, rotations)
    shares = found.structure.cell_content.multiplicities / len(rotations)
    return xyz, _summed(found, by_atom[3:4])[:, 0] * shares[found.sites]


def _spread_of_species(found: FSquaredSums, by_atom: Array) -> Array:
    """Return Σ hᵢ hⱼ ∂L/∂(ln weight) (q, 3, 3) of each species in its site's axes, from 11, 22, 33, 12, 13, 23."""
    rotations = found.scatterers.operations.rotations
    square = (by_atom * found.scatterers.weights)[SQUARE].reshape(3, 3, -1, len(rotations))
    spread = np.empty((len(found.order), 3, 3))
    spread[found.order] = np.einsum("pki,klsp,plj->sij", rotations, square, rotations, optimize=True)
    return spread
