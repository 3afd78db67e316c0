"""Fibre texture: how often lattice planes face a direction of a sample that has one axis of symmetry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import PhysicsError
from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines

__all__ = ["FibreTexture", "pole_density"]

Array = NDArray[np.float64]

PRECISION = 1e-9  # of the Legendre series
STRONGEST = 0.1  # least r; its density along the axis is 1,000 times random


@dataclass(frozen=True, slots=True)
class FibreTexture:
    """The normals of the planes ``hkl`` gather about a ``direction`` of the sample after March and Dollase.

    Parameters
    ----------
    hkl
        Planes whose normal is the axis of the crystallites.
    r
        March–Dollase parameter; below 1 the normals gather along the direction, above 1 at right angles to it.
    direction
        Axis of the texture (3,) in the laboratory frame, any length: (0, 0, 1) is along the beam, (1, 0, 0) upwards.

    Raises
    ------
    PhysicsError
        For r outside 0.1 to 10, hkl 000 or a direction of no length.
    """

    hkl: tuple[int, int, int]
    r: float
    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        if not STRONGEST <= self.r <= 1.0 / STRONGEST:
            raise PhysicsError(f"March-Dollase r = {self.r:g} is no texture of a powder; give one from 0.1 to 10")
        if not any(self.hkl) or not np.linalg.norm(self.direction) > 0.0:
            raise PhysicsError(
                f"a texture has no axis {self.hkl} along {self.direction}; give planes and a direction, not all zero"
            )


@lru_cache(maxsize=64)
def _coefficients(r: float) -> Array:
    """Return c_l (l = 0, 2, 4 …) of W(cos α) = Σ c_l P_l(cos α), W the March–Dollase factor.

    W has branch points at cos²α = 1/(1 − r³); c_l falls as the power −l of the sum of the half-axes of the ellipse
    through them with foci ±1 (Trefethen, 2013, Approximation Theory and Approximation Practice, theorem 8.1).
    """
    pole = np.sqrt(complex(1.0 / (1.0 - r**3))) if abs(r - 1.0) > 1e-6 else complex(1e3)
    semiaxes = max(abs(pole + sign * np.sqrt(pole * pole - 1.0)) for sign in (1.0, -1.0))
    degree = 2 * int(np.ceil(-np.log(PRECISION) / np.log(semiaxes) / 2.0)) + 2
    nodes, weights = np.polynomial.legendre.leggauss(degree + 20)
    factor, _ = march_dollase((nodes**2)[:, None], r)
    even = _even_legendre(nodes, degree // 2 + 1)
    return np.asarray((4.0 * np.arange(len(even)) + 1.0) / 2.0 * (even @ (weights * factor)))


def _even_legendre(x: Array, count: int) -> Array:
    """Return P_0, P_2, P_4 … (count, ...) at x by Bonnet's recursion."""
    out = np.empty((count, *x.shape))
    before, now = np.ones_like(x), x
    for l in range(2 * count - 1):
        if l % 2 == 0:
            out[l // 2] = before
        before, now = now, ((2 * l + 3) * x * now - (l + 1) * before) / (l + 2)
    return out


def pole_density(
    hkl: NDArray[np.int64], cos_psi: Array, texture: FibreTexture, lattice: Lattice, space_group: SpaceGroup
) -> Array:
    """Return the pole density (n, k) of reflections hkl (n, 3), 1 for a random powder, at angles ψ to the axis (k,).

    Crystallites with the plane's normal along a direction at ψ stand at all angles ω about it; the axis of a
    crystallite that makes β with the normal then makes α with the axis of the texture, cos α = cos β cos ψ +
    sin β sin ψ cos ω. The mean of W(α) over ω is, by the addition theorem of Legendre's polynomials,
    P(ψ) = Σ c_l P_l(cos β) P_l(cos ψ), exactly; it is then averaged over the equivalents of the axis (Bunge, 1982,
    Texture Analysis in Materials Science, section 5). At ψ = 0 it is the factor of Dollase (1986).

    Examples
    --------
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> cell, group = Lattice(3.0, 3.0, 5.0), SpaceGroup.from_number(139)
    >>> texture = FibreTexture((0, 0, 1), 0.5)
    >>> pole_density(np.array([[0, 0, 2]]), np.array([1.0, 0.0]), texture, cell, group).round(4)
    array([[8.    , 0.3536]])
    """
    coefficients = _coefficients(texture.r)
    cosines = np.sqrt(np.clip(orientation_cosines(hkl, texture.hkl, lattice, space_group), 0.0, 1.0))
    of_planes = _even_legendre(cosines, coefficients.size).mean(axis=2)
    of_sample = _even_legendre(np.asarray(cos_psi, dtype=float), coefficients.size)
    return np.asarray((of_planes * coefficients[:, None]).T @ of_sample)
