"""A refined structure with its s.u.: cell, coordinates, occupancies, displacements, and what symmetry ties to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.lattice import Lattice
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.estimate import Estimate
from anatase.refine.model import Phase
from anatase.refine.refinement import Refinement

__all__ = ["RefinedSite", "refined_cell", "refined_covariance", "refined_sites"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RefinedSite:
    """A site with s.u.: fractional ``xyz``, ``occupancy`` of each species, ``u_iso`` or U11 … U23 (Å²).

    What was not refined has no s.u.; ``u_iso`` of a site with a tensor is a third of its trace in Cartesian axes.
    """

    label: str
    xyz: tuple[Estimate, Estimate, Estimate]
    occupancy: tuple[Estimate, ...]
    u_iso: Estimate
    u_aniso: tuple[Estimate, ...] = ()


def refined_covariance(refinement: Refinement, names: Sequence[str]) -> Array:
    """Return the covariance (n, n) of named parameters, GOF and serial correlation included; 0 beside unrefined ones.

    It goes with ``su_corrected``.
    """
    refined = refinement.fitted.parametrisation.names
    known = {one.name for one in refinement.parameters if one.su_corrected is not None}
    at = [i for i, name in enumerate(names) if name in known]
    rows = [refined.index(names[i]) for i in at]
    found = np.zeros((len(names), len(names)))
    found[np.ix_(at, at)] = refinement.fitted.spread[np.ix_(rows, rows)] * refinement.serial.factor**2
    return found


def refined_cell(refinement: Refinement, phase: Phase) -> dict[str, Estimate]:
    """Return a, b, c (Å), alpha, beta, gamma (°) and volume (Å³) of a phase with s.u., those tied by symmetry too."""
    lattice = phase.structure.lattice
    names, rates = free_cell_parameters(lattice, phase.structure.space_group)
    covariance = rates.T @ refined_covariance(refinement, [f"{phase.name}.{name}" for name in names]) @ rates
    found = _estimates(np.array(lattice.parameters), covariance)
    slope = _volume_slope(lattice)
    volume = _estimate(lattice.volume, float(slope @ covariance @ slope))
    return {**dict(zip(CELL_NAMES, found, strict=True)), "volume": volume}


def refined_sites(refinement: Refinement, phase: Phase) -> tuple[RefinedSite, ...]:
    """Return the sites of a phase with s.u., in the order of its structure."""
    structure = phase.structure
    found = []
    for index, site in enumerate(structure.sites):
        free = site_freedom(structure, index)
        start = f"{phase.name}.{site.label}"
        moves = refined_covariance(refinement, [f"{start}.{axis}" for axis in free.axes])
        x, y, z = _estimates(np.array(site.xyz), free.directions.T @ moves @ free.directions)
        of_species = refined_covariance(refinement, [f"{start}.{one.element}.occupancy" for one in site.species])
        occupancy = _estimates(np.array([one.occupancy for one in site.species]), of_species)
        if site.u_aniso is None:
            u_iso = _estimate(site.u_iso or 0.0, float(refined_covariance(refinement, [f"{start}.u_iso"])[0, 0]))
            found.append(RefinedSite(site.label, (x, y, z), tuple(occupancy), u_iso))
            continue
        moves = refined_covariance(refinement, [f"{start}.{u}" for u in free.tensor])
        tensor = free.tensor_directions.T @ moves @ free.tensor_directions
        share = _equivalent_share(structure.lattice)
        u = np.array(site.u_aniso)
        u_eq = _estimate(float(share @ u), float(share @ tensor @ share))
        found.append(RefinedSite(site.label, (x, y, z), tuple(occupancy), u_eq, tuple(_estimates(u, tensor))))
    return tuple(found)


def _estimates(values: Array, covariance: Array) -> list[Estimate]:
    return [_estimate(float(v), float(variance)) for v, variance in zip(values, np.diag(covariance), strict=True)]


def _estimate(value: float, variance: float) -> Estimate:
    return Estimate(value, float(np.sqrt(variance)) if variance > 0.0 else None)


def _volume_slope(lattice: Lattice) -> Array:
    """Return ∂V/∂(a, b, c, α, β, γ) (6,), in Å² and Å³ per degree."""
    lengths, angles = np.array(lattice.parameters[:3]), np.radians(lattice.parameters[3:])
    cosine, v = np.cos(angles), lattice.volume
    bent = np.prod(lengths) ** 2 / v * np.sin(angles) * (cosine - np.roll(cosine, 1) * np.roll(cosine, -1))
    return np.concatenate([v / lengths, np.radians(bent)])


def _equivalent_share(lattice: Lattice) -> Array:
    """Return by how much each of U11 … U23 adds to U_eq = ⅓ Σ U_ij a*_i a*_j a_i·a_j.

    Fischer & Tillmanns (1988), Acta Cryst. C44, 775.
    """
    metric = lattice.metric
    reciprocal = np.sqrt(np.diag(np.linalg.inv(metric)))
    full = metric * np.outer(reciprocal, reciprocal) / 3.0
    places = [(int(name[1]) - 1, int(name[2]) - 1) for name in TENSOR]
    return np.array([full[i, j] * (1.0 if i == j else 2.0) for i, j in places])
