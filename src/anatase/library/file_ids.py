"""Ids of library entries by the files that they come from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

__all__ = ["task_ids"]

# the tree of the Crystallography Open Database: 1/00/00/1000000.cif
COD_LAYOUT = re.compile(r"(?:^|/)(\d)/(\d\d)/(\d\d)/(\1\2\3\d\d)\.cif$")


def task_ids(files: Sequence[str], taken: AbstractSet[str] = frozenset()) -> dict[str, str]:
    """Return an id for each file: its path without suffix, or with it where another file would have the same.

    A file in the tree of the COD has the number there for its id, wherever the tree stands.

    Examples
    --------
    >>> list(task_ids(["oxides/rutile.cif", "oxides/rutile.str", "cif/9/00/01/9000109.cif"]).values())
    ['oxides/rutile', 'oxides/rutile.str', 'cod/9000109']
    """
    used = set(taken)
    ids: dict[str, str] = {}
    for file in files:
        stem = file.rsplit(".", 1)[0] if "." in file.rsplit("/", 1)[-1] else file
        number = COD_LAYOUT.search(file)
        first = f"cod/{number[4]}" if number else stem
        choice = next(c for c in (first, file, *(f"{file}~{k}" for k in range(2, len(files) + 3))) if c not in used)
        used.add(choice)
        ids[file] = choice
    return ids
