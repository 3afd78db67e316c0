"""Retrieval: which library entries have lines where the pattern has intensity, cell mismatch allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from anatase.crystal.reciprocal_metrics import reciprocal_metrics
from anatase.identify.coarse_retrieval import FirstLook, Residual
from anatase.library import Library
from anatase.refine.start.measurement import Measurement, smooth
from anatase.scattering.lorentz_polarization import lorentz_polarization

__all__ = ["COARSE_KEPT", "COARSE_SCORED", "Hits", "LineTable", "first_look", "line_table", "on_grid", "retrieve"]

Array = NDArray[np.float64]

STEP = 0.0008  # of ln(1/d): 0.08 % in d; the search for the highest point nearby is wider
MAX_STRAIN = 0.02  # of length
MISS_PENALTY = 0.8
N_SCALES = 6
COARSE_FROM = 6_000  # candidates; fewer are all compared line by line
COARSE_SCORED = 60_000  # entries that the second round of the first look takes
COARSE_KEPT = 3_000  # entries whose lines are compared after it


@dataclass(frozen=True)
class LineTable:
    """The candidates' lines in the measured range, in flat arrays: entry e owns offsets[e]:offsets[e+1].

    ``u`` = ln(1/d) (N,) ascending within an entry; ``weight`` (N,) = intensity with Lorentz-polarization,
    summing to 1 within an entry's measured range. With more candidates than can be compared line by line, there are
    no lines; ``library`` is then where a retrieval takes those of the candidates that a first look leaves.
    """

    entries: NDArray[np.int64]
    offsets: NDArray[np.int64]
    u: Array
    weight: Array
    library: Library | None = None


@dataclass(frozen=True)
class Hits:
    """Candidates (m,) best first: library index, score (share of the intensity explained), length strain."""

    entries: NDArray[np.int64]
    score: Array
    matched: Array
    strain: Array


def line_table(library: Library, entries: NDArray[np.int64], measurement: Measurement) -> LineTable:
    """Collect the candidates' lines within the measured range (with the strain's margin).

    Of more than 6,000 candidates in a library with fingerprints no lines are collected yet.
    """
    if entries.size > COARSE_FROM and library.fingerprints is not None:
        return LineTable(entries, np.zeros(entries.size + 1, np.int64), np.zeros(0), np.zeros(0), library)
    return _all_lines(library, entries, measurement)


def _all_lines(library: Library, entries: NDArray[np.int64], measurement: Measurement) -> LineTable:
    radiation = measurement.radiation
    intensity = library.line_intensity["neutron" if radiation.probe == "neutron" else "xray"]
    starts, stops = library.line_offsets[entries], library.line_offsets[entries + 1]
    owner = np.repeat(np.arange(entries.size), stops - starts)
    index = np.arange(owner.size) + np.repeat(
        starts - np.concatenate([[0], np.cumsum(stops - starts)[:-1]]), stops - starts
    )
    s = np.sqrt(inverse_d_squared(library.lattices[entries], owner, library.line_hkl[index]))
    s_low, s_high = (2.0 * np.sin(np.radians(t / 2.0)) / radiation.wavelength for t in measurement.x[[0, -1]])
    inside = (s > s_low * 0.99) & (s < min(s_high * 1.01, 1.999 / radiation.wavelength))
    owner, index, s = owner[inside], index[inside], s[inside]
    weight = intensity[index] * lorentz_polarization(
        2.0 * np.degrees(np.arcsin(np.minimum(s * radiation.wavelength / 2.0, 0.9999))), radiation
    )
    total = np.bincount(owner, weight, minlength=entries.size)
    weight /= np.maximum(total, 1e-30)[owner]
    order = np.arange(s.size)
    if np.any((s[1:] < s[:-1]) & (owner[1:] == owner[:-1])):  # a library keeps an entry's lines in descending d
        order = np.lexsort((s, owner))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=entries.size))]).astype(np.int64)
    return LineTable(entries, offsets, np.log(s[order]), weight[order])


def inverse_d_squared(lattices: Array, owner: NDArray[np.int64], hkl: NDArray[np.int16]) -> Array:
    """Return 1/d² (N,) of lines hkl (N, 3), line i being of the lattice (6,) in row owner[i] of lattices (n, 6)."""
    return _quadratic_forms(reciprocal_metrics(lattices), owner, hkl)


@njit(cache=True)
def _quadratic_forms(metrics: Array, owner: NDArray[np.int64], hkl: NDArray[np.int16]) -> Array:
    """Return h·G*·h (N,) of lines hkl (N, 3), line i being of metric owner[i] of metrics (n, 3, 3)."""
    found = np.empty(owner.size)
    for n in range(owner.size):
        metric = metrics[owner[n]]
        total = 0.0
        for i in range(3):
            for j in range(3):
                total += float(hkl[n, i]) * metric[i, j] * float(hkl[n, j])
        found[n] = total
    return found


@njit(cache=True, fastmath=True)
def _score(
    offsets: NDArray[np.int64],
    u: Array,
    weight: Array,
    u0: float,
    available: Array,
    noise: Array,
    resolution: Array,
    n_shift: int,
    total: float,
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return for each entry the best score, the matched share of its own intensity, and the strain step."""
    n_entries = offsets.size - 1
    n_grid = available.size
    best = np.full(n_entries, -1.0)
    matched = np.zeros(n_entries)
    best_shift = np.zeros(n_entries, np.int64)
    for e in range(n_entries):
        start, stop = offsets[e], offsets[e + 1]
        n = stop - start
        if n == 0:
            continue
        # lines closer than the resolution are seen as one
        merged_u = np.empty(n)
        merged_w = np.empty(n)
        m = 0
        for i in range(start, stop):
            cell = int((u[i] - u0) / STEP)
            width = resolution[min(max(cell, 0), n_grid - 1)]
            if m > 0 and u[i] - merged_u[m - 1] < width:
                w = merged_w[m - 1] + weight[i]
                if w > 0:
                    merged_u[m - 1] = (merged_u[m - 1] * merged_w[m - 1] + u[i] * weight[i]) / w
                merged_w[m - 1] = w
            else:
                merged_u[m] = u[i]
                merged_w[m] = weight[i]
                m += 1
        strongest = 0.0
        for i in range(m):
            strongest = max(strongest, merged_w[i])
        k = 0
        for i in range(m):
            if merged_w[i] > 0.01 * strongest:
                merged_u[k] = merged_u[i]
                merged_w[k] = merged_w[i]
                k += 1
        m = k
        pivots = np.argsort(-merged_w[:m])[:N_SCALES]
        for shift in range(-n_shift, n_shift + 1):
            # scales to try: those at which one of the strong lines is just fully there
            for pivot in pivots:
                cell = int(np.round((merged_u[pivot] - u0) / STEP)) + shift
                if cell < 0 or cell >= n_grid or available[cell] <= 0.0:
                    continue
                scale = available[cell] / merged_w[pivot]
                explained, missing, inside = 0.0, 0.0, 0.0
                for i in range(m):
                    cell = int(np.round((merged_u[i] - u0) / STEP)) + shift
                    if cell < 0 or cell >= n_grid:
                        continue
                    predicted = scale * merged_w[i]
                    inside += predicted
                    seen = max(available[cell], 0.0)
                    explained += min(predicted, seen)
                    missing += max(0.0, predicted - seen - 2.0 * noise[cell])
                value = (explained - MISS_PENALTY * missing) / total
                if value > best[e]:
                    best[e] = value
                    matched[e] = explained / max(inside, 1e-300)
                    best_shift[e] = shift
    return best, matched, best_shift


def retrieve(table: LineTable, measurement: Measurement, residual: Array, error: Array, limit: int) -> Hits:
    """Rank the candidates of a table by the share of the residual (n,) that they can explain.

    ``error`` (n,) is the s.u. of the residual with the model error of what is already explained.
    """
    left = on_grid(measurement, residual, error)
    n_shift = int(MAX_STRAIN / STEP)
    if table.library is not None:
        first = first_look(table.library, measurement, left)
        table = _all_lines(table.library, first.best(table.entries, COARSE_KEPT, COARSE_SCORED), measurement)
    score, matched, shift = _score(
        table.offsets,
        table.u,
        table.weight,
        left.first,
        left.available,
        left.noise,
        left.resolution,
        n_shift,
        left.total,
    )
    order = np.argsort(-score, kind="stable")[:limit]
    order = order[score[order] > 0]
    return Hits(table.entries[order], score[order], matched[order], (-STEP * shift[order]).astype(np.float64))


def on_grid(measurement: Measurement, residual: Array, error: Array) -> Residual:
    """Return what a line can find of a residual (n,) with s.u. ``error`` (n,), on a grid of ln(1/d)."""
    points = measurement.points_per_width
    x = measurement.x
    smoothed = smooth(residual, points)
    noise = error / np.sqrt(max(points, 1.0))
    # a line may be off by displacement and anisotropic strain: look for the highest point near it
    window = max(3, round(points * 0.6 + 0.06 / float(np.median(np.diff(x)))) | 1)
    highest = maximum_filter1d(smoothed, window, mode="nearest")
    s = 2.0 * np.sin(np.radians(x / 2.0)) / measurement.radiation.wavelength
    u_x = np.log(s)
    grid = np.arange(u_x[0], u_x[-1], STEP)
    available = np.interp(grid, u_x, highest)
    noise_grid = np.interp(grid, u_x, noise)
    available = np.where(available > 1.5 * noise_grid, available, 0.0)
    width_u = np.gradient(u_x, x) * measurement.fwhm * 0.7
    resolution = np.interp(grid, u_x, width_u)
    maxima = (smoothed == maximum_filter1d(smoothed, max(3, int(points)) | 1)) & (smoothed > 3.0 * noise)
    total = float(smoothed[maxima].sum()) or 1.0
    return Residual(float(grid[0]), STEP, available, noise_grid, resolution, total)


def first_look(library: Library, measurement: Measurement, left: Residual) -> FirstLook:
    """Return what compares the strongest lines of a large library's entries with a residual."""
    assert library.fingerprints is not None  # noqa: S101, else the table has the lines
    radiation = measurement.radiation
    fingerprints = library.fingerprints["neutron" if radiation.probe == "neutron" else "xray"]
    return FirstLook(fingerprints, left, radiation, int(MAX_STRAIN / STEP), MISS_PENALTY)
