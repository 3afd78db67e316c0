"""The entries of a library as arrays: where each stands, its elements, cell, phase and the place of its lines."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anatase.library.groups import group_phases

__all__ = ["EntryTable", "read_table"]

CHUNK = 20_000  # rows read at a time
# what is read of an entry, and as what; the first two are not of the file
_ROW = np.dtype(
    [("owner", "u1"), ("key", "i8"), ("n", "i8"), ("digest", "S32"), ("number", "i8"), ("elements_low", "i8")]
    + [("elements_high", "i8"), ("n_lines", "i8"), ("atom_volume", "f8")]
    + [(name, "f8") for name in ("a", "b", "c", "alpha", "beta", "gamma")]
)
_READ = f"SELECT library_id, phase_key, {', '.join(_ROW.names[2:])} FROM entry ORDER BY library_id"  # type: ignore[index]  # noqa: S608, ours


@dataclass(frozen=True)
class EntryTable:
    """Entries (n,) of one or more databases, those of each sorted by id.

    Parameters
    ----------
    owner, row, digest
        Which database (n,), which row of it (n,), and the digest of what stands there (n,).
    space_group
        Space-group numbers (n,).
    elements
        The two bit masks (n, 2) of ``element_masks``.
    lattice
        a, b, c (Å), α, β, γ (°), shape (n, 6).
    group
        A number (n,) that entries of one phase share.
    line_offset
        Where each entry's lines begin and end in flat arrays of all lines (n + 1,).
    """

    owner: NDArray[np.uint8]
    row: NDArray[np.int64]
    digest: NDArray[np.bytes_]
    space_group: NDArray[np.int64]
    elements: NDArray[np.int64]
    lattice: NDArray[np.float64]
    group: NDArray[np.int64]
    line_offset: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_table(connections: Sequence[sqlite3.Connection]) -> EntryTable:
    """Read the entries of databases; where two hold the same id, the later one wins."""
    ids = [{row[0] for row in c.execute("SELECT library_id FROM entry")} for c in connections[1:]]
    codes: dict[str, int] = {}
    parts = [np.zeros(0, _ROW)]
    for owner, connection in enumerate(connections):
        later = set().union(*ids[owner:])
        cursor = connection.execute(_READ)
        while rows := cursor.fetchmany(CHUNK):
            kept = [(owner, codes.setdefault(row[1], len(codes)), *row[2:]) for row in rows if row[0] not in later]
            parts.append(np.array(kept, dtype=_ROW))
    found = np.concatenate(parts)
    lattice = np.stack([found[name] for name in ("a", "b", "c", "alpha", "beta", "gamma")], axis=1)
    return EntryTable(
        found["owner"].copy(),
        found["n"].copy(),
        found["digest"].copy(),
        found["number"].copy(),
        np.stack([found["elements_low"], found["elements_high"]], axis=1),
        lattice,
        group_phases(found["key"], found["number"], found["atom_volume"], _cell_volumes(lattice)),
        np.concatenate([[0], np.cumsum(found["n_lines"])]).astype(np.int64),
    )


def _cell_volumes(lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return V = abc·(1 − Σcos² + 2·Πcos)^½ in Å³ (n,)."""
    cosines = np.cos(np.radians(lattice[:, 3:]))
    skew = 1.0 - (cosines**2).sum(axis=1) + 2.0 * cosines.prod(axis=1)
    return np.asarray(lattice[:, :3].prod(axis=1) * np.sqrt(skew))
