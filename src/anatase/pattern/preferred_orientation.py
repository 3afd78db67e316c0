"""Preferred orientation of crystallites: the March–Dollase factor, of one axis or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ellipe, ellipk

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError

__all__ = ["march_dollase", "march_dollase_across", "march_dollase_mixture", "orientation_cosines"]

Array = NDArray[np.float64]

SMALL_PARAMETER = 1e-4  # of the elliptic integral, below which its slope is taken from its series


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


def march_dollase_across(cos2: Array, r: float) -> tuple[Array, Array, Array]:
    """Return the factor of planes that face a direction at right angles to the axis of the texture, and its slopes.

    So does every plane that reflects from a spun capillary whose crystallites lie about its axis, and from a plate in
    symmetric transmission: the crystallites' axis makes β with the plane's normal, stands at all angles ω about
    it, and the mean of the March–Dollase factor over ω, cos α = sin β cos ω, is a complete elliptic integral,

        P = (2/π) r^(3/2) E(m)/√(1 + q),   q = (r³ − 1) sin²β,   m = q/(1 + q).

    Parameters
    ----------
    cos2
        cos²β (n, m) between reflections and the equivalents of the axis.
    r
        March parameter: below 1 plates gather with their normals along the axis of the texture.

    Returns
    -------
    tuple
        Factor (n,) and its derivative by r (n,), averaged over equivalents; derivative (n, m) by each cos²β before.

    Examples
    --------
    >>> march_dollase_across(np.array([[1.0], [0.0]]), 0.5)[0].round(3).tolist()
    [0.354, 2.025]
    """
    sine2 = 1.0 - cos2
    q = (r**3 - 1.0) * sine2
    m = q / (1.0 + q)
    second = ellipe(m)
    small = np.abs(m) < SMALL_PARAMETER
    safe = np.where(small, 1.0, m)
    series = -np.pi / 8.0 * (1.0 + m * (3.0 / 8.0 + m * 15.0 / 64.0))
    slope = np.where(small, series, (second - ellipk(np.where(small, 0.5, m))) / (2.0 * safe))
    unit = 2.0 / np.pi * r**1.5 / np.sqrt(1.0 + q)
    factor = unit * second
    by_q = unit * (slope / (1.0 + q) ** 2 - 0.5 * second / (1.0 + q))
    by_r = 1.5 / r * factor + by_q * 3.0 * r * r * sine2
    return factor.mean(axis=1), by_r.mean(axis=1), np.asarray(by_q * (1.0 - r**3))


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
