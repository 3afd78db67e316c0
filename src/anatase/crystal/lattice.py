"""The crystal lattice: cell lengths and angles, metric tensors, volume, d-spacings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError

__all__ = ["Lattice"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lattice:
    """A unit cell: ``a, b, c`` in Å and ``alpha, beta, gamma`` in degrees.

    Raises
    ------
    PhysicsError
        When the six numbers span no volume.

    Examples
    --------
    >>> round(Lattice(5.431, 5.431, 5.431, 90, 90, 90).volume, 2)
    160.19
    """

    a: float
    b: float
    c: float
    alpha: float = 90.0
    beta: float = 90.0
    gamma: float = 90.0

    def __post_init__(self) -> None:
        lengths, angles = self.parameters[:3], self.parameters[3:]
        finite = all(np.isfinite(self.parameters))
        if not finite or min(lengths) <= 0 or min(angles) <= 0 or max(angles) >= 180:
            raise PhysicsError(f"no cell has a, b, c, alpha, beta, gamma = {self.parameters}")
        if np.linalg.det(self.metric) <= 1e-9 * np.prod(np.square(lengths)):
            raise PhysicsError(f"the angles {angles} deg span no volume")

    @property
    def parameters(self) -> tuple[float, float, float, float, float, float]:
        """The six cell parameters (Å, Å, Å, °, °, °)."""
        return (self.a, self.b, self.c, self.alpha, self.beta, self.gamma)

    @classmethod
    def from_metric(cls, metric: ArrayLike) -> Lattice:
        """Build a lattice from its direct metric tensor G (3, 3), in Å²."""
        g = np.asarray(metric, dtype=float)
        a, b, c = np.sqrt(np.diag(g))
        cosines = np.clip([g[1, 2] / (b * c), g[0, 2] / (a * c), g[0, 1] / (a * b)], -1.0, 1.0)
        alpha, beta, gamma = np.degrees(np.arccos(cosines))
        return cls(float(a), float(b), float(c), float(alpha), float(beta), float(gamma))

    @classmethod
    def from_vectors(cls, vectors: ArrayLike) -> Lattice:
        """Build a lattice from the row vectors a, b, c (3, 3), in Å."""
        basis = np.asarray(vectors, dtype=float)
        return cls.from_metric(basis @ basis.T)

    @cached_property
    def metric(self) -> Array:
        """Direct metric tensor G (3, 3), Å² (International Tables A, 1.3.2.2)."""
        lengths = np.array([self.a, self.b, self.c])
        ca, cb, cg = np.cos(np.radians([self.alpha, self.beta, self.gamma]))
        # exactly zero at 90 degrees, so that orthogonal cells stay exactly orthogonal
        ca, cb, cg = (0.0 if abs(x) < 1e-15 else float(x) for x in (ca, cb, cg))
        cosines = np.array([[1.0, cg, cb], [cg, 1.0, ca], [cb, ca, 1.0]])
        return np.asarray(np.outer(lengths, lengths) * cosines, dtype=np.float64)

    @cached_property
    def reciprocal_metric(self) -> Array:
        """Reciprocal metric tensor G* (3, 3), Å⁻², without the factor 2π."""
        return np.asarray(np.linalg.inv(self.metric), dtype=np.float64)

    @cached_property
    def vectors(self) -> Array:
        """Row vectors a, b, c (3, 3) in Å; a along x, b in the xy plane."""
        return np.asarray(np.linalg.cholesky(self.metric), dtype=np.float64)

    @cached_property
    def volume(self) -> float:
        """Cell volume, Å³."""
        return float(np.sqrt(np.linalg.det(self.metric)))

    @property
    def reciprocal(self) -> Lattice:
        """The reciprocal lattice (Å⁻¹, without 2π)."""
        return Lattice.from_metric(self.reciprocal_metric)

    def inverse_d_squared(self, hkl: ArrayLike) -> Array:
        """Return 1/d² (n,) in Å⁻² of reflections hkl (n, 3)."""
        h = np.atleast_2d(np.asarray(hkl, dtype=float))
        return np.asarray(((h @ self.reciprocal_metric) * h).sum(axis=1))

    def d_spacing(self, hkl: ArrayLike) -> Array:
        """Return the interplanar spacings d (n,) in Å of reflections hkl (n, 3)."""
        return np.asarray(1.0 / np.sqrt(self.inverse_d_squared(hkl)))
