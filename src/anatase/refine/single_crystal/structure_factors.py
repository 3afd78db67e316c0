"""F(hkl) of a crystal and the derivatives of |F|² by the refined parameters, Friedel mates apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.crystal.independent_operations import independent_operations
from anatase.crystal.site_freedom import TENSOR_INDICES
from anatase.io.shelx_instructions import ShelxInstructions, ShelxScatterer
from anatase.refine.single_crystal.atoms import SLOTS, SOF, XYZ, CrystalAtoms, U
from anatase.scattering.dispersion import anomalous
from anatase.scattering.form_factors import gaussian_sum
from anatase.scattering.neutron_lengths import neutron_amplitude
from anatase.scattering.site_sum import f_derivatives
from anatase.scattering.structure_factor import allowed_by_centring

__all__ = ["ScattererPowers", "f_of_crystal", "f_squared_slopes", "scatterer_powers"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]

BLOCK = 512  # reflections whose derivatives by every atom are held at once


@dataclass(frozen=True)
class ScattererPowers:
    """What the scatterers (kinds) of SFAC scatter at the reflections (n): real part (kinds, n), imaginary (kinds,)."""

    real: Array
    imaginary: Array


def scatterer_powers(instructions: ShelxInstructions, hkl: Indices) -> ScattererPowers:
    """Return f0 + f′ and f″ in electrons of the scatterers, or the neutron lengths in fm where NEUT stands.

    What SFAC and DISP of the file give comes first; else f0 of International Tables C (1992), bonded hydrogen, and f′
    and f″ of the wavelength. With MERG 4 f″ is 0.
    """
    stol2 = 0.25 * instructions.lattice.inverse_d_squared(hkl)
    pairs = [_power(one, stol2, instructions) for one in instructions.scatterers]
    imaginary = np.array([second for _, second in pairs])
    if instructions.merge == 4:
        imaginary[:] = 0.0
    return ScattererPowers(np.array([np.broadcast_to(first, stol2.shape) for first, _ in pairs]), imaginary)


def _power(one: ShelxScatterer, stol2: Array, instructions: ShelxInstructions) -> tuple[Array, float]:
    if instructions.neutrons and one.gaussians is None:
        length, absorption = neutron_amplitude(one.element, 0, instructions.wavelength)
        return np.full(stol2.shape, length), absorption
    f_prime, f_second = one.dispersion or anomalous(one.element, instructions.wavelength)
    if one.gaussians is not None:
        a, b, c = np.array(one.gaussians[0:8:2]), np.array(one.gaussians[1:8:2]), one.gaussians[8]
        return a @ np.exp(-b[:, None] * stol2) + c + f_prime, f_second
    return gaussian_sum(one.element)(stol2) + f_prime, f_second


def f_of_crystal(atoms: CrystalAtoms, hkl: Indices, powers: ScattererPowers) -> Complex:
    """Return F (n,) of reflections (n, 3)."""
    return np.concatenate(
        [_derivatives(atoms, hkl, powers, part)[0] for part in _blocks(len(hkl))] or [np.zeros(0, np.complex128)]
    )


def f_squared_slopes(
    atoms: CrystalAtoms, hkl: Indices, powers: ScattererPowers, rates: csr_array[np.float64]
) -> tuple[Complex, Array]:
    """Return F (n,) of reflections (n, 3) and the derivatives (k, n) of |F|² by k parameters.

    ``rates`` (10 s, k) are the derivatives of the atoms' numbers, ``CrystalAtoms.values``, by the parameters.
    """
    f, slopes = np.empty(len(hkl), np.complex128), np.empty((rates.shape[1], len(hkl)))
    follows = csr_array(rates.T)
    for part in _blocks(len(hkl)):
        f[part], by_number = _derivatives(atoms, hkl, powers, part)
        block: Array = np.asarray(follows @ by_number, dtype=np.float64)
        slopes[:, part] = block
    return f, slopes


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def _derivatives(atoms: CrystalAtoms, hkl: Indices, powers: ScattererPowers, part: slice) -> tuple[Complex, Array]:
    """Return F (m,) of a part of the reflections and the derivatives (10 s, m) of |F|² by every number of the atoms."""
    rows = np.ascontiguousarray(hkl[part])
    operations, lattice = independent_operations(atoms.space_group), atoms.lattice
    order, count = atoms.space_group.order, len(atoms)
    allowed = np.ones(len(rows))
    if len(operations.centring) > 1:
        allowed *= allowed_by_centring(rows, operations.centring)
    f, xyz, tensor, sof, damping = f_derivatives(
        rows, np.ascontiguousarray(atoms.values[:, XYZ]), atoms.tensors(), atoms.anisotropic,
        np.full(count, order / len(operations.rotations)), np.ascontiguousarray(powers.real[:, part]), powers.imaginary,
        np.arange(count), atoms.kinds, np.ascontiguousarray(atoms.values[:, SOF]), operations.rotations,
        operations.translations - operations.centre, allowed, operations.centrosymmetric,
    )  # fmt: skip
    # |F|² is the same from the centre of inversion; only F itself is turned to the origin of the cell
    twice = 2.0 * f.conj()[:, None]
    slopes = np.empty((count, SLOTS, len(rows)))
    slopes[:, XYZ] = (twice[:, :, None] * xyz).real.transpose(1, 2, 0)
    slopes[:, SOF] = (twice * sof).real.T
    axes = np.sqrt(np.diag(lattice.reciprocal_metric))
    scale = np.array([-2.0 * np.pi**2 * axes[i] * axes[j] * (1.0 if i == j else 2.0) for i, j in TENSOR_INDICES])
    slopes[:, U] = ((twice[:, :, None] * tensor).real * scale).transpose(1, 2, 0)
    isotropic = ~atoms.anisotropic
    by_u = -2.0 * np.pi**2 * lattice.inverse_d_squared(rows)
    slopes[isotropic, 4] = ((twice * damping[:, isotropic]).real * by_u[:, None]).T
    slopes[isotropic, 5:] = 0.0
    if operations.centrosymmetric:
        f = f * np.exp(2j * np.pi * (rows @ operations.centre))
    return f, slopes.reshape(count * SLOTS, len(rows))
