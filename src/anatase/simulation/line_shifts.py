"""How an instrument shifts lines: zero error, displacement and transparency in its geometry."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.line_shift import (
    LineShift,
    capillary_displacement,
    plate_displacement,
    transmission_displacement,
    transparency,
    zero_error,
)
from anatase.simulation.instrument import Instrument

__all__ = ["instrument_shifts", "largest_shift"]

Array = NDArray[np.float64]
Shift = tuple[tuple[str, ...], LineShift]


def instrument_shifts(two_theta: Array, instrument: Instrument) -> list[Shift]:
    """Return the shifts of lines at 2θ (m,) with the names of their parameters."""
    shifts: list[Shift] = [(("zero",), zero_error(two_theta, instrument.zero))]
    radius, displacement, incidence = instrument.radius, instrument.displacement, instrument.incidence
    if instrument.geometry == "bragg_brentano":
        shifts.append((("displacement",), plate_displacement(two_theta, displacement, radius, incidence)))
        shifts.append((("penetration",), transparency(two_theta, instrument.penetration, radius, incidence)))
    elif instrument.geometry == "transmission":
        shifts.append((("displacement",), transmission_displacement(two_theta, displacement, radius)))
    else:
        names, offset = ("displacement", "displacement_across"), (displacement, instrument.displacement_across)
        shifts.append((names, capillary_displacement(two_theta, *offset, radius)))
    return shifts


@lru_cache(maxsize=256)
def largest_shift(instrument: Instrument) -> float:
    """Return a bound (°) of the shifts that an instrument gives any line."""
    angles = np.linspace(instrument.incidence or 0.0, 180.0, 37)[1:-1]
    return float(sum(np.abs(shift.value).max() for _, shift in instrument_shifts(angles, instrument)))
