"""The ways in which a cell may strain without breaking its symmetry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup

__all__ = ["strain_basis", "strained_lattice"]

Array = NDArray[np.float64]


def strain_basis(lattice: Lattice, space_group: SpaceGroup) -> Array:
    """Return the symmetry-allowed strains of the reciprocal metric, (k, 3, 3): k = 1 (cubic) to 6 (triclinic).

    G* + Σ p_j B_j keeps the symmetry for any p. The B_j are orthonormal in the crystal's Cartesian frame, so that
    p_j is a relative change of 1/d²; the first is the isotropic one.
    """
    g_star = lattice.reciprocal_metric
    root = np.linalg.cholesky(g_star)  # rows: reciprocal axes in Cartesian coordinates
    inverse = np.linalg.inv(root)
    rotations = np.unique(space_group.rotations, axis=0).astype(float)
    candidates = [np.eye(3)]
    for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)):
        unit = np.zeros((3, 3))
        unit[i, j] = unit[j, i] = 1.0
        candidates.append(unit)
    basis: list[Array] = []
    for candidate in candidates:
        metric = root @ candidate @ root.T
        # hkl rows transform as h R, hence the metric as R G* Rᵀ
        mean = np.mean([r @ metric @ r.T for r in rotations], axis=0)
        cartesian = inverse @ mean @ inverse.T
        for known in basis:
            cartesian = cartesian - known * np.sum(cartesian * known) / np.sum(known * known)
        size = np.sqrt(np.sum(cartesian**2))
        if size > 1e-6:
            basis.append(cartesian / size * np.sqrt(3.0 if not basis else 1.0))
    return np.array([root @ b @ root.T for b in basis])


def strained_lattice(lattice: Lattice, basis: Array, strain: Array) -> Lattice:
    """Return the lattice whose reciprocal metric is G* + Σ p_j B_j."""
    return Lattice.from_metric(np.linalg.inv(lattice.reciprocal_metric + np.tensordot(strain, basis, axes=1)))
