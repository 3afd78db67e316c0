"""Atoms that others carry along: their shifts, and how these follow the parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CarriedAtoms"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CarriedAtoms:
    """Shifts (3,), fractional, of atoms that follow others, and their slopes (3,) by (atom, parameter)."""

    to_cell: Array
    shifts: dict[int, Array]
    slopes: dict[tuple[int, int], Array]

    def add(self, atom: int, carrier: int, offset: Array, slopes: list[tuple[int, Array]]) -> None:
        """Add an atom at an offset in Å from another, which may follow a third itself."""
        self.shifts[atom] = self.shifts.get(carrier, np.zeros(3)) + offset @ self.to_cell
        inherited = [(index, slope) for (of, index), slope in self.slopes.items() if of == carrier]
        for index, slope in [*inherited, *((index, slope @ self.to_cell) for index, slope in slopes)]:
            self.slopes[atom, index] = self.slopes.get((atom, index), np.zeros(3)) + slope
