"""What each reflection of a phase adds to a histogram, per unit of |F|²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.pattern.line_curves import line_curves, tof_line_curves
from anatase.refine.calculation.constant_wavelength import placed_lines
from anatase.refine.calculation.evaluate import Listing
from anatase.refine.calculation.time_of_flight import placed_tof_lines
from anatase.refine.model import ConstantWavelength, RefinementModel
from anatase.simulation.powder_lines import drawn_lines

__all__ = ["ReflectionCurves", "reflection_curves"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

FLOOR = 0.03  # of the median s.u. of a point, where a line ends


@dataclass(frozen=True)
class ReflectionCurves:
    """Reflections (n) of a phase in a histogram of N points.

    hkl (n, 3), multiplicity (n,), d_spacing (n,) Å, position (n,) of the strongest line (°2θ or µs), f_squared (n,);
    ``curves`` (n, N): the intensity that one unit of |F|² of each adds, all wavelengths together.
    """

    hkl: Indices
    multiplicity: Indices
    d_spacing: Array
    position: Array
    f_squared: Array
    curves: csr_array


def reflection_curves(
    model: RefinementModel, index: int, which: int, listed: Listing | None = None
) -> ReflectionCurves:
    """Return the curves of the reflections of phase ``which`` in histogram ``index``."""
    histogram, phase = model.histograms[index], model.phases[which]
    part, x = phase.parts[index], histogram.pattern.x
    kept = None if listed is None else listed.reflections[index, which]
    if isinstance(histogram.beam, ConstantWavelength):
        (hkl, multiplicity, inverse_d2), found = placed_lines(histogram, phase, part, kept)
        lines = drawn_lines(found, histogram.beam.instrument, part.scale)
        of, squared = found.placed.reflection, found.f_squared
        per_square = part.scale * found.per_square
        if found.extinction is not None:
            per_square = per_square * found.extinction.value
        curves = line_curves(x, lines, FLOOR * float(np.median(histogram.pattern.sigma)))
        position = np.full(len(hkl), np.nan)
        position[of[::-1]] = lines.position[::-1]  # the first wavelength is the strongest
    else:
        (hkl, multiplicity, inverse_d2), tof = placed_tof_lines(histogram, phase, part, kept)
        of, squared, per_square = np.arange(len(hkl)), tof.f_squared, part.scale * tof.per_square
        if tof.extinction is not None:
            per_square = per_square * tof.extinction.value
        curves = tof_line_curves(x, tof.lines)
        curves = csr_array(curves.multiply(np.broadcast_to(histogram.beam.spectrum, x.shape)[None]))
        position = tof.lines.position
    shares = csr_array((per_square, (of, np.arange(of.size))), shape=(len(hkl), of.size))
    return ReflectionCurves(hkl, multiplicity, inverse_d2**-0.5, position, squared, csr_array(shares @ curves))
