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
    sums: Array,
) -> None:
    """Fill sums (20, s): real and imaginary part of Σ D e, Σ k_j D e and Σ k_i k_j D e over a site's images.

    k = hR are the indices of the equivalents; ``shifts`` are their translations from the centre of inversion.
    With one only the real part of Σ D e counts, and of its derivatives what changes that.
    """
    n_sites = tensors.shape[0]
    sums[:] = 0.0
    tensor_terms = anisotropic.any()
    damping = np.empty(n_sites)
    for p in range(rotations.shape[0]):
        k = np.empty(3, np.int64)
        turn = 0.0
        for j in range(3):
            k[j] = hkl[0] * rotations[p, 0, j] + hkl[1] * rotations[p, 1, j] + hkl[2] * rotations[p, 2, j]
            turn += hkl[j] * shifts[p, j]
        turn_cosine, turn_sine = np.cos(2.0 * np.pi * turn), np.sin(2.0 * np.pi * turn)
        cx, cy, cz = cosines[0, abs(k[0])], cosines[1, abs(k[1])], cosines[2, abs(k[2])]
        sx, sy, sz = sines[0, abs(k[0])], sines[1, abs(k[1])], sines[2, abs(k[2])]
        signs = np.sign(k)
        for s in range(n_sites):
            if p == 0 or anisotropic[s]:
                exponent = 0.0
                for i in range(3):
                    for j in range(3):
                        exponent += k[i] * tensors[s, i, j] * k[j]
                damping[s] = np.exp(-2.0 * np.pi**2 * exponent)
        for s in range(n_sites):
            real = cx[s] * cy[s] - signs[0] * sx[s] * (signs[1] * sy[s])
            imaginary = cx[s] * (signs[1] * sy[s]) + signs[0] * sx[s] * cy[s]
            wave_real = real * cz[s] - imaginary * (signs[2] * sz[s])
            wave_imaginary = real * (signs[2] * sz[s]) + imaginary * cz[s]
            real = (wave_real * turn_cosine - wave_imaginary * turn_sine) * damping[s]
            imaginary = (wave_real * turn_sine + wave_imaginary * turn_cosine) * damping[s]
            for j in range(3):
                sums[2 + 2 * j, s] += k[j] * (0.0 if centrosymmetric else real)
                sums[3 + 2 * j, s] += k[j] * imaginary
            imaginary = 0.0 if centrosymmetric else imaginary
            sums[0, s] += real
            sums[1, s] += imaginary
            if tensor_terms:
                for q, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))):
                    sums[8 + 2 * q, s] += k[i] * k[j] * real
                    sums[9 + 2 * q, s] += k[i] * k[j] * imaginary


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
    sums, normal, absorbing = np.empty((20, n_sites)), np.empty(n_sites), np.empty(n_sites)
    squared, by_xyz, by_tensor = np.empty(n), np.empty((n, n_sites, 3)), np.zeros((n, n_sites, 6))
    by_occupancy, by_damping = np.empty((n, site_of.size)), np.empty((n, n_sites))
    rise, by_reciprocal = np.empty(n_sites), np.empty(n)
    for i in range(n):
        _site_sums(hkl[i], cosines, sines, tensors, anisotropic, rotations, shifts, centrosymmetric, sums)
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
    sums, power = np.empty((20, n_sites)), np.empty(n_sites, np.complex128)
    total, by_xyz = np.zeros(n, np.complex128), np.empty((n, n_sites, 3), np.complex128)
    by_tensor = np.zeros((n, n_sites, 6), np.complex128)
    by_occupancy, by_damping = np.empty((n, site_of.size), np.complex128), np.empty((n, n_sites), np.complex128)
    for i in range(n):
        _site_sums(hkl[i], cosines, sines, tensors, anisotropic, rotations, shifts, centrosymmetric, sums)
        power[:] = 0.0
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
