"""What a pattern shows of each phase: its share of the Bragg intensity, and how many of its lines can be told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.calculation.evaluate import Calculated, calculated
from anatase.refine.model import RefinementModel

__all__ = ["Visibility", "check_lines_left", "visibility"]

Array = NDArray[np.float64]

CLEAR = 3.0  # s.u. of a point that a maximum must reach
LEFT = 1e-3  # of the highest point of a phase's curve, from which its maxima are lines
OWN = 0.25  # of the Bragg intensity at a maximum that must be the phase's own


@dataclass(frozen=True)
class Visibility:
    """Of one phase: its share of the Bragg intensity of all patterns, and its clear maxima in all of them."""

    share: float
    lines: int


def visibility(model: RefinementModel, curves: tuple[Calculated, ...]) -> tuple[Visibility, ...]:
    """Return what is seen of each phase; a line counts where it is a maximum of the phase's curve and not hidden.

    ``curves`` are the calculated patterns, one for each histogram.
    """
    lines = np.zeros(len(model.phases), dtype=np.int64)
    area = np.zeros(len(model.phases))
    for histogram, found in zip(model.histograms, curves, strict=True):
        sigma, used = histogram.pattern.sigma, histogram.used
        bragg = np.maximum(np.sum(found.phases, axis=0), 1e-300)
        weight = used / sigma
        for j, curve in enumerate(found.phases):
            lines[j] += int(np.count_nonzero(_maxima(curve) & used & (curve > CLEAR * sigma) & (curve > OWN * bragg)))
            area[j] += float(curve @ weight)
    total = max(float(area.sum()), 1e-300)
    return tuple(Visibility(float(a) / total, int(n)) for a, n in zip(area, lines, strict=True))


def check_lines_left(model: RefinementModel) -> None:
    """Refuse phases whose lines are all in excluded ranges.

    A line counts from 0.1 % of the phase's highest point.

    Raises
    ------
    InputError
        Names the first such phase.
    """
    if not any(one.excluded for one in model.histograms):
        return
    curves = [calculated(model, i) for i in range(len(model.histograms))]
    for j, phase in enumerate(model.phases):
        own = [found.phases[j] for found in curves]
        highest = max((float(curve.max(initial=0.0)) for curve in own), default=0.0)
        seen = [_maxima(curve) & one.used & (curve > LEFT * highest)
                for curve, one in zip(own, model.histograms, strict=True)]  # fmt: skip
        if highest > 0.0 and not any(top.any() for top in seen):
            raise InputError(
                f"no line of {phase.name} lies in what the excluded ranges leave",
                "exclude less, or leave the phase out",
            )


def _maxima(curve: Array) -> NDArray[np.bool_]:
    """Return which points (n,) of a curve are higher than their neighbours."""
    top = np.zeros(curve.size, dtype=np.bool_)
    top[1:-1] = (curve[1:-1] > curve[:-2]) & (curve[1:-1] >= curve[2:])
    return top
