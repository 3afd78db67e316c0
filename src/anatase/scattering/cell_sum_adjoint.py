"""The sum over the atoms of a cell, backwards: from derivatives by |F|² to those by every atom's parameters.

With levers λ = ∂L/∂(real, imaginary part) of an atom's wave e(h·x) for a quantity L that depends on all |F|², an atom's
derivatives are sums over reflections, which need no array of reflections by atoms. Reflections go by rows of
one h and k, as in ``cell_sums``: what stands in a row is summed first, and turned into derivatives at its end.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.scattering.cell_sum import follow_row, multiply, phase_tables, start_row

__all__ = ["pull_to_atoms", "pull_to_damped_atoms"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(cache=True, fastmath=True, nogil=True)
def _add_centred(
    first: float, second: float, first_q: float, second_q: float, l: float, cosine: Array, sine: Array, row: Array
) -> None:
    """Add one l to the sums of a row (6, atoms) where only cosines count: see ``_add_general``."""
    r, i, q_r, q_i, p, q = row
    for a in range(cosine.size):
        c, s = cosine[a], sine[a]
        r[a] += first * c
        i[a] += second * s
        q_r[a] += first_q * c
        q_i[a] += second_q * s
        p[a] -= l * first * s
        q[a] += l * second * c


@njit(cache=True, fastmath=True, nogil=True)
def _add_general(lever: Array, l: float, cosine: Array, sine: Array, row: Array) -> None:
    """Add one l to the sums of a row (6, atoms).

    These are ∂L by the row's real and imaginary part, both weighted by 1/d² too, and what z is to get of either.
    lever (8,): ∂L by the sums of real cos, imaginary sin, real sin, imaginary cos; the same weighted by 1/d².
    """
    b0, b1, b2, b3, q0, q1, q2, q3 = lever
    r, i, q_r, q_i, p, q = row
    for a in range(cosine.size):
        c, s = cosine[a], sine[a]
        r[a] += b0 * c + b2 * s
        i[a] += b1 * s + b3 * c
        q_r[a] += q0 * c + q2 * s
        q_i[a] += q1 * s + q3 * c
        p[a] += l * (b2 * c - b0 * s)
        q[a] += l * (b1 * c - b3 * s)


@njit(cache=True, fastmath=True, nogil=True)
def _close_row(h: float, k: float, real: Array, imaginary: Array, row: Array, out: Array) -> None:
    """Turn the sums of a row (6, atoms) into derivatives, add them to out (5, atoms), and clear them."""
    r, i, q_r, q_i, p, q = row
    x, y, z, weight, damping = out
    for a in range(real.size):
        turn = 2.0 * np.pi * (i[a] * real[a] - r[a] * imaginary[a])
        x[a] += h * turn
        y[a] += k * turn
        z[a] += 2.0 * np.pi * (real[a] * p[a] + imaginary[a] * q[a])
        weight[a] += real[a] * r[a] + imaginary[a] * i[a]
        damping[a] += real[a] * q_r[a] + imaginary[a] * q_i[a]
        r[a], i[a], q_r[a], q_i[a], p[a], q[a] = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@njit(cache=True, fastmath=True, nogil=True)
def _add_levers(levers: Array, i: int, sign: float, inverse_d2: float, of_l: Array) -> None:
    """Add the levers (2, g, n) of reflection i to those of its |l| (g, 8), of which l and −l are two."""
    for g in range(levers.shape[1]):
        real, imaginary = levers[0, g, i], levers[1, g, i]
        for half in range(2):
            of_l[g, 4 * half] += real
            of_l[g, 4 * half + 1] -= sign * real
            of_l[g, 4 * half + 2] += sign * imaginary
            of_l[g, 4 * half + 3] += imaginary
            real, imaginary = inverse_d2 * real, inverse_d2 * imaginary


@njit(cache=True, fastmath=True, nogil=True)
def pull_to_atoms(
    hkl: Indices,
    inverse_d2: Array,
    positions: Array,
    starts: Indices,
    levers: Array,
    centrosymmetric: bool,
    out: Array,
) -> None:
    """Fill out (5, atoms): Σ over reflections of ∂L by x, y, z, by an atom's weight 1, and the last times 1/d².

    Parameters
    ----------
    hkl, inverse_d2
        Reflections (n, 3) in ``row_order`` and their 1/d² (n,) in Å⁻².
    positions, starts
        Fractional positions (k, 3) of the atoms, and where each of g groups begins (g + 1,).
    levers
        ∂L by the real and by the imaginary part of a group's sum (2, g, n).
    centrosymmetric
        Whether only the cosines count.
    """
    n, n_atoms, n_groups = hkl.shape[0], positions.shape[0], starts.size - 1
    cosines, sines = phase_tables(hkl, positions, np.ones(n_atoms))
    real, imaginary, row = np.empty(n_atoms), np.empty(n_atoms), np.zeros((6, n_atoms))
    of_l = np.zeros((cosines.shape[1], n_groups, 8))
    out[:] = 0.0
    begin = 0
    while begin < n:
        h, k, end, top, bottom = hkl[begin, 0], hkl[begin, 1], begin, 0, cosines.shape[1]
        while end < n and hkl[end, 0] == h and hkl[end, 1] == k:
            l = abs(hkl[end, 2])
            top, bottom = max(top, l), min(bottom, l)
            _add_levers(levers, end, -1.0 if hkl[end, 2] < 0 else 1.0, inverse_d2[end], of_l[l])
            end += 1
        x, y = abs(h), abs(k)
        sign_h, sign_k = -1.0 if h < 0 else 1.0, -1.0 if k < 0 else 1.0
        multiply(cosines[0, x], sines[0, x], sign_h, cosines[1, y], sines[1, y], sign_k, real, imaginary)
        for l in range(bottom, top + 1):
            for g in range(n_groups):
                lever, first, last = of_l[l, g], starts[g], starts[g + 1]
                c, s, part = cosines[2, l, first:last], sines[2, l, first:last], row[:, first:last]
                if centrosymmetric:
                    _add_centred(lever[0], lever[1], lever[4], lever[5], float(l), c, s, part)
                else:
                    _add_general(lever, float(l), c, s, part)
                lever[:] = 0.0
        _close_row(float(h), float(k), real, imaginary, row, out)
        begin = end


@njit(cache=True, fastmath=True, nogil=True)
def _add_damped(
    lever_real: float,
    lever_imaginary: float,
    l: float,
    sign: float,
    real: Array,
    imaginary: Array,
    cosine: Array,
    sine: Array,
    damping: Array,
    row: Array,
) -> None:
    """Add one reflection to the sums of a row (5, atoms): of ∂L/∂phase and ∂L/∂(ln weight), by powers of l."""
    turn, l_turn, weight, l_weight, l2_weight = row
    for a in range(real.size):
        c, s = damping[a] * cosine[a], sign * damping[a] * sine[a]
        wave_real = real[a] * c - imaginary[a] * s
        wave_imaginary = real[a] * s + imaginary[a] * c
        grow = lever_real * wave_real + lever_imaginary * wave_imaginary
        slide = lever_imaginary * wave_real - lever_real * wave_imaginary
        turn[a] += slide
        l_turn[a] += l * slide
        weight[a] += grow
        l_weight[a] += l * grow
        l2_weight[a] += l * l * grow


@njit(cache=True, fastmath=True, nogil=True)
def _close_damped_row(h: float, k: float, row: Array, out: Array) -> None:
    """Add the sums of a row (5, atoms) to out (10, atoms), and clear them."""
    for a in range(row.shape[1]):
        turn, weight, l_weight = 2.0 * np.pi * row[0, a], row[2, a], row[3, a]
        out[0, a] += h * turn
        out[1, a] += k * turn
        out[2, a] += 2.0 * np.pi * row[1, a]
        out[3, a] += weight
        out[4, a] += h * h * weight
        out[5, a] += k * k * weight
        out[6, a] += row[4, a]
        out[7, a] += h * k * weight
        out[8, a] += h * l_weight
        out[9, a] += k * l_weight
        for b in range(5):
            row[b, a] = 0.0


@njit(cache=True, fastmath=True, nogil=True)
def pull_to_damped_atoms(
    hkl: Indices, positions: Array, starts: Indices, beta: Array, levers: Array, out: Array
) -> None:
    """Fill out (10, atoms) as ``pull_to_atoms`` does, of atoms that each have a damping of their own.

    beta (k, 6) are its exponents as for ``cell_sums``; rows of out: ∂L by x, y, z, by an atom's weight 1, and the last
    times h², k², l², hk, hl and kl.
    """
    n, n_atoms, n_groups = hkl.shape[0], positions.shape[0], starts.size - 1
    cosines, sines = phase_tables(hkl, positions, np.ones(n_atoms))
    real, imaginary, row = np.empty(n_atoms), np.empty(n_atoms), np.zeros((5, n_atoms))
    damping, ratio, fall = np.empty(n_atoms), np.empty(n_atoms), np.empty(n_atoms)
    out[:] = 0.0
    for i in range(n):
        h, k, l = hkl[i, 0], hkl[i, 1], hkl[i, 2]
        if i == 0 or h != hkl[i - 1, 0] or k != hkl[i - 1, 1]:
            if i > 0:
                _close_damped_row(float(hkl[i - 1, 0]), float(hkl[i - 1, 1]), row, out)
            x, y = abs(h), abs(k)
            sign_h, sign_k = -1.0 if h < 0 else 1.0, -1.0 if k < 0 else 1.0
            multiply(cosines[0, x], sines[0, x], sign_h, cosines[1, y], sines[1, y], sign_k, real, imaginary)
            start_row(h, k, l, beta, damping, ratio, fall)
        else:
            follow_row(l - hkl[i - 1, 2], fall, damping, ratio)
        sign, z = -1.0 if l < 0 else 1.0, abs(l)
        for g in range(n_groups):
            first, last = starts[g], starts[g + 1]
            _add_damped(
                levers[0, g, i], levers[1, g, i], float(l), sign, real[first:last], imaginary[first:last],
                cosines[2, z, first:last], sines[2, z, first:last], damping[first:last], row[:, first:last],
            )  # fmt: skip
    if n > 0:
        _close_damped_row(float(hkl[n - 1, 0]), float(hkl[n - 1, 1]), row, out)
