"""The atoms' refinable parameters and what they do to |F|²."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import echelon
from anatase.crystal.structure import Structure
from anatase.scattering.scatterers import scatterers_of
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared
from anatase.scattering.structure_factor_gradient import PAIRS, FSquaredGradient

__all__ = ["atom_derivatives", "metric_derivatives"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

RELATIVE_STEP = 1e-5  # of 1/d², for the slope of form factors and damping


def atom_derivatives(structure: Structure, gradient: FSquaredGradient) -> tuple[tuple[str, ...], Array]:
    """Return the names (k) of the atoms' free parameters and ∂|F|² (k, n) by each.

    ``Ti1.x`` moves the coordinates that symmetry ties to x along with it; what it fixes is left out. Then
    ``Ti1.u_iso`` (Å²) where the site has no tensor, and ``Ti1.Ti.occupancy`` for each species.
    """
    names: list[str] = []
    rows: list[Array] = []
    stabilizers, species = structure.cell_content.stabilizers, 0
    for index, site in enumerate(structure.sites):
        free = np.count_nonzero(stabilizers[index]) == 1
        allowed = np.eye(3) if free else echelon(structure.space_group.rotations[stabilizers[index]].mean(axis=0).T)
        for direction in allowed:
            names.append(f"{site.label}.{'xyz'[int(np.argmax(direction != 0.0))]}")
            rows.append(gradient.xyz[:, index] @ direction)
        if site.u_aniso is None:
            names.append(f"{site.label}.u_iso")
            rows.append(gradient.u_iso[:, index])
        for one in site.species:
            names.append(f"{site.label}.{one.element}.occupancy")
            rows.append(gradient.occupancy[:, species])
            species += 1
    return tuple(names), np.array(rows).reshape(len(names), len(gradient.f_squared))


def metric_derivatives(
    structure: Structure,
    hkl: Indices,
    inverse_d2: Array,
    model: ScatteringModel,
    u_default: float,
    gradient: FSquaredGradient,
    slopes: Array,
) -> tuple[Array, Array]:
    """Return what the cell does to |F|² at fixed fractional coordinates: ∂|F|²/∂(1/d²) (n,), and the rest (c, n).

    Form factors and isotropic damping follow 1/d², by a central difference (error 1e-10). Tensors U follow a*, b*, c*,
    and so the slopes ∂G*/∂p (c, 3, 3) of the reciprocal metric: this is the rest.
    """
    ends = [f_squared(structure, hkl, model, u_default, inverse_d2 * (1.0 + s * RELATIVE_STEP)) for s in (1.0, -1.0)]
    by_reciprocal = (ends[0] - ends[1]) / (2.0 * RELATIVE_STEP * inverse_d2)
    rest = np.zeros((len(slopes), len(hkl)))
    diagonal = np.arange(3)
    by_length = 0.5 * slopes[:, diagonal, diagonal] / np.diag(structure.lattice.reciprocal_metric)  # ∂ ln a*/∂p
    as_tensors = (
        scatterers_of(structure, u_default).beta.size > 0
    )  # the isotropic ones too: 1/d² was form factors alone
    for index, site in enumerate(structure.sites):
        if site.u_aniso is None:
            if as_tensors:
                u_iso = u_default if site.u_iso is None else site.u_iso
                by_reciprocal += u_iso / inverse_d2 * gradient.u_iso[:, index]
            continue
        for q, (i, j) in enumerate(PAIRS):
            stretch = site.u_aniso[q] * (by_length[:, i] + by_length[:, j])
            rest += np.outer(stretch, gradient.u_aniso[:, index, q])
    return np.asarray(by_reciprocal), rest
