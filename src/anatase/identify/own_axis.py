"""An answer found in an equivalent pattern, on the axis and in the intensities that were measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import Identification, IdentifiedPhase, Ticks, UnexplainedPeak
from anatase.identify.equivalent_pattern import EquivalentPattern

__all__ = ["on_own_axis"]

Array = NDArray[np.float64]

HALF_STEP = 1e-3  # degrees, for slopes


def on_own_axis(answer: Identification, equivalent: EquivalentPattern) -> Identification:
    """Return an answer in the units of the measured pattern: curves, ticks, unexplained peaks, displacement.

    The displacement, a zero shift in the equivalent pattern, is kept in degrees of a measured 2θ axis and left out
    for other axes.
    """
    own = equivalent.own
    if own is None:
        return answer
    two_theta = answer.pattern.x
    order = slice(None, None, -1) if own.axis in ("d", "tof") else slice(None)
    factor = equivalent.factor_at(two_theta)

    def drawn(curve: Array) -> Array:
        return np.ascontiguousarray((curve / factor)[order])

    measured = replace(
        answer.pattern,
        x=equivalent.own_position(two_theta)[order],
        intensity=drawn(answer.pattern.intensity),
        sigma=drawn(answer.pattern.sigma),
        axis=own.axis,
        radiation=own.radiation,
    )
    return replace(
        answer,
        pattern=measured,
        phases=tuple(
            replace(phase, profile=drawn(phase.profile), ticks=_ticks(phase, equivalent)) for phase in answer.phases
        ),
        y_calc=drawn(answer.y_calc),
        background=drawn(answer.background),
        displacement=_displacement(answer.displacement, equivalent),
        unexplained_peaks=tuple(_peak(peak, equivalent) for peak in answer.unexplained_peaks),
    )


def _ticks(phase: IdentifiedPhase, equivalent: EquivalentPattern) -> Ticks:
    """Return a phase's ticks at their own positions, with areas on that axis in place of equivalent ones."""
    ticks = phase.ticks
    if not ticks.position.size:
        return ticks
    slope = np.abs(_slope(ticks.position, equivalent))
    area = ticks.intensity * slope / equivalent.factor_at(ticks.position)
    relative = 100.0 * area / max(float(area.max()), 1e-300)
    return replace(ticks, position=equivalent.own_position(ticks.position), intensity=relative)


def _slope(two_theta: Array, equivalent: EquivalentPattern) -> Array:
    """Return the derivative (n,) of own positions by equivalent ones in °2θ."""
    after, before = two_theta + HALF_STEP, two_theta - HALF_STEP
    return (equivalent.own_position(after) - equivalent.own_position(before)) / (2.0 * HALF_STEP)


def _peak(peak: UnexplainedPeak, equivalent: EquivalentPattern) -> UnexplainedPeak:
    at = np.array([peak.position])
    height = peak.height / float(equivalent.factor_at(at)[0])
    return replace(peak, position=float(equivalent.own_position(at)[0]), height=height)


def _displacement(shift: Estimate | None, equivalent: EquivalentPattern) -> Estimate | None:
    own = equivalent.own
    if shift is None or own is None or own.axis != "two_theta":
        return None
    middle = np.array([float(np.median(equivalent.pattern.x))])
    scale = float(_slope(middle, equivalent)[0])
    return Estimate(shift.value * scale, None if shift.su is None else shift.su * scale)
