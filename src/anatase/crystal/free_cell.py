"""The cell parameters that symmetry leaves free, and how the reciprocal metric follows them."""

from __future__ import annotations

from functools import lru_cache
from math import radians, sin

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
def _mean_metric(space_group: SpaceGroup) -> Array:
    """Return the matrix (9, 9) that takes rows of metrics G to the mean of RᵀGR over the group's rotations R."""
    rotations = np.unique(space_group.rotations, axis=0).astype(float)
    return np.asarray(np.einsum("nij,nkl->ikjl", rotations, rotations).reshape(9, 9) / len(rotations))


def _metric_slopes(lattice: Lattice) -> Array:
    """Return ∂G/∂(a, b, c, α, β, γ) (6, 3, 3), in Å and Å² per degree."""
    lengths, angles = lattice.parameters[:3], lattice.parameters[3:]
    g = lattice.metric.tolist()
    slopes = [[0.0] * 9 for _ in range(6)]
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        slopes[i][4 * i] = 2.0 * lengths[i]
        slopes[i][3 * i + j] = slopes[i][3 * j + i] = g[i][j] / lengths[i]
        slopes[i][3 * i + k] = slopes[i][3 * k + i] = g[i][k] / lengths[i]
        turn = -radians(lengths[j] * lengths[k] * sin(radians(angles[i])))
        slopes[3 + i][3 * j + k] = slopes[3 + i][3 * k + j] = turn
    return np.array(slopes).reshape(6, 3, 3)


def _allowed_rates(lattice: Lattice, space_group: SpaceGroup) -> Array:
    """Return in reduced echelon form how the six parameters move where the metric keeps the group's symmetry."""
    slopes = _metric_slopes(lattice).reshape(6, 9)
    moved = slopes @ _mean_metric(space_group) - slopes
    _, sizes, vectors = np.linalg.svd(moved.T)
    return echelon(vectors[sizes < 1e-6 * max(float(np.abs(slopes).max()), 1.0)])


@lru_cache(maxsize=256)
def _common_rates(space_group: SpaceGroup) -> Array:
    """Return the allowed rates of a lattice without any relation that the group does not ask for."""
    skew = np.array([[23.0, 1.7, -2.3], [1.7, 37.0, 3.1], [-2.3, 3.1, 53.0]])
    mean = (skew.reshape(9) @ _mean_metric(space_group)).reshape(3, 3)
    return _allowed_rates(Lattice.from_metric(mean), space_group)


def free_cell_parameters(lattice: Lattice, space_group: SpaceGroup) -> tuple[tuple[str, ...], Array]:
    """Return the names of the free parameters (k), and how all six follow them (k, 6), at rate 1 for their own.

    The metric must stay invariant under the group's rotations, RᵀGR = G, whatever the setting: a tetragonal ``a``
    takes b along.

    Examples
    --------
    >>> free_cell_parameters(Lattice(4.6, 4.6, 3.0), SpaceGroup.from_number(136))[0]
    ('a', 'c')
    """
    names, rates = _free_parameters(lattice, space_group)
    return names, rates.copy()


@lru_cache(maxsize=256)
def _free_parameters(lattice: Lattice, space_group: SpaceGroup) -> tuple[tuple[str, ...], Array]:
    # on standard axes the rates are the same for every lattice of a group
    rates = _common_rates(space_group)
    slopes = np.dot(rates, _metric_slopes(lattice).reshape(6, 9))
    if np.abs(slopes @ _mean_metric(space_group) - slopes).max() > 1e-9 * np.abs(slopes).max():
        rates = _allowed_rates(lattice, space_group)
    return tuple([CELL_NAMES[int(np.argmax(row != 0.0))] for row in rates]), rates


def reciprocal_metric_slopes(lattice: Lattice, rates: Array) -> Array:
    """Return ∂G*/∂p (k, 3, 3) in Å⁻² per Å or degree, for parameters p that move the six at rates (k, 6)."""
    direct = np.dot(rates, _metric_slopes(lattice).reshape(6, 9)).reshape(-1, 3, 3)
    g = lattice.reciprocal_metric
    return np.asarray(-g @ direct @ g)
