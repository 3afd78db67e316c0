"""Asymmetry of powder lines by axial divergence: a line becomes the sum of a few shifted ones."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["LEAST_DIVERGENCE", "MOST_NODES", "axial_divergence"]

Array = NDArray[np.float64]

# how many nodes spread a line, and the spread in units of its FWHM up to which each number but the last is taken;
# profiles are then within 0.2 % of their height up to a spread of 11 FWHM
NODE_COUNTS = np.array([1, 2, 3, 4, 6, 8, 12, 16, 32])
SPREADS = np.array([0.06, 0.4, 0.85, 1.3, 2.2, 3.0, 5.0, 6.8])
MOST_NODES = 2 * int(NODE_COUNTS[-1])
LEAST_DIVERGENCE = 2e-4  # S/L + H/L below which a line stays symmetric: its mean moves by less than 1e-6°/tan 2θ
LEAST_UNEVENNESS = 1e-3  # |S − H|/(S + H) below which the two count as equal: a 1e-6th of the weight


LEGENDRE = np.polynomial.legendre.leggauss(400)


def _divergence_rule(count: int) -> tuple[Array, Array]:
    """Return nodes u in (0, 1) and weights (sum 1) of the Gauss quadrature in u² over the weight 1 − u.

    A line shifts by very nearly u² times its spread, so that n nodes keep 2n − 1 moments of its profile. Golub & Welsch
    (1969) Math. Comp. 23, 221, the recurrence being that of the weight sampled at 400 points.
    """
    u, weight = (LEGENDRE[0] + 1.0) / 2.0, LEGENDRE[1]
    weight = weight * (1.0 - u) / np.sum(weight * (1.0 - u))
    before, polynomial, last = np.zeros_like(u), np.ones_like(u), 1.0
    jacobi = np.zeros((count, count))
    for row in range(count):
        norm = float(weight @ polynomial**2)
        jacobi[row, row] = weight @ (u**2 * polynomial**2) / norm
        if row:
            jacobi[row, row - 1] = jacobi[row - 1, row] = np.sqrt(norm / last)
        before, polynomial = polynomial, (u**2 - jacobi[row, row]) * polynomial - (norm / last if row else 0.0) * before
        last = norm
    squares, vectors = np.linalg.eigh(jacobi)
    return np.sqrt(squares), vectors[0] ** 2


NODES, NODE_WEIGHTS = np.zeros((2, NODE_COUNTS.size, int(NODE_COUNTS[-1])))
for _row, _count in enumerate(NODE_COUNTS):
    NODES[_row, :_count], NODE_WEIGHTS[_row, :_count] = _divergence_rule(_count)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def _triangle(two_theta_rad: float, reach: float, fwhm_rad: float, sign: float, start: int, nodes: Array) -> int:
    """Fill nodes from row ``start`` on with those of the weight (reach − h)/((1 + h²) sin 2φ); return the next.

    Columns: shift; weight, unscaled; ∂shift/∂2θ; ∂ln(weight)/∂2θ; ∂shift/∂reach; ∂ln(weight)/∂reach.
    """
    cos_two_theta, sin_two_theta = np.cos(two_theta_rad), np.sin(two_theta_rad)
    spread = abs(0.5 * reach * reach * cos_two_theta / max(sin_two_theta, 1e-3)) / fwhm_rad
    row, n = 0, start
    while row < SPREADS.size and SPREADS[row] < spread:
        row += 1
    for i in range(NODE_COUNTS[row]):
        h = reach * NODES[row, i]
        root = np.sqrt(1.0 + h * h)
        cosine = cos_two_theta * root
        if abs(cosine) >= 1.0:  # beyond the end of the cone: no intensity
            continue
        sine = np.sqrt(1.0 - cosine * cosine)
        nodes[n, 0] = np.arccos(cosine) - two_theta_rad
        nodes[n, 1] = sign * reach * reach * NODE_WEIGHTS[row, i] / (root * root * sine)
        by_two_theta = sin_two_theta * root / sine
        by_reach = -cos_two_theta * h * NODES[row, i] / (root * sine)
        nodes[n, 2], nodes[n, 3] = by_two_theta - 1.0, -cosine / sine * by_two_theta
        nodes[n, 4] = by_reach
        nodes[n, 5] = 2.0 / reach - 2.0 * h * NODES[row, i] / (root * root) - cosine / sine * by_reach
        n += 1
    return n


@njit(cache=True, fastmath=True, error_model="numpy")
def axial_divergence(two_theta_rad: float, s_over_l: float, h_over_l: float, fwhm_rad: float, nodes: Array) -> int:
    """Fill nodes (MOST_NODES, 8) that spread a line at 2θ for axial divergence, and return how many there are.

    Finger, Cox & Jephcoat (1994) J. Appl. Cryst. 27, 892. With h the axial coordinate over L, H and S the
    half-heights of detector slit and sample, their equation 12 becomes a smooth weight

        W(h)/((1 + h²) sin 2φ),   cos 2φ = cos 2θ √(1 + h²),   W = min(2H/L, 2S/L, (H + S)/L − h),

    over 0 ≤ h ≤ (S + H)/L. W is a triangle to h = (S + H)/L less one to |S − H|/L, and Gauss nodes integrate over each:
    the wider the spread next to the line's FWHM, the more of them. Nodes beyond the end of the cone
    (cos 2φ > 1, very near the beam) carry nothing.

    Columns of nodes: shift (radian), weight (sum 1), and the derivatives of both: ∂shift/∂2θ, ∂weight/∂2θ,
    ∂shift/∂(S/L), ∂weight/∂(S/L), ∂shift/∂(H/L), ∂weight/∂(H/L).
    """
    reach, gap = s_over_l + h_over_l, s_over_l - h_over_l
    n, outer, uneven = 0, 0, 2.0 * abs(gap) > reach  # then the two triangles are large next to their difference
    fwhm_rad *= 0.5 if uneven else 1.0
    for side in range(2 if abs(gap) > LEAST_UNEVENNESS * reach else 1):
        outer = n
        n = _triangle(two_theta_rad, abs(gap) if side else reach, fwhm_rad, -1.0 if side else 1.0, n, nodes)
        outer = outer if side else n
    turn = 1.0 if gap > 0.0 else -1.0
    total = by_two_theta = by_s = by_h = 0.0
    for i in range(n):
        along_s = 1.0 if i < outer else turn
        along_h = 1.0 if i < outer else -turn
        weight, slide, growth = nodes[i, 1], nodes[i, 4], nodes[i, 5]
        nodes[i, 3] *= weight
        nodes[i, 4], nodes[i, 5] = slide * along_s, weight * growth * along_s
        nodes[i, 6], nodes[i, 7] = slide * along_h, weight * growth * along_h
        total += weight
        by_two_theta += nodes[i, 3]
        by_s += nodes[i, 5]
        by_h += nodes[i, 7]
    if n == 0:  # closer to the beam than the first node
        for a in range(8):
            nodes[0, a] = 1.0 if a == 1 else 0.0
        return 1
    for i in range(n):
        weight = nodes[i, 1] = nodes[i, 1] / total
        nodes[i, 3] = (nodes[i, 3] - weight * by_two_theta) / total
        nodes[i, 5] = (nodes[i, 5] - weight * by_s) / total
        nodes[i, 7] = (nodes[i, 7] - weight * by_h) / total
    return n
