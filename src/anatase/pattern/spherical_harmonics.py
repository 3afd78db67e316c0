"""Preferred orientation by spherical harmonics that have the symmetry of the crystal.

For a sample with a fibre axis (a pressed plate seen in reflection, a capillary) the pole density of a reflection is
P(h) = 1 + Σ C_lm √(4π/(2l + 1)) P_l(cos χ) k_lm(h): even l only, k_lm orthonormal combinations of the spherical
harmonics of order l that every rotation of the Laue group leaves alone, χ the angle between the fibre axis and the
scattering vector (Järvinen (1993) J. Appl. Cryst. 26, 525; the coefficients are normalised as those of Von Dreele
(1997) J. Appl. Cryst. 30, 517, so that the texture index is J = 1 + Σ C_lm²/(2l + 1)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import eval_legendre, gammaln, lpmv

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError

__all__ = [
    "HarmonicBasis",
    "negative_pole_density",
    "real_harmonics",
    "symmetrised_harmonics",
    "texture_factor",
    "texture_index",
]

Array = NDArray[np.float64]

MOST_ORDER = 22


@dataclass(frozen=True)
class HarmonicBasis:
    """The symmetrised harmonics of a crystal.

    Parameters
    ----------
    orders
        l of each term (k,).
    combinations
        Of each term the 2l + 1 coefficients by which the real harmonics of order l are combined; orthonormal. Terms
        of one order come from m = 0, 1 (cosine), 1 (sine), 2 … in turn, each made orthogonal to those before.
    lattice
        The lattice, its metric averaged over the group; the harmonics stand in its Cartesian frame (a along x, b in
        the xy plane).
    """

    orders: NDArray[np.int64]
    combinations: tuple[Array, ...]
    lattice: Lattice

    def values(self, directions: Array) -> Array:
        """Return k_lm (n, k) at Cartesian directions (n, 3) of any length."""
        columns = {l: real_harmonics(int(l), directions) for l in np.unique(self.orders)}
        return np.stack([columns[l] @ c for l, c in zip(self.orders, self.combinations, strict=True)], axis=1)

    def columns(self, hkl: ArrayLike, tilt: float = 0.0) -> Array:
        """Return the derivative (n, k) of P(hkl) by each coefficient, for reflections hkl (n, 3).

        ``tilt`` is χ, degrees: 0 for a flat plate in symmetric reflection, 90 for a capillary spun about its axis.
        """
        directions = np.atleast_2d(np.asarray(hkl, dtype=float)) @ np.linalg.inv(self.lattice.vectors).T
        orders = self.orders.astype(float)
        sample = np.sqrt(4.0 * np.pi / (2.0 * orders + 1.0)) * eval_legendre(orders, np.cos(np.radians(tilt)))
        return np.asarray(self.values(directions) * sample)


def real_harmonics(order: int, directions: Array) -> Array:
    """Return the orthonormal real spherical harmonics of one order at directions (n, 3): (n, 2·order + 1).

    In the order m = 0, 1 cosine, 1 sine, 2 cosine …, without the Condon–Shortley phase.
    """
    x, y, z = np.asarray(directions, dtype=float).T
    polar = z / np.sqrt(x * x + y * y + z * z)
    azimuth = np.arctan2(y, x)
    rows = []
    for m in range(order + 1):
        log_norm = 0.5 * (np.log((2 * order + 1) / (4.0 * np.pi)) + gammaln(order - m + 1) - gammaln(order + m + 1))
        legendre = (-1.0) ** m * lpmv(m, order, polar) * np.exp(log_norm)
        if m == 0:
            rows.append(legendre)
        else:
            rows += [np.sqrt(2.0) * legendre * np.cos(m * azimuth), np.sqrt(2.0) * legendre * np.sin(m * azimuth)]
    return np.stack(rows, axis=1)


def _sphere(order: int) -> tuple[Array, Array]:
    """Return directions (n, 3) and weights (sum 4π) that integrate products of two harmonics of an order exactly."""
    nodes = 2 * order + 2
    polar, weight = np.polynomial.legendre.leggauss(order + 1)
    azimuth = (np.arange(nodes) + 0.5) * 2.0 * np.pi / nodes
    z, phi = np.repeat(polar, nodes), np.tile(azimuth, polar.size)
    radius = np.sqrt(1.0 - z * z)
    directions = np.stack([radius * np.cos(phi), radius * np.sin(phi), z], axis=1)
    return directions, np.repeat(weight * 2.0 * np.pi / nodes, nodes)


def _symmetric(lattice: Lattice, space_group: SpaceGroup) -> tuple[Lattice, Array]:
    """Return the lattice, its metric averaged, and the proper rotations (n, 3, 3) of the group on Cartesian columns."""
    if not space_group.fits(lattice):
        raise PhysicsError(f"the cell {lattice.parameters} has not the symmetry of {space_group.symbol}")
    rotations = np.unique(space_group.rotations, axis=0)
    averaged = Lattice.from_metric(np.mean(rotations.transpose(0, 2, 1) @ lattice.metric @ rotations, axis=0))
    to_cartesian = averaged.vectors.T
    # harmonics of even order do not tell a rotation from its product with the inversion
    proper = np.unique(rotations * np.round(np.linalg.det(rotations)).astype(np.int64)[:, None, None], axis=0)
    return averaged, np.asarray(to_cartesian @ proper @ np.linalg.inv(to_cartesian))


@lru_cache(maxsize=64)
def symmetrised_harmonics(lattice: Lattice, space_group: SpaceGroup, order_max: int) -> HarmonicBasis:
    """Return the harmonics of even order 2 … ``order_max`` with the symmetry of a crystal in any setting.

    Each harmonic is averaged over the rotations, in the crystal's Cartesian frame, and what is left made
    orthonormal.

    Raises
    ------
    InputError
        When ``order_max`` is not an even number from 2 to 22.
    PhysicsError
        When the cell has not the symmetry of the group.

    Examples
    --------
    >>> cubic = symmetrised_harmonics(Lattice(4.0, 4.0, 4.0), SpaceGroup.from_number(225), 12)
    >>> cubic.orders.tolist()
    [4, 6, 8, 10, 12, 12]
    """
    if order_max % 2 or not 2 <= order_max <= MOST_ORDER:
        raise InputError(f"harmonics up to order {order_max}", f"give an even order from 2 to {MOST_ORDER}")
    averaged_lattice, rotations = _symmetric(lattice, space_group)
    orders, combinations = [], []
    for l in range(2, order_max + 1, 2):
        directions, weight = _sphere(l)
        harmonics = real_harmonics(l, directions)
        turned = (directions @ rotations.transpose(0, 2, 1)).reshape(-1, 3)
        averaged = real_harmonics(l, turned).reshape(len(rotations), *harmonics.shape).mean(axis=0)
        projector = (harmonics * weight[:, None]).T @ averaged
        found: list[Array] = []
        for row in projector:
            # twice, for what rounding leaves of the first time
            rest = row.copy()
            for _ in range(2):
                for known in found:
                    rest = rest - (rest @ known) * known
            size = float(np.linalg.norm(rest))
            if size > 1e-6:
                rest /= size
                rest.flags.writeable = False
                found.append(rest)
        orders += [l] * len(found)
        combinations += found
    return HarmonicBasis(np.array(orders, dtype=np.int64), tuple(combinations), averaged_lattice)


def texture_factor(columns: Array, coefficients: ArrayLike) -> Array:
    """Return P (n,) from columns (n, k) of ``HarmonicBasis.columns`` and coefficients (k,): dP/dC are the columns."""
    return np.asarray(1.0 + columns @ np.asarray(coefficients, dtype=float))


def texture_index(orders: NDArray[np.int64], coefficients: ArrayLike) -> float:
    """Return J = 1 + Σ C²/(2l + 1), 1 for no texture (Bunge, 1982): the mean square of the orientation density."""
    return 1.0 + float(np.sum(np.asarray(coefficients, dtype=float) ** 2 / (2.0 * orders + 1.0)))


def negative_pole_density(basis: HarmonicBasis, coefficients: ArrayLike) -> tuple[str, ...]:
    """Return a warning when the density of poles along the fibre axis is negative for some direction of the crystal.

    A density cannot be: the series is cut off too early, or coefficients are noise.
    """
    directions, weight = _sphere(MOST_ORDER)
    factors = np.sqrt(4.0 * np.pi / (2.0 * basis.orders + 1.0))
    density = texture_factor(basis.values(directions) * factors, coefficients)
    lowest = float(density.min())
    if lowest >= 0.0:
        return ()
    share = float(weight[density < 0.0].sum() / weight.sum())
    return (
        f"the texture's pole density falls to {lowest:.2g} and is negative over {share:.0%} of the directions; "
        "lower the order of the harmonics",
    )
