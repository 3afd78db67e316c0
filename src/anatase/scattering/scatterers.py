"""The atoms of a cell in groups of one scattering power: what a sum over the cell runs over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import cell_tensor
from anatase.crystal.independent_operations import IndependentOperations, independent_operations
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Structure

__all__ = ["Kind", "Scatterers", "displacement_tensors", "scatterers_of", "species_scatterers"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Kind = tuple[tuple[str, int, int, float], ...]

FEW_CLASSES = 8  # up to so many pairs of scattering power and U_iso, damping goes by pair and not by atom


@dataclass(frozen=True, slots=True)
class Scatterers:
    """Atoms (k) of the cell, less those that centring and inversion repeat, in groups (g).

    Parameters
    ----------
    kinds
        For each group what shares its positions: element, charge, isotope and occupancy, 1 for one alone.
    u_iso
        For each group the U_iso in Å², zero where ``beta`` damps.
    positions, weights
        Positions (k, 3), fractional and from the centre of inversion where there is one, and weights (k,):
        occupancy times multiplicity over the number of independent operations.
    starts
        First atom of each group, and k at the end (g + 1,).
    beta
        Exponents (k, 6) β11, β22, β33, β12, β13, β23 of anisotropic damping, or (0, 6).
    operations
        The independent operations that were used.
    """

    kinds: tuple[Kind, ...]
    u_iso: tuple[float, ...]
    positions: Array
    weights: Array
    starts: Indices
    beta: Array
    operations: IndependentOperations


def displacement_tensors(structure: Structure, u_default: float) -> Array:
    """Return each site's mean-square displacement (s, 3, 3) in fractional coordinates, U_iso included."""
    metric = structure.lattice.reciprocal_metric
    return np.array(
        [
            metric * (u_default if site.u_iso is None else site.u_iso)
            if site.u_aniso is None
            else cell_tensor(site.u_aniso, structure.lattice)
            for site in structure.sites
        ]
    )


def _kind(site: Site) -> tuple[Kind, float]:
    """Return the atoms that make up a site's scattering power, and the weight of the site."""
    if len(site.species) == 1:
        only = site.species[0]
        return ((only.element, only.charge, only.isotope, 1.0),), only.occupancy
    return tuple([(s.element, s.charge, s.isotope, s.occupancy) for s in site.species]), 1.0


@lru_cache(maxsize=1024)
def _affine(group: SpaceGroup) -> tuple[IndependentOperations, Array, Array]:
    """Return the p independent operations, and as a map of rows x to rows of p images: x @ (3, 3p) + (3p,).

    Images are taken from the centre of inversion.
    """
    operations = independent_operations(group)
    linear = operations.rotations.reshape(-1, 3).T.astype(np.float64)
    return operations, np.ascontiguousarray(linear), (operations.translations - operations.centre).reshape(-1)


def scatterers_of(structure: Structure, u_default: float) -> Scatterers:
    """Group the atoms of a structure; sites without a displacement parameter get U_iso = ``u_default`` (Å²)."""
    return _grouped(structure, [(i, *_kind(site)) for i, site in enumerate(structure.sites)], u_default)[0]


def species_scatterers(structure: Structure, u_default: float) -> tuple[Scatterers, Indices, Indices]:
    """Group the atoms as ``scatterers_of`` does, each species (q) of a site apart with its occupancy as weight.

    Also returned: the species (q,) in the order in which their atoms stand, and the site (q,) of each species.
    """
    entries: list[tuple[int, Kind, float]] = [
        (index, ((s.element, s.charge, s.isotope, 1.0),), s.occupancy)
        for index, site in enumerate(structure.sites)
        for s in site.species
    ]
    scatterers, order = _grouped(structure, entries, u_default)
    return scatterers, np.array(order, dtype=np.int64), np.array([index for index, _, _ in entries], dtype=np.int64)


def _grouped(
    structure: Structure, entries: list[tuple[int, Kind, float]], u_default: float
) -> tuple[Scatterers, list[int]]:
    """Return the groups of entries: site, scattering power and weight; and the entries in their order."""
    content = structure.cell_content
    operations, linear, shift = _affine(structure.space_group)
    by_atom = any(site.u_aniso is not None for site in structure.sites)
    members: dict[tuple[Kind, float], list[int]] = {}
    if not by_atom:
        u_iso = [u_default if site.u_iso is None else site.u_iso for site in structure.sites]
        for index, (site, kind, _) in enumerate(entries):
            members.setdefault((kind, u_iso[site]), []).append(index)
        by_atom = len(members) > FEW_CLASSES and len(members) > 2 * len({kind for kind, _ in members})
    if by_atom:
        members = {}
        for index, (_, kind, _) in enumerate(entries):
            members.setdefault((kind, 0.0), []).append(index)
    order = [index for group in members.values() for index in group]
    sites = [entries[index][0] for index in order]
    p, multiplicities = len(operations.rotations), content.multiplicities.tolist()
    positions = np.dot(content.xyz.take(sites, axis=0), linear)
    positions += shift
    beta = np.empty((0, 6))
    if by_atom:
        tensors = 2.0 * np.pi**2 * displacement_tensors(structure, u_default)[sites]
        turned = np.einsum("pij,sjk,plk->spil", operations.rotations, tensors, operations.rotations)
        beta = np.ascontiguousarray(turned.reshape(-1, 9)[:, [0, 4, 8, 1, 2, 5]])
    scatterers = Scatterers(
        tuple([kind for kind, _ in members]),
        tuple([u for _, u in members]),
        positions.reshape(-1, 3),
        np.array(
            [entries[index][2] * multiplicities[site] / p for index, site in zip(order, sites, strict=True)]
        ).repeat(p),
        np.array([0, *accumulate([p * len(group) for group in members.values()])]),
        beta,
        operations,
    )
    return scatterers, order
