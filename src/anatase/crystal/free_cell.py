"""The cell parameters that symmetry leaves free, and how the reciprocal metric follows them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup

__all__ = ["CELL_NAMES", "echelon", "free_cell_parameters", "reciprocal_metric_slopes"]

Array = NDArray[np.float64]

CELL_NAMES = ("a", "b", "c", "alpha", "beta", "gamma")


def echelon(rows: Array, tolerance: float = 1e-8) -> Array:
    """Return the reduced row echelon form (rank, m) of rows (n, m)."""
    form = _echelon(rows.astype(np.float64).tobytes(), rows.shape[1], tolerance)
    return form.copy()


@lru_cache(maxsize=1024)
def _echelon(values: bytes, columns: int, tolerance: float) -> Array:
    a, rank = np.frombuffer(values).reshape(-1, columns).copy(), 0
    for column in range(a.shape[1]):
        if rank == len(a):
            break
        pivot = rank + int(np.argmax(np.abs(a[rank:, column])))
        if abs(a[pivot, column]) < tolerance:
            continue
        a[[rank, pivot]] = a[[pivot, rank]]
        a[rank] /= a[rank, column]
        others = np.arange(len(a)) != rank
        a[others] -= np.outer(a[others, column], a[rank])
        rank += 1
    a[np.abs(a) < tolerance] = 0.0
    return np.asarray(a[:rank])


@lru_cache(maxsize=256)
def _rotations(space_group: SpaceGroup) -> Array:
    return np.unique(space_group.rotations, axis=0).astype(float)


def _metric_slopes(lattice: Lattice) -> Array:
    """Return ∂G/∂(a, b, c, α, β, γ) (6, 3, 3), in Å and Å² per degree."""
    lengths = np.array(lattice.parameters[:3])
    slopes = np.zeros((6, 3, 3))
    for i in range(3):
        slopes[i, i] += lattice.metric[i] / lengths[i]
        slopes[i, :, i] += lattice.metric[i] / lengths[i]
        j, k = (i + 1) % 3, (i + 2) % 3
        sine = np.sin(np.radians(lattice.parameters[3 + i]))
        slopes[3 + i, j, k] = slopes[3 + i, k, j] = -np.radians(lengths[j] * lengths[k] * sine)
    return slopes


def free_cell_parameters(lattice: Lattice, space_group: SpaceGroup) -> tuple[tuple[str, ...], Array]:
    """Return the names of the free parameters (k), and how all six follow them (k, 6), at rate 1 for their own.

    The metric must stay invariant under the group's rotations, RᵀGR = G, whatever the setting: a tetragonal ``a``
    takes b along.

    Examples
    --------
    >>> free_cell_parameters(Lattice(4.6, 4.6, 3.0), SpaceGroup.from_number(136))[0]
    ('a', 'c')
    """
    slopes = _metric_slopes(lattice)
    rotations = _rotations(space_group)
    turned = (rotations.transpose(0, 2, 1) @ slopes[:, None] @ rotations).mean(axis=1)
    moved = (turned - slopes).reshape(6, 9)
    _, sizes, vectors = np.linalg.svd(moved.T)
    allowed = vectors[sizes < 1e-6 * max(float(np.abs(slopes).max()), 1.0)]
    rates = echelon(allowed)
    return tuple(CELL_NAMES[int(np.argmax(row != 0.0))] for row in rates), rates


def reciprocal_metric_slopes(lattice: Lattice, rates: Array) -> Array:
    """Return ∂G*/∂p (k, 3, 3) in Å⁻² per Å or degree, for parameters p that move the six at rates (k, 6)."""
    direct = np.tensordot(rates, _metric_slopes(lattice), axes=1)
    g = lattice.reciprocal_metric
    return np.asarray(-g @ direct @ g)
