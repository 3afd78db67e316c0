"""From expected intensities to the counts of a detector: background, mask, Poisson noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.frame import Frame
from anatase.scattering.radiation import Radiation
from anatase.simulation.arguments import as_array

__all__ = ["exposed"]


def exposed(
    image: NDArray[np.float64],
    geometry: DetectorGeometry,
    radiation: Radiation | None,
    *,
    background: ArrayLike = 0.0,
    mask: Any = None,
    rng: np.random.Generator | None = None,
    metadata: dict[str, Any] | None = None,
    name: str = "",
) -> Frame:
    """Return the frame of an image (rows, columns) of expected counts.

    A ``background`` (counts per pixel, a number or (rows, columns)) is added, ``rng`` draws Poisson counts
    (``None``: the expected ones stay), pixels under the ``mask`` count nothing.

    Raises
    ------
    InputError
        When the shape of the background or the mask is not the detector's.
    PhysicsError
        For a negative background.
    """
    wanted = "a number or an image of the detector's shape"
    under = as_array("the background", background, (), image.shape, example=wanted)
    if mask is not None and (not isinstance(mask, np.ndarray) or mask.dtype != bool or mask.shape != image.shape):
        raise InputError("the mask is no image of the detector's shape", f"give a boolean array {image.shape}")
    if not np.all(under >= 0.0):
        raise PhysicsError(f"no detector counts a background of {np.min(under):g}; give one of 0 or more")
    total = image + under
    if rng is not None:
        total = rng.poisson(total).astype(np.float64)
    if mask is not None:
        total = np.where(mask, 0.0, total)
    return Frame(total, mask, geometry, radiation, metadata=metadata or {}, name=name)
