"""Rings in polar coordinates: intensities over 2θ and azimuth, and their mean over each pixel of a detector."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.profile import thompson_cox_hastings

__all__ = ["Cake", "draw_cake"]

Array = NDArray[np.float64]

REACH = 300.0  # FWHM times the share of the Lorentzian, to which it is drawn: 0.1 % of the line lies beyond
GAUSS_REACH = 3.0  # FWHM; 2e-12 of a Gaussian lies beyond
AZIMUTHAL_REACH = 20.0  # FWHM; the tails beyond, 1.6 % of a Lorentzian, are spread evenly along the ring
NODE = math.sqrt(3.0 / 5.0)  # of the Gauss–Legendre quadrature of three points
LARGEST = 100_000_000  # numbers: 0.8 GB


@dataclass(frozen=True)
class Cake:
    """Rings, integrated over 2θ from ``low`` upwards.

    ``running`` (bins + 1, azimuths) holds ∫ I d2θ (intensity × degree) up to low + i · step; azimuths are the centres
    of equal parts of −180 … 180°, a single one standing for all.
    """

    low: float
    step: float
    running: Array

    def mean_over(self, geometry: DetectorGeometry) -> Array:
        """Return the intensity (rows, columns) averaged over the pixels of a detector.

        Along 2θ a pixel is a trapezium (`DetectorGeometry.two_theta_extents`): the mean over a box of the larger
        width is exact, that over the smaller one a Gauss quadrature of three points. The ring's curvature within
        a pixel is neglected.
        """
        larger, smaller = geometry.two_theta_extents
        return np.asarray(
            _mean_over(self.running, self.low, self.step, geometry.two_theta, larger, smaller, geometry.chi)
        )


@njit(cache=True, fastmath=True)
def _add_rings(
    running: Array, low: float, step: float, position: Array, gauss: Array, lorentz: Array, area: Array, shares: Array
) -> None:
    """Add rings to the bins (rows 1 … of ``running``), each line's pseudo-Voigt integrated over the bin."""
    bins, azimuths = running.shape[0] - 1, running.shape[1]
    root = 2.0 * math.sqrt(math.log(2.0))
    even = np.zeros(bins + 1)
    for i in range(position.size):
        fwhm, eta, _, _, _, _ = thompson_cox_hastings(gauss[i], lorentz[i])
        reach = fwhm * max(REACH * eta, GAUSS_REACH)
        first = max(int((position[i] - reach - low) / step), 0)
        last = min(int((position[i] + reach - low) / step) + 1, bins)
        mean = 0.0
        for j in range(azimuths):
            mean += shares[i, j] / azimuths
        before = 0.0
        for b in range(first, last + 1):
            u = (low + b * step - position[i]) / fwhm
            below = eta * (math.atan(2.0 * u) / math.pi)
            if abs(u) < GAUSS_REACH:
                below += (1.0 - eta) * 0.5 * math.erf(root * u)
            else:
                below += (1.0 - eta) * math.copysign(0.5, u)
            part = area[i] * (below - before)
            before = below
            if b == first:
                continue
            if abs(u) > AZIMUTHAL_REACH:
                even[b] += part * mean
                continue
            for j in range(azimuths):
                running[b, j] += part * shares[i, j]
    for b in range(bins + 1):
        for j in range(azimuths):
            running[b, j] += even[b]
            if b > 0:
                running[b, j] += running[b - 1, j]


@njit(cache=True, fastmath=True, inline="always")
def _up_to(running: Array, i: int, j: int, u: float) -> float:
    """Return the integral up to bin i and a part u of it, cubic between the edges of bins (Hermite)."""
    begin, end = running[i, j], running[i + 1, j]
    slope0 = slope1 = end - begin
    if i > 0:
        slope0 = 0.5 * (end - running[i - 1, j])
    if i + 2 < running.shape[0]:
        slope1 = 0.5 * (running[i + 2, j] - begin)
    u2 = u * u
    u3 = u2 * u
    rise = 3.0 * u2 - 2.0 * u3
    integral: float = begin + rise * (end - begin) + (u3 - 2.0 * u2 + u) * slope0 + (u3 - u2) * slope1
    return integral


@njit(cache=True, fastmath=True)
def _mean_over(
    running: Array, low: float, step: float, two_theta: Array, larger: Array, smaller: Array, chi: Array
) -> Array:
    """Return the mean over the trapezium of each pixel at χ, linear between azimuths."""
    rows, columns = two_theta.shape
    last, azimuths = running.shape[0] - 1, running.shape[1]
    out = np.empty((rows, columns))
    for r in range(rows):
        for c in range(columns):
            total = 0.0
            place = (chi[r, c] + 180.0) * azimuths / 360.0 - 0.5 + azimuths
            floor = int(place)
            v = place - floor
            j0, j1 = floor % azimuths, (floor + 1) % azimuths
            for node in range(-1, 2):
                weight = 8.0 / 18.0 if node == 0 else 5.0 / 18.0
                for side in (-1.0, 1.0):
                    angle = two_theta[r, c] + 0.5 * (node * NODE * smaller[r, c] + side * larger[r, c])
                    x = min(max((angle - low) / step, 0.0), float(last))
                    i = min(int(x), last - 1)
                    value = _up_to(running, i, j0, x - i)
                    if azimuths > 1:
                        value += v * (_up_to(running, i, j1, x - i) - value)
                    total += side * weight * value
            out[r, c] = total / larger[r, c]
    return out


def draw_cake(
    two_theta: tuple[float, float],
    step: float,
    position: Array,
    gauss: Array,
    lorentz: Array,
    area: Array,
    shares: Array,
) -> Cake:
    """Return the cake of lines (m,) between two angles, in bins of ``step`` degrees.

    Lines have positions (°), Gaussian and Lorentzian FWHM (°), areas (intensity × °) and ``shares`` (m, azimuths),
    their intensity along the ring over its mean, all 1 for a powder of many random crystallites. The profile is the
    pseudo-Voigt of Thompson, Cox & Hastings (1987), integrated exactly over each bin; 0.1 % of the area of a line with
    Lorentzian tails lies beyond those drawn.

    Raises
    ------
    PhysicsError
        When bins and azimuths come to more than 200 million numbers.
    """
    low, high = two_theta
    bins = max(math.ceil((high - low) / step), 1)
    if bins * shares.shape[1] > LARGEST:
        raise PhysicsError(
            f"{bins} steps of {step:g} deg at {shares.shape[1]} azimuths do not fit; give wider rings or spots"
        )
    running = np.zeros((bins + 1, shares.shape[1]))
    _add_rings(running, low, step, position, gauss, lorentz, area, shares)
    return Cake(low, step, running)
