"""Alignment: the cell strain that puts a candidate's lines onto the peaks, before any profile is fitted.

A profile fit finds its way only when lines start within a width or so of their peaks. At high angle 0.3 %
of a cell edge is many widths, so the strains are first walked there, coarsely and then finely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.refine.start.measurement import Measurement, smooth
from anatase.refine.start.whole_pattern import PhaseLines
from anatase.scattering.lorentz_polarization import lorentz_polarization

__all__ = ["Target", "align", "aligned_share", "alignment_target", "significant_lines"]

Array = NDArray[np.float64]

STEP = 0.0001  # of ln(1/d)
COARSE_BLUR = 0.25  # degrees
COARSE = (0.012, 0.001)  # reach and step of a strain of 1/d²
FINE = (0.003, 0.0002)
STIFFNESS = 0.05  # strain of 1/d² at which an alignment is worth half


@dataclass(frozen=True)
class Target:
    """Where intensity lies: blurred and sharp curves (n,) on a uniform grid of ln(1/d) that starts at ``u0``."""

    u0: float
    coarse: Array
    fine: Array


def alignment_target(measurement: Measurement, residual: Array, error: Array) -> Target:
    """Prepare the residual (n,) with s.u. ``error`` (n,) for alignment: roots of its positive part over noise."""
    x = measurement.x
    u_x = np.log(2.0 * np.sin(np.radians(x / 2.0)) / measurement.radiation.wavelength)
    grid = np.arange(u_x[0], u_x[-1], STEP)
    points = measurement.points_per_width

    def curve(blur: float) -> Array:
        signal = smooth(residual, blur) * np.sqrt(blur) / error
        return np.asarray(np.interp(grid, u_x, np.sqrt(np.maximum(signal, 0.0))))

    step = measurement.fwhm / points
    return Target(float(u_x[0]), curve(max(COARSE_BLUR / step, 2.0 * points)), curve(points))


@njit(cache=True, fastmath=True)
def _walk(u0: float, coarse: Array, fine: Array, u: Array, slopes: Array, weight: Array, start: Array) -> Array:
    """Return the strains (k,) at which Σ w g(u + ln(1 + strain·slope)/2) is largest, one component at a time."""
    strain = start.copy()
    k = start.size
    for stage in range(2):
        curve = coarse if stage == 0 else fine
        reach, step = COARSE if stage == 0 else FINE
        for _ in range(2):
            for j in range(k):
                origin = strain[j]
                best, best_value = origin, -1.0
                for t in range(-int(reach / step), int(reach / step) + 1):
                    strain[j] = origin + t * step
                    total = 0.0
                    for i in range(u.size):
                        change = 1.0
                        for m in range(k):
                            change += strain[m] * slopes[i, m]
                        if change > 0.5:
                            cell = int((u[i] + 0.5 * np.log(change) - u0) / STEP + 0.5)
                            if 0 <= cell < curve.size:
                                total += weight[i] * curve[cell]
                    total *= max(0.0, 1.0 - 0.5 * (strain[j] / STIFFNESS) ** 2)
                    if total > best_value:
                        best, best_value = strain[j], total
                strain[j] = best
    return strain


def significant_lines(lines: PhaseLines, measurement: Measurement) -> tuple[NDArray[np.bool_], Array]:
    """Return which lines (n,) are in the pattern and of some strength, and the weights (n,) of all."""
    radiation = measurement.radiation
    s = np.sqrt(lines.inverse_d2)
    two_theta = 2.0 * np.degrees(np.arcsin(np.minimum(radiation.wavelength * s / 2.0, 0.9999)))
    weight = np.sqrt(lines.strength * lorentz_polarization(two_theta, radiation))
    keep = (two_theta > measurement.x[0] - 2.0) & (two_theta < measurement.x[-1] + 2.0)
    return keep & (weight > 0.05 * weight[keep].max(initial=0.0)), weight


def align(target: Target, lines: PhaseLines, measurement: Measurement, length_strain: float) -> Array:
    """Return symmetry-allowed strains of 1/d² (k,) that align a candidate, from an isotropic strain of length."""
    keep, weight = significant_lines(lines, measurement)
    start = np.zeros(lines.basis.shape[0])
    start[0] = -2.0 * length_strain
    if not keep.any():
        return start
    slopes = lines.strain_terms[keep] / lines.inverse_d2[keep, None]
    u = np.log(np.sqrt(lines.inverse_d2[keep]))
    return np.asarray(_walk(target.u0, target.coarse, target.fine, u, slopes, weight[keep], start))


def aligned_share(target: Target, lines: PhaseLines, measurement: Measurement, strain: Array) -> float:
    """Return how much a candidate's lines find on the sharp curve at strains of 1/d² (k,), weighted by strength."""
    keep, weight = significant_lines(lines, measurement)
    change = 1.0 + lines.strain_terms[keep] @ strain / lines.inverse_d2[keep]
    u = 0.5 * np.log(lines.inverse_d2[keep] * np.maximum(change, 0.5))
    grid = target.u0 + STEP * np.arange(target.fine.size)
    found = np.interp(u, grid, target.fine, left=0.0, right=0.0)
    return float(weight[keep] @ found) / max(float(weight[keep].sum()), 1e-300)
