"""The atoms' refinable parameters and what they do to |F|²."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.site_freedom import GENERAL, TENSOR_INDICES, site_freedom
from anatase.crystal.structure import Structure

__all__ = ["atom_derivatives", "tensor_stretch"]

Array = NDArray[np.float64]


def atom_derivatives(
    structure: Structure, xyz: Array, u_iso: Array, occupancy: Array, u_aniso: Array | None = None
) -> tuple[tuple[str, ...], Array]:
    """Return the names (k) of the atoms' free parameters and the derivatives (k, n) of n quantities by each.

    ``Ti1.x`` moves the coordinates that symmetry ties to x along with it; what it fixes is left out. Then
    ``Ti1.u_iso`` (Å²), or ``Ti1.u11`` … where the site has a tensor, and ``Ti1.Ti.occupancy`` for each species.
    Given are the derivatives by coordinates (n, s, 3), by U_iso (n, s), by occupancies (n, q), by tensors (n, s, 6).
    """
    n, species = len(u_iso), 0
    names: list[str] = []
    rows: list[Array] = []
    special = np.count_nonzero(structure.cell_content.stabilizers, axis=1) > 1
    for index, (site, fixed) in enumerate(zip(structure.sites, special.tolist(), strict=True)):
        tensor = site.u_aniso is not None and u_aniso is not None
        free = site_freedom(structure, index) if fixed or tensor else GENERAL
        names += [f"{site.label}.{axis}" for axis in free.axes]
        rows.append(free.directions @ xyz[:, index].T if fixed else xyz[:, index].T)
        if site.u_aniso is None:
            names.append(f"{site.label}.u_iso")
            rows.append(u_iso[:, index][None])
        elif u_aniso is not None:
            names += [f"{site.label}.{component}" for component in free.tensor]
            rows.append(free.tensor_directions @ u_aniso[:, index].T)
        names += [f"{site.label}.{one.element}.occupancy" for one in site.species]
        rows.append(occupancy[:, species : species + len(site.species)].T)
        species += len(site.species)
    return tuple(names), np.concatenate(rows) if rows else np.empty((0, n))


def tensor_stretch(structure: Structure, u_aniso: Array, slopes: Array) -> Array:
    """Return what the cell does to |F|² through the tensors U, (c, n), at fixed 1/d² and fractional coordinates.

    They follow a*, b*, c*, and so the slopes ∂G*/∂p (c, 3, 3) of the reciprocal metric; ``u_aniso`` (n, s, 6) is
    ∂|F|²/∂U.
    """
    rest = np.zeros((len(slopes), len(u_aniso)))
    diagonal = np.arange(3)
    by_length = 0.5 * slopes[:, diagonal, diagonal] / np.diag(structure.lattice.reciprocal_metric)  # ∂ ln a*/∂p
    for index, site in enumerate(structure.sites):
        if site.u_aniso is not None:
            for q, (i, j) in enumerate(TENSOR_INDICES):
                rest += np.outer(site.u_aniso[q] * (by_length[:, i] + by_length[:, j]), u_aniso[:, index, q])
    return rest
