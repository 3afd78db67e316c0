"""Which rows of a Jacobian follow each change of a phase's lines in one histogram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters
from anatase.refine.calculation.lattice_strain import PREFIX
from anatase.refine.model import Phase, PhasePart

__all__ = ["RowTargets", "row_targets"]

Array = NDArray[np.float64]
Rows = Mapping[str, int]


class Named(Protocol):
    """Changes of lines by named parameters (k): ``values`` (k, m)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names (k)."""

    @property
    def values(self) -> Array:
        """Derivatives (k, m)."""


@dataclass(frozen=True)
class RowTargets:
    """The rows that follow a change of short name (``a``, ``Ti1.x``, ``zero``, ``scale``), each at what rate."""

    targets: dict[str, list[tuple[int, float]]]

    def __contains__(self, name: str) -> bool:
        return name in self.targets

    def any_of(self, names: Iterable[str]) -> bool:
        """Tell whether any of some short names is asked for."""
        return any(name in self.targets for name in names)

    @property
    def of_atoms(self) -> bool:
        """Whether a parameter of an atom is asked for."""
        return any("." in name for name in self.targets)

    def kept(self, change: Named, index: dict[str, int]) -> tuple[NDArray[np.int64], Array]:
        """Return the numbers (q,) of the short names that are asked for, and their derivatives (q, m).

        ``index`` numbers the names that have come; new ones are numbered on.
        """
        keep = [i for i, name in enumerate(change.names) if name in self.targets]
        local = np.array([index.setdefault(change.names[i], len(index)) for i in keep], dtype=np.int64)
        return local, change.values if len(keep) == len(change.names) else change.values[keep]

    def add(self, drawn: Array, index: Mapping[str, int], jacobian: Array) -> None:
        """Add drawn derivatives (q, n) of numbered short names to the Jacobian (k, n)."""
        for name, number in index.items():
            for row, rate in self.targets[name]:
                jacobian[row] += drawn[number] if rate == 1.0 else rate * drawn[number]


def row_targets(histogram: str, phase: Phase, part: PhasePart, rows: Rows) -> RowTargets:
    """Return the targets for a phase in a histogram, of rows by full names (``PbSO4.a``, ``xray.zero``).

    A cell parameter p is p (1 + e) in the histogram: the line's change by ``a`` goes to ``PbSO4.a`` at rate 1 + e, to
    ``PbSO4.xray.lattice_strain_a`` at rate p.
    """
    names, rates = free_cell_parameters(phase.structure.lattice, phase.structure.space_group)
    cell = np.array(phase.structure.lattice.parameters)[np.argmax(rates != 0.0, axis=1)]
    own = dict(zip(names, cell.tolist(), strict=True))
    strain = dict(zip(names, part.lattice_strain or [0.0] * len(names), strict=True))
    targets: dict[str, list[tuple[int, float]]] = {}
    both, alone, instrument = f"{phase.name}.{histogram}.", f"{phase.name}.", f"{histogram}."
    for full, row in rows.items():
        short, rate = "", 1.0
        if full.startswith(both):
            short = full[len(both) :]
            if short.startswith(PREFIX):
                short = short[len(PREFIX) :]
                rate = own[short]
        elif full.startswith(alone):
            short = full[len(alone) :]
            rate = 1.0 + strain.get(short, 0.0)
        elif full.startswith(instrument):
            short = full[len(instrument) :]
        if short and not short.startswith("background."):
            targets.setdefault(short, []).append((row, rate))
    return RowTargets(targets)
