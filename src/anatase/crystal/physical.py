"""Structures that no crystal can have are refused, with the name of the site at fault."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, sqrt

import gemmi
import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.displacement import cell_tensor
from anatase.crystal.independent_operations import independent_operations
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import CellContent
from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError

__all__ = ["check_physical"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SAME_PLACE = 0.3  # Å, far below any bond; split positions of one atom may be as close and have partial occupancies
MISFIT = 0.005  # relative change of the metric by an operation of the group, far above the rounding of a file
LEAST_U = -0.02  # Å²
ROUNDING = 0.02  # by which occupancies of two digits may add to more than 1


def check_physical(structure: Structure) -> None:
    """Refuse a structure that no crystal has.

    That is one without atoms, with unknown elements, with occupancies outside 0 to 1, with U below −0.02 Å² in any
    direction (a little below zero is what refinements end with), with a cell that lacks the symmetry of its group,
    or with atoms on top of each other: two sites, or two images of one, that stand within 0.3 Å and whose
    occupancies add to more than 1. Cells without volume are refused by ``Lattice``.

    Raises
    ------
    PhysicsError
        Names the site or the two sites, and the value.
    """
    if not structure.sites:
        raise PhysicsError(f"structure '{structure.name}' has no atoms; give the sites of its asymmetric unit")
    species = [species for site in structure.sites for species in site.species]
    parts = [part.occupancy for part in species]
    whole = parts if len(parts) == len(structure.sites) else [site.occupancy for site in structure.sites]
    sound = min(parts) >= 0.0 and min(whole) > 0.0 and max(whole) <= 1.0 + ROUNDING
    content, lattice = structure.cell_content, structure.lattice
    if not (sound and all(map(_is_element, {part.element for part in species})) and isfinite(content.xyz.sum())):
        _complain_of_site(structure)
    _check_displacement(structure)
    misfit = _misfit(lattice.metric, independent_operations(structure.space_group).rotations)
    if misfit > MISFIT:
        raise PhysicsError(
            f"the cell {lattice.parameters} has not the symmetry of {structure.space_group.symbol}: "
            f"its metric changes by {100.0 * misfit:.2g} %; give a cell of its crystal system, or another group"
        )
    pair = _pair_in_one_place(content, np.array(whole), lattice)
    if pair is not None:
        first, second = (structure.sites[index] for index in pair)
        if first is second:
            raise PhysicsError(
                f"site {first.label} of occupancy {first.occupancy:g} stands within {SAME_PLACE:g} Å of its own image "
                f"({content.multiplicities[pair[0]]} in the cell); move it onto the special position, or halve it"
            )
        raise PhysicsError(
            f"sites {first.label} and {second.label} stand within {SAME_PLACE:g} Å of each other with occupancies "
            f"{first.occupancy:g} and {second.occupancy:g}; they may add to 1 at most"
        )


def _pair_in_one_place(content: CellContent, occupancies: Array, lattice: Lattice) -> tuple[int, int] | None:
    """Return two sites that stand in one place and whose occupancies (s,) add to more than 1."""
    spacings = lattice.reciprocal_metric.diagonal()
    axis = int(spacings.argmin())  # along it the faces of the cell are farthest apart
    bins = max(min(int(1.0 / (SAME_PLACE * sqrt(spacings[axis]))), 2 * len(content.images)), 1)
    images, multiplicities = content.images, content.multiplicities
    last, before, owners = np.empty((3, max(bins, len(images))), np.int64)
    first, second = _collision(images, multiplicities, occupancies, lattice.metric, axis, last[:bins], before, owners)
    return None if first < 0 else (first, second)


def _complain_of_site(structure: Structure) -> None:
    for site in structure.sites:
        if not all(map(isfinite, site.xyz)):
            raise PhysicsError(f"site {site.label} has the coordinates {site.xyz}; give three fractions of the cell")
        for species in site.species:
            if not _is_element(species.element):
                raise PhysicsError(
                    f"site {site.label}: '{species.element}' is no element; "
                    "give a symbol, as in Ti, and a charge apart, as in Species('Ti', charge=4)"
                )
            if not 0.0 <= species.occupancy <= 1.0 + ROUNDING:
                raise PhysicsError(
                    f"site {site.label}: {species.element} has occupancy {species.occupancy:g}; it must be from 0 to 1"
                )
        if not 0.0 < site.occupancy <= 1.0 + ROUNDING:
            raise PhysicsError(f"site {site.label}: its occupancies add to {site.occupancy:g}; give from 0 to 1 in all")


@lru_cache(maxsize=256)
def _is_element(symbol: str) -> bool:
    element = gemmi.Element(symbol)
    return element.atomic_number > 0 and element.name == symbol  # gemmi reads "Fe3+" and "fe" as Fe


def _check_displacement(structure: Structure) -> None:
    """Refuse a U that is no number or that makes atoms sharper than points."""
    for site in structure.sites:
        if site.u_aniso is not None:
            tensor = cell_tensor(site.u_aniso, structure.lattice)
            cartesian = structure.lattice.vectors.T @ tensor @ structure.lattice.vectors
            least = float(np.linalg.eigvalsh(cartesian).min()) if np.isfinite(cartesian).all() else float("nan")
        else:
            least = 0.0 if site.u_iso is None else site.u_iso
        if not LEAST_U <= least < float("inf"):
            raise PhysicsError(f"site {site.label}: U is {least:.3g} Å² in one direction; it must not be negative")


@njit(cache=True, nogil=True)
def _misfit(metric: Array, rotations: Indices) -> float:
    """Return the largest change of an element of the metric by a rotation, relative to the cell edges."""
    largest = 0.0
    for r in range(rotations.shape[0]):
        for i in range(3):
            for j in range(3):
                turned = -metric[i, j]
                for k in range(3):
                    for l in range(3):
                        turned += rotations[r, k, i] * metric[k, l] * rotations[r, l, j]
                largest = max(largest, abs(turned) / np.sqrt(metric[i, i] * metric[j, j]))
    return largest


@njit(cache=True, nogil=True)
def _collision(
    images: Array,
    multiplicities: Indices,
    occupancies: Array,
    metric: Array,
    axis: int,
    last: Indices,
    before: Indices,
    owners: Indices,
) -> tuple[int, int]:
    """Return two sites that collide, or (−1, −1), of images (n, 3) in 0 ≤ x < 1, site after site.

    The images are dealt along an axis into bins no thinner than ``SAME_PLACE``, so that only neighbouring bins can
    hold a pair: ``last`` (bins,) gets the last image of each, ``before`` (≥ n,) the one dealt earlier into
    the bin of an image, ``owners`` (≥ n,) its site; what they held before does not matter.
    """
    n_bins, n = last.size, 0
    for place in range(n_bins):
        last[place] = -1
    for site in range(multiplicities.size):
        for _ in range(multiplicities[site]):
            place = min(int(images[n, axis] * n_bins), n_bins - 1)
            owners[n], before[n], last[place] = site, last[place], n
            n += 1
    for i in range(n):
        place = min(int(images[i, axis] * n_bins), n_bins - 1)
        for neighbour in range(min(2, n_bins)):
            j = last[(place + 1) % n_bins] if neighbour else before[i]
            while j >= 0:
                if j != i and occupancies[owners[i]] + occupancies[owners[j]] > 1.0 + ROUNDING:
                    x, y, z = images[j, 0] - images[i, 0], images[j, 1] - images[i, 1], images[j, 2] - images[i, 2]
                    x, y, z = x - np.floor(x + 0.5), y - np.floor(y + 0.5), z - np.floor(z + 0.5)
                    squared = x * x * metric[0, 0] + y * y * metric[1, 1] + z * z * metric[2, 2]
                    squared += 2.0 * (x * y * metric[0, 1] + x * z * metric[0, 2] + y * z * metric[1, 2])
                    if squared < SAME_PLACE * SAME_PLACE:
                        return min(owners[i], owners[j]), max(owners[i], owners[j])
                j = before[j]
    return -1, -1
