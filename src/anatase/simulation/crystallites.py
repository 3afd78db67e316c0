"""Rings of few crystallites: spotty, because not every azimuth finds one in diffracting position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError

__all__ = ["Crystallites", "spottiness"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crystallites:
    """How many crystallites the beam sees, and how each diffracts.

    Parameters
    ----------
    number
        Of crystallites in the beam.
    acceptance
        Range of orientations over which one diffracts, degrees: mosaicity, divergence and oscillation together.
    mosaicity
        FWHM of its spot along the ring, degrees of azimuth.
    volume_spread
        Standard deviation of the crystallites' volumes over their mean; 0: all equal, 1: exponential.

    Raises
    ------
    PhysicsError
        For a value that is not positive or a spread below 0.
    """

    number: float
    acceptance: float = 0.1
    mosaicity: float = 0.5
    volume_spread: float = 0.0

    def __post_init__(self) -> None:
        positive = (self.number, self.acceptance, self.mosaicity)
        if not (np.all(np.isfinite(positive)) and min(positive) > 0.0 and self.volume_spread >= 0.0):
            raise PhysicsError(
                f"crystallites cannot have number, acceptance and mosaicity {positive} and volume_spread "
                f"{self.volume_spread:g}; give positive ones, and a spread of 0 or more"
            )

    def spots_expected(self, multiplicity: NDArray[np.int64], two_theta: Array) -> Array:
        """Return the mean number of spots (n,) on whole rings: N m cos θ Δ/2.

        A normal diffracts within a band of width Δ about the circle at 90° − θ to the beam, which is the share
        cos θ Δ/2 of the sphere (Elliott, Gwyn & Wood, 1965; He, 2018, Two-Dimensional X-ray Diffraction, 7.7).
        """
        share = 0.5 * np.radians(self.acceptance) * np.cos(np.radians(two_theta) / 2.0)
        return np.asarray(self.number * multiplicity * share)


def spottiness(
    crystallites: Crystallites, expected: Array, density: Array, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the intensities along rings (n, bins) over that of a random powder of endless crystallites.

    Each of the bins of azimuth gets a Poisson number of spots in proportion to the pole ``density`` (n, bins), of
    which the ring has ``expected`` (n,); volumes follow a gamma distribution, spots a Gaussian along the ring. The
    mean over draws is the density.
    """
    bins = density.shape[1]
    mean = density * (expected / bins)[:, None]
    volume = rng.poisson(mean).astype(np.float64)
    if crystallites.volume_spread > 0.0:
        square = crystallites.volume_spread**2
        volume = square * rng.gamma(np.maximum(volume, 1e-300) / square) * (volume > 0.0)
    sigma = np.radians(crystallites.mosaicity) / np.sqrt(8.0 * np.log(2.0))
    order = np.arange(bins // 2 + 1)
    smooth = np.fft.irfft(np.fft.rfft(volume, axis=1) * np.exp(-0.5 * (order * sigma) ** 2), n=bins, axis=1)
    return np.asarray(np.maximum(smooth, 0.0) * (bins / expected)[:, None])
