"""What a library entry is called in answers."""

from __future__ import annotations

import re

import numpy as np

from anatase.identify.answer import PhaseLabel
from anatase.library import Library

__all__ = ["phase_label"]

NO_NAME = re.compile(r"(sg\d{1,3}|none)?", re.IGNORECASE)  # what some records have instead of one


def phase_label(library: Library, entry: int) -> PhaseLabel:
    """Return name, formula, space group and id of an entry.

    An entry whose name only tells the space group (``sg225``) goes by the name of another record of the same phase, or
    by its formula.
    """
    found = library.entry(entry)
    name = found.name
    if NO_NAME.fullmatch(name):
        records = (library.names[i] for i in np.flatnonzero(library.groups == library.groups[entry]))
        name = next((other for other in records if not NO_NAME.fullmatch(other)), found.formula or name)
    return PhaseLabel(name, found.formula, found.space_group_number, found.space_group_symbol, found.library_id)
