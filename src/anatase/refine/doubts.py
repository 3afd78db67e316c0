"""What a reader of a refinement must know: where it may be wrong although it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.cell_doubts import cell_doubts
from anatase.refine.covariance import strong_correlations
from anatase.refine.fit import Fitted
from anatase.refine.fraction_doubts import fraction_doubts
from anatase.refine.line_sampling import sampling_doubts
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.physical_limits import MEAN_SQUARES
from anatase.refine.refinement import Parameter, absent_phases
from anatase.refine.uncertainty.serial_correlation import SerialCorrelation
from anatase.refine.unexplained_peaks import unexplained_peaks
from anatase.refine.zero_widths import zero_widths

__all__ = ["doubts_of"]

Array = NDArray[np.float64]

STRONG = 0.95  # correlation
MOST_PAIRS = 5
POOR_BRAGG = 10.0  # percent


def doubts_of(
    fitted: Fitted,
    parameters: Sequence[Parameter],
    curves: Sequence[Calculated],
    serial: SerialCorrelation,
    r_bragg: Mapping[tuple[str, str], float],
    shift: float,
    converged: bool,
) -> list[str]:
    """Return the warnings that a fit calls for."""
    model = fitted.model
    told = []
    if not converged:
        told.append(f"not converged: a parameter would still move by {shift:.2g} of its s.u.")
    for histogram, curve in zip(model.histograms, curves, strict=True):
        told += sampling_doubts(histogram, curve)
    told += _impossible(parameters)
    told += _absent(model, parameters)
    told += _still(parameters)
    widths = zero_widths(fitted)
    bound = [one.name for one in parameters if one.at_bound and one.name.rpartition(".")[2] not in MEAN_SQUARES]
    told += dict.fromkeys(widths.get(name, f"{name} stands at its bound; it has no s.u.") for name in bound)
    told += [
        str(one) for one in fitted.covariance.weak if not all(".background." in name for name, _ in one.components)
    ]
    pairs = [
        pair
        for pair in strong_correlations(fitted.covariance, STRONG)
        if not (".background." in pair.first and ".background." in pair.second)
    ]
    told += [f"{p.first} and {p.second} correlate by {p.coefficient:+.2f}" for p in pairs[:MOST_PAIRS]]
    if len(pairs) > MOST_PAIRS:
        told.append(f"{len(pairs) - MOST_PAIRS} more pairs correlate by more than {STRONG:g}")
    told += [
        f"R_Bragg of {phase} in {histogram} is {value:.1f} %: its intensities are not explained"
        for (phase, histogram), value in r_bragg.items()
        if value > POOR_BRAGG
    ]
    told += fraction_doubts(model, parameters, r_bragg)
    told += cell_doubts(model, parameters, curves)
    for histogram, curve in zip(model.histograms, curves, strict=True):
        told += unexplained_peaks(model, histogram, curve)
    return [*told, *serial.warnings]


def _impossible(parameters: Sequence[Parameter]) -> list[str]:
    told = []
    for one in parameters:
        last = one.name.rpartition(".")[2]
        if last in MEAN_SQUARES and one.value < 0.0:
            told.append(f"{one.name} is negative, {one.estimate} Å²: absorption, roughness or background may be wrong")
        if last == "occupancy" and not 0.0 <= one.value <= 1.0 + 1e-6:
            told.append(f"{one.name} is {one.estimate}, outside 0 to 1")
    return told


def _still(parameters: Sequence[Parameter]) -> list[str]:
    """Return a warning for each phase of displacements that stopped at 0, with what is tied to them."""
    stopped: dict[str, list[str]] = {}
    for one in parameters:
        head, _, last = one.name.rpartition(".")
        phase, _, site = head.partition(".")
        if last in MEAN_SQUARES and one.at_bound:
            stopped.setdefault(phase, []).append(f"{site}.{last}")
    return [
        f"{', '.join(names)} of {phase} would fall below 0 and stopped there, with what is tied to it, without s.u.: "
        "absorption, roughness or background may be wrong"
        for phase, names in stopped.items()
    ]


def _absent(model: RefinementModel, parameters: Sequence[Parameter]) -> list[str]:
    """Return warnings of phases that no pattern shows, with their scale in the first."""
    by_name = {one.name: one for one in parameters}
    scales = {name: by_name[f"{name}.{model.histograms[0].name}.scale"] for name in absent_phases(model, parameters)}
    return [f"{name} is not shown to be present: its scale is {scale.estimate}" for name, scale in scales.items()]
