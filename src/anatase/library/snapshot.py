"""Look into a library again that was opened before: its files must hold what they held."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from anatase.errors import InputError
from anatase.library.catalogue import Catalogue, connect, content_digest

__all__ = ["row_of", "unchanged"]

ROW = (
    "SELECT library_id, name, formula, number, symbol, density, source, citation, licence, url, structure "
    "FROM entry JOIN content USING (n) WHERE n = ? AND digest = ?"
)


@contextmanager
def unchanged(catalogue: Catalogue) -> Iterator[sqlite3.Connection]:
    """Open a library's file once more.

    Raises
    ------
    InputError
        When its content is another by now.
    """
    with closing(connect(catalogue.path)) as connection, _damage_reported(catalogue.path):
        if content_digest(connection) != catalogue.sha256:
            raise InputError("the library changed while it was open", "open it again", file=catalogue.path)
        yield connection


def row_of(path: Path, row: int, digest: str) -> tuple[Any, ...]:
    """Return the columns of ``ROW`` of one row, which must be the one of this digest.

    Raises
    ------
    InputError
        When another stands there by now.
    """
    with closing(connect(path)) as connection, _damage_reported(path):
        found: tuple[Any, ...] | None = connection.execute(ROW, (row, digest)).fetchone()
    if found is None:
        raise InputError("an entry left the library while it was open", "open it again", file=path)
    return found


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"the library is damaged ({error})", "build it again", file=path) from error
