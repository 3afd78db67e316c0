"""How the parameters of a model follow the free variables of a fit: units, bounds, and what moves together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.model import ConstantWavelength, RefinementModel

__all__ = ["Parametrisation", "natural_bounds", "parametrise"]

Array = NDArray[np.float64]

RECIPROCAL = ("size", "size_across")  # broadening goes with 1/D, which ends where a fit finds no broadening
WIDTHS = ("gauss_u", "gauss_v", "gauss_w")
LEAST_VARIANCE = 1e-7  # deg²

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
    where p = 1/q; ``low``, ``high`` (k,) are the ends of the free variables.
    """

    names: tuple[str, ...]
    free: tuple[str, ...]
    matrix: Array
    offset: Array
    inverse: NDArray[np.bool_]
    low: Array
    high: Array

    def at(self, variables: Array) -> tuple[Array, Array]:
        """Return the parameters (r,) and their derivatives (r, k) by the free variables (k,)."""
        q = self.matrix @ variables + self.offset
        p = np.where(self.inverse, 1.0 / np.where(self.inverse, q, 1.0), q)
        slope = np.where(self.inverse, -(p**2), 1.0)
        return p, slope[:, None] * self.matrix

    def variables_of(self, parameters: Array) -> Array:
        """Return the free variables (k,) that come nearest to the parameters (r,), within their bounds."""
        q = np.where(self.inverse, 1.0 / np.where(self.inverse, parameters, 1.0), parameters)
        variables = np.linalg.lstsq(self.matrix, q - self.offset, rcond=None)[0]
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
    """Return free variables for named parameters (r) of given values, each its own; U, V, W by FWHM² at angles.

    Bounds of the free variables are those given, else the natural ones.
    """
    limits = {name: (bounds or {}).get(name, natural_bounds(name, values[name])) for name in names}
    inverse = np.array([name.rpartition(".")[2] in RECIPROCAL for name in names], dtype=np.bool_)
    ends = np.array([limits[name] for name in names]).reshape(-1, 2)
    ends[inverse] = 1.0 / ends[inverse][:, ::-1]
    matrix, offset = np.eye(len(names)), np.zeros(len(names))
    low, high = ends[:, 0].copy(), ends[:, 1].copy()
    free = list(names)
    given = bounds or {}
    for histogram in model.histograms:
        own = [f"{histogram.name}.{width}" for width in WIDTHS]
        index = [names.index(name) for name in own if name in names]
        if isinstance(histogram.beam, ConstantWavelength) and index and not any(name in given for name in own):
            x = histogram.pattern.x
            tangent = np.tan(np.radians(0.5 * np.linspace(x[0], min(float(x[-1]), 170.0), max(len(index), 2))))
            columns = np.stack([tangent**2, tangent, np.ones_like(tangent)], axis=1)[: len(index)]
            taken = [i for i, name in enumerate(own) if name in names]
            held = [i for i in range(3) if i not in taken]
            back = np.linalg.inv(columns[:, taken])
            matrix[np.ix_(index, index)] = back
            current = histogram.beam.instrument
            rest = np.array([getattr(current, WIDTHS[i]) for i in held])
            offset[index] = -back @ columns[:, held] @ rest if held else 0.0
            low[index], high[index] = LEAST_VARIANCE, np.inf
            for position, angle in zip(index, tangent, strict=False):
                free[position] = f"{histogram.name}.fwhm² at {2.0 * np.degrees(np.arctan(angle)):.1f}°"
    return Parametrisation(tuple(names), tuple(free), matrix, offset, inverse, low, high)
