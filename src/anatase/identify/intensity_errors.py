"""What the intensities of a structure may get wrong in a pattern, and the lines that it touches.

A reference structure is not the sample's, and a powder is not ideal: each reflection may be off by itself (atoms,
grains that are few), all of them along d (displacements, roughness, a beam that overshoots the sample) and along
their directions in the crystal (orientation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from anatase.crystal.structure import Structure
from anatase.pattern.preferred_orientation import march_dollase
from anatase.pattern.profile import GAUSS_HEIGHT
from anatase.pattern.spherical_harmonics import symmetrised_harmonics
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, line_profiles, line_reflections

__all__ = ["IntensityErrors", "LineGroups", "line_groups"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

WINDOW = 3.0  # FWHM on either side of a line
TOGETHER = 0.5  # FWHM within which reflections of one phase are one group
FAINT = 0.3  # s.u. of a point: groups whose height stays below are left out
FAINTEST = 0.05  # of a phase's highest group: what is left out even in a phase that is nowhere above the noise
TEXTURE_ORDER = 4


@dataclass(frozen=True)
class IntensityErrors:
    """Prior s.u. of what intensities get wrong, as changes of ln I.

    ``line``: of each reflection by itself. ``displacement``: U of a phase (Å²), by which I changes with
    exp(−4π² U/d²). ``common_displacement``: the same for all phases, as roughness and absorption do.
    ``overshoot``: coefficient of 1/sin θ for all phases, as of a beam that is longer than the sample.
    ``second_order``, ``fourth_order``: coefficients of the symmetrised harmonics of the orientation density, for which
    the texture index is 1 + Σ C²/(2l + 1); March r = 0.9 along a unique axis is C₂ = 0.3.
    """

    line: float = 0.10
    displacement: float = 0.002
    common_displacement: float = 0.010
    overshoot: float = 0.03
    second_order: float = 0.30
    fourth_order: float = 0.10


@dataclass(frozen=True)
class LineGroups:
    """Reflections of one phase that stand together (g groups), and what may change them.

    ``curves`` (g, n): intensity of each group in the pattern, within three FWHM of its lines. ``area`` (g,), and
    ``spread`` (g,): Σ a²/(Σ a)² over the reflections of a group, by which independent errors average out.
    ``displacement`` and ``overshoot`` (g,): change of ln I by U and by the coefficient of 1/sin θ. ``texture`` (g, t):
    change by each harmonic, whose ``orders`` are (t,). ``oriented`` (g,): ln of the March factor that is in the curves.
    """

    curves: sparse.csr_matrix
    area: Array
    spread: Array
    displacement: Array
    overshoot: Array
    texture: Array
    orders: Indices
    oriented: Array

    def mean_square(self, change: Array) -> float:
        """Return the mean of squared changes of ln I (g,), weighted by intensity."""
        return float(self.area @ change**2) / max(float(self.area.sum()), 1e-300)


def line_groups(model: WholePattern, parameters: Array, which: int, structure: Structure, sigma: Array) -> LineGroups:
    """Return the groups of reflections of one phase that stand out of the noise of s.u. ``sigma`` (n,)."""
    phase = model.phases[which]
    position, fwhm, eta, area = line_profiles(model, parameters, which)
    reflection = line_reflections(model, parameters, which)
    group = _groups(position, fwhm, reflection, phase.inverse_d2.size)
    keep = _clear(position, fwhm, area, group, model.x, sigma)
    position, fwhm, eta, area = (v[keep] for v in (position, fwhm, eta, area))
    reflection = reflection[keep]
    group = np.unique(group[keep], return_inverse=True)[1]
    n = int(group.max(initial=-1)) + 1
    total = np.maximum(np.bincount(group, area, minlength=n), 1e-300)
    used, first = np.unique(reflection, return_index=True)
    own = np.bincount(reflection, area, minlength=phase.inverse_d2.size)[used]
    spread = np.bincount(group[first], own**2, minlength=n) / total**2
    sine = np.maximum(np.sin(np.radians(position / 2.0)), 1e-3)
    harmonics = symmetrised_harmonics(structure.lattice, structure.space_group, TEXTURE_ORDER)
    texture = harmonics.columns(phase.hkl)[reflection]

    def mean(change: Array) -> Array:
        return np.bincount(group, area * change, minlength=n) / total

    return LineGroups(
        curves=_curves(model.x, position, fwhm, eta, area, group, n),
        area=total,
        spread=spread,
        displacement=mean(-4.0 * np.pi**2 * phase.inverse_d2[reflection]),
        overshoot=mean(1.0 / sine),
        texture=np.stack([mean(column) for column in texture.T], axis=1) if texture.size else np.zeros((n, 0)),
        orders=harmonics.orders,
        oriented=mean(_oriented(phase, parameters[model.offsets[which + 1] - 1])[reflection]),
    )


def _oriented(phase: PhaseLines, r: float) -> Array:
    """Return ln of the March factor (n,) of each reflection; 0 without an axis."""
    if phase.cos2 is None:
        return np.zeros(phase.inverse_d2.size)
    return np.asarray(np.log(np.maximum(march_dollase(phase.cos2, float(r))[0], 1e-3)))


def _groups(position: Array, fwhm: Array, reflection: Indices, n: int) -> Indices:
    """Return the group (m,) of each line, wavelengths of one reflection together: neighbours are half a FWHM apart."""
    used, first = np.unique(reflection, return_index=True)  # a reflection's first line is that of the first wavelength
    order = np.argsort(position[first], kind="stable")
    gap = np.diff(position[first][order]) > TOGETHER * fwhm[first][order][1:]
    of_reflection = np.zeros(n, dtype=np.int64)
    of_reflection[used[order]] = np.concatenate([[0], np.cumsum(gap)]) if used.size else []
    return of_reflection[reflection]


def _clear(position: Array, fwhm: Array, area: Array, group: Indices, x: Array, sigma: Array) -> NDArray[np.bool_]:
    """Tell which lines (m,) belong to groups that stand out of the noise, or are strong in their own phase."""
    height = np.bincount(group, area / fwhm)
    noise = np.full(height.size, np.inf)
    np.minimum.at(noise, group, np.interp(position, x, sigma))
    clear = (height > FAINT * noise) | (height == height.max(initial=0.0))
    if float(np.max(height / noise, initial=0.0)) < 3.0 * FAINT:
        clear = height >= FAINTEST * height.max(initial=0.0)
    return np.asarray(clear[group])


def _curves(
    x: Array, position: Array, fwhm: Array, eta: Array, area: Array, group: Indices, n: int
) -> sparse.csr_matrix:
    """Return the groups' pseudo-Voigts (n, points), each line within its window."""
    low = np.searchsorted(x, position - WINDOW * fwhm)
    length = np.searchsorted(x, position + WINDOW * fwhm) - low
    line = np.repeat(np.arange(position.size), length)
    point = np.arange(line.size) - np.repeat(np.cumsum(length) - length - low, length)
    u2 = ((x[point] - position[line]) / fwhm[line]) ** 2
    shape = eta[line] * (2.0 / np.pi) / (1.0 + 4.0 * u2)
    shape += (1.0 - eta[line]) * GAUSS_HEIGHT * np.exp(-4.0 * np.log(2.0) * u2)
    values = (area / fwhm)[line] * shape
    return sparse.csr_matrix((values, (group[line], point)), shape=(n, x.size))
