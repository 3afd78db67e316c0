"""A library without the entries of given phases: what happens when the truth is not among the candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from known_patterns import KnownPattern
from numpy.typing import NDArray
from rows import TruePhase
from same_phase import is_phase

from anatase.library import Library

__all__ = ["entries_of", "phases_to_remove", "without_entries"]


class LibraryWithout(Library):
    """A library whose ``select`` leaves some entries out; everything else is as it was."""

    def __init__(self, library: Library, left_out: NDArray[np.int64]) -> None:
        self.__dict__.update(library.__dict__)
        self.left_out = left_out

    def select(
        self, required: Iterable[str] = (), allowed: Iterable[str] | None = None, excluded: Iterable[str] = ()
    ) -> NDArray[np.int64]:
        """Return the numbers of the entries that are left, by the elements in them."""
        return np.setdiff1d(super().select(required, allowed, excluded), self.left_out)


def entries_of(library: Library, phase: TruePhase) -> NDArray[np.int64]:
    """Return the numbers of the entries that would count as this phase."""
    numbers = library.space_group_numbers
    described = zip(library.names, library.formulas, numbers, strict=True)
    found = [i for i, (name, formula, number) in enumerate(described) if is_phase(name, formula, int(number), phase)]
    return np.array(found, dtype=np.int64)


def without_entries(library: Library, phases: Sequence[TruePhase]) -> Library:
    """Return the library without the entries of these phases."""
    left_out = np.unique(np.concatenate([np.zeros(0, np.int64), *(entries_of(library, phase) for phase in phases)]))
    return LibraryWithout(library, left_out)


def phases_to_remove(known: KnownPattern, *, everything: bool) -> tuple[int, ...]:
    """Return which true phases the library is to lose: all, or one that a digest of the sample's formulae chooses."""
    if everything or len(known.phases) < 2:
        return tuple(range(len(known.phases)))
    text = known.source + "".join(sorted(phase.formula for phase in known.phases))
    return (int(hashlib.sha256(text.encode()).hexdigest()[1:5], 16) % len(known.phases),)
