"""A measured or calculated two-dimensional diffraction image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import Radiation

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """The counts of an area detector with its mask and geometry.

    Parameters
    ----------
    image
        Intensities (rows, columns), counts or arbitrary units.
    mask
        True (rows, columns) where a pixel must not be used; ``None`` masks none.
    geometry
        Where the detector stood, ``None`` where nothing is known of it.
    radiation
        The radiation, ``None`` where nothing is known of it.
    metadata
        What else the file said (sample, exposure, angles of the goniometer …), JSON-ready.
    name
        The file's name without its folder, or the sample's.
    sha256
        Digest of the source's bytes.
    warnings
        What had to be repaired or assumed; every surface shows them.

    Raises
    ------
    InputError
        When image, mask and geometry differ in shape.
    """

    image: NDArray[np.float64]
    mask: NDArray[np.bool_] | None = None
    geometry: DetectorGeometry | None = None
    radiation: Radiation | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    sha256: str = ""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        image = np.ascontiguousarray(self.image, dtype=np.float64)
        mask = np.zeros(image.shape, np.bool_) if self.mask is None else np.ascontiguousarray(self.mask, np.bool_)
        shape = image.shape if self.geometry is None else self.geometry.shape
        if image.ndim != 2 or not image.shape == mask.shape == tuple(shape):
            raise InputError(
                f"image, mask and geometry have shapes {image.shape}, {mask.shape}, {tuple(shape)}",
                "give two-dimensional ones of one shape",
                file=self.name or None,
            )
        for attribute, array in (("image", image), ("mask", mask)):
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.image.shape[0], self.image.shape[1]

    def with_warnings(self, *warnings: str) -> Frame:
        """Return the same frame with further warnings."""
        return replace(self, warnings=self.warnings + warnings)
