"""Which of the phases found a user means."""

from __future__ import annotations

from collections.abc import Sequence

from anatase.errors import InputError
from anatase.identify.named_phases import entries_named
from anatase.library import Library

__all__ = ["found_under_name"]


def found_under_name(library: Library, entries: Sequence[int], text: str) -> list[int]:
    """Return the places in ``entries``, the phases found (p,), of those that a library id, name or formula means.

    An id means its entry; where that is not among them, another record of its phase.

    Raises
    ------
    InputError
        When the library holds no such phase.

    Examples
    --------
    >>> from anatase.library import open_library
    >>> library = open_library()
    >>> found = [library.names.index(name) for name in ("rutile", "anatase")]
    >>> found_under_name(library, found, "anatase"), found_under_name(library, found, "TiO2")
    ([1], [0, 1])
    """
    try:
        exact = [i for i, entry in enumerate(entries) if entry == library.index_of(text.strip())]
    except InputError:
        exact = []  # no id
    if exact:
        return exact
    groups = library.groups[entries_named(library, text)]
    return [i for i, entry in enumerate(entries) if library.groups[entry] in groups]
