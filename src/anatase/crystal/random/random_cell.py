"""Random cells of a given volume with the symmetry of a space group."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup

__all__ = ["random_metric"]

Array = NDArray[np.float64]

LENGTH_SPREAD = 0.35  # standard deviation of ln a, ln b, ln c before symmetry makes some of them equal
ANGLE_RANGE = (65.0, 115.0)  # degrees
TRIES = 12
# one of each pair of opposite translations, in the primitive cell
TRANSLATIONS = np.array([v for v in itertools.product((-2, -1, 0, 1, 2), repeat=3) if v > (0, 0, 0)], dtype=np.float64)


def random_metric(
    rng: np.random.Generator, space_group: SpaceGroup, volume: float, primitive: Array, shortest: float
) -> Array | None:
    """Return the metric tensor (3, 3) in Å² of a random cell, or ``None`` where none is wide enough.

    A cell of random lengths (log-normal) and angles (uniform) is averaged over the rotations R of the group,
    G = ⟨RᵀG₀R⟩, which leaves what the crystal system allows free, and scaled to the volume. Shapes whose
    shortest lattice vector is below ``shortest`` are drawn again, ever closer to the isometric.

    Parameters
    ----------
    rng
        Source of random numbers.
    space_group
        The group, in any setting.
    volume
        Å³ of the conventional cell.
    primitive
        Primitive basis vectors as columns (3, 3), in fractions of the conventional cell.
    shortest
        Shortest lattice vector allowed, Å: no atom may come closer to its own translates.
    """
    vectors = TRANSLATIONS @ primitive.T
    rotations = space_group.rotations
    for attempt in range(TRIES):
        narrowing = 0.8**attempt
        lengths = np.exp(rng.normal(0.0, LENGTH_SPREAD * narrowing, 3))
        cosines = np.cos(np.radians(90.0 + (rng.uniform(*ANGLE_RANGE, 3) - 90.0) * narrowing))
        start = np.outer(lengths, lengths)
        start[(0, 1, 0), (1, 2, 2)] *= cosines
        start[(1, 2, 2), (0, 1, 0)] *= cosines
        metric = np.asarray(np.mean(rotations.transpose(0, 2, 1) @ start @ rotations, axis=0))
        determinant = float(np.linalg.det(metric))
        if determinant < 0.05 * float(np.prod(np.diag(metric))):
            continue  # all but flat
        metric *= (volume**2 / determinant) ** (1.0 / 3.0)
        if float(np.einsum("ni,ij,nj->n", vectors, metric, vectors).min()) >= shortest**2:
            return metric
    return None
