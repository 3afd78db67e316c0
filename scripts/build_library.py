"""Build the embedded library, src/anatase/library/data/library.sqlite, from packages of public registries.

usage: python scripts/build_library.py [--sources FOLDER] [--output FILE]

Sources: Debian's libavogadro-data (OpenChemistry crystals, public domain), NCrystal (Apache-2.0), the AFLOW
prototype exemplars in pymatgen (MIT), fluorapatite from rietx (MIT). Entries of one formula, space group and
cell are kept once, the best documented. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from anatase.errors import AnataseError, InputError
from anatase.library.catalogue import written
from anatase.library.entry import Record
from anatase.library.groups import ENANTIOMORPHS
from anatase.library.minerals import common_name
from anatase.library.opening import EMBEDDED
from anatase.library.record import make_record
from library_sources import Candidate, candidates, fetch

SAME_VOLUME = 0.012
SAME_LENGTH = 0.02


def main() -> None:
    """Fetch, read, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--sources", type=Path, help="folder for the packages; kept for the next time")
    parser.add_argument("--output", type=Path, default=EMBEDDED)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.sources or Path(temporary)
        fetch(folder)
        records = read_all(folder)
    kept = without_duplicates(records)
    write(kept, arguments.output)
    print(f"{len(kept)} of {len(records)} entries, {arguments.output.stat().st_size / 1e6:.2f} MB")


def read_all(folder: Path) -> list[tuple[int, Record]]:
    """Return the rank and the row of every structure that can be used; the others are printed."""
    found: list[tuple[int, Record]] = []
    for candidate in candidates(folder):
        if isinstance(candidate, str):
            print(f"left out: {candidate}", file=sys.stderr)
            continue
        wrong = [warning for warning in candidate.structure.warnings if "the formula says" in warning]
        try:
            if wrong:
                raise InputError(wrong[0], "the file is damaged")
            found.append((candidate.rank, _record(candidate)))
        except AnataseError as error:
            print(f"left out: {candidate.library_id}: {error}", file=sys.stderr)
    return found


def _record(candidate: Candidate) -> Record:
    record = make_record(candidate.structure, candidate.library_id, candidate.url)
    name = common_name(record.phase_key, record.entry.space_group_number, record.entry.density)
    return replace(record, entry=replace(record.entry, name=name)) if name else record


def without_duplicates(records: list[tuple[int, Record]]) -> list[Record]:
    """Keep the best ranked of the entries that are one phase at one cell, sorted by id."""
    kept: dict[tuple[str, int], list[Record]] = {}
    for _, record in sorted(records, key=lambda item: (item[0], item[1].entry.library_id)):
        number = record.entry.space_group_number
        family = kept.setdefault((record.phase_key, ENANTIOMORPHS.get(number, number)), [])
        prototype = record.entry.library_id.startswith("aflow/")
        if not any(_same_cell(record, other) or (prototype and _same_type(record, other)) for other in family):
            family.append(record)
    return sorted((r for family in kept.values() for r in family), key=lambda r: r.entry.library_id)


def _same_cell(one: Record, other: Record) -> bool:
    a, b = one.entry.lattice, other.entry.lattice
    # some groups keep their symbol when axes change places: Pbca
    pairs = zip(sorted(a.parameters[:3]), sorted(b.parameters[:3]), strict=True)
    lengths = max(abs(x / y - 1.0) for x, y in pairs)
    return abs(a.volume / b.volume - 1.0) < SAME_VOLUME and lengths < SAME_LENGTH


def _same_type(prototype: Record, measured: Record) -> bool:
    """Tell whether a measured entry has as many atoms in its cell: the cells of some prototypes are misprinted."""
    if measured.entry.library_id.startswith("aflow/"):
        return False
    atoms = [r.entry.lattice.volume / r.atom_volume for r in (prototype, measured)]
    return abs(atoms[0] / atoms[1] - 1.0) < SAME_VOLUME


def write(records: list[Record], output: Path) -> None:
    """Write the library, with the same bytes for the same records."""
    output.unlink(missing_ok=True)
    with written(output) as writer:
        writer.note("name", "embedded library of anatase")
        for record in records:
            writer.add(record)
    with closing(sqlite3.connect(output)) as connection:
        connection.execute("VACUUM")


if __name__ == "__main__":
    main()
