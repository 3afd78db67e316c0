"""Index one structure file: read, standardise, compute lines, make rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from anatase.crystal.structure import Structure
from anatase.errors import AnataseError
from anatase.io.structure_files import read_structure_file
from anatase.library.entry import Record, Refusal
from anatase.library.record import make_record

__all__ = ["index_file"]

# what crystallographic code raises on foreign numbers; anything else stops the worker and is reported by it
UNREADABLE = (AnataseError, ArithmeticError, LookupError, OSError, RuntimeError, ValueError)


def index_file(path: Path, file: str, library_id: str) -> Iterator[Record | Refusal]:
    """Yield the rows of a file's structures, or why one of them cannot be used.

    Parameters
    ----------
    path
        Where the file is.
    file
        What to call it: its name relative to the folder that is indexed.
    library_id
        Id of its structure; a file with several appends ``#1``, ``#2``, …
    """
    try:
        structures = read_structure_file(path)
    except UNREADABLE as error:
        yield Refusal(file, _reason(error, path))
        return
    for number, structure in enumerate(structures, 1):
        many = len(structures) > 1
        try:
            yield make_record(_located(structure, file), f"{library_id}#{number}" if many else library_id, file=file)
        except UNREADABLE as error:
            yield Refusal(file, f"structure {number}: {_reason(error, path)}" if many else _reason(error, path))


def _located(structure: Structure, file: str) -> Structure:
    origin = structure.origin
    return structure if origin.source else replace(structure, origin=replace(origin, source=file))


def _reason(error: BaseException, path: Path) -> str:
    text = str(error).removeprefix(f"{path}: ").removeprefix(f"{path} ") or type(error).__name__
    return text if isinstance(error, AnataseError) else f"{type(error).__name__}: {text}"
