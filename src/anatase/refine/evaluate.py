"""The pattern that a model gives, and its derivatives by parameters of any name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.constant_wavelength import listed_lines, phase_derivatives
from anatase.refine.model import ConstantWavelength, Histogram, RefinementModel
from anatase.refine.time_of_flight import tof_phase_derivatives
from anatase.simulation.powder_lines import ListedReflections

__all__ = ["Calculated", "Listing", "calculated", "listing"]

Array = NDArray[np.float64]
Listing = dict[tuple[int, int], ListedReflections]


@dataclass(frozen=True)
class Calculated:
    """What one histogram's model gives: intensity (n,), background (n,), each phase's part (n,), derivatives (k, n)."""

    intensity: Array
    background: Array
    phases: tuple[Array, ...]
    jacobian: Array


def listing(model: RefinementModel) -> Listing:
    """Return the reflections of each phase in each histogram at constant wavelength, to be kept through a fit.

    Which lines count follows widths and cells; a fit whose lines come and go has no smooth objective.
    """
    return {
        (i, j): listed_lines(histogram, phase, phase.parts[i])
        for i, histogram in enumerate(model.histograms)
        if isinstance(histogram.beam, ConstantWavelength)
        for j, phase in enumerate(model.phases)
    }


def calculated(
    model: RefinementModel, index: int, names: Sequence[str] = (), listed: Listing | None = None
) -> Calculated:
    """Return what one histogram's model gives, with the derivatives (k, n) by the named parameters (k).

    ``listed``: the reflections, from ``listing``. Parameters on which the histogram does not depend have rows of 0.

    Raises
    ------
    PhysicsError
        When widths or angles are impossible.
    """
    histogram = model.histograms[index]
    x = histogram.pattern.x
    rows = {name: row for row, name in enumerate(names)}
    jacobian = np.zeros((len(names), x.size))
    background = _background(histogram, rows, jacobian)
    curves = []
    for j, phase in enumerate(model.phases):
        part = phase.parts[index]
        if part.scale == 0.0 and f"{phase.name}.{histogram.name}.scale" not in rows:
            curves.append(np.zeros(x.size))
        elif isinstance(histogram.beam, ConstantWavelength):
            kept = None if listed is None else listed[index, j]
            curves.append(phase_derivatives(histogram, phase, part, rows, jacobian, kept))
        else:
            curves.append(tof_phase_derivatives(histogram, phase, part, rows, jacobian))
    total = background + np.sum(curves, axis=0) if curves else background
    return Calculated(total, background, tuple(curves), jacobian)


def _background(histogram: Histogram, rows: dict[str, int], jacobian: Array) -> Array:
    """Return the background (n,), and set its rows of the Jacobian."""
    x, model = histogram.pattern.x, histogram.background
    q = None
    if model.debye or any(hump.in_q for hump in model.humps):
        q = momentum_transfer(histogram)
    slopes = model.derivatives(x, q)
    for name, slope in zip(model.names, slopes, strict=True):
        row = rows.get(f"{histogram.name}.background.{name}")
        if row is not None:
            jacobian[row] += slope
    return model.intensity(x, q)


def momentum_transfer(histogram: Histogram) -> Array:
    """Return Q (n,) in Å⁻¹ of a histogram's points."""
    x = histogram.pattern.x
    if isinstance(histogram.beam, ConstantWavelength):
        return np.asarray(4.0 * np.pi * np.sin(np.radians(0.5 * x)) / histogram.beam.radiation.wavelength)
    return np.asarray(2.0 * np.pi / histogram.beam.bank.d_spacing(x))
