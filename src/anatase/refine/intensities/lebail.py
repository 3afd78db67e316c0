"""Le Bail extraction: intensities shared out of the pattern again and again, the profile refined in between.

Le Bail, Duroy & Fourquet (1988) Mater. Res. Bull. 23, 447: Rietveld's shares of the observed intensity become
the calculated ones of the next round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.evaluate import Listing, calculated
from anatase.refine.intensities.partition import shares
from anatase.refine.intensities.reflection_curves import ReflectionCurves, reflection_curves
from anatase.refine.intensities.reflection_lists import phases_of_mode
from anatase.refine.model import RefinementModel

__all__ = ["extract"]

Array = NDArray[np.float64]

ROUNDS = 12
LEAST_GAIN = 1e-4  # of χ², below which a further round is not worth its time


def extract(model: RefinementModel, listed: Listing | None = None, rounds: int = ROUNDS) -> RefinementModel:
    """Return the model with the intensities of its Le Bail phases shared out anew, the profile as it is.

    Reflections that coincide keep the ratio with which they came. A round that would raise χ² is not taken.
    """
    for index in range(len(model.histograms)):
        for_phase = {j: reflection_curves(model, index, j, listed) for j in phases_of_mode(model, "lebail")}
        if for_phase:
            model = _extracted(model, index, for_phase, rounds, listed)
    return model


def _extracted(
    model: RefinementModel, index: int, curves: dict[int, ReflectionCurves], rounds: int, listed: Listing | None
) -> RefinementModel:
    histogram = model.histograms[index]
    y, used = histogram.pattern.intensity, histogram.used
    weights = np.where(used, histogram.pattern.sigma**-2.0, 0.0)
    found = calculated(model, index, (), listed)
    squared = {j: one.f_squared.copy() for j, one in curves.items()}
    # what the curves, cut off at some width, do not hold, stays as it is
    rest = found.intensity - sum(one.curves.T @ squared[j] for j, one in curves.items())
    total = found.intensity
    best = float(weights @ (y - total) ** 2)
    for _ in range(rounds):
        trial = {}
        for j, one in curves.items():
            ratio, seen = shares(one, y, found.background, total, used)
            trial[j] = squared[j] * np.where(seen > 0.0, np.maximum(ratio, 0.0), 1.0)
        moved = rest + sum(one.curves.T @ trial[j] for j, one in curves.items())
        chi2 = float(weights @ (y - moved) ** 2)
        if chi2 > best:
            break
        gain, best, squared, total = best - chi2, chi2, trial, moved
        if gain < LEAST_GAIN * best:
            break
    for j, values in squared.items():
        phase = model.phases[j]
        part = phase.parts[index]
        if part.reflections is not None:
            part = replace(part, reflections=replace(part.reflections, f_squared=values))
        model = model.with_phase(j, replace(phase, parts=(*phase.parts[:index], part, *phase.parts[index + 1 :])))
    return model
