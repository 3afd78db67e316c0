"""One phase in one time-of-flight histogram: its lines, and how the pattern follows its parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.refine.model import Histogram, Phase, PhasePart

__all__ = ["tof_phase_derivatives"]

Array = NDArray[np.float64]


def tof_phase_derivatives(
    histogram: Histogram, phase: Phase, part: PhasePart, rows: dict[str, int], jacobian: Array
) -> Array:
    """Return the part (n,) of a phase in the pattern, and add its derivatives to the rows of the Jacobian (k, n)."""
    raise NotImplementedError
