"""Where the lines of one spectrum (Kα1, Kα2 …) put the same reflection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.pattern import Axis
from anatase.scattering.radiation import Radiation

__all__ = ["line_positions", "spectrum"]

Array = NDArray[np.float64]


def spectrum(radiation: Radiation | None) -> tuple[Array, Array]:
    """Return wavelengths and weights (l,) relative to the strongest line; one line where nothing is known."""
    if radiation is None:
        return np.ones(1), np.ones(1)
    wavelength, weight = np.array(radiation.lines, dtype=np.float64).T
    return wavelength / wavelength[0], weight / weight[0]


def line_positions(position: Array, ratio: Array | float, axis: Axis) -> tuple[Array, Array]:
    """Return where a line of ``ratio`` times the wavelength puts reflections at position (n,), and the derivative.

    Ratios (l, 1) give both for all lines at once, (l, n).

    Bragg's law at one d: sin θ' = ratio · sin θ. A q or d axis is taken to be computed with the strongest line.
    """
    if axis == "two_theta":
        theta = np.radians(position) / 2.0
        sine = np.minimum(ratio * np.sin(theta), 0.9999999)
        other = np.arcsin(sine)
        return np.degrees(2.0 * other), ratio * np.cos(theta) / np.cos(other)
    one = np.ones_like(position * ratio)
    if axis == "q":
        return position * ratio, one * ratio
    if axis == "d":
        return position / ratio, one / ratio
    return position * one, one
