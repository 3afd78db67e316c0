"""What its symmetry leaves free of a site: coordinates and displacement parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import echelon
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure

__all__ = ["GENERAL", "TENSOR", "TENSOR_INDICES", "SiteFreedom", "site_freedom", "symmetrised_tensor", "tensor_average"]

Array = NDArray[np.float64]

TENSOR = ("u11", "u22", "u33", "u12", "u13", "u23")
TENSOR_INDICES = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class SiteFreedom:
    """The free coordinates and tensor components of a site, and how all follow them, at rate 1 for their own.

    ``axes`` (k) of ``x y z`` with ``directions`` (k, 3); ``tensor`` (m) of ``u11 … u23`` with ``tensor_directions``
    (m, 6). A site at x, 2x, z has the axes x and z, and moves along (1, 2, 0) with the first.
    """

    axes: tuple[str, ...]
    directions: Array
    tensor: tuple[str, ...]
    tensor_directions: Array


GENERAL = SiteFreedom(("x", "y", "z"), np.eye(3), TENSOR, np.eye(6))  # a site on a general position


@lru_cache(maxsize=4096)
def _freedom(group: SpaceGroup, stabilizer: bytes, axes: bytes) -> SiteFreedom:
    rotations = group.rotations[np.frombuffer(stabilizer, dtype=np.bool_)]
    directions = echelon(rotations.mean(axis=0).T)
    tensors = echelon(tensor_average(rotations, np.frombuffer(axes)).T)
    return SiteFreedom(
        tuple(["xyz"[int(np.argmax(row != 0.0))] for row in directions]),
        directions,
        tuple([TENSOR[int(np.argmax(row != 0.0))] for row in tensors]),
        tensors,
    )


def tensor_average(rotations: NDArray[np.int64], axes: Array) -> Array:
    """Return the matrix (6, 6) that takes (U11 … U23) to their mean over rotations; a*, b*, c* (3,) scale them.

    β = U a*a* transforms as x xᵀ, with R β Rᵀ (Peterse & Palm 1966, Acta Cryst. 20, 147).
    """
    average, scale = np.empty((6, 6)), np.outer(axes, axes)
    for q, (i, j) in enumerate(TENSOR_INDICES):
        unit = np.zeros((3, 3))
        unit[i, j] = unit[j, i] = 1.0
        mean = np.mean([r @ (unit * scale) @ r.T for r in rotations], axis=0) / scale
        average[:, q] = [mean[k, m] for k, m in TENSOR_INDICES]
    return average


def site_freedom(structure: Structure, site: int) -> SiteFreedom:
    """Return what the symmetry of a site, by its number in ``structure.sites``, leaves free.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.structure import Site, Species
    >>> ga = Site("Ga", (Species("Ga"),), (1 / 3, 2 / 3, 0.0))
    >>> gan = Structure(Lattice(3.19, 3.19, 5.18, 90, 90, 120), SpaceGroup.from_number(186), (ga,))
    >>> free = site_freedom(gan, 0)
    >>> free.axes, free.tensor, free.tensor_directions[0].tolist()
    (('z',), ('u11', 'u33'), [1.0, 1.0, 0.0, 0.5, 0.0, 0.0])
    """
    mask = structure.cell_content.stabilizers[site]
    # a ratio of axes that symmetry ties stays the same when the cell is refined: rounding keeps one entry per site
    reciprocal = np.round(np.sqrt(np.diag(structure.lattice.reciprocal_metric)), 12)
    return _freedom(structure.space_group, mask.tobytes(), reciprocal.tobytes())


def symmetrised_tensor(structure: Structure, site: int, u: Array) -> Array:
    """Return U (6,) of a site as its symmetry has it."""
    rotations = structure.space_group.rotations[structure.cell_content.stabilizers[site]]
    axes = np.sqrt(np.diag(structure.lattice.reciprocal_metric))
    return np.asarray(tensor_average(rotations, axes) @ u)
