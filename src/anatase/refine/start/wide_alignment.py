"""Wide alignment: strains that put a candidate's lines onto the peaks, sought over all that a reference may be off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.refine.start.alignment import STEP, significant_lines
from anatase.refine.start.measurement import Measurement, smooth
from anatase.refine.start.sobol import sobol_points
from anatase.refine.start.whole_pattern import PhaseLines

__all__ = ["Heights", "residual_heights", "wide_alignments"]

Array = NDArray[np.float64]

ISOTROPIC, ANISOTROPIC = 0.08, 0.055  # largest strains of 1/d² that are tried
SPREAD = (0.03, 0.02)  # strains of 1/d², isotropic and other, at which a match counts a quarter less
N_STARTS = 400
N_WALKS = 3
N_SCALES = 4  # strong lines at whose full height the scale is tried
FAINTEST = 0.12  # of the root of the strongest line's intensity
MISSING = 0.8  # what missing intensity costs, in units of explained intensity
COARSE_BLUR = 0.3  # degrees
COARSE = (0.006, 0.0015)  # reach and step of a walk on the coarse curve
FINE = (0.002, 0.0004)
SAME = 0.003  # strains closer than this in every component are one alignment


@dataclass(frozen=True)
class Curve:
    """Heights (n,) of the blurred residual on a uniform grid of ln(1/d), their noise, and the blur, all (n,)."""

    height: Array
    noise: Array
    width: Array


@dataclass(frozen=True)
class Heights:
    """Where intensity lies, coarsely and finely; the grids start at ``u0``."""

    u0: float
    coarse: Curve
    fine: Curve


def residual_heights(measurement: Measurement, residual: Array, error: Array) -> Heights:
    """Prepare the residual (n,) with s.u. ``error`` (n,) for alignment."""
    x = measurement.x
    u_x = np.log(2.0 * np.sin(np.radians(x / 2.0)) / measurement.radiation.wavelength)
    grid = np.arange(u_x[0], u_x[-1], STEP)
    step = measurement.fwhm / measurement.points_per_width
    per_degree = np.gradient(u_x, x)

    def curve(points: float) -> Curve:
        noise = error / np.sqrt(max(points, 1.0))
        height = smooth(residual, points)
        height = np.where(height > 1.5 * noise, height, 0.0)
        return Curve(*(np.interp(grid, u_x, v) for v in (height, noise, 0.7 * points * step * per_degree)))

    points = measurement.points_per_width
    return Heights(float(u_x[0]), curve(max(COARSE_BLUR / step, 2.0 * points)), curve(points))


@cache
def _starts(k: int) -> Array:
    """Return the strains (n, k) from which walks may start: a Sobol sequence, denser near none."""
    unit = 2.0 * sobol_points(N_STARTS, k) - 1.0
    reach = np.array([ISOTROPIC] + [ANISOTROPIC] * (k - 1))
    return np.asarray(np.vstack([np.zeros(k), reach * np.sign(unit) * np.abs(unit) ** 1.5]))


@njit(cache=True, fastmath=True, nogil=True)
def _found(
    height: Array, noise: Array, width: Array, u0: float, u: Array, slopes: Array, weight: Array, strain: Array,
    centre: float, seen: Array, predicted: Array, dull: Array,
) -> float:  # fmt: skip
    """Return the intensity that strained lines (m,) explain, less what they miss, at the best of a few scales.

    Lines closer than the blur count as one. Large strains count less. The last three arguments are room to work in.
    """
    k, n = strain.size, 0
    last_u = -1e9
    for i in range(u.size):
        change = 1.0
        for m in range(k):
            change += strain[m] * slopes[i, m]
        at = u[i] + 0.5 * np.log(max(change, 0.5))
        cell = int((at - u0) / STEP + 0.5)
        if cell < 0 or cell >= height.size:
            continue
        if n > 0 and abs(at - last_u) < width[cell]:
            predicted[n - 1] += weight[i]
            seen[n - 1] = max(seen[n - 1], height[cell])
        else:
            seen[n], dull[n], predicted[n] = height[cell], noise[cell], weight[i]
            last_u = at
            n += 1
    best = 0.0
    limit = np.inf
    for _ in range(N_SCALES):
        strongest, pivot = 0.0, -1
        for i in range(n):
            if strongest < predicted[i] < limit:
                strongest, pivot = predicted[i], i
        if pivot < 0:
            break
        limit = strongest
        scale = seen[pivot] / strongest
        if scale <= 0.0:
            continue
        value = 0.0
        for i in range(n):
            p = scale * predicted[i]
            value += min(p, seen[i]) - MISSING * max(0.0, p - seen[i] - 2.0 * dull[i])
        best = max(best, value)
    size = ((strain[0] - centre) / SPREAD[0]) ** 2
    for m in range(1, k):
        size += (strain[m] / SPREAD[1]) ** 2
    return float(best / (1.0 + 0.35 * size))


@njit(cache=True, fastmath=True, nogil=True)
def _scores(
    height: Array, noise: Array, width: Array, u0: float, u: Array, slopes: Array, weight: Array, starts: Array,
    centre: float,
) -> Array:  # fmt: skip
    out = np.empty(starts.shape[0])
    seen, predicted, dull = np.empty(u.size), np.empty(u.size), np.empty(u.size)
    for s in range(starts.shape[0]):
        out[s] = _found(height, noise, width, u0, u, slopes, weight, starts[s], centre, seen, predicted, dull)
    return out


@njit(cache=True, fastmath=True, nogil=True)
def _walk(
    height: Array, noise: Array, width: Array, u0: float, u: Array, slopes: Array, weight: Array, start: Array,
    centre: float, reach: float, step: float,
) -> tuple[Array, float]:  # fmt: skip
    """Return the strains to which a walk along one component at a time leads, and what they find."""
    seen, predicted, dull = np.empty(u.size), np.empty(u.size), np.empty(u.size)
    strain = start.copy()
    best = _found(height, noise, width, u0, u, slopes, weight, strain, centre, seen, predicted, dull)
    n = int(reach / step)
    for _ in range(3):
        before = best
        for j in range(strain.size):
            origin, at = strain[j], strain[j]
            for t in range(-n, n + 1):
                strain[j] = origin + t * step
                value = _found(height, noise, width, u0, u, slopes, weight, strain, centre, seen, predicted, dull)
                if value > best:
                    best, at = value, strain[j]
            strain[j] = at
        if best <= before * (1.0 + 1e-9):
            break
    return strain, best


def wide_alignments(
    heights: Heights, lines: PhaseLines, measurement: Measurement, guesses: list[Array], centre: float, limit: int
) -> list[Array]:
    """Return up to ``limit`` different alignments, strains (k,) of 1/d², best first.

    Walks start from the ``guesses`` and from the best of a sequence that covers cells 4 % off in length, isotropic
    strains counted from ``centre``: what all phases of the pattern share (wavelength, scale of the axis).
    """
    keep, root = significant_lines(lines, measurement)
    k = lines.basis.shape[0]
    if not keep.any():
        return [np.eye(1, k)[0] * centre]
    keep &= root > FAINTEST * root[keep].max()
    order = np.argsort(lines.inverse_d2[keep], kind="stable")
    slopes = np.ascontiguousarray((lines.strain_terms[keep] / lines.inverse_d2[keep, None])[order])
    u, weight = np.log(np.sqrt(lines.inverse_d2[keep]))[order], root[keep][order] ** 2
    coarse, fine = ((c.height, c.noise, c.width, heights.u0, u, slopes, weight) for c in (heights.coarse, heights.fine))
    starts = _starts(k) + np.eye(1, k)[0] * centre
    scores = _scores(*coarse, starts, centre)
    found: list[tuple[float, Array]] = []
    for start in [*guesses, *starts[np.argsort(-scores, kind="stable")[:N_WALKS]]]:
        strain, _ = _walk(*coarse, start, centre, *COARSE)
        strain, value = _walk(*fine, strain, centre, *FINE)
        if all(np.abs(strain - other).max() > SAME for _, other in found):
            found.append((value, strain))
    found.sort(key=lambda f: -f[0])
    return [strain for _, strain in found[:limit]]
