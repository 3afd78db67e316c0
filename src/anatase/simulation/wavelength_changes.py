"""How the lines of one phase change with the wavelength."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.simulation.line_changes import Change, LineChanges
from anatase.simulation.sample import Sample

__all__ = ["wavelength_changes"]

Array = NDArray[np.float64]

NAME = ("wavelength",)


def wavelength_changes(changed: LineChanges, sample: Sample, wavelength: float) -> list[Change]:
    """Return the changes of lines by the first wavelength (Å) of a radiation whose lines keep their ratios.

    By d2θ/d ln λ = 2 tan θ everything that depends on the angle; and at constant angle the broadening by size and
    faults, in proportion to λ, and extinction. |F|² is held: form factors do not follow λ, and f′, f″ stay as they are.
    """
    found = changed.found
    placed = found.placed
    turn = np.degrees(2.0 * np.tan(np.radians(0.5 * placed.two_theta))) / wavelength
    moved = np.ones_like(turn)
    for _, shift in found.shifts:
        moved += shift.by_two_theta
    widths = {"gauss": found.widths.by_two_theta[0] * turn, "lorentz": found.widths.by_two_theta[1] * turn}
    sizes = {"size": sample.size, "size_across": sample.size_across}
    for names, attribute, values in found.widths.by_parameter:
        if sizes.keys() & set(names):  # K λ/L is of degree −1 in sizes together
            for name, row in zip(names, values, strict=True):
                widths[attribute] -= (sizes[name] or 0.0) / wavelength * row
    if found.widths.faults is not None:
        widths["lorentz"] += found.widths.faults / wavelength
    relative = np.zeros_like(turn)
    for factor in found.angle_factors:
        if factor.by_two_theta is not None:
            relative += factor.by_two_theta * turn
    if found.extinction is not None:
        relative += found.extinction.by_two_theta * turn + 2.0 * found.extinction.by_argument / wavelength
    return [
        Change(NAME, "position", (moved * turn)[None]),
        Change(NAME, "gauss", widths["gauss"][None]),
        Change(NAME, "lorentz", widths["lorentz"][None]),
        Change(NAME, "area", (changed.lines.area * relative)[None]),
    ]
