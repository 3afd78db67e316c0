"""The atoms' refinable parameters and what they do to |F|²."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import echelon
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.scattering.structure_factor_gradient import PAIRS, mean_rotation

__all__ = ["atom_derivatives", "tensor_stretch"]

Array = NDArray[np.float64]


@lru_cache(maxsize=4096)
def _directions(group: SpaceGroup, stabilizer: bytes) -> tuple[tuple[str, ...], Array]:
    """Return the coordinates that a site may move along, and the directions (k, 3) in which it then does."""
    allowed = echelon(mean_rotation(group, stabilizer).T)
    return tuple(["xyz"[int(np.argmax(direction != 0.0))] for direction in allowed]), allowed


def atom_derivatives(structure: Structure, xyz: Array, u_iso: Array, occupancy: Array) -> tuple[tuple[str, ...], Array]:
    """Return the names (k) of the atoms' free parameters and the derivatives (k, n) of n quantities by each.

    ``Ti1.x`` moves the coordinates that symmetry ties to x along with it; what it fixes is left out. Then
    ``Ti1.u_iso`` (Å²) where the site has no tensor, and ``Ti1.Ti.occupancy`` for each species. Given are
    the derivatives by coordinates (n, s, 3), by U_iso (n, s) and by occupancies (n, q).
    """
    n, s = u_iso.shape
    stabilizers, species = structure.cell_content.stabilizers, 0
    special = np.count_nonzero(stabilizers, axis=1) > 1
    along = xyz.copy() if special.any() else xyz
    names: list[str] = []
    columns: list[int] = []
    for index, (site, fixed) in enumerate(zip(structure.sites, special.tolist(), strict=True)):
        axes: tuple[str, ...] = ("x", "y", "z")
        if fixed:
            axes, allowed = _directions(structure.space_group, stabilizers[index].tobytes())
            along[:, index, : len(axes)] = np.dot(xyz[:, index], allowed.T)
        names += [f"{site.label}.{axis}" for axis in axes]
        columns += range(3 * index, 3 * index + len(axes))
        if site.u_aniso is None:
            names.append(f"{site.label}.u_iso")
            columns.append(3 * s + index)
        names += [f"{site.label}.{one.element}.occupancy" for one in site.species]
        columns += range(4 * s + species, 4 * s + species + len(site.species))
        species += len(site.species)
    every = np.concatenate([along.reshape(n, 3 * s), u_iso, occupancy], axis=1)
    return tuple(names), np.ascontiguousarray(every[:, columns].T)


def tensor_stretch(structure: Structure, u_aniso: Array, slopes: Array) -> Array:
    """Return what the cell does to |F|² through the tensors U, (c, n), at fixed 1/d² and fractional coordinates.

    They follow a*, b*, c*, and so the slopes ∂G*/∂p (c, 3, 3) of the reciprocal metric; ``u_aniso`` (n, s, 6) is
    ∂|F|²/∂U.
    """
    rest = np.zeros((len(slopes), len(u_aniso)))
    diagonal = np.arange(3)
    by_length = 0.5 * slopes[:, diagonal, diagonal] / np.diag(structure.lattice.reciprocal_metric)  # ∂ ln a*/∂p
    for index, site in enumerate(structure.sites):
        if site.u_aniso is not None:
            for q, (i, j) in enumerate(PAIRS):
                rest += np.outer(site.u_aniso[q] * (by_length[:, i] + by_length[:, j]), u_aniso[:, index, q])
    return rest
