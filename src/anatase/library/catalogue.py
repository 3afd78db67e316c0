"""The SQLite file that holds a library: schema, reading, writing."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from anatase.errors import InputError
from anatase.library.entry import Record, Refusal

__all__ = [
    "SCHEMA_VERSION",
    "Catalogue",
    "LibraryWriter",
    "connect",
    "content_digest",
    "is_database",
    "put_in_place",
    "read_catalogue",
    "schema",
    "write_lock",
    "written",
]

SCHEMA_VERSION = 1
# fmt: off
COLUMNS = (
    "library_id", "name", "formula", "number", "symbol", "a", "b", "c", "alpha", "beta", "gamma", "density",
    "elements_low", "elements_high", "phase_key", "atom_volume", "source", "citation", "licence", "url", "file",
    "n_lines", "digest",
)
# fmt: on
INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
SELECT_WHOLE = (
    f"SELECT {', '.join(COLUMNS)}, structure, hkl, xray, neutron "  # noqa: S608
    "FROM entry JOIN content USING (n) ORDER BY n"
)
_TEXT = {"name", "formula", "symbol", "phase_key", "source", "citation", "licence", "url", "file", "digest"}
_INTEGER = {"number", "elements_low", "elements_high", "n_lines"}
LOCK_PATIENCE = 1800.0  # seconds that one process waits while another indexes the same folder


@dataclass(frozen=True)
class Catalogue:
    """What a library's file says of itself: how many entries it holds, and the digest of its content."""

    path: Path
    n_entries: int
    sha256: str

    def __len__(self) -> int:
        return self.n_entries


def schema() -> str:
    """Return the statements that make an empty library of an empty database."""
    kinds = {c: "TEXT NOT NULL" if c in _TEXT else "INTEGER NOT NULL" if c in _INTEGER else "REAL" for c in COLUMNS}
    kinds["library_id"] = "TEXT NOT NULL UNIQUE"
    listing = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    return f"""
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE entry (n INTEGER PRIMARY KEY, {listing});
    CREATE TABLE content (n INTEGER PRIMARY KEY, structure BLOB, hkl BLOB, xray BLOB, neutron BLOB);
    CREATE TABLE refusal (file TEXT NOT NULL, reason TEXT NOT NULL);
    CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER) WITHOUT ROWID;
    CREATE INDEX entry_elements ON entry (elements_low, elements_high);
    CREATE INDEX entry_file ON entry (file);
    INSERT INTO meta VALUES ('format', 'anatase library');
    INSERT INTO meta VALUES ('schema', '{SCHEMA_VERSION}');
    """  # noqa: S608, every name in it is ours


def is_database(path: Path) -> bool:
    """Tell whether a file is an SQLite database, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\x00"


def connect(path: Path) -> sqlite3.Connection:
    """Open a library for reading.

    Libraries are never changed in place (a new file replaces the old one), so that readers need no lock.

    Raises
    ------
    InputError
        When the file is no library, or one of a newer schema.
    """
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise InputError(f"the library cannot be opened ({error})", "check the path", file=path) from error
    try:
        _check_schema(connection, path)
    except (sqlite3.Error, InputError) as error:
        connection.close()
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"this is no library of anatase ({error})", "make one with 'anatase library add'", file=path
        ) from error
    return connection


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('format', 'schema')"))
    if meta.get("format") != "anatase library" or not meta.get("schema", "").isdigit():
        raise InputError("this database is no library of anatase", "make one with 'anatase library add'", file=path)
    if int(meta["schema"]) > SCHEMA_VERSION:
        raise InputError(
            f"the library has schema {meta['schema']}, this version of anatase reads up to {SCHEMA_VERSION}",
            "update anatase, or build the library again",
            file=path,
        )


def read_catalogue(path: Path) -> Catalogue:
    """Read what a library's file says of itself."""
    with closing(connect(path)) as connection:
        try:
            digest = content_digest(connection)
            entries = connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0]
        except sqlite3.Error as error:
            raise InputError(f"the library is damaged ({error})", "build it again", file=path) from error
    return Catalogue(path, entries, digest)


def content_digest(connection: sqlite3.Connection) -> str:
    """Return the digest of a library's content, as it was written with it."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'sha256'").fetchone()
    return str(row[0]) if row else ""


@contextmanager
def write_lock(path: Path) -> Iterator[None]:
    """Hold the only right to replace a library; another process waits.

    The lock is SQLite's own on a small file beside the library, and falls when its process ends.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        locking = sqlite3.connect(lock, timeout=LOCK_PATIENCE, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        remedy = "choose another folder; ANATASE_HOME and ANATASE_CACHE say where anatase's own are"
        raise InputError(f"nothing can be written there ({error})", remedy, file=path) from error
    with closing(locking) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise InputError(
                f"the library is locked ({error})", f"wait for the other process, or delete {lock}", file=path
            ) from error
        yield


@contextmanager
def written(path: Path, *, anew: bool = False) -> Iterator[LibraryWriter]:
    """Open a new version of a library for writing; it replaces the old one when the block ends well.

    It starts from the old version, or empty where there is none or ``anew`` is set.
    The caller holds ``write_lock(path)`` unless no other process can know the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # one name for all: what a killed process left is overwritten
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        extended = path.exists() and not anew
        if extended:
            connect(path).close()
            shutil.copyfile(path, temporary)
        with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            # the file is thrown away unless it is finished: no journal is needed
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            if not extended:
                connection.executescript(schema())
            connection.execute("BEGIN")
            writer = LibraryWriter(connection)
            yield writer
            writer.seal()
            connection.execute("COMMIT")
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def put_in_place(temporary: Path, path: Path) -> None:
    """Let a finished library take the place of the old one, at once and for good."""
    temporary.chmod(0o644)
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())
    temporary.replace(path)


class LibraryWriter:
    """Adds and removes entries of a library that is being written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __len__(self) -> int:
        return int(self.connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0])

    def add(self, record: Record) -> None:
        """Append an entry; one with the same id is replaced."""
        entry = record.entry
        blobs = (record.structure, record.hkl.tobytes(), record.xray.tobytes(), record.neutron.tobytes())
        values = (
            *(entry.library_id, entry.name, entry.formula, entry.space_group_number, entry.space_group_symbol),
            *(round(x, 7) for x in entry.lattice.parameters),
            *(round(entry.density, 5), *record.elements, record.phase_key, round(record.atom_volume, 5)),
            *(entry.source, entry.citation, entry.licence, entry.url, record.file, len(record.hkl)),
        )
        digest = hashlib.sha256(repr(values).encode())
        for blob in blobs:
            digest.update(blob)
        self._insert((*values, digest.hexdigest()[:32]), blobs)

    def _insert(self, values: Sequence[object], blobs: Sequence[bytes]) -> None:
        self.remove([str(values[0])])
        cursor = self.connection.execute(INSERT, values)
        self.connection.execute("INSERT INTO content VALUES (?, ?, ?, ?, ?)", (cursor.lastrowid, *blobs))

    def remove(self, library_ids: Iterable[str]) -> int:
        """Remove entries; return how many there were. Their files are not known any more, so that they can return."""
        number = 0
        for library_id in library_ids:
            query = "SELECT n, file FROM entry WHERE library_id = ?"
            for n, file in self.connection.execute(query, (library_id,)).fetchall():
                self._remove(n)
                self.connection.execute("DELETE FROM file WHERE path = ?", (file,))
                number += 1
        return number

    def remove_file(self, file: str) -> None:
        """Forget a file with everything that came from it, refusals included."""
        for row in self.connection.execute("SELECT n FROM entry WHERE file = ?", (file,)).fetchall():
            self._remove(row[0])
        self.connection.execute("DELETE FROM refusal WHERE file = ?", (file,))
        self.connection.execute("DELETE FROM file WHERE path = ?", (file,))

    def _remove(self, n: int) -> None:
        self.connection.execute("DELETE FROM entry WHERE n = ?", (n,))
        self.connection.execute("DELETE FROM content WHERE n = ?", (n,))

    def refuse(self, refusal: Refusal) -> None:
        """Note what could not be read."""
        self.connection.execute("INSERT INTO refusal VALUES (?, ?)", (refusal.file, refusal.reason))

    def know(self, file: str, stamp: tuple[int, int]) -> None:
        """Note a file whose entries are all here, with its size and time of change."""
        self.connection.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", (file, *stamp))

    def note(self, key: str, value: str) -> None:
        """Set one line of the library's description."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def take_over(self, other: sqlite3.Connection) -> None:
        """Take over the files of another library with their entries and refusals, in place of what was of them."""
        # a library of many files refuses many; found by scanning, they would take hours
        self.connection.execute("CREATE INDEX IF NOT EXISTS refusal_file ON refusal (file)")
        for (file,) in other.execute("SELECT path FROM file"):
            self.remove_file(file)
        for row in other.execute(SELECT_WHOLE):
            self._insert(row[: len(COLUMNS)], row[len(COLUMNS) :])
        self.connection.executemany("INSERT INTO refusal VALUES (?, ?)", other.execute("SELECT * FROM refusal"))
        for file, *stamp in other.execute("SELECT path, size, mtime_ns FROM file"):
            self.know(file, (stamp[0], stamp[1]))

    def seal(self) -> None:
        """Digest the content: the same entries give the same sha256 whatever their order."""
        lines = self.connection.execute("SELECT library_id || ' ' || digest AS line FROM entry ORDER BY line")
        digest = hashlib.sha256()
        for i, (line,) in enumerate(lines):
            digest.update(f"\n{line}".encode() if i else line.encode())
        self.note("sha256", digest.hexdigest())
