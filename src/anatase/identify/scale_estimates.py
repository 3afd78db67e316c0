"""The scales of the phases when every intensity of the last fit may be somewhat wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.identify.error_space import Elimination, ErrorSpace, eliminated, error_space
from anatase.identify.final import FinalFit
from anatase.identify.intensity_errors import IntensityErrors
from anatase.refine.start.measurement import Measurement

__all__ = ["ScaleEstimates", "scale_estimates"]

Array = NDArray[np.float64]

FAINTEST = 1e-9  # of the largest area: what is not there has a logarithm all the same
LARGEST_CHANGE = 0.5  # of ln of a scale: beyond, the fit is too poor to be expanded about its end


@dataclass(frozen=True)
class ScaleEstimates:
    """Areas of the phases (p,), the covariance (p, p) of their logarithms, and how much texture shows (p,).

    ``texture`` is the root mean square of the changes of ln I that orientation makes to a phase's lines.
    """

    areas: Array
    covariance: Array
    texture: Array


def scale_estimates(
    final: FinalFit,
    measurement: Measurement,
    errors: IntensityErrors | None = None,
    solved: Elimination | None = None,
) -> ScaleEstimates:
    """Return the most probable scales, as areas, with all errors of intensities integrated out.

    A scale is then carried by many lines rather than by the few strongest, whose counts alone would outweigh all
    others. What is left of the residuals after that raises the variance of the points. ``solved`` is the error space
    of the fit, eliminated as it is, where that is at hand.
    """
    first = eliminated(error_space(final, measurement, errors)) if solved is None else solved
    space = first.space
    misfit = float(np.mean((first.left / measurement.sigma) ** 2))
    best = eliminated(space, misfit) if misfit > 1.0 else first
    index = np.array(final.model.offsets[:-1], dtype=np.int64)
    fitted = np.maximum(final.fit.values[index], FAINTEST * float(final.fit.values[index].max(initial=0.0)) + 1e-100)
    change = np.clip(best.change[index] / fitted, -LARGEST_CHANGE, LARGEST_CHANGE)
    covariance = best.covariance[np.ix_(index, index)] / np.outer(fitted, fitted)
    return ScaleEstimates(fitted * np.exp(change), covariance, _texture(space, best))


def _texture(space: ErrorSpace, best: Elimination) -> Array:
    shown = []
    for one, block in zip(space.groups, space.systematic, strict=True):
        change = one.oriented + one.texture @ best.errors[block][1:]
        shown.append(np.sqrt(one.mean_square(change)))
    return np.array(shown)
