"""What refined cells rest on without a standard: the model of the lines' shift, the calibration of the flight time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.model import ConstantWavelength, Histogram, Phase, RefinementModel, TimeOfFlight
from anatase.refine.refinement import Parameter
from anatase.refine.strategy.visible_lines import visibility

__all__ = ["cell_doubts", "cell_by_other_shift"]

NOTABLE = 1e-4  # relative change of a length of the cell
OF_STANDARD = 0.05  # least share of the Bragg intensity of a phase that calibrates the others


def cell_doubts(model: RefinementModel, parameters: Sequence[Parameter], curves: Sequence[Calculated]) -> list[str]:
    """Return warnings of cells whose absolute size the pattern alone does not give.

    There are none where the cell of a phase that is seen well is held, as that of a standard is, or no cell is refined.
    """
    refined = {one.name for one in parameters if one.refined}
    cells = [_cell_is_refined(phase, refined) for phase in model.phases]
    seen = [one.share > OF_STANDARD for one in visibility(model, tuple(curves))]
    if not any(cells) or any(clear and not cell for clear, cell in zip(seen, cells, strict=True)):
        return []
    told = []
    for histogram, curve in zip(model.histograms, curves, strict=True):
        if isinstance(histogram.beam, TimeOfFlight) and f"{histogram.name}.difc" not in refined:
            told.append(
                f"the cells rest on DIFC of {histogram.name} as it was given: an error of it would be theirs; "
                "hold the cell of a standard and refine DIFC to test it"
            )
        change = cell_by_other_shift(histogram, curve, refined)
        if change is not None and abs(change) > NOTABLE:
            kind, other = _shifts(histogram, refined)
            told.append(
                f"the cells rest on the model of the lines' shift: were the {kind} of {histogram.name} a {other} "
                f"instead, they would be about {1e6 * abs(change):.0f} ppm {'larger' if change > 0.0 else 'smaller'}; "
                "mix in a standard and hold its cell for better"
            )
        if told:
            break  # cells are of the first pattern; those that follow serve them
    return told


def _cell_is_refined(phase: Phase, refined: set[str]) -> bool:
    names, _ = free_cell_parameters(phase.structure.lattice, phase.structure.space_group)
    return any(f"{phase.name}.{name}" in refined for name in names)


def _shifts(histogram: Histogram, refined: set[str]) -> tuple[str, str]:
    """Return which shift of a plate's lines was refined and which was not; nothing where both were, or neither."""
    both = ("displacement", "zero")
    free = [name for name in both if f"{histogram.name}.{name}" in refined]
    if len(free) != 1:
        return "", ""
    return free[0], both[1 - both.index(free[0])]


def cell_by_other_shift(histogram: Histogram, curve: Calculated, refined: set[str]) -> float | None:
    """Return the relative change of the cell if a plate's shift were of the other kind; ``None`` where this is idle.

    Zero (constant) and displacement (as cos θ) shift lines alike but for a rest that a strain of the cell
    (Δ2θ = −2 tan θ Δa/a) takes up: the best such rest, every point weighted by how much it tells of places of lines.
    """
    kind, _ = _shifts(histogram, refined)
    if not kind or not isinstance(histogram.beam, ConstantWavelength):
        return None
    instrument = histogram.beam.instrument
    if instrument.geometry != "bragg_brentano":
        return None
    used, pattern = histogram.used, histogram.pattern
    theta = np.radians(pattern.x[used] / 2.0)
    slope = np.gradient(np.sum(curve.phases, axis=0), pattern.x)[used] / pattern.sigma[used]
    if not slope.any():
        return None
    cosine, flat = np.cos(theta), np.ones(theta.size)
    if kind == "displacement":
        shift, other = -2.0 * instrument.displacement / instrument.radius * cosine, flat
    else:
        shift, other = np.radians(instrument.zero) * flat, cosine
    columns = np.column_stack([other, -2.0 * np.tan(theta)]) * slope[:, None]
    return float(np.linalg.lstsq(columns, shift * slope, rcond=None)[0][1])
