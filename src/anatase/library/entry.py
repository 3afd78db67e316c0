"""What the library says about one reference structure, and what it stores for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice

__all__ = ["Entry", "Record", "Refusal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One reference structure as the catalogue lists it; ``density`` in g/cm³."""

    library_id: str
    name: str
    formula: str
    space_group_number: int
    space_group_symbol: str
    lattice: Lattice
    density: float
    source: str
    citation: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the catalogue with its powder lines and its structure.

    Parameters
    ----------
    entry
        What the catalogue lists.
    elements
        Two bit masks: bit Z − 1 of the first for Z ≤ 63, bit Z − 64 of the second beyond.
    phase_key
        Proportions of the elements, hydrogen set aside: equal for equal reduced formulae.
    atom_volume
        Cell volume over the atoms in it, hydrogen set aside, Å³.
    hkl, xray, neutron
        Powder lines in descending d: indices (n, 3) int16; m·|F|²/V² (n,) float32, in electrons²/Å⁶
        and fm²/Å⁶.
    structure
        The standardised structure as compressed JSON.
    file
        The file it was read from, relative to its folder; empty in the embedded library.
    """

    entry: Entry
    elements: tuple[int, int]
    phase_key: str
    atom_volume: float
    hkl: NDArray[np.int16]
    xray: NDArray[np.float32]
    neutron: NDArray[np.float32]
    structure: bytes
    file: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or one structure of it, that stayed outside the library, and why."""

    file: str
    reason: str
