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
def harmonics(positions: Array, weights: Array, reach: int, cosine: Array, sine: Array) -> None:
    """Fill cos and sin of 2π h x, (3, reach + 1, atoms), for indices h ≥ 0, the first axis times the weights."""
    for j in range(3):
        for a in range(weights.size):
            angle = 2.0 * np.pi * positions[a, j]
            step_cosine, step_sine = np.cos(angle), np.sin(angle)
            c, s = weights[a] if j == 0 else 1.0, 0.0
            for h in range(reach + 1):
                cosine[j, h, a], sine[j, h, a] = c, s
                c, s = c * step_cosine - s * step_sine, c * step_sine + s * step_cosine


@njit(cache=True, fastmath=True, nogil=True)
def _dots(real: Array, imaginary: Array, cosine: Array, sine: Array, two_only: bool, sums: Array) -> None:
    """Fill the sums over atoms of real·cosine, imaginary·sine, real·sine, imaginary·cosine, or 0 for the last two."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    if two_only:
        for a in range(real.size):
            one += real[a] * cosine[a]
            two += imaginary[a] * sine[a]
    else:
        for a in range(real.size):
            one += real[a] * cosine[a]
            two += imaginary[a] * sine[a]
            three += real[a] * sine[a]
            four += imaginary[a] * cosine[a]
    sums[0], sums[1], sums[2], sums[3] = one, two, three, four


@njit(cache=True, fastmath=True, nogil=True)
def _start_row(h: int, k: int, l: int, beta: Array, damping: Array, ratio: Array) -> None:
    """Fill the damping factors (atoms,) of a reflection and their ratio to those at l + 1."""
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
    n, n_atoms, n_groups = hkl.shape[0], positions.shape[0], starts.size - 1
    n, n_atoms, n_groups = hkl.shape[0], positions.shape[0], starts.size - 1
    reach = 0
    for i in range(n):
        reach = max(reach, abs(hkl[i, 0]), abs(hkl[i, 1]), abs(hkl[i, 2]))
    cosine, sine = np.empty((3, reach + 1, n_atoms)), np.empty((3, reach + 1, n_atoms))
    harmonics(positions, weights, reach, cosine, sine)
    row_real, row_imaginary = np.empty(n_atoms), np.empty(n_atoms)
    sums, row, row_of_sums = np.empty((reach + 1, n_groups, 4)), 0, np.empty(reach + 1, np.int64)
    damped, damping, ratio = beta.shape[0] > 0, np.empty(beta.shape[0]), np.empty(beta.shape[0])
    damped_real, damped_imaginary = np.empty(beta.shape[0]), np.empty(beta.shape[0])
    for l in range(reach + 1):
        row_of_sums[l] = -1
    fall = np.empty(beta.shape[0])
    for a in range(beta.shape[0]):
        fall[a] = np.exp(-2.0 * beta[a, 2])
    for i in range(n):
        h, k, l = hkl[i, 0], hkl[i, 1], abs(hkl[i, 2])
        new_row = i == 0 or h != hkl[i - 1, 0] or k != hkl[i - 1, 1]
        if new_row:
            row = i
            sign_h, sign_k = -1.0 if h < 0 else 1.0, -1.0 if k < 0 else 1.0
            cx, sx, cy, sy = cosine[0, abs(h)], sine[0, abs(h)], cosine[1, abs(k)], sine[1, abs(k)]
            for a in range(n_atoms):
                row_real[a] = cx[a] * cy[a] - sign_h * sx[a] * (sign_k * sy[a])
                row_imaginary[a] = cx[a] * (sign_k * sy[a]) + sign_h * sx[a] * cy[a]
        first, second = row_real, row_imaginary
        if damped:
            if new_row:
                _start_row(h, k, hkl[i, 2], beta, damping, ratio)
            else:
                _follow_row(hkl[i, 2] - hkl[i - 1, 2], fall, damping, ratio)
            for a in range(n_atoms):
                damped_real[a] = row_real[a] * damping[a]
                damped_imaginary[a] = row_imaginary[a] * damping[a]
            first, second = damped_real, damped_imaginary
        if damped or row_of_sums[l] != row:  # l and −l share their sums
            row_of_sums[l] = row
            for g in range(n_groups):
                start, stop = starts[g], starts[g + 1]
                _dots(
                    first[start:stop],
                    second[start:stop],
                    cosine[2, l, start:stop],
                    sine[2, l, start:stop],
                    centrosymmetric,
                    sums[l, g],
                )
        sign_l = -1.0 if hkl[i, 2] < 0 else 1.0
        for part in range(out.shape[0]):
            out[part, i] = 0.0
        for g in range(n_groups):
            real = sums[l, g, 0] - sign_l * sums[l, g, 1]
            imaginary = sign_l * sums[l, g, 2] + sums[l, g, 3]
            out[0, i] += powers[g, i] * real
            out[1, i] += powers[g, i] * imaginary
            if out.shape[0] > 2:
                out[2, i] += absorption[g, i] * real
                out[3, i] += absorption[g, i] * imaginary
