"""What a fit leaves unexplained: peaks of the difference curve, and their share of the Bragg intensity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from anatase.identify.answer import UnexplainedPeak
from anatase.refine.start.measurement import Measurement, smooth

__all__ = ["unexplained_peaks"]

Array = NDArray[np.float64]

SIGNIFICANT = 6.0
MODEL_ERROR = 0.15
MAX_PEAKS = 25


def unexplained_peaks(
    measurement: Measurement, y_calc: Array, background: Array
) -> tuple[float, list[UnexplainedPeak]]:
    """Return the unexplained share of the Bragg intensity (0–1) and the peaks that carry it, highest first.

    A peak of the smoothed difference counts when it stands six s.u. above zero, the s.u. including
    15 % of the calculated Bragg intensity around it: the flanks of a strong line are no new peaks.
    """
    m = measurement
    points = m.points_per_width
    difference = smooth(m.y - y_calc, points)
    near = maximum_filter1d(np.maximum(y_calc - background, 0.0), max(3, int(2.5 * points)) | 1)
    counting = m.sigma / np.sqrt(max(points, 1.0))
    error = np.sqrt(counting**2 + (MODEL_ERROR * near) ** 2 + (0.01 * background) ** 2)
    significance = difference / error
    top = (difference == maximum_filter1d(difference, max(5, int(2 * points)) | 1)) & (significance > SIGNIFICANT)
    heights = smooth(np.maximum(m.y - background, 0.0), points)
    crests = (heights == maximum_filter1d(heights, max(5, int(2 * points)) | 1)) & (heights > 4.0 * counting)
    total = float(heights[crests].sum())
    index = np.flatnonzero(top)
    index = index[np.argsort(-difference[index])]
    wavelength = m.radiation.wavelength
    peaks = [
        UnexplainedPeak(
            position=float(m.x[i]),
            d_spacing=float(wavelength / (2.0 * np.sin(np.radians(m.x[i] / 2.0)))),
            height=float(difference[i]),
            significance=float(significance[i]),
            share=float(difference[i] / total) if total > 0 else 0.0,
        )
        for i in index
    ]
    fraction = float(min(1.0, difference[index].sum() / total)) if total > 0 else 0.0
    return fraction, peaks[:MAX_PEAKS]
