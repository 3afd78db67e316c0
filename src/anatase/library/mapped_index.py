"""The index of a large library: its arrays in one file that is mapped into memory, not read.

A small header in JSON, then the arrays, each on a boundary of 64 bytes. The file is a cache: it names the digest
of the content that it was made of, and is made anew where that is another.
"""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anatase.library.fingerprint import N_STRONGEST, Fingerprints, fingerprints
from anatase.library.line_arrays import LineArrays, lines_in_order
from anatase.library.progress import Progress
from anatase.library.table import EntryTable, read_table

__all__ = ["MappedIndex", "map_index", "write_index"]

MAGIC = b"ANATASEINDEX\x00\x00\x00\x01"
HEADER_BYTES = 4096
ALIGNMENT = 64
LINE_ARRAYS: dict[str, tuple[str, tuple[int, ...]]] = {
    "hkl": ("<i2", (3,)),
    "xray": ("<f4", ()),
    "neutron": ("<f4", ()),
}
FINGERPRINT_ARRAYS = {
    f"{probe}_{name}": (kind, (N_STRONGEST,))
    for probe in ("xray", "neutron")
    for name, kind in (("place", "<u2"), ("strength", "|u1"))
}


@dataclass(frozen=True)
class MappedIndex:
    """The arrays of a library, read from the file as they are used."""

    table: EntryTable
    lines: LineArrays
    xray: Fingerprints
    neutron: Fingerprints


def map_index(path: Path, sha256: str) -> MappedIndex | None:
    """Return the index in a file, or nothing where there is none of this content."""
    if not path.exists():
        return None
    with path.open("rb") as stream:
        header = _read_header(stream, sha256)
        if header is None:
            return None
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    found: dict[str, NDArray[Any]] = {}
    for name, (kind, shape, offset) in header.items():
        count = int(np.prod(shape))
        found[name] = np.frombuffer(mapped, np.dtype(kind), count, offset).reshape(shape)
    return MappedIndex(
        EntryTable(**{name: found[name] for name in EntryTable.__dataclass_fields__}),
        LineArrays(**{name: found[f"line_{name}"] for name in LINE_ARRAYS}),
        Fingerprints(found["xray_place"], found["xray_strength"]),
        Fingerprints(found["neutron_place"], found["neutron_strength"]),
    )


def _read_header(stream: BinaryIO, sha256: str) -> dict[str, tuple[str, list[int], int]] | None:
    """Return name → kind, shape and place of the arrays, or nothing where the file is another or not whole."""
    first = stream.read(HEADER_BYTES)
    if not first.startswith(MAGIC):
        return None
    try:
        header = json.loads(first[len(MAGIC) :].rstrip(b"\x00"))
    except ValueError:
        return None
    if header["sha256"] != sha256 or os.fstat(stream.fileno()).st_size != header["bytes"]:
        return None
    arrays: dict[str, tuple[str, list[int], int]] = header["arrays"]
    return arrays


def write_index(
    path: Path, sha256: str, connections: Sequence[sqlite3.Connection], progress: Progress | None = None
) -> None:
    """Write the index of the library on these connections; it is in place once it is whole."""
    table = read_table(connections)
    arrays = {name: (array.dtype.str, array.shape) for name, array in table.arrays().items()}
    arrays |= {f"line_{name}": (k, (int(table.line_offset[-1]), *s)) for name, (k, s) in LINE_ARRAYS.items()}
    arrays |= {name: (kind, (len(table), *shape)) for name, (kind, shape) in FINGERPRINT_ARRAYS.items()}
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    end = HEADER_BYTES
    for name, (kind, shape) in arrays.items():
        places[name] = (kind, shape, end)
        end += -(-int(np.prod(shape)) * np.dtype(kind).itemsize // ALIGNMENT) * ALIGNMENT
    temporary = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as stream:
        stream.truncate(end)
        for name, array in table.arrays().items():
            stream.seek(places[name][2])
            stream.write(np.ascontiguousarray(array).tobytes())
        _write_lines(stream, connections, table, {name: place[2] for name, place in places.items()}, progress)
        stream.seek(0)
        header = json.dumps({"sha256": sha256, "bytes": end, "arrays": places}).encode()
        stream.write((MAGIC + header).ljust(HEADER_BYTES, b"\x00"))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def _write_lines(
    stream: BinaryIO,
    connections: Sequence[sqlite3.Connection],
    table: EntryTable,
    places: dict[str, int],
    progress: Progress | None,
) -> None:
    """Write lines and fingerprints, some thousand entries at a time."""
    first = 0
    for count, lines in lines_in_order(connections, table):
        last = first + count
        offset = table.line_offset[first : last + 1] - table.line_offset[first]
        xray, neutron = fingerprints(table.lattice[first:last], offset, lines)
        arrays: dict[str, NDArray[Any]] = {f"line_{name}": getattr(lines, name) for name in LINE_ARRAYS}
        arrays |= {"xray_place": xray.place, "xray_strength": xray.strength}
        arrays |= {"neutron_place": neutron.place, "neutron_strength": neutron.strength}
        for name, array in arrays.items():
            stream.seek(places[name])
            places[name] += stream.write(array.tobytes())
        first = last
        if progress is not None:
            progress(first, len(table))
