"""Structure factors of a structure, and their squares as powder lines need them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.independent_operations import IndependentOperations
from anatase.crystal.structure import Structure
from anatase.scattering.cell_sum import cell_sums, row_order
from anatase.scattering.group_powers import group_powers
from anatase.scattering.scatterers import scatterers_of
from anatase.scattering.scattering_power import ScatteringModel

__all__ = ["XRAY", "allowed_by_centring", "f_squared", "f_squared_of_rows", "structure_factors"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

XRAY = ScatteringModel("xray")  # International Tables 1992, no dispersion


def allowed_by_centring(hkl: Indices, centring: Array) -> NDArray[np.bool_]:
    """Tell which reflections (n,) the centring translations (c, 3) allow."""
    phase = hkl @ centring.T
    return np.asarray(np.all(np.abs(phase - np.round(phase)) < 1e-4, axis=1))


def _sums(
    structure: Structure, rows: Indices, inverse_d2: Array, model: ScatteringModel, u_default: float
) -> tuple[Array, IndependentOperations]:
    """Return Σ f e, and Σ f″ e, over the cell as real and imaginary parts (2 or 4, n), and the group's operations.

    The rows (n, 3) stand in ``row_order`` and are allowed by the centring.
    """
    scatterers = scatterers_of(structure, u_default)
    powers, absorption = group_powers(scatterers, inverse_d2, model)
    sums = np.empty((4 if len(absorption) else 2, len(rows)))
    cell_sums(
        rows,
        scatterers.positions,
        scatterers.weights,
        scatterers.starts,
        scatterers.beta,
        powers,
        absorption,
        scatterers.operations.centrosymmetric,
        sums,
    )
    return sums, scatterers.operations


def _parts(
    structure: Structure, hkl: Indices, model: ScatteringModel, u_default: float, inverse_d2: Array | None
) -> tuple[Array, IndependentOperations]:
    """Return what ``_sums`` does of any reflections (n, 3)."""
    if inverse_d2 is None:
        inverse_d2 = structure.lattice.inverse_d_squared(hkl)
    order = row_order(hkl)
    if order is None:
        sums, operations = _sums(structure, hkl, inverse_d2, model, u_default)
    else:
        in_order, operations = _sums(structure, hkl.take(order, axis=0), inverse_d2[order], model, u_default)
        sums = np.empty_like(in_order)
        sums[:, order] = in_order
    if len(operations.centring) > 1:
        sums *= allowed_by_centring(hkl, operations.centring)
    return sums, operations


def structure_factors(
    structure: Structure, hkl: Indices, model: ScatteringModel = XRAY, u_default: float = 0.0
) -> NDArray[np.complex128]:
    """Return F(hkl) (n,) of reflections (n, 3): electrons for X-rays, fm for neutrons, Å for electrons, per cell.

    F = Σ occ (f + i f″) T exp(2πi h·x) over the atoms of the cell (International Tables B, 1.2.4), T the Debye–Waller
    factor of U_iso or of the tensor U. Sites without either get U_iso = ``u_default`` in Å². With the sign
    of the exponent as above, positive f″ adds +i f″.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Fe", (Species("Fe"),), (0, 0, 0))
    >>> iron = Structure(Lattice(2.866, 2.866, 2.866), SpaceGroup.from_number(229), (site,))
    >>> structure_factors(iron, np.array([[1, 1, 0], [1, 0, 0]])).round(2)
    array([36.94+0.j,  0.  +0.j])
    """
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    sums, operations = _parts(structure, hkl, model, u_default, None)
    total = sums[0] + 1j * sums[1]
    if len(sums) > 2:
        total += 1j * sums[2] - sums[3]
    if operations.centrosymmetric:
        total *= np.exp(2j * np.pi * (hkl @ operations.centre))
    return np.asarray(total)


def f_squared(
    structure: Structure,
    hkl: Indices,
    model: ScatteringModel = XRAY,
    u_default: float = 0.0,
    inverse_d2: Array | None = None,
) -> Array:
    """Return |F|² (n,) of reflections hkl (n, 3), per cell, averaged over Friedel mates.

    In electrons² for X-rays, fm² for neutrons, Å² for electrons. The Friedel average is
    |Σ f T e|² + |Σ f″ T e|² (International Tables B, 1.2.4). ``u_default`` (Å²) is the U_iso of sites without one;
    ``inverse_d2`` (n,) is 1/d² in Å⁻² where the caller knows it already.
    """
    hkl = np.ascontiguousarray(np.atleast_2d(hkl), dtype=np.int64)
    sums, _ = _parts(structure, hkl, model, u_default, inverse_d2)
    return np.asarray(np.add.reduce(np.square(sums, out=sums)))


def f_squared_of_rows(
    structure: Structure, rows: Indices, inverse_d2: Array, model: ScatteringModel = XRAY, u_default: float = 0.0
) -> Array:
    """Return |F|² (n,) as ``f_squared`` does, of reflections (n, 3) and their 1/d² (n,) as ``unique_rows`` lists them.

    That they are in order and allowed by the centring is taken for granted.
    """
    sums, _ = _sums(structure, rows, inverse_d2, model, u_default)
    return np.asarray(np.add.reduce(np.square(sums, out=sums)))
