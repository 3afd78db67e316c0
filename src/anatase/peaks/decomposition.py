"""A whole pattern as a sum of fitted peaks: groups of neighbours in turn, each with the others taken off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.pattern import Axis
from anatase.peaks.group_fit import Group, GroupFit, add_profiles, area_factor, fit_group
from anatase.peaks.spectral_lines import line_positions

__all__ = ["Decomposition", "NetPattern", "decompose", "model_of", "split_groups"]

Array = NDArray[np.float64]

REACH = 40.0  # FWHM, how far a profile is computed
WINDOW = 2.5  # FWHM, how far beyond its outermost lines a group is fitted
APART = 2.5  # FWHM between peaks of two groups
LARGEST = 8  # peaks in a group
STRONG = 40.0  # significance from which a group shows an asymmetry of its own
ASYMMETRY_SU, SYMMETRY_SU = 0.2, 0.004  # of a group that no symmetric profile fits, and of the others


@dataclass(frozen=True)
class NetPattern:
    """x, intensity above the background and its noise (n,), axis, and the lines' wavelength ratios and weights (l,)."""

    x: Array
    net: Array
    noise: Array
    axis: Axis
    ratios: Array
    weights: Array


@dataclass(frozen=True)
class Decomposition:
    """Peak parameters (m,), their s.u. (m,), the mixing η, asymmetry and misfit χ²/ν (m,) of its group."""

    position: Array
    height: Array
    fwhm: Array
    mixing: Array
    asymmetry: Array
    misfit: Array
    position_su: Array
    height_su: Array
    fwhm_su: Array
    area_su: Array
    significance: Array

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Decomposition:
        """Return the chosen peaks."""
        return Decomposition(**{name: values[chosen] for name, values in vars(self).items()})


def start_from(position: Array, height: Array, fwhm: Array) -> Decomposition:
    """Return a decomposition (m,) that has not been fitted yet."""
    nothing = np.zeros(position.size)
    half = np.full(position.size, 0.5)
    return Decomposition(position, height, fwhm, half, *(nothing,) * 7)


def model_of(pattern: NetPattern, peaks: Decomposition) -> Array:
    """Return the sum (n,) of all peaks with all their lines."""
    y = np.zeros(pattern.x.size)
    for ratio, weight in zip(pattern.ratios, pattern.weights, strict=True):
        centre, _ = line_positions(peaks.position, float(ratio), pattern.axis)
        add_profiles(pattern.x, centre, weight * peaks.height, peaks.fwhm, peaks.mixing, peaks.asymmetry, REACH, y)
    return y


def split_groups(position: Array, fwhm: Array) -> list[NDArray[np.intp]]:
    """Return indices of peaks that overlap, in order of position; large groups are cut at their widest gaps."""
    if position.size == 0:
        return []
    gap = np.diff(position) / (0.5 * (fwhm[1:] + fwhm[:-1]))
    groups = np.split(np.arange(position.size), np.flatnonzero(gap > APART) + 1)
    done: list[NDArray[np.intp]] = []
    while groups:
        group = groups.pop(0)
        if group.size <= LARGEST:
            done.append(group)
            continue
        # widest gap of the inner part, so that no cut leaves a lone peak again and again
        inner = gap[group[0] + 1 : group[-1] - 1]
        cut = int(np.argmax(inner)) + 2
        groups[:0] = [group[:cut], group[cut:]]
    return done


def _expected_fwhm(peaks: Decomposition) -> Array:
    """Return the width (m,) that the five neighbours on either side suggest, and the peak itself."""
    count = peaks.fwhm.size
    log_width = np.log(peaks.fwhm)
    expected = np.array([np.median(log_width[max(i - 5, 0) : i + 6]) for i in range(count)])
    # a start from a coarse filter is known to differ from its neighbours
    widths: Array = np.exp(np.where(np.abs(log_width - expected) > np.log(2.0), log_width, expected))
    return widths


def _is_asymmetric(group: Decomposition) -> bool:
    """Return whether a strong group was fitted badly by symmetric profiles, or well by asymmetric ones.

    Freedom that the data do not ask for would triple the s.u. of the positions.
    """
    strong = bool(group.significance.max() > STRONG)
    return strong and bool(group.misfit[0] > 1.0 or abs(group.asymmetry[0]) > 8.0 * SYMMETRY_SU)


def _store(peaks: dict[str, Array], index: NDArray[np.intp], fit: GroupFit) -> None:
    """Write one group's values and s.u. into the arrays of all peaks."""
    m, group = index.size, fit.group
    variance = np.maximum(np.diag(fit.covariance), 0.0)
    peaks["position"][index], peaks["height"][index] = group.position, group.height
    peaks["fwhm"][index], peaks["mixing"][index] = group.fwhm, group.mixing
    peaks["asymmetry"][index], peaks["misfit"][index] = group.asymmetry, fit.misfit
    peaks["position_su"][index] = np.sqrt(variance[:m])
    peaks["height_su"][index] = np.sqrt(variance[m : 2 * m])
    peaks["fwhm_su"][index] = group.fwhm * np.sqrt(variance[2 * m : 3 * m])
    peaks["significance"][index] = group.height / fit.height_su_alone
    # area = height · fwhm · factor(η): first-order propagation with all covariances
    factor, by_mixing = float(area_factor(group.mixing)), float(area_factor(1.0) - area_factor(0.0))
    for i in range(m):
        slope = np.zeros(3 * m + 3)
        slope[m + i] = group.fwhm[i] * factor
        slope[2 * m + i] = group.height[i] * group.fwhm[i] * factor
        slope[3 * m] = group.height[i] * group.fwhm[i] * by_mixing
        peaks["area_su"][index[i]] = np.sqrt(max(float(slope @ fit.covariance @ slope), 0.0))


def decompose(pattern: NetPattern, start: Decomposition, sweeps: int = 2) -> Decomposition:
    """Fit all peaks: each group against the data less the model of the others, ``sweeps`` times."""
    values = {name: array.copy() for name, array in vars(start).items()}
    expected = _expected_fwhm(start)
    total = model_of(pattern, start)
    groups = split_groups(start.position, start.fwhm)
    for sweep in range(sweeps):
        for index in groups:
            if sweep > 0 and len(groups) == 1:
                break
            now = Decomposition(**values).take(index)
            lines, _ = line_positions(now.position, pattern.ratios[:, None], pattern.axis)
            span = WINDOW * float(now.fwhm.max())
            low, high = np.searchsorted(pattern.x, [lines.min() - span, lines.max() + span])
            part = NetPattern(
                pattern.x[low:high], pattern.net[low:high], pattern.noise[low:high],
                pattern.axis, pattern.ratios, pattern.weights,
            )  # fmt: skip
            own = model_of(part, now)
            freedom = ASYMMETRY_SU if _is_asymmetric(now) else SYMMETRY_SU
            mixing, asymmetry = float(now.mixing[0]), float(now.asymmetry[0])
            group = Group(now.position, now.height, now.fwhm, expected[index], mixing, asymmetry, freedom)
            rest = part.net - (total[low:high] - own)
            fit = fit_group(part.x, rest, part.noise, group, part.ratios, part.weights, part.axis)
            _store(values, index, fit)
            total += model_of(pattern, Decomposition(**values).take(index)) - model_of(pattern, now)
    return Decomposition(**values)
