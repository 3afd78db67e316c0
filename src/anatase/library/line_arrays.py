"""The powder lines of all entries of a library, in flat arrays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.library.table import EntryTable

__all__ = ["LineArrays", "lines_in_order", "read_lines"]

CHUNK = 5_000  # entries whose lines are held at a time while all are read


@dataclass(frozen=True)
class LineArrays:
    """Lines (N,): ``hkl`` (N, 3), m·|F|²/V² for X-rays and for neutrons (N,); within an entry d falls."""

    hkl: NDArray[np.int16]
    xray: NDArray[np.float32]
    neutron: NDArray[np.float32]


def lines_in_order(connections: Sequence[sqlite3.Connection], table: EntryTable) -> Iterator[tuple[int, LineArrays]]:
    """Yield how many entries come next, some thousand at a time in the order of the table, and their lines."""
    for owner, connection in enumerate(connections):
        wanted = table.row[table.owner == owner]
        query = "SELECT n, hkl, xray, neutron FROM content JOIN entry USING (n) ORDER BY library_id"
        cursor, done = connection.execute(query), 0
        while rows := cursor.fetchmany(CHUNK):
            kept = []
            for row in rows:
                if done < wanted.size and row[0] == wanted[done]:
                    kept.append(row)
                    done += 1
            hkl, xray, neutron = (b"".join(row[column] for row in kept) for column in (1, 2, 3))
            yield (
                len(kept),
                LineArrays(
                    np.frombuffer(hkl, dtype=np.int16).reshape(-1, 3),
                    np.frombuffer(xray, dtype=np.float32),
                    np.frombuffer(neutron, dtype=np.float32),
                ),
            )


def read_lines(connections: Sequence[sqlite3.Connection], table: EntryTable) -> LineArrays:
    """Return the lines of all entries."""
    parts = [LineArrays(np.zeros((0, 3), np.int16), np.zeros(0, np.float32), np.zeros(0, np.float32))]
    parts.extend(lines for _, lines in lines_in_order(connections, table))
    return LineArrays(
        np.concatenate([part.hkl for part in parts]),
        np.concatenate([part.xray for part in parts]),
        np.concatenate([part.neutron for part in parts]),
    )
