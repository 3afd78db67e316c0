"""Which library entries a user means by the id, the name or the formula of a phase."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import parse_formula
from anatase.errors import InputError
from anatase.library import Library

__all__ = ["entries_named"]

Entries = NDArray[np.int64]

SAME_COMPOSITION = 0.005  # of the share of an element's atoms: FeO and Fe0.95O are two compounds
SUGGESTED = 5  # near names in a message


def entries_named(library: Library, text: str) -> Entries:
    """Return the entries (n,) that a user may mean by a phase's library id, name or formula, in order of index.

    An id means its entry alone. A name, in capitals or not, means the entries so called, with all that are records of
    the same phases; a formula all entries of that composition: several polymorphs mean any of them.

    Raises
    ------
    InputError
        When the library holds no such phase, with the names that come near; or when the text is, but for capitals,
        the formula of several compositions.

    Examples
    --------
    >>> from anatase.library import open_library
    >>> library = open_library()
    >>> sorted(library.names[i] for i in entries_named(library, "TiO2"))
    ['anatase', 'brookite', 'rutile']
    >>> [library.names[i] for i in entries_named(library, "Rutile")]
    ['rutile']
    """
    wanted = text.strip()
    try:
        return np.array([library.index_of(wanted)], dtype=np.int64)
    except InputError:
        pass  # no id: a formula or a name
    # a formula goes first: cobalt, Co, is not what somebody called CO
    readings = (_of_formula, _so_called, _of_formula_without_capitals)
    found = next((entries for entries in (list(reading(library, wanted)) for reading in readings) if entries), [])
    if not found:
        near = ", ".join(f"'{name}'" for name in _near(library, wanted))
        raise InputError(
            f"the library holds no phase '{wanted}'" + (f"; near it: {near}" if near else ""),
            "give a library id, a name or a formula that 'anatase library list' shows",
        )
    return np.array(sorted(found), dtype=np.int64)


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\s_\-]+", name.casefold().strip()))


def _so_called(library: Library, wanted: str) -> Iterator[int]:
    """Yield the entries with a name, or an id that ends in it after a slash, and the other records of their phases."""
    plain = _plain(wanted)
    word = max(plain.split(), key=len, default="")
    tails = (library_id.rsplit("/", 1)[-1] for library_id in library.ids)
    named = [
        i
        for i, names in enumerate(zip(library.names, tails, strict=True))
        if word and any(word in name.casefold() and _plain(name) == plain for name in names)
    ]
    if named:
        yield from (int(i) for i in np.flatnonzero(np.isin(library.groups, library.groups[named])))


def _shares(formula: str) -> dict[str, float] | None:
    """Return the share of each element in the atoms of a formula; deuterium counts as hydrogen."""
    atoms = parse_formula(formula)
    if not atoms:
        return None
    total = sum(atoms.values())
    shares: dict[str, float] = {}
    for element, count in atoms.items():
        name = "H" if element in ("D", "T") else element
        shares[name] = shares.get(name, 0.0) + count / total
    return shares


def _of_formula(library: Library, wanted: str) -> Iterator[int]:
    shares = _shares(wanted)
    if shares is None:
        return
    for i in library.select(required=shares, allowed=shares):
        other = _shares(library.formulas[i]) or {}
        if all(abs(other.get(element, 0.0) - share) < SAME_COMPOSITION for element, share in shares.items()):
            yield int(i)


def _of_formula_without_capitals(library: Library, wanted: str) -> Iterator[int]:
    """Yield the entries of a formula written as in ``tio2``, where only one composition can be meant."""
    meant = sorted({formula for formula in library.formulas if formula.casefold() == wanted.casefold()})
    if len(meant) > 1:
        raise InputError(f"'{wanted}' may be {' or '.join(meant)}", "write the formula with its capitals")
    if meant:
        yield from _of_formula(library, meant[0])


def _near(library: Library, wanted: str) -> list[str]:
    """Return names and formulae that hold the text, then those that are spelt like it."""
    plain = _plain(wanted)
    names = {_plain(name): name for name in (*library.formulas, *library.names) if name}
    holding = sorted(name for name in names if plain and plain in name)
    alike = get_close_matches(plain, [name for name in names if name[:1] == plain[:1]], n=SUGGESTED, cutoff=0.6)
    return [names[name] for name in dict.fromkeys((*alike, *holding))][:SUGGESTED]
