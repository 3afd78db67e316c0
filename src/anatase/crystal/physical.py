"""Structures that no crystal can have are refused, with the name of the site at fault."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

import gemmi
import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError

__all__ = ["check_physical"]

Array = NDArray[np.float64]

SAME_PLACE = 0.3  # Å, far below any bond; split positions of one atom may be as close and have partial occupancies
ROUNDING = 0.02  # by which occupancies of two digits may add to more than 1


def check_physical(structure: Structure) -> None:
    """Refuse a structure without atoms, with unknown elements or wrong occupancies, or with atoms on top of each other.

    Two sites collide when they stand within 0.3 Å of each other and their occupancies add to more than 1. Cells without
    volume are refused by ``Lattice``.

    Raises
    ------
    PhysicsError
        Names the site or the two sites, and the value.
    """
    if not structure.sites:
        raise PhysicsError(f"structure '{structure.name}' has no atoms; give the sites of its asymmetric unit")
    occupancies = np.array([site.occupancy for site in structure.sites])
    least = min(species.occupancy for site in structure.sites for species in site.species)
    elements = {species.element for site in structure.sites for species in site.species}
    sound = least >= 0.0 and occupancies.min() > 0.0 and occupancies.max() <= 1.0 + ROUNDING
    xyz = np.array([site.xyz for site in structure.sites], dtype=float)
    if not (sound and all(map(_is_element, elements)) and np.isfinite(xyz).all()):
        _complain_of_site(structure)
    content = structure.cell_content
    longest = int(np.argmin(np.diag(structure.lattice.reciprocal_metric)))
    order = np.argsort(content.images[:, longest])
    pair = _collision(
        content.images[order],
        content.owners[order],
        occupancies,
        structure.lattice.metric,
        longest,
        SAME_PLACE * float(np.sqrt(structure.lattice.reciprocal_metric[longest, longest])),
    )
    if pair[0] >= 0:
        first, second = (structure.sites[index] for index in pair)
        raise PhysicsError(
            f"sites {first.label} and {second.label} stand within {SAME_PLACE:g} Å of each other with occupancies "
            f"{first.occupancy:g} and {second.occupancy:g}; they may add to 1 at most"
        )


def _complain_of_site(structure: Structure) -> None:
    for site in structure.sites:
        if not all(map(isfinite, site.xyz)):
            raise PhysicsError(f"site {site.label} has the coordinates {site.xyz}; give three fractions of the cell")
        for species in site.species:
            if not _is_element(species.element):
                raise PhysicsError(f"site {site.label}: '{species.element}' is no element; give a symbol, as in Ti")
            if not 0.0 <= species.occupancy <= 1.0 + ROUNDING:
                raise PhysicsError(
                    f"site {site.label}: {species.element} has occupancy {species.occupancy:g}; it must be from 0 to 1"
                )
        if not 0.0 < site.occupancy <= 1.0 + ROUNDING:
            raise PhysicsError(f"site {site.label}: its occupancies add to {site.occupancy:g}; give from 0 to 1 in all")


@lru_cache(maxsize=256)
def _is_element(symbol: str) -> bool:
    return gemmi.Element(symbol).atomic_number > 0


@njit(cache=True, nogil=True)
def _collision(
    images: Array, owners: NDArray[np.int64], occupancies: Array, metric: Array, axis: int, reach: float
) -> tuple[int, int]:
    """Return two sites that collide, or (−1, −1); images (n, 3) are sorted along an axis, reach is in its fractions."""
    n = len(images)
    for i in range(n):
        for step in range(1, n):
            j = (i + step) % n
            gap = images[j, axis] - images[i, axis]
            if gap - np.floor(gap) > reach:
                break
            if owners[i] == owners[j] or occupancies[owners[i]] + occupancies[owners[j]] <= 1.0 + ROUNDING:
                continue
            squared = 0.0
            for p in range(3):
                along = images[j, p] - images[i, p]
                for q in range(3):
                    across = images[j, q] - images[i, q]
                    squared += (along - np.floor(along + 0.5)) * metric[p, q] * (across - np.floor(across + 0.5))
            if squared < SAME_PLACE * SAME_PLACE:
                return min(owners[i], owners[j]), max(owners[i], owners[j])
    return -1, -1
