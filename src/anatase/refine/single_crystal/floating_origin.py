"""The origin of polar space groups, which the data cannot find: held by a restraint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsqr

from anatase.crystal.free_cell import echelon
from anatase.refine.single_crystal.atoms import SLOTS, SOF, XYZ, CrystalAtoms

__all__ = ["origin_rows"]

Array = NDArray[np.float64]
Sparse = csr_array[np.float64]


def origin_rows(atoms: CrystalAtoms, rates: Sparse, electrons: Array) -> Array:
    """Return one row (r, 10 s) for each direction along which the whole structure can move.

    The mean of the coordinates, weighted by the electrons (s,) of the atoms, is held (Flack & Schwarzenbach 1988,
    Acta Cryst. A44, 499). A direction in which atoms are fixed by their codes is left out.
    """
    mean = atoms.space_group.rotations.mean(axis=0)
    weight = np.maximum(electrons, 1.0) * atoms.values[:, SOF]
    found = []
    for direction, covector in zip(echelon(mean.T), echelon(mean), strict=True):
        shift = np.zeros((len(atoms), SLOTS))
        shift[:, XYZ] = direction
        flat = shift.ravel()
        residual = flat - rates @ lsqr(rates, flat, atol=1e-12, btol=1e-12)[0]
        if np.abs(residual).max(initial=0.0) < 1e-6:
            row = np.zeros((len(atoms), SLOTS))
            row[:, XYZ] = (weight / weight.sum())[:, None] * covector
            found.append(row.ravel())
    return np.array(found).reshape(len(found), SLOTS * len(atoms))
