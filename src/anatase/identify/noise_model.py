"""What scatter to expect around a model that is nearly right: counting, background, profile shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.identify.settings import SearchSettings
from anatase.refine.start.measurement import Measurement, smooth

__all__ = ["NoiseModel", "noise_model"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NoiseModel:
    """Weights (n,) for fits (``loose``) and for evidence (``strict``), and what they are made of.

    They admit an error in proportion to the measured Bragg intensity, so that every peak counts about alike once it
    stands out of the noise, and are divided by ``correlation``: neighbouring residuals inside a peak are one
    piece of evidence, not many (Bérar & Lelann, 1991, J. Appl. Cryst. 24, 1).
    """

    base_error: Array  # (n,): counting and background
    correlation: float  # points per independent residual
    points_per_width: float
    loose: Array
    strict: Array
    trusted_share: float

    @property
    def floor(self) -> float:
        """Intensity below which the tail of a line does not matter."""
        return 0.2 * float(np.median(self.base_error))

    def error(self, bragg: Array, share: float) -> Array:
        """Return the s.u. (n,) of a point near a Bragg intensity (n,) that is known to a share of itself."""
        spread = smooth(np.maximum(bragg, 0.0), self.points_per_width)
        return np.asarray(np.sqrt(self.base_error**2 + (share * spread) ** 2))

    def misfit(self, residual: Array, bragg: Array) -> float:
        """Return the typical χ² per independent point, at least 1, where the model has Bragg intensity (n,).

        The worst blocks of two peak widths are left out: an unexplained phase shall not raise the noise that it
        is measured against.
        """
        length = max(2, int(2.0 * self.points_per_width))
        n = residual.size // length
        level = (bragg / self.base_error)[: n * length].reshape(n, length).mean(axis=1)
        chi2 = (self.strict * residual**2)[: n * length].reshape(n, length).mean(axis=1) * self.correlation
        blocks = np.sort(chi2[level > 1.0])
        if blocks.size < 3:
            return 1.0
        return max(1.0, float(blocks[: max(3, int(blocks.size * self.trusted_share))].mean()))


def noise_model(measurement: Measurement, settings: SearchSettings) -> NoiseModel:
    """Build the noise model of a measurement."""
    m = measurement
    base = np.sqrt(m.sigma**2 + (settings.background_error * m.background) ** 2)
    correlation = max(1.0, 0.7 * m.points_per_width)
    spread = smooth(np.maximum(smooth(m.net, 2.0), 0.0), m.points_per_width)
    loose, strict = (
        1.0 / (base**2 + (share * spread) ** 2) / correlation for share in (settings.loose_error, settings.strict_error)
    )
    return NoiseModel(base, correlation, m.points_per_width, loose, strict, settings.trusted_share)
