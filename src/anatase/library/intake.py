"""Take structure files into a library: indexed aside, in batches that stay, then taken over in one step.

What is indexed goes to a file beside the library, committed twice a second together with the names of the
files it came from. A process that ends at any moment loses the last batch at most; the next one finds the rest
there and goes on. Only when every file is done does a new version of the library take the place of the old one.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from anatase.errors import InputError
from anatase.library.catalogue import SCHEMA_VERSION, LibraryWriter, connect, put_in_place, schema, written
from anatase.library.entry import Refusal
from anatase.library.worker_pool import FileTask, index_files

__all__ = ["INDEX_VERSION", "take_in"]

# raise it when the same file gives other rows than before, so that files are indexed anew
INDEX_VERSION = 3
BATCH_TIME = 0.5  # seconds between commits

Stamp = tuple[int, int]


def take_in(
    target: Path,
    tasks: Iterable[FileTask],
    job: str,
    *,
    anew: bool = False,
    gone: Iterable[str] = (),
    notes: Mapping[str, str] | None = None,
    report: Callable[[int], None] = lambda done: None,
) -> list[Refusal]:
    """Index files into a library; return what could not be used.

    Files that the library holds in their present state are passed over. The caller holds ``write_lock(target)``.

    Parameters
    ----------
    target
        The library, which is made where there is none.
    tasks
        The files, in the same order at each call.
    job
        What is done, in words: what was stopped is continued by an intake of the same job.
    anew
        Whether to leave out what the library holds.
    gone
        Files to forget.
    notes
        Lines for the library's description.
    report
        Called with the number of files done.
    """
    key = hashlib.sha256(f"{SCHEMA_VERSION} {INDEX_VERSION} {anew} {job}".encode()).hexdigest()[:16]
    aside = target.with_name(f".{target.name}.{key}.partial")
    extended = target.exists() and not anew
    lines = {**(notes or {}), "indexed_by": str(INDEX_VERSION)}
    with _full_disk_reported(target), ExitStack() as stack:
        writer = stack.enter_context(_aside(aside))
        held = stack.enter_context(closing(connect(target))) if extended else None
        refused = _index(writer, tasks, held, report)
        for line in lines.items():
            writer.note(*line)
        writer.seal()
        writer.connection.execute("COMMIT")
    if extended:
        with _full_disk_reported(target):
            _take_over(target, aside, list(gone), lines)
        aside.unlink()
    else:
        put_in_place(aside, target)
    return refused


@contextmanager
def _full_disk_reported(target: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        remedy = "make room on the disk; what was indexed is kept, the same call goes on from there"
        raise InputError(f"the library cannot be written ({error})", remedy, file=target) from error


@contextmanager
def _aside(path: Path) -> Iterator[LibraryWriter]:
    """Open the file that an intake is kept in, in a transaction; what is not committed is lost."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            if not connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
                # whole or not at all
                connection.executescript(f"BEGIN; {schema()} CREATE INDEX refusal_file ON refusal (file); COMMIT;")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise InputError(
                f"what was indexed before cannot be used ({error})", "delete the file and begin anew", file=path
            ) from error
        yield LibraryWriter(connection)


@dataclass
class _Tally:
    """How many files are done, and which of them the library held as they are."""

    done: int = 0
    passed: set[str] = field(default_factory=set)


def _index(
    writer: LibraryWriter, tasks: Iterable[FileTask], held: sqlite3.Connection | None, report: Callable[[int], None]
) -> list[Refusal]:
    """Index what neither the library nor an earlier try holds; forget of that try what is not among the files."""
    connection = writer.connection
    connection.execute("CREATE TEMP TABLE wanted (path TEXT PRIMARY KEY) WITHOUT ROWID")
    waiting: deque[FileTask] = deque()
    tally, due = _Tally(), time.monotonic() + BATCH_TIME
    for items in index_files(_fresh(tasks, connection, held, tally, waiting)):
        task = waiting.popleft()
        writer.remove_file(task.file)
        for item in items:
            if isinstance(item, Refusal):
                writer.refuse(item)
            else:
                writer.add(item)
        writer.know(task.file, task.stamp)
        tally.done += 1
        report(tally.done)
        if time.monotonic() > due:
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            due = time.monotonic() + BATCH_TIME
    report(tally.done)
    for (file,) in connection.execute("SELECT path FROM file WHERE path NOT IN (SELECT path FROM wanted)").fetchall():
        writer.remove_file(file)
    query = "SELECT file, reason FROM refusal"
    refused = [Refusal(*row) for row in connection.execute(query)]
    if held is not None and tally.passed:
        refused += [Refusal(*row) for row in held.execute(query) if row[0] in tally.passed]
    return sorted(refused, key=lambda refusal: (refusal.file, refusal.reason))


def _fresh(
    tasks: Iterable[FileTask],
    here: sqlite3.Connection,
    held: sqlite3.Connection | None,
    tally: _Tally,
    waiting: deque[FileTask],
) -> Iterator[FileTask]:
    """Yield the files that are still to be indexed, and queue them up; count the others."""
    if held is not None and _index_version(held) != INDEX_VERSION:
        held = None
    for task in tasks:
        if held is not None and _stamp(held, task.file) == task.stamp:
            tally.passed.add(task.file)
            tally.done += 1
            continue
        here.execute("INSERT OR IGNORE INTO wanted VALUES (?)", (task.file,))
        if _stamp(here, task.file) == task.stamp:
            tally.done += 1
            continue
        waiting.append(task)
        yield task


def _take_over(target: Path, aside: Path, gone: list[str], notes: Mapping[str, str]) -> None:
    """Write a new version of the library with what was indexed, unless nothing was."""
    with closing(connect(aside)) as indexed:
        if not gone and not indexed.execute("SELECT EXISTS (SELECT 1 FROM file)").fetchone()[0]:
            return
        with written(target) as library:
            if _index_version(library.connection) not in (0, INDEX_VERSION):
                library.connection.execute("DELETE FROM file")  # a later intake indexes these files anew
            for file in gone:
                library.remove_file(file)
            library.take_over(indexed)
            for line in notes.items():
                library.note(*line)


def _stamp(connection: sqlite3.Connection, file: str) -> Stamp | None:
    """Return size and time of change of a file as a library knows it."""
    found: Stamp | None = connection.execute("SELECT size, mtime_ns FROM file WHERE path = ?", (file,)).fetchone()
    return found


def _index_version(connection: sqlite3.Connection) -> int:
    """Return the version that a library's files were indexed by, 0 where it does not say."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'indexed_by'").fetchone()
    return int(row[0]) if row else 0
