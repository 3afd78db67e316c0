"""How the axes of a cell, in the Cartesian frame of a crystal, follow its free parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.structure import Structure

__all__ = ["axes_slopes"]

Array = NDArray[np.float64]


def axes_slopes(structure: Structure) -> tuple[tuple[str, ...], Array]:
    """Return the names (k) of the free cell parameters, and the derivatives (k, 3, 3) of ``lattice.vectors`` by them.

    The axes are the rows of L with G = L Lᵀ, hence dL = L Φ(L⁻¹ dG L⁻ᵀ), where Φ takes the lower triangle and half
    of the diagonal (Giles (2008) Collected matrix derivative results, 2.2.5). In Å per Å or degree.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> names, slopes = axes_slopes(Structure(Lattice(4, 4, 5), SpaceGroup.from_number(99), ()))
    >>> names, slopes[0].round(9).tolist()
    (('a', 'c'), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    """
    lattice = structure.lattice
    names, rates = free_cell_parameters(lattice, structure.space_group)
    g, axes = lattice.metric, lattice.vectors
    back = np.linalg.inv(axes)
    inner = back @ (-g @ reciprocal_metric_slopes(lattice, rates) @ g) @ back.T
    half = np.tril(inner)
    half[:, np.arange(3), np.arange(3)] *= 0.5
    return names, np.asarray(axes @ half)
