"""Primary extinction of the lines of one phase, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError
from anatase.scattering.extinction_factor import CLASSICAL_RADIUS, extinction_argument, sabine_extinction
from anatase.scattering.radiation import Probe

__all__ = ["LineExtinction", "line_extinction"]

Array = NDArray[np.float64]

SQUARE_FM = 1e-10  # Å²


@dataclass(frozen=True)
class LineExtinction:
    """The factor y (m,) of the lines' areas, and the derivatives (m,) of its logarithm.

    ``by_argument`` is ∂ ln y/∂ ln x of x = (λ |F| D/V)², by which y follows |F|² once, λ and D twice, V minus twice;
    ``by_two_theta`` is at constant x, per degree; ``block`` is D in Å.
    """

    value: Array
    by_argument: Array
    by_two_theta: Array
    block: float

    @property
    def by_square(self) -> Array:
        """∂ ln(|F|² y)/∂ ln |F|² (m,)."""
        return 1.0 + self.by_argument

    @property
    def by_block(self) -> Array:
        """∂ ln y/∂D (m,) in Å⁻¹."""
        return 2.0 * self.by_argument / self.block

    def by_cell(self, metric: Array, slopes: Array) -> Array:
        """Return ∂ ln y/∂p (c, m) through the volume, for the slopes ∂G*/∂p (c, 3, 3) of the reciprocal metric."""
        growth = -0.5 * np.tensordot(slopes, np.linalg.inv(metric), axes=2)  # ∂ ln V/∂p
        return np.outer(-2.0 * growth, self.by_argument)


def line_extinction(
    block: float, f_squared: Array, wavelength: ArrayLike, two_theta: ArrayLike, volume: float, probe: Probe
) -> LineExtinction | None:
    """Return the primary extinction of lines after Sabine, Von Dreele & Jørgensen (1988); ``None`` for no blocks.

    Parameters
    ----------
    block
        Edge D of the perfect blocks, Å; 0: none.
    f_squared
        |F|² (m,) of the lines, electrons² or fm² per cell.
    wavelength, two_theta
        Å and degrees, (m,); one angle of a bank for time of flight.
    volume
        Of the cell, Å³.
    probe
        X-rays or neutrons.

    Raises
    ------
    InputError
        For electrons, whose extinction is dynamical scattering.
    PhysicsError
        When the block size is negative.

    Examples
    --------
    >>> lines = line_extinction(2e4, np.array([1e4]), np.array([1.5]), np.array([40.0]), 160.0, "neutron")
    >>> float(lines.value[0].round(4))
    0.9827
    """
    if block == 0.0:
        return None
    if probe == "electron":
        raise InputError("primary extinction is not known for electrons", "leave extinction at 0")
    unit = CLASSICAL_RADIUS**2 if probe == "xray" else SQUARE_FM
    x = extinction_argument(block, np.maximum(f_squared, 0.0) * unit, wavelength, volume)
    angle = np.broadcast_to(np.asarray(two_theta, dtype=float), x.shape)
    value, slope = sabine_extinction(x, angle)
    bragg, laue = sabine_extinction(x, 180.0)[0], sabine_extinction(x, 0.0)[0]
    turned = (bragg - laue) * 0.5 * np.sin(np.radians(angle)) * np.pi / 180.0  # d sin²θ/d2θ
    return LineExtinction(value, slope * x / value, turned / value, block)
