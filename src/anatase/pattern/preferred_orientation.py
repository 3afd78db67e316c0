"""Preferred orientation of crystallites: the March–Dollase factor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup

__all__ = ["march_dollase", "orientation_cosines"]

Array = NDArray[np.float64]


def orientation_cosines(
    hkl: NDArray[np.int64], axis: tuple[int, int, int], lattice: Lattice, space_group: SpaceGroup
) -> Array:
    """Return cos²α (n, m) between reflections hkl (n, 3) and the m equivalents of the axis (hkl of a plane)."""
    rotations = np.unique(space_group.rotations, axis=0)
    axes = np.unique(np.asarray(axis) @ rotations, axis=0)
    g = lattice.reciprocal_metric
    h = np.asarray(hkl, dtype=float)
    dot = h @ g @ axes.T
    return np.asarray(dot**2 / np.outer(np.einsum("ni,ij,nj->n", h, g, h), np.einsum("ni,ij,nj->n", axes, g, axes)))


def march_dollase(cos2: Array, r: float) -> tuple[Array, Array]:
    """Return the March–Dollase factor (n,) and its derivative by r (n,), averaged over equivalents.

    P = ⟨(r² cos²α + sin²α/r)^(−3/2)⟩ (Dollase, 1986, J. Appl. Cryst. 19, 267, equation 1);
    r < 1: plates lying flat, r > 1: needles.
    """
    base = r * r * cos2 + (1.0 - cos2) / r
    factor = base**-1.5
    slope = -1.5 * base**-2.5 * (2.0 * r * cos2 - (1.0 - cos2) / (r * r))
    return factor.mean(axis=1), slope.mean(axis=1)
