"""The OPTIMADE filter that selects structures by their elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import gemmi

from anatase.errors import InputError
from anatase.library.elements import N_ELEMENTS

__all__ = ["spelled_out", "structure_filter"]


def structure_filter(elements: Sequence[str] = (), contains: Sequence[str] = (), text: str = "") -> str:
    """Return the filter for structures of these elements or fewer that hold all of others.

    Parameters
    ----------
    elements
        Only structures of these elements or fewer; empty for any.
    contains
        Only structures that hold all of these.
    text
        A further condition in the filter language itself.

    Examples
    --------
    >>> structure_filter(["Ti", "O"])
    'elements HAS ONLY "O","Ti"'
    >>> structure_filter(contains=["Ti", "O"], text="nelements=3")
    'elements HAS ALL "O","Ti" AND (nelements=3)'
    """
    outside = sorted(set(contains) - set(elements)) if elements else []
    if outside:
        raise InputError(
            f"{', '.join(outside)} must be there but is not among the elements", "name it in both lists or in neither"
        )
    parts = []
    if elements:
        parts.append(f"elements HAS ONLY {_listed(elements)}")
    if contains:
        parts.append(f"elements HAS ALL {_listed(contains)}")
    if text.strip():
        parts.append(f"({text.strip()})")
    return " AND ".join(parts)


def spelled_out(elements: Sequence[str], contains: Sequence[str] = (), text: str = "") -> str:
    """Return the same filter without ``HAS ONLY``, an operator that servers need not know."""
    others = [e for e in (gemmi.Element(z).name for z in range(1, N_ELEMENTS + 1)) if e not in elements]
    without = f"NOT (elements HAS ANY {_listed(others)}) AND nelements <= {len(set(elements))}"
    rest = structure_filter((), contains, text)
    return f"{without} AND {rest}" if rest else without


def _listed(elements: Iterable[str]) -> str:
    return ",".join(f'"{element}"' for element in sorted(set(elements)))
