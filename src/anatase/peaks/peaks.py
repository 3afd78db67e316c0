"""The peaks of a pattern as numbers: where, how high, how large, how broad, how sure."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.pattern import Axis
from anatase.scattering.radiation import Radiation

__all__ = ["Peaks"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Peaks:
    """Peaks in order of position, each array (n,), with standard uncertainties ``*_su``.

    Parameters
    ----------
    position, position_su
        Where the strongest spectral line (Kα1) diffracts, in the units of ``axis``.
    height, height_su
        Maximum of that line above the background, in units of the intensity.
    area, area_su
        Its integral over the axis: intensity times the unit of ``axis``; Kα2 is not counted.
    fwhm, fwhm_su
        Full width at half maximum of that line, in the units of ``axis``.
    significance
        Height over its s.u. with positions and widths held: how far the peak stands out of the noise.
    axis
        ``two_theta`` (°), ``q`` (Å⁻¹), ``d`` (Å) or ``tof`` (µs).
    radiation
        The radiation of the pattern, which turns 2θ into d.
    """

    position: Array
    position_su: Array
    height: Array
    height_su: Array
    area: Array
    area_su: Array
    fwhm: Array
    fwhm_su: Array
    significance: Array
    axis: Axis = "two_theta"
    radiation: Radiation | None = None

    def __len__(self) -> int:
        return self.position.size

    @classmethod
    def none(cls, axis: Axis, radiation: Radiation | None = None) -> Peaks:
        """Return the answer for a pattern without peaks (amorphous, or noise alone)."""
        empty = np.empty(0)
        return cls(empty, empty, empty, empty, empty, empty, empty, empty, empty, axis, radiation)

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Peaks:
        """Return the peaks that a mask (n,) or indices choose."""
        arrays = {f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name not in ("axis", "radiation")}
        return Peaks(**arrays, axis=self.axis, radiation=self.radiation)

    @property
    def d_spacing(self) -> Array | None:
        """Lattice spacing d (n,), Å, by Bragg's law; None for time of flight or an unknown wavelength."""
        if self.axis == "d":
            return self.position
        if self.axis == "q":
            return 2.0 * np.pi / self.position
        if self.axis == "two_theta" and self.radiation is not None:
            spacing: Array = self.radiation.wavelength / (2.0 * np.sin(np.radians(self.position) / 2.0))
            return spacing
        return None

    @property
    def d_spacing_su(self) -> Array | None:
        """S.u. of d (n,), Å, from that of the position."""
        d = self.d_spacing
        if d is None:
            return None
        if self.axis == "d":
            return self.position_su
        if self.axis == "q":
            return d * self.position_su / self.position
        half = np.radians(self.position) / 2.0
        su: Array = d / np.tan(half) * np.radians(self.position_su) / 2.0
        return su
