"""Least-squares fit of a group of overlapping peaks: pseudo-Voigts with the doublet of the radiation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.pattern.pattern import Axis
from anatase.peaks.spectral_lines import line_positions

__all__ = ["Group", "GroupFit", "add_profiles", "area_factor", "fit_group"]

Array = NDArray[np.float64]

LN2 = np.log(2.0)
ITERATIONS = 12
MIXING, MIXING_SU = 0.5, 0.25  # what is known of η beforehand; a strong peak overrules it
WIDTH_SU = 0.3  # of ln FWHM around the starting width
WIDEST_CHANGE = 1.5  # of ln FWHM, where it stops
OFFSET_SU = 0.5  # of the background under a group, in units of the noise of a point


@dataclass(frozen=True)
class Group:
    """Peaks to be fitted together: position, height, fwhm (m,) and what they share.

    The part of the FWHM below the maximum is (1 + asymmetry)/2; ``asymmetry_su`` says how far it may go from 0.
    ``expected_fwhm`` (m,) is the width that the neighbours suggest.
    """

    position: Array
    height: Array
    fwhm: Array
    expected_fwhm: Array
    mixing: float
    asymmetry: float = 0.0
    asymmetry_su: float = 0.02


@dataclass(frozen=True)
class GroupFit:
    """The fitted group, its covariance (3m + 3, 3m + 3): position, height, ln FWHM, η, asymmetry, offset.

    ``height_su_alone`` (m,) are s.u. of the heights with positions and widths held; ``misfit`` is χ²/ν where
    that is beyond chance, else 1.
    """

    group: Group
    offset: float
    covariance: Array
    height_su_alone: Array
    misfit: float


def area_factor(mixing: Array | float) -> Array:
    """Return the area of a pseudo-Voigt of unit height and unit FWHM."""
    eta = np.asarray(mixing, dtype=np.float64)
    area: Array = eta * np.pi / 2.0 + (1.0 - eta) * np.sqrt(np.pi / LN2) / 2.0
    return area


@njit(cache=True)
def add_profiles(
    x: Array, centre: Array, height: Array, fwhm: Array, mixing: Array, asymmetry: Array, reach: float, y: Array
) -> None:
    """Add pseudo-Voigts (m,) to y (n,), each as far as ``reach`` FWHM from its centre."""
    for i in range(centre.size):
        first = np.searchsorted(x, centre[i] - reach * fwhm[i])
        last = np.searchsorted(x, centre[i] + reach * fwhm[i])
        for j in range(first, last):
            side = 1.0 + asymmetry[i] if x[j] < centre[i] else 1.0 - asymmetry[i]
            u2 = 4.0 * ((x[j] - centre[i]) / (fwhm[i] * side)) ** 2
            gauss = np.exp(-LN2 * u2) if u2 < 60.0 else 0.0
            y[j] += height[i] * (mixing[i] / (1.0 + u2) + (1.0 - mixing[i]) * gauss)


@njit(cache=True)
def _model(
    x: Array,
    centre: Array,
    by_position: Array,
    weight: Array,
    height: Array,
    fwhm: Array,
    eta: float,
    skew: float,
    jacobian: Array,
) -> Array:
    """Return the sum (n,) of the group's profiles and fill jacobian (3m + 3, n).

    centre, by_position: (l, m) position of each line and its derivative by the peak's position; weight: (l,).
    """
    lines, m = centre.shape
    n = x.size
    y = np.zeros(n)
    jacobian[:, :] = 0.0
    for k in range(lines):
        for i in range(m):
            w = fwhm[i]
            for j in range(n):
                sign = 1.0 if x[j] < centre[k, i] else -1.0
                side = 1.0 + sign * skew
                u = 2.0 * (x[j] - centre[k, i]) / (w * side)
                u2 = u * u
                lorentz = 1.0 / (1.0 + u2)
                gauss = np.exp(-LN2 * u2) if u2 < 60.0 else 0.0
                unit = weight[k] * (eta * lorentz + (1.0 - eta) * gauss)
                by_u = -2.0 * u * weight[k] * (eta * lorentz * lorentz + (1.0 - eta) * LN2 * gauss)
                y[j] += height[i] * unit
                jacobian[i, j] -= height[i] * by_u * 2.0 / (w * side) * by_position[k, i]
                jacobian[m + i, j] += unit
                jacobian[2 * m + i, j] -= height[i] * by_u * u
                jacobian[3 * m, j] += weight[k] * height[i] * (lorentz - gauss)
                jacobian[3 * m + 1, j] -= height[i] * by_u * u * sign / side
    jacobian[3 * m + 2, :] = 1.0
    return y


def _limited(step: Array, fwhm: Array, m: int) -> Array:
    """Return the step (3m + 3,) cut to what keeps a peak recognisable: a third of its width, 40 % in width."""
    cut = step.copy()
    cut[:m] = np.clip(step[:m], -0.3 * fwhm, 0.3 * fwhm)
    cut[2 * m : 3 * m] = np.clip(step[2 * m : 3 * m], -0.4, 0.4)
    return cut


def fit_group(x: Array, net: Array, sigma: Array, start: Group, ratios: Array, weights: Array, axis: Axis) -> GroupFit:
    """Fit a group to net intensities (n,) with s.u. sigma (n,) by Levenberg–Marquardt.

    What is known beforehand enters as observations: widths near ``start.expected_fwhm``, η = 0.5(3), positions
    within a width of the start, a background that is right to about half the noise of a point. So a weak
    peak keeps the width of its neighbours and a strong one has its own.
    """
    m = start.position.size
    theta = np.concatenate((start.position, start.height, np.log(start.fwhm), [start.mixing, start.asymmetry, 0.0]))
    prior_mean = np.concatenate((start.position, np.zeros(m), np.log(start.expected_fwhm), [MIXING, 0.0, 0.0]))
    expected = np.log(start.expected_fwhm)
    offset_su = OFFSET_SU * float(np.median(sigma))
    prior_weight = np.concatenate(
        (
            start.fwhm**-2.0,
            np.zeros(m),
            np.full(m, WIDTH_SU**-2),
            [MIXING_SU**-2, start.asymmetry_su**-2, offset_su**-2],
        )
    )
    jacobian = np.empty((3 * m + 3, x.size))
    trial = np.empty_like(jacobian)

    def evaluate(values: Array, into: Array) -> tuple[float, Array]:
        centre, slope = line_positions(values[:m], ratios[:, None], axis)
        fwhm = np.exp(values[2 * m : 3 * m])
        eta, skew = float(values[3 * m]), float(values[3 * m + 1])
        y = _model(x, centre, slope, weights, values[m : 2 * m], fwhm, eta, skew, into)
        into /= sigma
        residual = (net - y - values[3 * m + 2]) / sigma
        return float(residual @ residual + prior_weight @ (values - prior_mean) ** 2), residual

    cost, residual = evaluate(theta, jacobian)
    damping = 1e-3
    for _ in range(ITERATIONS):
        normal = jacobian @ jacobian.T
        diagonal = normal.ravel()[:: 3 * m + 4]  # a view
        diagonal += prior_weight
        gradient = jacobian @ residual - prior_weight * (theta - prior_mean)
        diagonal += damping * diagonal + 1e-12
        step = _limited(np.linalg.solve(normal, gradient), np.exp(theta[2 * m : 3 * m]), m)
        new = theta + step
        new[3 * m] = min(max(new[3 * m], 0.0), 1.1)
        new[3 * m + 1] = min(max(new[3 * m + 1], -0.6), 0.6)
        new[2 * m : 3 * m] = np.clip(new[2 * m : 3 * m], expected - WIDEST_CHANGE, expected + WIDEST_CHANGE)
        new_cost, new_residual = evaluate(new, trial)
        if new_cost > cost:
            damping *= 10.0
            if damping > 1e6:
                break
            continue
        settled = cost - new_cost < 0.02 + 1e-5 * cost
        theta, cost, residual = new, new_cost, new_residual
        jacobian, trial = trial, jacobian
        damping = max(damping / 10.0, 1e-7)
        if settled:
            break
    return _finish(theta, jacobian, residual, prior_weight, start)


def _finish(theta: Array, jacobian: Array, residual: Array, prior_weight: Array, start: Group) -> GroupFit:
    """Return the fit with its covariance, enlarged by χ²/ν where the profile does not describe the data."""
    m = start.position.size
    normal = jacobian @ jacobian.T
    normal[np.diag_indices_from(normal)] += prior_weight + 1e-12 * np.diag(normal) + 1e-300
    freedom = max(residual.size - 2 * m, 1)
    misfit = float(residual @ residual) / freedom
    inflation = misfit if misfit > 1.0 + 3.0 * np.sqrt(2.0 / freedom) else 1.0
    heights = np.append(np.arange(m, 2 * m), 3 * m + 2)
    alone = np.linalg.inv(normal[np.ix_(heights, heights)])
    fwhm = np.exp(theta[2 * m : 3 * m])
    group = Group(theta[:m], theta[m : 2 * m], fwhm, start.expected_fwhm, float(theta[3 * m]), float(theta[3 * m + 1]))
    height_su: Array = np.sqrt(np.diag(alone)[:m])
    covariance: Array = np.asarray(inflation * np.linalg.inv(normal), dtype=np.float64)
    return GroupFit(group, float(theta[3 * m + 2]), covariance, height_su, inflation)
