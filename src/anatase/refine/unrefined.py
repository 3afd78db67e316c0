"""Values of an answer that no least squares gave: parameters that were held, cells and shifts from aligned lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from anatase.crystal.structure import Structure
from anatase.refine.model import Histogram, RefinementModel
from anatase.refine.parameters.histogram_parameters import histogram_values
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.refinement import Step

__all__ = ["given_values", "unrefined_values"]

SAME = 1e-6  # of a value
CELL = ("a", "b", "c", "alpha", "beta", "gamma")
SHIFTS = ("zero", "displacement")
MOST_HELD = 6


def given_values(
    model: RefinementModel, structures: Sequence[Structure], histograms: Sequence[Histogram] = ()
) -> dict[str, float]:
    """Return cells, and zero and displacement of histograms, as they were given before lines were laid onto peaks.

    ``structures`` and ``histograms`` in the order of the model's phases and histograms.
    """
    known = parameter_values(model)
    given: dict[str, float] = {}
    for phase, structure in zip(model.phases, structures, strict=True):
        cell = zip(CELL, structure.lattice.parameters, strict=True)
        given.update({f"{phase.name}.{edge}": value for edge, value in cell if f"{phase.name}.{edge}" in known})
    for one in histograms:
        values = histogram_values(one)
        given.update({f"{one.name}.{shift}": values[shift] for shift in SHIFTS if shift in values})
    return {name: value for name, value in given.items() if name in known}


def unrefined_values(
    model: RefinementModel,
    refined: Collection[str],
    steps: Sequence[Step] = (),
    given: Mapping[str, float] | None = None,
) -> list[str]:
    """Return warnings of values that look like results and are none of least squares.

    Parameters
    ----------
    model
        Where the refinement ended.
    refined
        Names of the parameters of its last fit.
    steps
        How it was reached: what they held.
    given
        What cells and shifts were before they were aligned.
    """
    values, told = parameter_values(model), []
    held: dict[str, str] = {}
    for step in steps:
        if not step.reverted:
            held.update(step.held)
    left = {name: why for name, why in held.items() if name not in refined and not _is_origin(name, why)}
    moved = [
        name
        for name, before in (given or {}).items()
        if name not in (*refined, *left) and not _same(values[name], before)
    ]
    if moved:
        words = ", ".join(f"{name} = {values[name]:.6g} (given {(given or {})[name]:.6g})" for name in moved)
        told.append(f"laid onto the peaks at the start and not refined, so no least-squares values: {words}")
    if left:
        words = "; ".join(f"{name} = {values[name]:.6g}, for it {why}" for name, why in [*left.items()][:MOST_HELD])
        more = f"; and {len(left) - MOST_HELD} more" if len(left) > MOST_HELD else ""
        told.append(f"held where they were, so no least-squares values: {words}{more}")
    return told


def _is_origin(name: str, why: str) -> bool:
    """Tell whether a coordinate was held to fix an origin that symmetry leaves free: any value of it is right."""
    return name.rpartition(".")[2] in ("x", "y", "z") and why.startswith("is open") and "does not change" in why


def _same(value: float, before: float) -> bool:
    return abs(value - before) <= SAME * max(abs(before), 1e-2)
