"""Sums over the images of each site, and the derivatives of F and |F|² that follow from them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.scattering.cell_sum import harmonics

__all__ = ["f_derivatives", "f_squared_derivatives"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]


@njit(cache=True, fastmath=True, nogil=True)
def _tables(hkl: Indices, xyz: Array, rotations: Indices) -> tuple[Array, Array]:
    """Return cosines and sines (3, index, s) of 2π k x for the indices k of all equivalents."""
    reach = 0
    for i in range(hkl.shape[0]):
        for p in range(rotations.shape[0]):
            for j in range(3):
                k = hkl[i, 0] * rotations[p, 0, j] + hkl[i, 1] * rotations[p, 1, j] + hkl[i, 2] * rotations[p, 2, j]
                reach = max(reach, abs(k))
    cosines, sines = np.empty((3, reach + 1, xyz.shape[0])), np.empty((3, reach + 1, xyz.shape[0]))
    ones = np.ones(xyz.shape[0])
    for j in range(3):
        harmonics(xyz[:, j], ones, cosines[j], sines[j])
    return cosines, sines


@njit(cache=True, fastmath=True, nogil=True)
def _site_sums(
    hkl: Indices,
    cosines: Array,
    sines: Array,
    tensors: Array,
    anisotropic: NDArray[np.bool_],
    rotations: Indices,
    shifts: Array,
    centrosymmetric: bool,
    tensor_terms: bool,
    damping: Array,
    sums: Array,
) -> None:
    """Fill sums (20, s): real and imaginary part of Σ D e, Σ k_j D e and Σ k_i k_j D e over a site's images.

    k = hR are the indices of the equivalents; ``shifts`` are their translations from the centre of inversion.
    With one only the real part of Σ D e counts, and of its derivatives what changes that.
    ``damping`` (s,) is room for D.
    """
    n_sites = tensors.shape[0]
    for q in range(20 if tensor_terms else 8):
        for s in range(n_sites):
            sums[q, s] = 0.0
    for p in range(rotations.shape[0]):
        k0 = hkl[0] * rotations[p, 0, 0] + hkl[1] * rotations[p, 1, 0] + hkl[2] * rotations[p, 2, 0]
        k1 = hkl[0] * rotations[p, 0, 1] + hkl[1] * rotations[p, 1, 1] + hkl[2] * rotations[p, 2, 1]
        k2 = hkl[0] * rotations[p, 0, 2] + hkl[1] * rotations[p, 1, 2] + hkl[2] * rotations[p, 2, 2]
        turn = 2.0 * np.pi * (hkl[0] * shifts[p, 0] + hkl[1] * shifts[p, 1] + hkl[2] * shifts[p, 2])
        turn_cosine, turn_sine = np.cos(turn), np.sin(turn)
        x, y, z = abs(k0), abs(k1), abs(k2)
        sign_x, sign_y, sign_z = -1.0 if k0 < 0 else 1.0, -1.0 if k1 < 0 else 1.0, -1.0 if k2 < 0 else 1.0
        for s in range(n_sites):
            if p == 0 or anisotropic[s]:
                plane = k0 * k0 * tensors[s, 0, 0] + k1 * k1 * tensors[s, 1, 1] + k2 * k2 * tensors[s, 2, 2]
                plane += 2.0 * (k0 * k1 * tensors[s, 0, 1] + k0 * k2 * tensors[s, 0, 2] + k1 * k2 * tensors[s, 1, 2])
                damping[s] = np.exp(-2.0 * np.pi**2 * plane)
            cx, cy, cz = cosines[0, x, s], cosines[1, y, s], cosines[2, z, s]
            sx, sy, sz = sign_x * sines[0, x, s], sign_y * sines[1, y, s], sign_z * sines[2, z, s]
            real, imaginary = cx * cy - sx * sy, cx * sy + sx * cy
            wave_real, wave_imaginary = real * cz - imaginary * sz, real * sz + imaginary * cz
            real = (wave_real * turn_cosine - wave_imaginary * turn_sine) * damping[s]
            imaginary = (wave_real * turn_sine + wave_imaginary * turn_cosine) * damping[s]
            slide = 0.0 if centrosymmetric else real
            sums[2, s] += k0 * slide
            sums[4, s] += k1 * slide
            sums[6, s] += k2 * slide
            sums[3, s] += k0 * imaginary
            sums[5, s] += k1 * imaginary
            sums[7, s] += k2 * imaginary
            imaginary = 0.0 if centrosymmetric else imaginary
            sums[0, s] += real
            sums[1, s] += imaginary
            if tensor_terms:
                sums[8, s] += k0 * k0 * real
                sums[9, s] += k0 * k0 * imaginary
                sums[10, s] += k1 * k1 * real
                sums[11, s] += k1 * k1 * imaginary
                sums[12, s] += k2 * k2 * real
                sums[13, s] += k2 * k2 * imaginary
                sums[14, s] += k0 * k1 * real
                sums[15, s] += k0 * k1 * imaginary
                sums[16, s] += k0 * k2 * real
                sums[17, s] += k0 * k2 * imaginary
                sums[18, s] += k1 * k2 * real
                sums[19, s] += k1 * k2 * imaginary


@njit(cache=True, fastmath=True, nogil=True)
def f_squared_derivatives(
    hkl: Indices,
    xyz: Array,
    tensors: Array,
    anisotropic: NDArray[np.bool_],
    shares: Array,
    powers: Array,
    slopes: Array,
    absorption: Array,
    u_iso: Array,
    site_of: Indices,
    kind_of: Indices,
    occupancies: Array,
    rotations: Indices,
    shifts: Array,
    allowed: Array,
    centrosymmetric: bool,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Return |F|² (n,) and its derivatives by x (n, s, 3), Σ k_i k_j (n, s, 6), occupancy (n, q), ln damping (n, s).

    The last (n,) is by 1/d², which form factors and isotropic damping follow.

    Parameters
    ----------
    hkl, xyz
        Reflections (n, 3) and sites (s, 3).
    tensors, anisotropic
        Mean-square displacements (s, 3, 3) in fractional coordinates, and whether a site has its own tensor.
    shares
        Multiplicity over the number of independent operations (s,).
    powers, slopes, absorption
        f0 + f′ (kinds, n), its derivative by 1/d² (kinds, n), and f″ (kinds,).
    u_iso
        U_iso of the sites (s,) in Å², zero where a site has its own tensor.
    site_of, kind_of, occupancies
        The species (q,): their sites, their kinds, their occupancies.
    rotations, shifts
        Independent operations (p, 3, 3) and their translations from the centre of inversion (p, 3).
    allowed
        1 or 0 (n,), 0 where the lattice centring forbids a reflection.
    centrosymmetric
        Whether the group has an inversion.
    """
    n, n_sites = hkl.shape[0], xyz.shape[0]
    cosines, sines = _tables(hkl, xyz, rotations)
    damping, tensor_terms = np.empty(n_sites), False
    for s in range(n_sites):
        tensor_terms = tensor_terms or anisotropic[s]
    sums, normal, absorbing = np.empty((20, n_sites)), np.empty(n_sites), np.empty(n_sites)
    squared, by_xyz, by_tensor = np.empty(n), np.empty((n, n_sites, 3)), np.zeros((n, n_sites, 6))
    by_occupancy, by_damping = np.empty((n, site_of.size)), np.empty((n, n_sites))
    rise, by_reciprocal = np.empty(n_sites), np.empty(n)
    for i in range(n):
        _site_sums(
            hkl[i],
            cosines,
            sines,
            tensors,
            anisotropic,
            rotations,
            shifts,
            centrosymmetric,
            tensor_terms,
            damping,
            sums,
        )
        for s in range(n_sites):
            normal[s], absorbing[s], rise[s] = 0.0, 0.0, 0.0
        for q in range(site_of.size):
            rise[site_of[q]] += occupancies[q] * slopes[kind_of[q], i]
            normal[site_of[q]] += occupancies[q] * powers[kind_of[q], i]
            absorbing[site_of[q]] += occupancies[q] * absorption[kind_of[q]]
        f, g = complex(0.0, 0.0), complex(0.0, 0.0)  # Σ f and Σ f″ over the cell
        f_rise, g_rise = complex(0.0, 0.0), complex(0.0, 0.0)
        for s in range(n_sites):
            wave = complex(sums[0, s], sums[1, s]) * shares[s] * allowed[i]
            f += normal[s] * wave
            g += absorbing[s] * wave
            fall = 2.0 * np.pi**2 * u_iso[s]
            f_rise += (rise[s] - fall * normal[s]) * wave
            g_rise -= fall * absorbing[s] * wave
        squared[i] = f.real**2 + f.imag**2 + g.real**2 + g.imag**2
        by_reciprocal[i] = f.real * f_rise.real + f.imag * f_rise.imag + g.real * g_rise.real + g.imag * g_rise.imag
        by_reciprocal[i] *= 2.0
        for s in range(n_sites):
            lever = 2.0 * shares[s] * allowed[i] * (normal[s] * f + absorbing[s] * g)
            by_damping[i, s] = lever.real * sums[0, s] + lever.imag * sums[1, s]
            for j in range(3):  # d/dx brings down 2πi k
                by_xyz[i, s, j] = 2.0 * np.pi * (lever.imag * sums[2 + 2 * j, s] - lever.real * sums[3 + 2 * j, s])
            for q in range(6 if anisotropic[s] else 0):
                by_tensor[i, s, q] = lever.real * sums[8 + 2 * q, s] + lever.imag * sums[9 + 2 * q, s]
        for q in range(site_of.size):
            s = site_of[q]
            lever = 2.0 * shares[s] * allowed[i] * (powers[kind_of[q], i] * f + absorption[kind_of[q]] * g)
            by_occupancy[i, q] = lever.real * sums[0, s] + lever.imag * sums[1, s]
    return squared, by_xyz, by_tensor, by_occupancy, by_damping, by_reciprocal


@njit(cache=True, fastmath=True, nogil=True)
def f_derivatives(
    hkl: Indices,
    xyz: Array,
    tensors: Array,
    anisotropic: NDArray[np.bool_],
    shares: Array,
    powers: Array,
    absorption: Array,
    site_of: Indices,
    kind_of: Indices,
    occupancies: Array,
    rotations: Indices,
    shifts: Array,
    allowed: Array,
    centrosymmetric: bool,
) -> tuple[Complex, Complex, Complex, Complex, Complex]:
    """Return F (n,) and its complex derivatives; arguments and shapes as in ``f_squared_derivatives``."""
    n, n_sites = hkl.shape[0], xyz.shape[0]
    cosines, sines = _tables(hkl, xyz, rotations)
    damping, tensor_terms = np.empty(n_sites), False
    for s in range(n_sites):
        tensor_terms = tensor_terms or anisotropic[s]
    sums, power = np.empty((20, n_sites)), np.empty(n_sites, np.complex128)
    total, by_xyz = np.zeros(n, np.complex128), np.empty((n, n_sites, 3), np.complex128)
    by_tensor = np.zeros((n, n_sites, 6), np.complex128)
    by_occupancy, by_damping = np.empty((n, site_of.size), np.complex128), np.empty((n, n_sites), np.complex128)
    for i in range(n):
        _site_sums(
            hkl[i],
            cosines,
            sines,
            tensors,
            anisotropic,
            rotations,
            shifts,
            centrosymmetric,
            tensor_terms,
            damping,
            sums,
        )
        for s in range(n_sites):
            power[s] = 0.0
        for q in range(site_of.size):
            own = complex(powers[kind_of[q], i], absorption[kind_of[q]]) * shares[site_of[q]] * allowed[i]
            by_occupancy[i, q] = own * complex(sums[0, site_of[q]], sums[1, site_of[q]])
            power[site_of[q]] += occupancies[q] * own
        for s in range(n_sites):
            by_damping[i, s] = power[s] * complex(sums[0, s], sums[1, s])
            total[i] += by_damping[i, s]
            for j in range(3):
                wave = complex(-sums[3 + 2 * j, s], sums[2 + 2 * j, s])
                by_xyz[i, s, j] = 2.0 * np.pi * power[s] * wave
            for q in range(6 if anisotropic[s] else 0):
                by_tensor[i, s, q] = power[s] * complex(sums[8 + 2 * q, s], sums[9 + 2 * q, s])
    return total, by_xyz, by_tensor, by_occupancy, by_damping
