"""What a library entry is called in answers."""

from __future__ import annotations

from anatase.identify.answer import PhaseLabel
from anatase.library import Library

__all__ = ["phase_label"]


def phase_label(library: Library, entry: int) -> PhaseLabel:
    """Return name, formula, space group and id of an entry."""
    found = library.entry(entry)
    return PhaseLabel(found.name, found.formula, found.space_group_number, found.space_group_symbol, found.library_id)
