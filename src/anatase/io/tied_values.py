"""The values of a refinement's parameters in another program's units, and which of them follow others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import pi

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.crystal.structure import Structure
from anatase.io.foreign import ForeignRefinement
from anatase.pattern.pattern import Array

__all__ = ["TiedValues", "keep_structure"]

EIGHT_PI_SQUARED = 8.0 * pi**2


@dataclass
class TiedValues:
    """Values by the names of parameters here, in the units of the file that is written.

    ``units``: ∂here/∂there. ``symmetry``: what symmetry ties to another parameter, with its change for one unit of that
    in our units. All values are kept before any is written.
    """

    refinement: ForeignRefinement
    values: dict[str, float] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)
    symmetry: dict[str, tuple[str, float]] = field(default_factory=dict)

    def keep(self, target: str, value: float, unit: float = 1.0) -> None:
        """Keep the value of a parameter, given in the file's units."""
        self.values[target] = value
        self.units[target] = unit

    def follow(self, target: str, leader: str, ratio: float) -> None:
        """Tie a parameter to another by symmetry."""
        self.symmetry[target] = (leader, ratio)

    @cached_property
    def leaders(self) -> dict[str, tuple[str, float]]:
        """Parameters that follow another, and their change for one unit of it, in our units."""
        found: dict[str, tuple[str, float]] = {}
        for shift in self.refinement.shared:
            known = [(factor, target) for factor, target in shift.terms if target in self.values and factor != 0.0]
            for factor, target in known[1:]:
                found[target] = (known[0][1], factor / known[0][0])
        moving = self.refinement.free | found.keys()
        found |= {target: tie for target, tie in self.symmetry.items() if tie[0] in moving}
        return found


def keep_structure(tied: TiedValues, name: str, structure: Structure) -> None:
    """Keep cell, coordinates, B (Å²) or U (Å²) and occupancies of a phase; what symmetry ties follows."""
    free, rates = free_cell_parameters(structure.lattice, structure.space_group)
    for axis, value in zip(CELL_NAMES, structure.lattice.parameters, strict=True):
        tied.keep(f"{name}.{axis}", value)
    _follow(tied, name, CELL_NAMES, free, rates)
    for index, site in enumerate(structure.sites):
        head, freedom = f"{name}.{site.label}", site_freedom(structure, index)
        for axis, value in zip("xyz", site.xyz, strict=True):
            tied.keep(f"{head}.{axis}", value)
        _follow(tied, head, "xyz", freedom.axes, freedom.directions)
        if site.u_aniso is None:
            tied.keep(f"{head}.u_iso", (site.u_iso or 0.0) * EIGHT_PI_SQUARED, 1.0 / EIGHT_PI_SQUARED)
        else:
            for term, value in zip(TENSOR, site.u_aniso, strict=True):
                tied.keep(f"{head}.{term}", value)
            _follow(tied, head, TENSOR, freedom.tensor, freedom.tensor_directions)
        for species in site.species:
            tied.keep(f"{head}.{species.element}.occupancy", species.occupancy)


def _follow(tied: TiedValues, head: str, words: Sequence[str], free: Sequence[str], directions: Array) -> None:
    """Tie the words that are not free to the one free word that moves them."""
    for k, word in enumerate(words):
        rows = [row for row in range(len(free)) if directions[row, k] != 0.0]
        if word not in free and len(rows) == 1:
            tied.follow(f"{head}.{word}", f"{head}.{free[rows[0]]}", float(directions[rows[0], k]))
