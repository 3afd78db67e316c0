"""The pattern that a model gives, and its derivatives by parameters of any name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.background_curve import background_curve
from anatase.refine.calculation.constant_wavelength import listed_lines, phase_curve, phase_derivatives
from anatase.refine.calculation.time_of_flight import listed_tof_lines, tof_phase_curve, tof_phase_derivatives
from anatase.refine.model import ConstantWavelength, RefinementModel
from anatase.simulation.powder_lines import ListedReflections

__all__ = ["Calculated", "Listing", "calculated", "listing"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Calculated:
    """What one histogram's model gives: intensity (n,), background (n,), each phase's part (n,), derivatives (k, n)."""

    intensity: Array
    background: Array
    phases: tuple[Array, ...]
    jacobian: Array


@dataclass(frozen=True)
class Listing:
    """What is kept through a fit: reflections by histogram and phase, linear terms (L, n) of each background.

    Which lines count follows widths and cells; a fit whose lines come and go has no smooth objective.
    """

    reflections: dict[tuple[int, int], ListedReflections]
    background: tuple[Array, ...]


def listing(model: RefinementModel) -> Listing:
    """Return the reflections of each phase in each histogram, and the linear terms of the backgrounds."""
    reflections = {}
    for i, histogram in enumerate(model.histograms):
        lines = listed_lines if isinstance(histogram.beam, ConstantWavelength) else listed_tof_lines
        reflections.update({(i, j): lines(histogram, phase, phase.parts[i]) for j, phase in enumerate(model.phases)})
    background = tuple([one.background.linear_columns(one.pattern.x) for one in model.histograms])
    return Listing(reflections, background)


def calculated(
    model: RefinementModel, index: int, names: Sequence[str] = (), listed: Listing | None = None
) -> Calculated:
    """Return what one histogram's model gives, with the derivatives (k, n) by the named parameters (k).

    ``listed``: what is kept through a fit, from ``listing``. Parameters on which the histogram does not depend have
    rows of 0. Without names no derivative is calculated, which takes several times less.

    Raises
    ------
    PhysicsError
        When widths or angles are impossible.
    """
    histogram = model.histograms[index]
    rows = {name: row for row, name in enumerate(names)}
    jacobian = np.zeros((len(names), len(histogram.pattern)))
    background = background_curve(histogram, rows, jacobian, None if listed is None else listed.background[index])
    curves = []
    constant = isinstance(histogram.beam, ConstantWavelength)
    for j, phase in enumerate(model.phases):
        given = (histogram, phase, phase.parts[index])
        kept = None if listed is None else listed.reflections[index, j]
        if phase.parts[index].scale == 0.0 and f"{phase.name}.{histogram.name}.scale" not in rows:
            curves.append(np.zeros(len(histogram.pattern)))
        elif rows:
            derivatives = phase_derivatives if constant else tof_phase_derivatives
            curves.append(derivatives(*given, rows, jacobian, kept))
        else:
            curves.append((phase_curve if constant else tof_phase_curve)(*given, kept))
    total = background + np.sum(curves, axis=0) if curves else background
    return Calculated(total, background, tuple(curves), jacobian)
