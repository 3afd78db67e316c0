"""Pawley refinement: intensities as least-squares variables, solved for within every step of the profile's.

The intensities are linear: at any profile the best ones come from sparse normal equations, and the profile's
derivatives are projected onto what they cannot take up (variable projection: Golub & Pereyra 1973, SIAM J. Numer. Anal.
10, 413; Kaufman 1975, BIT 15, 49), so that s.u. of the cell hold all correlations with them. Reflections that overlap
are held alike, the more the closer they are (Pawley 1981, J. Appl. Cryst. 14, 357).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, diags_array, vstack
from scipy.sparse.linalg import splu

from anatase.refine.calculation.evaluate import Calculated, Listing, calculated
from anatase.refine.intensities.reflection_curves import reflection_curves
from anatase.refine.intensities.reflection_lists import phases_of_mode
from anatase.refine.model import RefinementModel

__all__ = ["ExtractedIntensities", "count_intensities", "extracted_intensities", "pawley_curve", "solve_intensities"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ALIKE = 0.9  # overlap (cosine between curves) from which reflections are held alike
SLACK = 0.02  # of the weight of the data, for reflections that coincide
UNSEEN = 1e-9  # of the largest diagonal of the normal matrix, below which an intensity stays as it is


@dataclass(frozen=True)
class _Linear:
    """Curves (n, N) of all free intensities of a histogram, their weights, and the factorised normal matrix (n, n)."""

    phases: list[int]
    sizes: list[int]
    curves: csr_array
    weighted: csr_array
    normal: csc_array
    start: Array

    def solve(self, right: Array) -> Array:
        """Return N⁻¹ b for b (n,) or (n, k)."""
        return np.asarray(splu(self.normal).solve(np.ascontiguousarray(right)))


@dataclass(frozen=True)
class ExtractedIntensities:
    """|F|² (n,) of reflections hkl (n, 3) from a Pawley fit, s.u. (n,) and covariance (n, n) without GOF."""

    hkl: Indices
    multiplicity: Indices
    f_squared: Array
    su: Array
    covariance: Array


def _linear(model: RefinementModel, index: int, listed: Listing | None) -> _Linear:
    histogram = model.histograms[index]
    phases = phases_of_mode(model, "pawley")
    found = [reflection_curves(model, index, j, listed) for j in phases]
    curves = csr_array(vstack([one.curves for one in found]))
    weights = np.where(histogram.used, histogram.pattern.sigma**-2.0, 0.0)
    weighted = csr_array(curves @ diags_array(weights))
    normal = csr_array(weighted @ curves.T)
    diagonal = normal.diagonal()
    held = diagonal <= UNSEEN * max(float(diagonal.max(initial=0.0)), 1e-300)
    full = normal + _slack(normal, diagonal, held) + diags_array(np.where(held, 1.0, 0.0))
    return _Linear(
        phases, [len(one.hkl) for one in found], curves, weighted, csc_array(full),
        np.concatenate([one.f_squared for one in found]),
    )  # fmt: skip


def _slack(normal: csr_array, diagonal: Array, held: NDArray[np.bool_]) -> csr_array:
    """Return the normal matrix (n, n) of |F_i|² = |F_j|² for reflections that overlap."""
    pairs = normal.tocoo()
    first, second = pairs.coords
    keep = (first < second) & ~held[first] & ~held[second]
    first, second, overlap = first[keep], second[keep], pairs.data[keep]
    cosine = overlap / np.sqrt(diagonal[first] * diagonal[second])
    close = cosine > ALIKE
    first, second = first[close], second[close]
    strength = SLACK * (cosine[close] - ALIKE) / (1.0 - ALIKE) * np.minimum(diagonal[first], diagonal[second])
    rows, columns = np.concatenate([first, second, first, second]), np.concatenate([first, second, second, first])
    values = np.concatenate([strength, strength, -strength, -strength])
    return csr_array((values, (rows, columns)), shape=normal.shape)


def _with_intensities(model: RefinementModel, index: int, linear: _Linear, squared: Array) -> RefinementModel:
    parts = np.split(squared, np.cumsum(linear.sizes)[:-1])
    for j, values in zip(linear.phases, parts, strict=True):
        phase = model.phases[j]
        part = phase.parts[index]
        if part.reflections is not None:
            part = replace(part, reflections=replace(part.reflections, f_squared=values))
        model = model.with_phase(j, replace(phase, parts=(*phase.parts[:index], part, *phase.parts[index + 1 :])))
    return model


def _solved(model: RefinementModel, index: int, listed: Listing | None) -> tuple[RefinementModel, _Linear]:
    """Return the model with the best intensities of its Pawley phases in one histogram at the present profile."""
    linear = _linear(model, index, listed)
    histogram = model.histograms[index]
    rest = histogram.pattern.intensity - calculated(model, index, (), listed).intensity
    # the slack pulls the intensities themselves together, not their changes
    data = csr_array(linear.weighted @ linear.curves.T)
    pull = linear.normal @ linear.start - data @ linear.start
    held = linear.normal.diagonal() - data.diagonal() == 1.0
    right = linear.weighted @ rest - np.where(held, 0.0, pull)
    return _with_intensities(model, index, linear, linear.start + linear.solve(right)), linear


def solve_intensities(model: RefinementModel, listed: Listing | None = None) -> RefinementModel:
    """Return the model with the best intensities of its Pawley phases at the present profile, in all histograms."""
    if phases_of_mode(model, "pawley"):
        for index in range(len(model.histograms)):
            model = _solved(model, index, listed)[0]
    return model


def pawley_curve(
    model: RefinementModel, index: int, names: Sequence[str] = (), listed: Listing | None = None
) -> Calculated:
    """Return what ``calculated`` does with the best intensities, derivatives projected onto what those leave over."""
    if not phases_of_mode(model, "pawley"):
        return calculated(model, index, names, listed)
    solved, linear = _solved(model, index, listed)
    found = calculated(solved, index, names, listed)
    if not names:
        return found
    taken_up = linear.solve(linear.weighted @ found.jacobian.T)
    return replace(found, jacobian=found.jacobian - (linear.curves.T @ taken_up).T)


def count_intensities(model: RefinementModel) -> int:
    """Return how many intensities a Pawley fit finds."""
    return sum(
        part.reflections.f_squared.size
        for j in phases_of_mode(model, "pawley")
        for part in model.phases[j].parts
        if part.reflections is not None
    )


def extracted_intensities(model: RefinementModel, index: int, which: int) -> ExtractedIntensities:
    """Return the intensities of a Pawley phase in a histogram with their covariance at the present profile."""
    linear = _linear(model, index, None)
    place = linear.phases.index(which)
    start = sum(linear.sizes[:place])
    own = slice(start, start + linear.sizes[place])
    unit = np.eye(sum(linear.sizes))[:, own]
    covariance = linear.solve(unit)[own]
    part = model.phases[which].parts[index].reflections
    hkl = np.empty((0, 3), np.int64) if part is None else part.hkl
    multiplicity = np.empty(0, np.int64) if part is None else part.multiplicity
    return ExtractedIntensities(hkl, multiplicity, linear.start[own], np.sqrt(np.diag(covariance)), covariance)
