"""A measured or calculated one-dimensional diffraction pattern."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.scattering.radiation import Radiation

__all__ = ["Axis", "Pattern"]

Axis = Literal["two_theta", "q", "d", "tof"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pattern:
    """Intensity with its s.u. along a diffraction axis.

    Parameters
    ----------
    x
        Positions (n,), strictly increasing: degrees 2θ, Å⁻¹, Å or µs after ``axis``.
    intensity
        Intensities (n,), counts or arbitrary units.
    sigma
        Standard uncertainties (n,) of the intensities, all positive.
    axis
        ``two_theta``, ``q``, ``d`` or ``tof``.
    radiation
        The radiation, ``None`` where nothing is known of it (a q axis needs none).
    metadata
        What else the file said (sample, instrument, temperature, scan speed …), JSON-ready.
    name
        The file's name without its folder, or the sample's.
    sha256
        Digest of the source's bytes.
    warnings
        What had to be repaired or assumed; every surface shows them.
    """

    x: Array
    intensity: Array
    sigma: Array
    axis: Axis = "two_theta"
    radiation: Radiation | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    sha256: str = ""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for attribute in ("x", "intensity", "sigma"):
            array = np.ascontiguousarray(getattr(self, attribute), dtype=np.float64)
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)
        if not self.x.shape == self.intensity.shape == self.sigma.shape or self.x.ndim != 1:
            raise InputError(
                f"x, intensity and sigma have shapes {self.x.shape}, {self.intensity.shape}, {self.sigma.shape}",
                "give three vectors of one length",
                file=self.name or None,
            )
        if self.x.size < 2 or not np.all(np.diff(self.x) > 0):
            raise InputError(
                f"the {self.axis} axis of {self.x.size} points does not increase strictly",
                "sort the points and merge repeated ones",
                file=self.name or None,
            )

    def __len__(self) -> int:
        return self.x.size

    def cut(self, low: float, high: float) -> Pattern:
        """Return the part with ``low ≤ x ≤ high``, in the units of the axis."""
        if not low < high:
            raise InputError(
                f"the range {low:g} to {high:g} runs backwards", "give its lower end first", file=self.name or None
            )
        keep = (self.x >= low) & (self.x <= high)
        if keep.sum() < 2:
            raise InputError(
                f"the range {low:g} to {high:g} holds {keep.sum()} of the points {self.x[0]:g} to {self.x[-1]:g}",
                "give a range inside the pattern",
                file=self.name or None,
            )
        return replace(self, x=self.x[keep], intensity=self.intensity[keep], sigma=self.sigma[keep])

    def with_warnings(self, *warnings: str) -> Pattern:
        """Return the same pattern with further warnings."""
        return replace(self, warnings=self.warnings + warnings)
