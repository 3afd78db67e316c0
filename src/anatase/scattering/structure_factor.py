"""Structure factors of a structure, and their squares as powder lines need them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.independent_operations import IndependentOperations
from anatase.crystal.structure import Structure
from anatase.scattering.cell_sum import cell_sums, row_order
from anatase.scattering.scatterers import Scatterers, scatterers_of
from anatase.scattering.scattering_power import ScatteringModel, scattering_power

__all__ = ["XRAY", "f_squared", "group_powers", "structure_factors"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

XRAY = ScatteringModel("xray")  # International Tables 1992, no dispersion


def _allowed_by_centring(hkl: Indices, centring: Array) -> NDArray[np.bool_]:
    """Tell which reflections (n,) the centring translations (c, 3) allow."""
    phase = hkl @ centring.T
    return np.asarray(np.all(np.abs(phase - np.round(phase)) < 1e-4, axis=1))


def group_powers(
    scatterers: Scatterers, inverse_d2: Array, model: ScatteringModel
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return real and imaginary parts (g, n) of the scattering power of each group, damped by its U_iso.

    The imaginary part has no rows where nothing absorbs.
    """
    stol2 = inverse_d2 / 4.0
    real, imaginary = np.zeros((len(scatterers.kinds), stol2.size)), np.zeros(len(scatterers.kinds))
    for group, kind in enumerate(scatterers.kinds):
        for element, charge, isotope, occupancy in kind:
            first, second = scattering_power(element, charge, isotope, stol2, model)
            real[group] += first if occupancy == 1.0 else occupancy * first
            imaginary[group] += occupancy * second
    absorption = (
        np.empty((0, stol2.size)) if not imaginary.any() else np.repeat(imaginary, stol2.size).reshape(real.shape)
    )
    for group, u_iso in enumerate(scatterers.u_iso):
        if u_iso != 0.0:
            damping = np.exp(-8.0 * np.pi**2 * u_iso * stol2)
            real[group] *= damping
            absorption[group : group + 1] *= damping
    return real, absorption


def _parts(
    structure: Structure, hkl: Indices, model: ScatteringModel, u_default: float, inverse_d2: Array | None
) -> tuple[Array, IndependentOperations]:
    """Return Σ f e, and Σ f″ e, over the cell as real and imaginary parts (2 or 4, n), and the group's operations."""
    scatterers = scatterers_of(structure, u_default)
    operations = scatterers.operations
    order = row_order(hkl)
    if inverse_d2 is None:
        inverse_d2 = structure.lattice.inverse_d_squared(hkl)
    rows = hkl if order is None else hkl.take(order, axis=0)
    powers, absorption = group_powers(scatterers, inverse_d2 if order is None else inverse_d2[order], model)
    sums = np.empty((4 if len(absorption) else 2, len(rows)))
    cell_sums(
        rows,
        scatterers.positions,
        scatterers.weights,
        scatterers.starts,
        scatterers.beta,
        powers,
        absorption,
        operations.centrosymmetric,
        sums,
    )
    if len(operations.centring) > 1:
        sums *= _allowed_by_centring(rows, operations.centring)
    if order is not None:
        sorted_sums, sums = sums, np.empty_like(sums)
        sums[:, order] = sorted_sums
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
    return np.asarray(np.einsum("pn,pn->n", sums, sums))
