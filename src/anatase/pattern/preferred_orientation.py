"""Preferred orientation of crystallites: the March–Dollase factor, of one axis or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError

__all__ = ["march_dollase", "march_dollase_mixture", "orientation_cosines"]

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


def march_dollase_mixture(
    cos2: Sequence[Array], r: Sequence[float], fractions: Sequence[float]
) -> tuple[Array, Array, Array]:
    """Return the factor (n,) of several preferred axes, and its derivatives (k, n) by each r and by each fraction.

    P = 1 + Σ f_i (P_i − 1): a share f_i of the crystallites is oriented by the axis i with r_i, the rest at random,
    as the several axes of GSAS and the random part of FullProf's function. With one axis and f = 1 it is
    ``march_dollase``.

    Parameters
    ----------
    cos2
        For each axis the cosines (n, m_i) of ``orientation_cosines``.
    r, fractions
        March parameter and share of each axis (k).

    Raises
    ------
    PhysicsError
        For an r that is not positive, shares that are negative or add up to more than 1.
    InputError
        When there are not as many r, shares and axes.

    Examples
    --------
    >>> along = np.array([[1.0], [0.0]])
    >>> march_dollase_mixture([along], [0.5], [0.25])[0].round(4).tolist()
    [2.75, 0.8384]
    """
    if not len(cos2) == len(r) == len(fractions) > 0:
        raise InputError(f"{len(cos2)} axes have {len(r)} r and {len(fractions)} shares", "give one of each per axis")
    if min(r) <= 0.0 or min(fractions) < 0.0 or sum(fractions) > 1.0 + 1e-12:
        raise PhysicsError(f"March r {list(r)} must be positive and shares {list(fractions)} within 0 to 1 in sum")
    factors, slopes = zip(*(march_dollase(c, value) for c, value in zip(cos2, r, strict=True)), strict=True)
    excess = np.stack(factors) - 1.0
    share = np.asarray(fractions, dtype=float)
    return 1.0 + share @ excess, share[:, None] * np.stack(slopes), excess
