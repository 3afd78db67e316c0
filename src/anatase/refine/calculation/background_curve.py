"""The background of a histogram, and how it follows its terms and the scale of Q."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.background_model import BackgroundModel
from anatase.refine.model import ConstantWavelength, Histogram

__all__ = ["background_curve", "momentum_transfer"]

Array = NDArray[np.float64]


def momentum_transfer(histogram: Histogram) -> Array:
    """Return Q (n,) in Å⁻¹ of a histogram's points: 4π sin θ/λ, or 2π/d."""
    x = histogram.pattern.x
    if isinstance(histogram.beam, ConstantWavelength):
        return np.asarray(4.0 * np.pi * np.sin(np.radians(0.5 * x)) / histogram.beam.radiation.wavelength)
    return np.asarray(2.0 * np.pi / histogram.beam.bank.d_spacing(x))


def background_curve(
    histogram: Histogram, rows: Mapping[str, int], jacobian: Array, columns: Array | None = None
) -> Array:
    """Return the background (n,), and add its derivatives to the rows of the Jacobian (k, n).

    ``columns`` (L, n): ``BackgroundModel.linear_columns`` of the points, where they are known already.
    """
    x, model, own = histogram.pattern.x, histogram.background, f"{histogram.name}.background."
    linear = model.linear_columns(x) if columns is None else columns
    for name, column in zip(model.names, linear, strict=False):
        if f"{own}{name}" in rows:
            jacobian[rows[f"{own}{name}"]] += column
    total = model.linear_values @ linear
    if not model.debye and not model.humps:
        return np.asarray(total)
    q = momentum_transfer(histogram) if model.debye or any(hump.in_q for hump in model.humps) else None
    curve, slopes = model.curved_terms(x, q)
    for name, slope in zip(model.names[len(linear) :], slopes, strict=True):
        if f"{own}{name}" in rows:
            jacobian[rows[f"{own}{name}"]] += slope
    if q is not None:
        for name, rate in _rates_of_q(histogram, q).items():
            if f"{histogram.name}.{name}" in rows:
                jacobian[rows[f"{histogram.name}.{name}"]] += rate * _by_log_q(model, slopes)
    return np.asarray(total + curve)


def _rates_of_q(histogram: Histogram, q: Array) -> dict[str, Array | float]:
    """Return ∂ ln Q/∂p of the points (n,) for the parameters p that Q follows."""
    beam = histogram.beam
    if isinstance(beam, ConstantWavelength):
        return {"wavelength": -1.0 / beam.radiation.wavelength}
    d = 2.0 * np.pi / q
    slope = d * beam.bank.slope(d)
    return {"difc": d / slope, "difa": d * d / slope, "difb": 1.0 / d / slope, "zero": 1.0 / slope}


def _by_log_q(model: BackgroundModel, slopes: Array) -> Array:
    """Return ∂/∂ ln Q (n,) of the terms in Q, from their derivatives by their own parameters.

    A Debye term is a function of Q R and U Q²; a hump times Q is one of the ratios of Q, position and FWHM.
    """
    total, row = np.zeros(slopes.shape[1]), 0
    for term in model.debye:
        total += term.distance * slopes[row + 1] + 2.0 * term.u * slopes[row + 2]
        row += 3
    for hump in model.humps:
        if hump.in_q:
            total -= hump.area * slopes[row] + hump.position * slopes[row + 1] + hump.fwhm * slopes[row + 2]
        row += 4
    return total
