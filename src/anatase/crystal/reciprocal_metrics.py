"""Reciprocal metric tensors of many cells at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["reciprocal_metrics"]


def reciprocal_metrics(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return G* (n, 3, 3) in Å⁻² of cells a, b, c (Å), α, β, γ (°), shape (n, 6); 1/d² = h·G*·h.

    Examples
    --------
    >>> reciprocal_metrics(np.array([[2.0, 4.0, 5.0, 90.0, 90.0, 90.0]]))[0].diagonal().round(4).tolist()
    [0.25, 0.0625, 0.04]
    """
    lengths, cosines = lattices[:, :3], np.cos(np.radians(lattices[:, 3:]))
    metric = lengths[:, :, None] * lengths[:, None, :]
    for (i, j), c in zip(((1, 2), (0, 2), (0, 1)), cosines.T, strict=True):
        metric[:, i, j] *= c
        metric[:, j, i] *= c
    return np.asarray(np.linalg.inv(metric))
