"""The sum over the atoms of a cell: the hot loop of structure factors."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["cell_sums", "harmonics", "row_order"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST_GROWTH = 300.0  # exponent at which a ratio of neighbouring damping factors is capped


def row_order(hkl: Indices) -> Indices | None:
    """Return the order (n,) of reflections (n, 3) by h, k, l, or None when they stand in it already."""
    reach = 2 * int(np.abs(hkl).max(initial=0)) + 1
    key = (hkl[:, 0] * reach + hkl[:, 1]) * reach + hkl[:, 2]
    return None if np.all(key[1:] > key[:-1]) else np.lexsort(hkl.T[::-1])


@njit(cache=True, fastmath=True, nogil=True)
def harmonics(coordinates: Array, weights: Array, index_max: int) -> tuple[Array, Array]:
    """Return w cos and w sin of 2π h x, (index_max + 1, atoms) each, for indices h ≥ 0."""
    n_atoms = coordinates.size
    cosine, sine = np.empty((index_max + 1, n_atoms)), np.empty((index_max + 1, n_atoms))
    for a in range(n_atoms):
        angle = 2.0 * np.pi * coordinates[a]
        step_cosine, step_sine = np.cos(angle), np.sin(angle)
        c, s = weights[a], 0.0
        for h in range(index_max + 1):
            cosine[h, a], sine[h, a] = c, s
            c, s = c * step_cosine - s * step_sine, c * step_sine + s * step_cosine
    return cosine, sine


@njit(cache=True, fastmath=True, nogil=True)
def _dots(real: Array, imaginary: Array, cosine: Array, sine: Array) -> tuple[float, float, float, float]:
    """Return the four sums over atoms of real or imaginary times cosine or sine."""
    real_cosine, imaginary_sine, real_sine, imaginary_cosine = 0.0, 0.0, 0.0, 0.0
    for a in range(real.size):
        real_cosine += real[a] * cosine[a]
        imaginary_sine += imaginary[a] * sine[a]
        real_sine += real[a] * sine[a]
        imaginary_cosine += imaginary[a] * cosine[a]
    return real_cosine, imaginary_sine, real_sine, imaginary_cosine


@njit(cache=True, fastmath=True, nogil=True)
def _two_dots(real: Array, imaginary: Array, cosine: Array, sine: Array) -> tuple[float, float]:
    """Return the sums over atoms of real times cosine and of imaginary times sine."""
    real_cosine, imaginary_sine = 0.0, 0.0
    for a in range(real.size):
        real_cosine += real[a] * cosine[a]
        imaginary_sine += imaginary[a] * sine[a]
    return real_cosine, imaginary_sine


@njit(cache=True, fastmath=True, nogil=True)
def _start_row(hkl: Indices, beta: Array, damping: Array, ratio: Array) -> None:
    """Fill the damping factors (atoms,) of a reflection and their ratio to those at l + 1."""
    h, k, l = hkl[0], hkl[1], hkl[2]
    for a in range(damping.size):
        plane = beta[a, 0] * h * h + beta[a, 1] * k * k + 2.0 * beta[a, 3] * h * k
        slope = 2.0 * (beta[a, 4] * h + beta[a, 5] * k)
        damping[a] = np.exp(-(plane + slope * l + beta[a, 2] * l * l))
        ratio[a] = np.exp(min(-(slope + beta[a, 2] * (2 * l + 1)), MOST_GROWTH))


@njit(cache=True, fastmath=True, nogil=True)
def _follow_row(steps: int, fall: Array, damping: Array, ratio: Array) -> None:
    """Move the damping factors (atoms,) on by some l, and their ratio to the next with them."""
    for _ in range(steps):
        for a in range(damping.size):
            damping[a] *= ratio[a]
            ratio[a] *= fall[a]


@njit(cache=True, fastmath=True, nogil=True)
def cell_sums(
    hkl: Indices,
    positions: Array,
    weights: Array,
    starts: Indices,
    beta: Array,
    powers: Array,
    absorption: Array,
    centrosymmetric: bool,
) -> Array:
    """Return Σ f w D e(h·x) and Σ f″ w D e(h·x) over the atoms as real and imaginary parts (4, n).

    Parameters
    ----------
    hkl
        Reflections (n, 3) in ``row_order``.
    positions, weights
        Fractional positions (k, 3) and weights (k,) of the atoms, group after group.
    starts
        First atom of each group, and k at the end (g + 1,).
    beta
        Exponents (k, 6) of the damping D = exp(−βᵢⱼ hᵢ hⱼ) as β11, β22, β33, β12, β13, β23, or (0, 6) for none.
    powers, absorption
        f (g, n) of each group at each reflection, and f″ (g, n) or (0, n).
    centrosymmetric
        Whether only the cosines count.
    """
    n, n_atoms, n_groups = hkl.shape[0], positions.shape[0], starts.size - 1
    reach = np.zeros(3, np.int64)
    for i in range(n):
        for j in range(3):
            reach[j] = max(reach[j], abs(hkl[i, j]))
    ones = np.ones(n_atoms)
    cos_x, sin_x = harmonics(positions[:, 0], weights, reach[0])
    cos_y, sin_y = harmonics(positions[:, 1], ones, reach[1])
    cos_z, sin_z = harmonics(positions[:, 2], ones, reach[2])
    row_real, row_imaginary = np.empty(n_atoms), np.empty(n_atoms)
    sums, row, row_of_sums = np.zeros((reach[2] + 1, n_groups, 4)), 0, np.full(reach[2] + 1, -1)
    damped = beta.shape[0] > 0
    damping, ratio, fall = np.empty(beta.shape[0]), np.empty(beta.shape[0]), np.exp(-2.0 * beta[:, 2])
    damped_real, damped_imaginary = np.empty(beta.shape[0]), np.empty(beta.shape[0])
    out = np.zeros((4, n))
    for i in range(n):
        h, k, l = hkl[i, 0], hkl[i, 1], abs(hkl[i, 2])
        new_row = i == 0 or h != hkl[i - 1, 0] or k != hkl[i - 1, 1]
        if new_row:
            row = i
            sign_h, sign_k = np.sign(h), np.sign(k)
            cx, sx, cy, sy = cos_x[abs(h)], sin_x[abs(h)], cos_y[abs(k)], sin_y[abs(k)]
            for a in range(n_atoms):
                row_real[a] = cx[a] * cy[a] - sign_h * sx[a] * (sign_k * sy[a])
                row_imaginary[a] = cx[a] * (sign_k * sy[a]) + sign_h * sx[a] * cy[a]
        first, second = row_real, row_imaginary
        if damped:
            if new_row:
                _start_row(hkl[i], beta, damping, ratio)
            else:
                _follow_row(hkl[i, 2] - hkl[i - 1, 2], fall, damping, ratio)
            for a in range(n_atoms):
                damped_real[a] = row_real[a] * damping[a]
                damped_imaginary[a] = row_imaginary[a] * damping[a]
            first, second = damped_real, damped_imaginary
        if damped or row_of_sums[l] != row:  # l and −l share their sums
            row_of_sums[l] = row
            for g in range(n_groups):
                part = slice(starts[g], starts[g + 1])
                if centrosymmetric:
                    sums[l, g, :2] = _two_dots(first[part], second[part], cos_z[l, part], sin_z[l, part])
                else:
                    sums[l, g] = _dots(first[part], second[part], cos_z[l, part], sin_z[l, part])
        sign_l = np.sign(hkl[i, 2])
        for g in range(n_groups):
            real = sums[l, g, 0] - sign_l * sums[l, g, 1]
            imaginary = sign_l * sums[l, g, 2] + sums[l, g, 3]
            out[0, i] += powers[g, i] * real
            out[1, i] += powers[g, i] * imaginary
            if absorption.shape[0] > 0:
                out[2, i] += absorption[g, i] * real
                out[3, i] += absorption[g, i] * imaginary
    return out
