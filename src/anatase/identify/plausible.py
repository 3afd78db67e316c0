"""Which library entries can lie on a diffractometer at ambient conditions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.library import Library
from anatase.library.elements import element_masks, without

__all__ = ["plausible"]

# substances of these elements alone are gases or liquids at ambient conditions: ices, solid air, noble gases, HF, HCl
VOLATILE = ("H", "He", "N", "O", "F", "Ne", "Cl", "Ar", "Kr", "Xe", "Rn")


def plausible(library: Library, entries: NDArray[np.int64], elements: Sequence[str] | None) -> NDArray[np.int64]:
    """Return the entries (n,) without condensed gases and ices, unless the user names volatile elements only."""
    if elements is not None and set(elements) <= set(VOLATILE):
        return entries
    volatile = without(library.element_masks, ~np.array(element_masks(VOLATILE)))
    return entries[~volatile[entries]]
