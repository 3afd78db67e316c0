"""Wyckoff positions in the primitive cell, where distances are sought among the fewest atoms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.wyckoff import GENERIC, WyckoffPosition, wyckoff_positions

__all__ = ["PrimitiveOrbits", "primitive_orbits"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PrimitiveOrbits:
    """The Wyckoff positions of a group and the images of their points in the primitive cell.

    Parameters
    ----------
    basis
        The primitive basis vectors as columns (3, 3), in fractions of the conventional cell.
    inverse
        The inverse (3, 3) of that matrix: from conventional to primitive coordinates.
    positions
        The Wyckoff positions, conventional.
    multiplicities
        Number of points of each (n,) in the primitive cell.
    rotations, translations
        For each position the operations (m, 3, 3) and (m, 3), in the primitive basis, that make its m points
        from the first.
    linear, shifts
        For each position the map (n, 3, 3) and (n, 3) from (x, y, z) to its first point, conventional.
    projectors, primitive_projectors
        For each position the matrix (n, 3, 3) that takes a shift onto its free directions, in either basis.
    """

    basis: Array
    inverse: Array
    positions: tuple[WyckoffPosition, ...]
    multiplicities: NDArray[np.int64]
    rotations: tuple[Array, ...]
    translations: tuple[Array, ...]
    linear: Array
    shifts: Array
    projectors: Array
    primitive_projectors: Array


def primitive_orbits(space_group: SpaceGroup) -> PrimitiveOrbits:
    """Return the Wyckoff positions of a group with their images in the primitive cell.

    Raises
    ------
    InputError
        When the group stands in a setting outside gemmi's table.
    """
    return _orbits_of(space_group)


@lru_cache(maxsize=600)
def _orbits_of(space_group: SpaceGroup) -> PrimitiveOrbits:
    positions = wyckoff_positions(space_group)
    basis = _primitive_basis(space_group.hall)
    inverse: Array = np.asarray(np.linalg.inv(basis), dtype=np.float64)
    _, first = np.unique(space_group.rotations.reshape(-1, 9), axis=0, return_index=True)
    first.sort()  # the identity stays first
    rotations = np.rint(inverse @ space_group.rotations[first] @ basis)
    translations = space_group.translations[first] @ inverse.T
    chosen = [_coset(rotations, translations, inverse @ p.coordinates(GENERIC)) for p in positions]
    linear = np.array([p.linear for p in positions])
    projectors = linear @ np.linalg.pinv(linear)
    return PrimitiveOrbits(
        basis=basis,
        inverse=inverse,
        positions=positions,
        multiplicities=np.array([len(c) for c in chosen], dtype=np.int64),
        rotations=tuple(np.ascontiguousarray(rotations[c]) for c in chosen),
        translations=tuple(np.ascontiguousarray(translations[c]) for c in chosen),
        linear=linear,
        shifts=np.array([p.shift for p in positions]),
        projectors=projectors,
        primitive_projectors=inverse @ projectors @ basis,
    )


def _primitive_basis(hall: str) -> Array:
    group = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall))
    assert group is not None  # noqa: S101, for the type checker: its Wyckoff positions were found
    return np.array(group.centred_to_primitive().rot, dtype=np.float64) / gemmi.Op.DEN


def _coset(rotations: Array, translations: Array, point: Array) -> NDArray[np.int64]:
    """Return the first operation that makes each distinct image of a point."""
    images = rotations @ point + translations
    difference = images[:, None] - images[None]
    same = np.abs(difference - np.round(difference)).max(axis=2) < 1e-6
    return np.flatnonzero(same.argmax(axis=1) == np.arange(len(images)))
