"""What a fetch has brought so far, in a file of its own that outlives a kill at any moment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from anatase.errors import InputError
from anatase.library.entry import Record, Refusal
from anatase.library.worker import from_message, to_message

__all__ = ["Staging", "staged"]

STALE = 30 * 86400.0  # seconds after the last page; servers forget their cursors
SCHEMA = """
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE page (address TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE entry (identifier TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE item (n INTEGER PRIMARY KEY, identifier TEXT NOT NULL, message BLOB NOT NULL);
CREATE INDEX item_identifier ON item (identifier);
"""


@contextmanager
def staged(database: Path, query: str) -> Iterator[Staging]:
    """Open what an earlier fetch of the same query into the same library left, or begin.

    The file lies beside the library. It is removed when the block ends well, or where no page has come.

    Raises
    ------
    InputError
        When another process is at the same fetch, or the file cannot be used.
    """
    path = database.with_name(f"{database.name}.fetch-{hashlib.sha256(query.encode()).hexdigest()[:16]}")
    with closing(_opened(path)) as connection:
        _prepare(connection, path)
        staging = Staging(connection, path)
        if time.time() - float(staging.state("changed", "inf")) > STALE:
            staging.begin_anew()
        try:
            yield staging
            done = True
        except BaseException:
            done = staging.pages == 0
            raise
        finally:
            connection.close()
            if done:
                path.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, timeout=1.0, isolation_level=None)
    except (OSError, sqlite3.OperationalError) as error:
        raise InputError(f"no file can be written here ({error})", "choose another library", file=path) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the file for this process alone and give it its tables."""
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise InputError(
            f"another process is at the same fetch ({error})", "wait for it, or end it", file=path
        ) from error
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"the fetch so far is damaged ({error})", "delete the file and begin anew", file=path
        ) from error


class Staging:
    """The pages that have come so far: their entries as rows of a library, and where the next page is."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def state(self, key: str, default: str = "") -> str:
        """Return one remembered value."""
        row = self._connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return default if row is None else str(row[0])

    @property
    def pages(self) -> int:
        """How many pages have come."""
        return int(self._connection.execute("SELECT count(*) FROM page").fetchone()[0])

    @property
    def received(self) -> int:
        """How many entries have come, refused ones included."""
        return int(self._connection.execute("SELECT count(*) FROM entry").fetchone()[0])

    def has_page(self, address: str) -> bool:
        """Tell whether a page has come."""
        return self._connection.execute("SELECT 1 FROM page WHERE address = ?", (address,)).fetchone() is not None

    def has_entry(self, identifier: str) -> bool:
        """Tell whether an entry has come."""
        found = self._connection.execute("SELECT 1 FROM entry WHERE identifier = ?", (identifier,)).fetchone()
        return found is not None

    def commit(
        self, address: str, identifiers: Iterable[str], items: Iterable[tuple[str, Record | Refusal]], **state: str
    ) -> None:
        """Keep a page, all of it or nothing: its entries, the rows or refusals made of them, and what comes next."""
        rows = [(identifier, zlib.compress(json.dumps(to_message(item)).encode(), 3)) for identifier, item in items]
        execute, execute_all = self._connection.execute, self._connection.executemany
        execute("BEGIN")
        execute("INSERT OR REPLACE INTO page VALUES (?)", (address,))
        for identifier in identifiers:
            execute("DELETE FROM item WHERE identifier = ?", (identifier,))
            execute("INSERT OR REPLACE INTO entry VALUES (?)", (identifier,))
        execute_all("INSERT INTO item (identifier, message) VALUES (?, ?)", rows)
        values = {**state, "changed": f"{time.time():.0f}"}
        execute_all("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())
        execute("COMMIT")

    def items(self) -> Iterator[Record | Refusal]:
        """Yield the rows and refusals of all pages."""
        for (message,) in self._connection.execute("SELECT message FROM item ORDER BY n"):
            yield from_message(json.loads(zlib.decompress(message)))

    def begin_anew(self) -> None:
        """Forget everything."""
        self._connection.execute("BEGIN")
        for table in ("state", "page", "entry", "item"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608, the names are ours
        self._connection.execute("COMMIT")
