"""Between which ends the free variables of a fit move: natural bounds of parameters, and those that were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound, Constraint
from anatase.refine.parameters.parameters import matching

__all__ = ["given_bounds", "natural_bounds", "variable_ends"]

Array = NDArray[np.float64]

# natural ends by the last part of a name; sizes in Å
BOUNDS: dict[str, tuple[float, float]] = {
    "scale": (0.0, np.inf),
    "size": (10.0, 1e6),
    "size_across": (10.0, 1e6),
    "strain": (0.0, 0.1),
    "march_r": (0.05, 20.0),
    "s_over_l": (1e-5, 0.2),
    "h_over_l": (1e-5, 0.2),
    "lorentz_x": (0.0, 5.0),
    "lorentz_y": (0.0, 5.0),
    "lorentz_z": (0.0, 5.0),
    "u_iso": (-0.02, 0.5),
    "u11": (-0.02, 0.5),
    "u22": (-0.02, 0.5),
    "u33": (-0.02, 0.5),
    "occupancy": (-0.2, 3.0),
    "absorption": (0.0, 50.0),
    "penetration": (0.0, 10.0),
    "extinction": (0.0, 1e6),
    "displacement": (-5.0, 5.0),
    "displacement_across": (-5.0, 5.0),
}
CELL_REACH = 0.1  # of a length or angle of the cell


def natural_bounds(name: str, value: float) -> tuple[float, float]:
    """Return the least and the largest sensible value of a parameter, from the last part of its name."""
    last = name.rpartition(".")[2]
    if last in ("a", "b", "c", "alpha", "beta", "gamma", "wavelength", "difc"):
        return value * (1.0 - CELL_REACH), value * (1.0 + CELL_REACH)
    low, high = BOUNDS.get(last, (-np.inf, np.inf))
    if last.startswith("march_r"):
        low, high = BOUNDS["march_r"]
    return min(low, value), max(high, value)


def given_bounds(
    constraints: Sequence[Constraint], values: Mapping[str, float], bounds: Mapping[str, tuple[float, float]] | None
) -> dict[str, tuple[float, float]]:
    """Return the bounds by name that were given as such or as constraints; these where the two exclude each other."""
    found = dict(bounds or {})
    for one in constraints:
        if isinstance(one, Bound):
            for name in matching(one.names, values):
                low, high = found.get(name, (-np.inf, np.inf))
                both = (max(low, one.low), min(high, one.high))
                found[name] = both if both[0] < both[1] else (one.low, one.high)
    return found


def variable_ends(
    moved: Sequence[str],
    inverse: NDArray[np.bool_],
    matrix: Array,
    offset: Array,
    values: Mapping[str, float],
    given: Mapping[str, tuple[float, float]],
) -> tuple[Array, Array]:
    """Return the least and the largest value (k,) of each variable: where all that follows it alone is in bounds.

    Raises
    ------
    InputError
        When given bounds leave a variable no range.
    """
    k = matrix.shape[1]
    low, high = np.full(k, -np.inf), np.full(k, np.inf)
    # what was given comes first: natural bounds of what follows may not empty its range
    for i in sorted(range(len(moved)), key=lambda i: moved[i] not in given):
        columns = np.flatnonzero(matrix[i])
        if len(columns) != 1:
            continue
        j, name = int(columns[0]), moved[i]
        ends = np.array(given.get(name, natural_bounds(name, values[name])))
        ends = np.sort(((1.0 / ends if inverse[i] else ends) - offset[i]) / matrix[i, j])
        least, most = max(low[j], ends[0]), min(high[j], ends[1])
        if least < most:
            low[j], high[j] = least, most
        elif name in given:
            raise InputError(f"the bounds of {name} leave no range to what it follows", "widen the bounds")
    return low, high
