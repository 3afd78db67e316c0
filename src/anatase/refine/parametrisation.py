"""How the parameters of a model follow the free variables of a fit: units, bounds, and what moves together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.model import ConstantWavelength, RefinementModel
from anatase.refine.positive_widths import PositiveWidths

__all__ = ["Parametrisation", "natural_bounds", "parametrise"]

Array = NDArray[np.float64]

RECIPROCAL = ("size", "size_across")  # broadening goes with 1/D, which ends where a fit finds no broadening
WIDTHS = ("gauss_u", "gauss_v", "gauss_w")
MOST_ANGLE = 170.0  # °2θ to which widths are kept positive

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


@dataclass(frozen=True)
class Parametrisation:
    """Parameters (r,) as functions of free variables (k,): q = M u + b, and p = q, or p = 1/q for sizes.

    ``names`` (r) of the parameters, ``free`` (k) of the variables; ``matrix`` (r, k), ``offset`` (r,), ``inverse`` (r,)
    where p = 1/q; ``low``, ``high`` (k,) are the ends of the free variables. ``widths``: the places of U, V, W that
    are freed together.
    """

    names: tuple[str, ...]
    free: tuple[str, ...]
    matrix: Array
    offset: Array
    inverse: NDArray[np.bool_]
    low: Array
    high: Array
    widths: tuple[tuple[tuple[int, int, int], PositiveWidths], ...] = ()

    def at(self, variables: Array) -> tuple[Array, Array]:
        """Return the parameters (r,) and their derivatives (r, k) by the free variables (k,)."""
        q = self.matrix @ variables + self.offset
        p = np.where(self.inverse, 1.0 / np.where(self.inverse, q, 1.0), q)
        slopes = np.where(self.inverse, -(p**2), 1.0)[:, None] * self.matrix
        for at, positive in self.widths:
            rows, columns = np.array(at), np.flatnonzero(self.matrix[list(at)].any(axis=0))
            p[rows], slopes[np.ix_(rows, columns)] = positive.at(variables[columns])
        return p, slopes

    def variables_of(self, parameters: Array) -> Array:
        """Return the free variables (k,) that come nearest to the parameters (r,), within their bounds."""
        q = np.where(self.inverse, 1.0 / np.where(self.inverse, parameters, 1.0), parameters)
        variables = np.linalg.lstsq(self.matrix, q - self.offset, rcond=None)[0]
        for at, positive in self.widths:
            columns = np.flatnonzero(self.matrix[list(at)].any(axis=0))
            variables[columns] = positive.variables_of(parameters[list(at)])
        return np.asarray(np.clip(variables, self.low, self.high))


def natural_bounds(name: str, value: float) -> tuple[float, float]:
    """Return the least and the largest sensible value of a parameter, from the last part of its name."""
    last = name.rpartition(".")[2]
    if last in ("a", "b", "c", "alpha", "beta", "gamma", "wavelength", "difc"):
        return value * (1.0 - CELL_REACH), value * (1.0 + CELL_REACH)
    low, high = BOUNDS.get(last, (-np.inf, np.inf))
    if last.startswith("march_r"):
        low, high = BOUNDS["march_r"]
    return min(low, value), max(high, value)


def parametrise(
    model: RefinementModel,
    names: Sequence[str],
    values: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> Parametrisation:
    """Return free variables for named parameters (r) of given values: each its own, U, V, W by ``PositiveWidths``.

    Bounds of the free variables are those given, else the natural ones.
    """
    limits = {name: (bounds or {}).get(name, natural_bounds(name, values[name])) for name in names}
    inverse = np.array([name.rpartition(".")[2] in RECIPROCAL for name in names], dtype=np.bool_)
    ends = np.array([limits[name] for name in names]).reshape(-1, 2)
    ends[inverse] = 1.0 / ends[inverse][:, ::-1]
    matrix, offset = np.eye(len(names)), np.zeros(len(names))
    low, high = ends[:, 0].copy(), ends[:, 1].copy()
    free = list(names)
    widths = []
    for histogram in model.histograms:
        own = [f"{histogram.name}.{width}" for width in WIDTHS]
        if isinstance(histogram.beam, ConstantWavelength) and all(name in names for name in own):
            index = (names.index(own[0]), names.index(own[1]), names.index(own[2]))
            ends_of_x = np.tan(np.radians(0.5 * histogram.pattern.x[[0, -1]].clip(0.0, MOST_ANGLE)))
            widths.append((index, PositiveWidths(float(ends_of_x[0]), float(ends_of_x[1]))))
            low[list(index)], high[list(index)] = 0.0, np.inf
            for position, label in zip(sorted(index), ("at the start", "at the end", "between"), strict=True):
                free[position] = f"{histogram.name}: FWHM {label}"
    return Parametrisation(tuple(names), tuple(free), matrix, offset, inverse, low, high, tuple(widths))
