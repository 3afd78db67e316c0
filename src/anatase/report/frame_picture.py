"""Frames as pictures for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.pattern.frame import Frame
from anatase.report.png import grey_png

__all__ = ["frame_levels", "frame_png"]

BRIGHTEST = 0.995  # quantile of the lit pixels that is drawn black; the few above it would hide the rest
LIT = 1e-4  # of the brightest pixel
GAMMA = 0.5  # the square root of counts has the same noise everywhere


def frame_levels(frame: Frame) -> NDArray[np.uint8]:
    """Return grey levels (rows, columns) of a frame: dark where it is bright, like film, seen from the sample.

    The square root of the intensity is drawn, and row 0 lies at the bottom (see `DetectorGeometry`). Masked pixels are
    white.

    Raises
    ------
    InputError
        When no pixel is bright.
    """
    image = frame.image if frame.mask is None else np.where(frame.mask, 0.0, frame.image)
    top = float(image.max(initial=0.0))
    if not top > 0.0:
        raise InputError("nothing falls on the detector", "bring it closer, or take a shorter wavelength")
    brightest = float(np.quantile(image[image > LIT * top], BRIGHTEST))
    darkness = np.clip(image / brightest, 0.0, 1.0) ** GAMMA
    return np.asarray(np.rint(255.0 * (1.0 - darkness[::-1])), dtype=np.uint8)


def frame_png(frame: Frame) -> bytes:
    """Return a frame as the bytes of a PNG of its own size."""
    return grey_png(frame_levels(frame))
