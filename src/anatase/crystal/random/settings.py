"""What a user may ask of random crystals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anatase.crystal.random.element_size import element_sizes, occurrence_weights
from anatase.errors import InputError

__all__ = ["RandomSettings"]


@dataclass(frozen=True)
class RandomSettings:
    """How random crystals are drawn.

    Parameters
    ----------
    group_weights
        Relative weights of space groups 1 to 230; all alike where it is ``None``.
    element_weights
        Element → relative weight; as often as elements occur in the embedded library by default.
    n_elements
        Least and most elements of a random formula.
    contact
        Shortest distance between atoms over the sum of their radii (see ``contact_distances``). Among the ordered
        structures of the embedded library 98 in 100 contacts to anions are longer than 0.78 times that sum.
    packing_spread
        Standard deviation of ln(V / Σ volumes per atom); the embedded library has 0.135.
    max_volume
        Largest volume over Σ volumes per atom up to which a crowded cell may grow.
    u_iso
        Range in Å² from which each site's U is drawn, evenly in its logarithm; no U where it is ``None``.
    verify
        Whether moyo must find the very group again, and no smaller cell, within ``symprec``.
    symprec
        Å; crystals closer than that to a higher symmetry are drawn again.
    tries
        Draws before a group, or a group with a formula, is given up: most groups need four, Pn-3n some 250.

    Raises
    ------
    InputError
        When a value makes no sense.
    """

    group_weights: tuple[float, ...] | None = None
    element_weights: Mapping[str, float] = field(default_factory=occurrence_weights)
    n_elements: tuple[int, int] = (1, 4)
    contact: float = 0.8
    packing_spread: float = 0.135
    max_volume: float = 1.6
    u_iso: tuple[float, float] | None = None
    verify: bool = True
    symprec: float = 0.01
    tries: int = 2000

    def __post_init__(self) -> None:
        weights = self.group_weights
        if weights is not None and (len(weights) != 230 or min(weights) < 0 or sum(weights) <= 0):
            raise InputError(
                f"group_weights has {len(weights)} values", "give 230, none negative and not all of them 0"
            )
        self._check_elements()
        for name in ("contact", "packing_spread", "max_volume", "symprec", "tries"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"{name} = {getattr(self, name)} is not positive", "give a positive number")
        if self.u_iso is not None and not 0 < self.u_iso[0] <= self.u_iso[1]:
            raise InputError(f"u_iso = {self.u_iso} is no range", "give two positive values in Å², the least first")

    def _check_elements(self) -> None:
        unknown = [element for element in self.element_weights if element not in element_sizes()]
        if unknown:
            raise InputError(f"the size of '{unknown[0]}' is not tabulated", "give elements from H to Cm")
        usable = sum(weight > 0 for weight in self.element_weights.values())
        if min(self.element_weights.values(), default=-1.0) < 0 or not usable:
            raise InputError("element_weights are negative, or all of them 0", "give at least one positive weight")
        low, high = self.n_elements
        if not 1 <= low <= high <= usable:
            raise InputError(
                f"n_elements = {self.n_elements} cannot be had from {usable} elements",
                "give the least and the most, within the elements of element_weights",
            )
