"""A library of reference structures, opened for search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.library.catalogue import Catalogue
from anatase.library.elements import element_masks, unpack_masks, without
from anatase.library.entry import Entry
from anatase.library.fingerprint import Fingerprints
from anatase.library.line_arrays import LineArrays, read_lines
from anatase.library.mapped_index import MappedIndex
from anatase.library.snapshot import row_of, unchanged
from anatase.library.stored_texts import StoredTexts, Texts
from anatase.library.structure_json import load_structure
from anatase.library.table import EntryTable

__all__ = ["Library", "joint_digest"]


class Library:
    """Reference structures with their powder lines, read from one or more databases.

    Line ``j`` of entry ``i`` stands at ``line_offsets[i] + j`` of the flat arrays ``line_hkl``,
    ``line_intensity["xray"]`` and ``line_intensity["neutron"]``; within an entry d falls.

    Parameters
    ----------
    catalogues
        What ``read_catalogue`` returned of each database.
    contents
        The entries of all of them: read into memory, or the mapped index of a large library.
    """

    def __init__(self, catalogues: Sequence[Catalogue], contents: EntryTable | MappedIndex) -> None:
        self._catalogues = tuple(catalogues)
        self._mapped = contents if isinstance(contents, MappedIndex) else None
        self._table = contents.table if isinstance(contents, MappedIndex) else contents

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        return f"Library({len(self)} entries, {', '.join(p.name for p in self.paths)})"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The databases."""
        return tuple(catalogue.path for catalogue in self._catalogues)

    @cached_property
    def ids(self) -> Texts:
        """Names of the entries that stay the same from build to build."""
        return self._texts("library_id")

    @cached_property
    def names(self) -> Texts:
        """What the phases are called."""
        return self._texts("name")

    @cached_property
    def formulas(self) -> Texts:
        """Reduced formulae."""
        return self._texts("formula")

    @cached_property
    def space_group_symbols(self) -> Texts:
        """Hermann–Mauguin symbols."""
        return self._texts("symbol")

    @cached_property
    def licences(self) -> Texts:
        """Under which terms each entry comes; empty where its source does not say."""
        return self._texts("licence")

    def _texts(self, column: str) -> Texts:
        stored = StoredTexts(self._catalogues, self._table, column)
        return list(stored) if self._mapped is None else stored

    @property
    def space_group_numbers(self) -> NDArray[np.int64]:
        """Space-group numbers (n,)."""
        return self._table.space_group

    @property
    def element_masks(self) -> NDArray[np.int64]:
        """Which elements each entry holds, as the two bit masks (n, 2) of ``element_masks``."""
        return self._table.elements

    @cached_property
    def elements(self) -> NDArray[np.bool_]:
        """Which elements each entry holds (n, 118), column Z − 1; deuterium counts as hydrogen."""
        return unpack_masks(*self._table.elements.T)

    @cached_property
    def n_elements(self) -> NDArray[np.int64]:
        """Number of different elements (n,)."""
        return np.asarray(self.elements.sum(axis=1), dtype=np.int64)

    @property
    def lattices(self) -> NDArray[np.float64]:
        """Cell parameters a, b, c (Å), α, β, γ (°), shape (n, 6), in the standard setting."""
        return self._table.lattice

    @property
    def line_offsets(self) -> NDArray[np.int64]:
        """Where each entry's lines begin and end in the flat arrays (n + 1,)."""
        return self._table.line_offset

    @property
    def line_hkl(self) -> NDArray[np.int16]:
        """Indices of all lines (N, 3)."""
        return self._lines.hkl

    @property
    def line_intensity(self) -> dict[str, NDArray[np.float32]]:
        """m·|F|²/V² of all lines (N,), without Lorentz and polarization, for ``xray`` and ``neutron``."""
        return {"xray": self._lines.xray, "neutron": self._lines.neutron}

    @cached_property
    def _lines(self) -> LineArrays:
        if self._mapped is not None:
            return self._mapped.lines
        with ExitStack() as stack:
            connections = [stack.enter_context(unchanged(catalogue)) for catalogue in self._catalogues]
            return read_lines(connections, self._table)

    @property
    def fingerprints(self) -> dict[str, Fingerprints] | None:
        """The strongest lines of each entry for ``xray`` and ``neutron``, kept for large libraries only."""
        return None if self._mapped is None else {"xray": self._mapped.xray, "neutron": self._mapped.neutron}

    @property
    def groups(self) -> NDArray[np.int64]:
        """A number (n,) that entries of one phase share.

        Same reduced formula with hydrogen set aside, same space group (enantiomorphs count as one), and
        cell volume per atom within 5 %; polytypes, whose cells hold other numbers of atoms, stay apart.
        """
        return self._table.group

    @property
    def sha256(self) -> str:
        """Digest of the content."""
        return joint_digest(self._catalogues)

    def entry(self, i: int) -> Entry:
        """Return what the catalogue says about entry ``i``."""
        return self._entry(i)[0]

    def structure(self, i: int) -> Structure:
        """Return the standardised structure of entry ``i``."""
        entry, blob = self._entry(i)
        structure = load_structure(blob)
        origin = replace(structure.origin, citation=entry.citation, licence=entry.licence)
        return replace(structure, name=entry.name, origin=origin)

    def _entry(self, i: int) -> tuple[Entry, bytes]:
        """Return what the database holds of entry ``i``: the catalogue's line, and the structure."""
        catalogue = self._catalogues[self._table.owner[i]]
        digest = self._table.digest[i].decode()
        row = row_of(catalogue.path, int(self._table.row[i]), digest)
        library_id, name, formula, number, symbol, density, source, citation, licence, url, blob = row
        lattice = Lattice(*self._table.lattice[i].tolist())
        return Entry(library_id, name, formula, number, symbol, lattice, density, source, citation, licence, url), blob

    def index_of(self, library_id: str) -> int:
        """Return the number of an entry.

        Raises
        ------
        InputError
            When no entry has this id.
        """
        for owner, catalogue in reversed(list(enumerate(self._catalogues))):
            with unchanged(catalogue) as connection:
                found = connection.execute("SELECT n FROM entry WHERE library_id = ?", (library_id,)).fetchone()
            if found is not None:
                return int(np.flatnonzero((self._table.row == found[0]) & (self._table.owner == owner))[0])
        raise InputError(f"the library has no entry '{library_id}'", "list the ids with 'anatase library list'")

    def select(
        self, required: Iterable[str] = (), allowed: Iterable[str] | None = None, excluded: Iterable[str] = ()
    ) -> NDArray[np.int64]:
        """Return the numbers of entries by the elements in them.

        Parameters
        ----------
        required
            Elements that an entry must hold.
        allowed
            Elements that it may hold, ``required`` included; ``None`` allows all.
        excluded
            Elements that it must not hold.

        Examples
        --------
        >>> from anatase.library import open_library
        >>> library = open_library()
        >>> {library.formulas[i] for i in library.select(required=["Ti", "O"], allowed=["Ti", "O"])}
        {'TiO2'}
        """
        masks = self._table.elements
        needed = np.array(element_masks(required))
        keep = without(~masks, needed) & without(masks, np.array(element_masks(excluded)))
        if allowed is not None:
            keep &= without(masks, ~(np.array(element_masks(allowed)) | needed))
        return np.flatnonzero(keep)


def joint_digest(catalogues: Sequence[Catalogue]) -> str:
    """Return the digest of the content of databases that are searched together."""
    digests = [catalogue.sha256 for catalogue in catalogues]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
