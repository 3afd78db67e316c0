"""Simulated patterns whose peaks are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import radiation_from_name

Array = NDArray[np.float64]
Simulate = Callable[..., Pattern]


def pseudo_voigt(x: Array, centre: float, fwhm: float, mixing: float) -> Array:
    """Unit height; written independently of the package."""
    u2 = (2.0 * (x - centre) / fwhm) ** 2
    return mixing / (1.0 + u2) + (1.0 - mixing) * np.exp(-np.log(2.0) * u2)


def simulated(
    position: Array,
    height: Array,
    *,
    fwhm: float = 0.1,
    mixing: float = 0.5,
    background: float = 100.0,
    x: Array | None = None,
    wavelength: str = "CuKa",
    seed: int = 0,
) -> Pattern:
    """Poisson counts of pseudo-Voigts (all lines of the radiation) on a flat background."""
    grid = np.arange(10.0, 90.0, 0.02) if x is None else x
    radiation = radiation_from_name(wavelength)
    y = np.full(grid.size, background)
    for line, weight in radiation.lines:
        sine = np.sin(np.radians(position) / 2.0) * line / radiation.wavelength
        for centre, top in zip(2.0 * np.degrees(np.arcsin(sine)), height, strict=True):
            y += weight * top * pseudo_voigt(grid, centre, fwhm, mixing)
    counts = np.random.default_rng(seed).poisson(y).astype(np.float64)
    return Pattern(grid, counts, np.sqrt(np.maximum(counts, 1.0)), radiation=radiation, name=f"seed {seed}")


@pytest.fixture
def simulate() -> Simulate:
    return simulated
