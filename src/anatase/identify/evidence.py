"""Evidence of a set of phases when every line's calculated intensity, place and width may be a little off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from anatase.pattern.profile import pseudo_voigt
from anatase.refine.start.whole_pattern import WholePattern, line_profiles

__all__ = ["LineErrors", "Relaxed", "relaxed_cost"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LineErrors:
    """Prior s.u. of what a structure model gets wrong per line: relative intensity; place and width in FWHM."""

    intensity: float = 0.25
    place: float = 0.10
    width: float = 0.20


@dataclass(frozen=True)
class Relaxed:
    """A hypothesis with its line errors marginalised.

    ``cost`` is −2 ln evidence, ``residual`` (n,) what is left at the most probable line errors. Per phase (p,):
    ``lines``, the number of lines whose intensity the data determine, and ``mismatch``, the mean square of their
    relative errors of intensity in units of the prior s.u.
    """

    cost: float
    residual: Array
    lines: Array
    mismatch: Array


WINDOW = 3.0  # FWHM on either side of a line
FAINT = 0.3  # lines whose height stays below this many s.u. are left alone


@njit(cache=True, fastmath=True)
def _columns(
    x: Array, position: Array, fwhm: Array, eta: Array, area: Array, cluster: NDArray[np.int64], n_clusters: int
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Return per cluster three columns (intensity, place, width) in a window, its start and its length."""
    start = np.full(n_clusters, x.size)
    stop = np.zeros(n_clusters, np.int64)
    for i in range(position.size):
        c = cluster[i]
        start[c] = min(start[c], np.searchsorted(x, position[i] - WINDOW * fwhm[i]))
        stop[c] = max(stop[c], np.searchsorted(x, position[i] + WINDOW * fwhm[i]))
    longest = 1
    for c in range(n_clusters):
        longest = max(longest, stop[c] - start[c])
    out = np.zeros((n_clusters, 3, longest))
    for i in range(position.size):
        c = cluster[i]
        inverse = 1.0 / fwhm[i]
        for j in range(start[c], stop[c]):
            u = (x[j] - position[i]) * inverse
            value, slope, _ = pseudo_voigt(u, eta[i])
            height = area[i] * inverse
            out[c, 0, j - start[c]] += height * value
            out[c, 1, j - start[c]] -= height * slope
            out[c, 2, j - start[c]] -= height * (slope * u + value)
    return out, start, stop


@njit(cache=True, fastmath=True)
def _gram(
    columns: Array, start: NDArray[np.int64], stop: NDArray[np.int64], weights: Array, residual: Array
) -> tuple[Array, Array]:
    """Return AᵀWA (3c, 3c) and AᵀWr (3c,) of windowed columns."""
    n = columns.shape[0]
    gram = np.zeros((3 * n, 3 * n))
    right = np.zeros(3 * n)
    for a in range(n):
        for p in range(3):
            total = 0.0
            for j in range(start[a], stop[a]):
                total += columns[a, p, j - start[a]] * weights[j] * residual[j]
            right[3 * a + p] = total
        for b in range(a, n):
            low, high = max(start[a], start[b]), min(stop[a], stop[b])
            if low >= high:
                continue
            for p in range(3):
                for q in range(3):
                    total = 0.0
                    for j in range(low, high):
                        total += columns[a, p, j - start[a]] * weights[j] * columns[b, q, j - start[b]]
                    gram[3 * a + p, 3 * b + q] = total
                    gram[3 * b + q, 3 * a + p] = total
    return gram, right


@njit(cache=True, fastmath=True)
def _relaxed_residual(
    columns: Array, start: NDArray[np.int64], stop: NDArray[np.int64], amounts: Array, residual: Array
) -> Array:
    """Return the residual (n,) less the line corrections."""
    out = residual.copy()
    for c in range(columns.shape[0]):
        for p in range(3):
            for j in range(start[c], stop[c]):
                out[j] -= amounts[3 * c + p] * columns[c, p, j - start[c]]
    return out


def _clusters(position: Array, fwhm: Array, phase: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number (m,) of the cluster of each line: lines of one phase within half a FWHM of the one before."""
    order = np.lexsort((position, phase))
    gap = np.diff(position[order]) > 0.5 * fwhm[order][1:]
    new = np.concatenate([[True], gap | (np.diff(phase[order]) != 0)])
    cluster = np.empty(position.size, np.int64)
    cluster[order] = np.cumsum(new) - 1
    return cluster


def relaxed_cost(
    model: WholePattern, parameters: Array, residual: Array, weights: Array, errors: LineErrors
) -> Relaxed:
    """Return −2 ln evidence of the residual (n,), up to a constant, with the line errors marginalised.

    With line columns A and their prior covariance D: rᵀWr − bᵀ(AᵀWA + D⁻¹)⁻¹b + ln det(1 + D AᵀWA), b = AᵀWr:
    the marginal likelihood of a linear Gaussian model (Bishop, 2006, equations 3.86 and 2.115).
    """
    base = float(weights @ residual**2)
    none = np.zeros(len(model.phases))
    parts, owner = [], []
    for i in range(len(model.phases)):
        if parameters[model.offsets[i]] > 0:
            lines = line_profiles(model, parameters, i)
            parts.append(lines)
            owner.append(np.full(lines[0].size, i))
    if not parts:
        return Relaxed(base, residual, none, none)
    position, fwhm, eta, area = (np.concatenate(p) for p in zip(*parts, strict=True))
    phase = np.concatenate(owner)
    noise = 1.0 / np.sqrt(np.interp(position, model.x, weights))
    keep = area / fwhm > FAINT * noise
    if not keep.any():
        return Relaxed(base, residual, none, none)
    position, fwhm, eta, area, phase = (v[keep] for v in (position, fwhm, eta, area, phase))
    cluster = _clusters(position, fwhm, phase)
    columns, start, stop = _columns(model.x, position, fwhm, eta, area, cluster, int(cluster.max()) + 1)
    gram, right = _gram(columns, start, stop, weights, residual)
    scale = np.tile([errors.intensity, errors.place, errors.width], columns.shape[0])
    prior_gram = gram * np.outer(scale, scale)
    system = np.eye(scale.size) + prior_gram
    factor = cho_factor(system, lower=True, check_finite=False)
    b = right * scale
    solution = cho_solve(factor, b, check_finite=False)
    left = _relaxed_residual(columns, start, stop, solution * scale, residual)
    cost = base - float(b @ solution) + 2.0 * float(np.log(np.diag(factor[0])).sum())
    of_cluster = np.zeros(columns.shape[0], np.int64)
    of_cluster[cluster] = phase
    known = np.diag(prior_gram)[::3]
    known = known / (1.0 + known)
    lines_seen = np.bincount(of_cluster, known, len(model.phases))
    squares = np.bincount(of_cluster, known * solution[::3] ** 2, len(model.phases))
    return Relaxed(cost, left, lines_seen.astype(np.float64), squares / np.maximum(lines_seen, 1e-12))
