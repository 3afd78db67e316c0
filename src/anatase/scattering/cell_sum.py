"""The sum over the atoms of a cell: the hot loop of structure factors.

What it is made of is written into it when it is compiled (``inline``): that takes a quarter less time than compiling
each piece and linking them, and as much less at every call.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["cell_sums", "follow_row", "harmonics", "multiply", "phase_tables", "row_order", "start_row"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST_GROWTH = 300.0  # exponent at which a ratio of neighbouring damping factors is capped


def row_order(hkl: Indices) -> Indices | None:
    """Return the order (n,) of reflections (n, 3) by h, k, l, or None when they stand in it already."""
    reach = 2 * int(np.abs(hkl).max(initial=0)) + 1
    key = (hkl[:, 0] * reach + hkl[:, 1]) * reach + hkl[:, 2]
    return None if np.all(key[1:] > key[:-1]) else np.lexsort(hkl.T[::-1])


@njit(cache=True, fastmath=True, nogil=True)
def harmonics(coordinates: Array, weights: Array, cosine: Array, sine: Array) -> None:
    """Fill w cos and w sin of 2π h x, (indices h ≥ 0, atoms), for one coordinate x (atoms,)."""
    step_cosine, step_sine = np.empty(weights.size), np.empty(weights.size)
    for a in range(weights.size):
        angle = 2.0 * np.pi * coordinates[a]
        step_cosine[a], step_sine[a] = np.cos(angle), np.sin(angle)
        cosine[0, a], sine[0, a] = weights[a], 0.0
    for h in range(1, cosine.shape[0]):
        for a in range(weights.size):
            c, s = cosine[h - 1, a], sine[h - 1, a]
            cosine[h, a] = c * step_cosine[a] - s * step_sine[a]
            sine[h, a] = c * step_sine[a] + s * step_cosine[a]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def phase_tables(hkl: Indices, positions: Array, weights: Array) -> tuple[Array, Array]:
    """Return cosines and sines (3, index, atoms) of 2π h x for the indices h ≥ 0, those of the first axis weighted."""
    reach = 0
    for i in range(hkl.shape[0]):
        for j in range(3):
            reach = max(reach, abs(hkl[i, j]))
    cosines, sines = np.empty((3, reach + 1, weights.size)), np.empty((3, reach + 1, weights.size))
    ones = np.ones(weights.size)
    for j in range(3):
        harmonics(positions[:, j], weights if j == 0 else ones, cosines[j], sines[j])
    return cosines, sines


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _two_dots(real: Array, imaginary: Array, cosine: Array, sine: Array) -> tuple[float, float]:
    """Return the sums over atoms of real times cosine and of imaginary times sine."""
    real_cosine, imaginary_sine = 0.0, 0.0
    for a in range(real.size):
        real_cosine += real[a] * cosine[a]
        imaginary_sine += imaginary[a] * sine[a]
    return real_cosine, imaginary_sine


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _four_dots(real: Array, imaginary: Array, cosine: Array, sine: Array) -> tuple[float, float, float, float]:
    """Return the two sums of ``_two_dots``, and those of real times sine and of imaginary times cosine."""
    real_cosine, imaginary_sine, real_sine, imaginary_cosine = 0.0, 0.0, 0.0, 0.0
    for a in range(real.size):  # one pass: reading the arrays is what takes the time
        real_cosine += real[a] * cosine[a]
        imaginary_sine += imaginary[a] * sine[a]
        real_sine += real[a] * sine[a]
        imaginary_cosine += imaginary[a] * cosine[a]
    return real_cosine, imaginary_sine, real_sine, imaginary_cosine


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def multiply(
    cos_h: Array, sin_h: Array, sign_h: float, cos_k: Array, sin_k: Array, sign_k: float, real: Array, imaginary: Array
) -> None:
    """Fill real and imaginary part (atoms,) of e(hx) e(ky), the sines times the signs of h and k."""
    for a in range(real.size):
        real[a] = cos_h[a] * cos_k[a] - sign_h * sin_h[a] * (sign_k * sin_k[a])
        imaginary[a] = cos_h[a] * (sign_k * sin_k[a]) + sign_h * sin_h[a] * cos_k[a]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _damp(real: Array, imaginary: Array, damping: Array, damped_real: Array, damped_imaginary: Array) -> None:
    """Fill the damped values (atoms,)."""
    for a in range(damping.size):
        damped_real[a] = real[a] * damping[a]
        damped_imaginary[a] = imaginary[a] * damping[a]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def start_row(h: int, k: int, l: int, beta: Array, damping: Array, ratio: Array, fall: Array) -> None:
    """Fill the damping factors (atoms,) of a reflection, their ratio to those at l + 1, and how that ratio falls."""
    for a in range(damping.size):
        plane = beta[a, 0] * h * h + beta[a, 1] * k * k + 2.0 * beta[a, 3] * h * k
        slope = 2.0 * (beta[a, 4] * h + beta[a, 5] * k)
        damping[a] = np.exp(-(plane + slope * l + beta[a, 2] * l * l))
        ratio[a] = np.exp(min(-(slope + beta[a, 2] * (2 * l + 1)), MOST_GROWTH))
        fall[a] = np.exp(-2.0 * beta[a, 2])


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def follow_row(steps: int, fall: Array, damping: Array, ratio: Array) -> None:
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
    out: Array,
) -> None:
    """Fill the sums Σ f w D e(h·x), and Σ f″ w D e(h·x), over the atoms: real and imaginary parts (2 or 4, n).

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
    n, n_atoms, n_groups = hkl.shape[0], weights.size, starts.size - 1
    absorbs = absorption.shape[0] > 0
    cosines, sines = phase_tables(hkl, positions, weights)
    work = np.empty((7, n_atoms))
    row_real, row_imaginary, damping, ratio, fall = work[0], work[1], work[2], work[3], work[4]
    damped_real, damped_imaginary = work[5], work[6]
    damped, row = beta.shape[0] > 0, 0
    sums, row_of_sums = np.empty((cosines.shape[1], n_groups, 4)), np.empty(cosines.shape[1], np.int64)
    for l in range(row_of_sums.size):
        row_of_sums[l] = -1
    for i in range(n):
        h, k, l = hkl[i, 0], hkl[i, 1], abs(hkl[i, 2])
        new_row = i == 0 or h != hkl[i - 1, 0] or k != hkl[i - 1, 1]
        if new_row:
            row = i
            sign_h, sign_k = -1.0 if h < 0 else 1.0, -1.0 if k < 0 else 1.0
            hx, ky = abs(h), abs(k)
            multiply(
                cosines[0, hx], sines[0, hx], sign_h, cosines[1, ky], sines[1, ky], sign_k, row_real, row_imaginary
            )
        part = 5 if damped else 0
        if damped:
            if new_row:
                start_row(h, k, hkl[i, 2], beta, damping, ratio, fall)
            else:
                follow_row(hkl[i, 2] - hkl[i - 1, 2], fall, damping, ratio)
            _damp(row_real, row_imaginary, damping, damped_real, damped_imaginary)
        if damped or row_of_sums[l] != row:  # l and −l share their sums
            row_of_sums[l] = row
            for g in range(n_groups):
                start, stop = starts[g], starts[g + 1]
                x, y = work[part, start:stop], work[part + 1, start:stop]
                c, s = cosines[2, l, start:stop], sines[2, l, start:stop]
                if centrosymmetric:
                    sums[l, g, 0], sums[l, g, 1] = _two_dots(x, y, c, s)
                    sums[l, g, 2], sums[l, g, 3] = 0.0, 0.0
                else:
                    sums[l, g, 0], sums[l, g, 1], sums[l, g, 2], sums[l, g, 3] = _four_dots(x, y, c, s)
        sign_l = -1.0 if hkl[i, 2] < 0 else 1.0
        f_real, f_imaginary, g_real, g_imaginary = 0.0, 0.0, 0.0, 0.0
        for g in range(n_groups):
            real = sums[l, g, 0] - sign_l * sums[l, g, 1]
            imaginary = sign_l * sums[l, g, 2] + sums[l, g, 3]
            f_real += powers[g, i] * real
            f_imaginary += powers[g, i] * imaginary
            if absorbs:
                g_real += absorption[g, i] * real
                g_imaginary += absorption[g, i] * imaginary
        out[0, i], out[1, i] = f_real, f_imaginary
        if absorbs:
            out[2, i], out[3, i] = g_real, g_imaginary
