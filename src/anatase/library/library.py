"""A library of reference structures, opened for search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.library.catalogue import Catalogue, connect
from anatase.library.elements import element_columns, unpack_masks
from anatase.library.entry import Entry
from anatase.library.groups import group_phases
from anatase.library.structure_json import load_structure

__all__ = ["Library"]


class Library:
    """Reference structures with their powder lines, read from one or more databases.

    Line ``j`` of entry ``i`` stands at ``line_offsets[i] + j`` of the flat arrays ``line_hkl``,
    ``line_intensity["xray"]`` and ``line_intensity["neutron"]``; within an entry d falls.

    Parameters
    ----------
    catalogues
        What ``read_catalogue`` returned. Where two hold the same id, the later one wins.
    """

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        self.paths: tuple[Path, ...] = tuple(c.path for c in catalogues)
        self._kept = _kept_rows(catalogues)
        self._columns: dict[str, list[Any]] = {
            name: [c.columns[name][row] for c, rows in zip(catalogues, self._kept, strict=True) for row in rows]
            for name in catalogues[0].columns
        }
        self._owner = np.repeat(np.arange(len(catalogues)), [len(rows) for rows in self._kept])
        self._digests = [c.sha256 for c in catalogues]
        self._sizes = [len(c) for c in catalogues]

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Library({len(self)} entries, {', '.join(p.name for p in self.paths)})"

    @property
    def ids(self) -> list[str]:
        """Names of the entries that stay the same from build to build."""
        return self._columns["library_id"]

    @property
    def names(self) -> list[str]:
        """What the phases are called."""
        return self._columns["name"]

    @property
    def formulas(self) -> list[str]:
        """Reduced formulae."""
        return self._columns["formula"]

    @property
    def space_group_symbols(self) -> list[str]:
        """Hermann–Mauguin symbols."""
        return self._columns["symbol"]

    @cached_property
    def space_group_numbers(self) -> NDArray[np.int64]:
        """Space-group numbers (n,)."""
        return np.array(self._columns["number"], dtype=np.int64)

    @cached_property
    def elements(self) -> NDArray[np.bool_]:
        """Which elements each entry holds (n, 118), column Z − 1; deuterium counts as hydrogen."""
        low = np.array(self._columns["elements_low"], dtype=np.int64)
        high = np.array(self._columns["elements_high"], dtype=np.int64)
        return unpack_masks(low, high)

    @cached_property
    def n_elements(self) -> NDArray[np.int64]:
        """Number of different elements (n,)."""
        return np.asarray(self.elements.sum(axis=1), dtype=np.int64)

    @cached_property
    def lattices(self) -> NDArray[np.float64]:
        """Cell parameters a, b, c (Å), α, β, γ (°), shape (n, 6), in the standard setting."""
        names = ("a", "b", "c", "alpha", "beta", "gamma")
        return np.array([self._columns[name] for name in names], dtype=np.float64).T.reshape(-1, 6)

    @cached_property
    def line_offsets(self) -> NDArray[np.int64]:
        """Where each entry's lines begin and end in the flat arrays (n + 1,)."""
        return np.concatenate([[0], np.cumsum(self._columns["n_lines"], dtype=np.int64)]).astype(np.int64)

    @cached_property
    def line_hkl(self) -> NDArray[np.int16]:
        """Indices of all lines (N, 3)."""
        return np.frombuffer(self._blob("hkl"), dtype=np.int16).reshape(-1, 3)

    @cached_property
    def line_intensity(self) -> dict[str, NDArray[np.float32]]:
        """m·|F|²/V² of all lines (N,), without Lorentz and polarization, for ``xray`` and ``neutron``."""
        return {probe: np.frombuffer(self._blob(probe), dtype=np.float32) for probe in ("xray", "neutron")}

    def _blob(self, column: str) -> bytes:
        query = f"SELECT {column} FROM content JOIN entry USING (n) ORDER BY library_id"  # noqa: S608, ours
        parts: list[bytes] = []
        for path, rows, n_all in zip(self.paths, self._kept, self._sizes, strict=True):
            with closing(connect(path)) as connection:
                found = [row[0] for row in connection.execute(query)]
            if len(found) != n_all:
                raise InputError("the library changed while it was open", "open it again", file=path)
            parts.extend(found[row] for row in rows)
        return b"".join(parts)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """A number (n,) that entries of one phase share.

        Same reduced formula with hydrogen set aside, same space group (enantiomorphs count as one), and
        cell volume per atom within 5 %; polytypes, whose cells hold other numbers of atoms, stay apart.
        """
        volumes = np.array(self._columns["atom_volume"], dtype=np.float64)
        cosines = np.cos(np.radians(self.lattices[:, 3:]))
        skew = 1.0 - (cosines**2).sum(axis=1) + 2.0 * cosines.prod(axis=1)
        cells = self.lattices[:, :3].prod(axis=1) * np.sqrt(skew)
        return group_phases(self._columns["phase_key"], self._columns["number"], volumes, cells)

    @cached_property
    def sha256(self) -> str:
        """Digest of the content."""
        if len(self._digests) == 1:
            return self._digests[0]
        return hashlib.sha256("".join(self._digests).encode()).hexdigest()

    def entry(self, i: int) -> Entry:
        """Return what the catalogue says about entry ``i``."""
        row = {name: column[i] for name, column in self._columns.items()}
        return Entry(
            row["library_id"],
            row["name"],
            row["formula"],
            row["number"],
            row["symbol"],
            Lattice(row["a"], row["b"], row["c"], row["alpha"], row["beta"], row["gamma"]),
            row["density"],
            row["source"],
            row["citation"],
            row["licence"],
            row["url"],
        )

    def structure(self, i: int) -> Structure:
        """Return the standardised structure of entry ``i``."""
        library_id, path = self.ids[i], self.paths[self._owner[i]]
        query = "SELECT structure FROM content JOIN entry USING (n) WHERE library_id = ? AND digest = ?"
        with closing(connect(path)) as connection:
            row = connection.execute(query, (library_id, self._columns["digest"][i])).fetchone()
        if row is None:
            raise InputError(f"'{library_id}' left the library while it was open", "open it again", file=path)
        structure = load_structure(row[0])
        entry = self.entry(i)
        origin = replace(structure.origin, citation=entry.citation, licence=entry.licence)
        return replace(structure, name=entry.name, origin=origin)

    def index_of(self, library_id: str) -> int:
        """Return the number of an entry.

        Raises
        ------
        InputError
            When no entry has this id.
        """
        if library_id not in self._positions:
            raise InputError(f"the library has no entry '{library_id}'", "list the ids with 'anatase library list'")
        return self._positions[library_id]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {library_id: i for i, library_id in enumerate(self.ids)}

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
        needed = element_columns(required)
        keep = self.elements[:, needed].all(axis=1) & ~self.elements[:, element_columns(excluded)].any(axis=1)
        if allowed is not None:
            keep &= ~self.elements[:, ~(element_columns(allowed) | needed)].any(axis=1)
        return np.flatnonzero(keep)


def _kept_rows(catalogues: Sequence[Catalogue]) -> list[list[int]]:
    """Return the rows of each catalogue whose id no later catalogue holds."""
    taken: set[object] = set()
    kept: list[list[int]] = []
    for catalogue in reversed(catalogues):
        ids = catalogue.columns["library_id"]
        kept.append([row for row, library_id in enumerate(ids) if library_id not in taken])
        taken.update(ids)
    return kept[::-1]
