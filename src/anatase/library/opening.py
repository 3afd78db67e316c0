"""Open a library: the embedded one with the user's additions, a database, or a folder of structure files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from anatase.errors import InputError
from anatase.io.structure_files import is_structure_file, list_structure_files
from anatase.library.catalogue import (
    SCHEMA_VERSION,
    Catalogue,
    LibraryWriter,
    connect,
    is_database,
    read_catalogue,
    write_lock,
    written,
)
from anatase.library.entry import Refusal
from anatase.library.library import Library
from anatase.library.progress import Progress, progress_bar
from anatase.library.worker_pool import FileTask, index_files

__all__ = ["EMBEDDED", "cache_folder", "open_library", "refusals_of", "task_ids", "user_library"]

EMBEDDED = Path(__file__).parent / "data" / "library.sqlite"
# raise it when the same file gives other rows than before, so that caches are made anew
INDEX_VERSION = 3


def user_library() -> Path:
    """Return where the user's additions are kept (``ANATASE_HOME`` overrides the folder)."""
    home = os.environ.get("ANATASE_HOME")
    if home:
        return Path(home) / "library.sqlite"
    import platformdirs

    return Path(platformdirs.user_data_dir("anatase")) / "library.sqlite"


def cache_folder() -> Path:
    """Return where indexed folders are kept (``ANATASE_CACHE`` overrides it)."""
    cache = os.environ.get("ANATASE_CACHE")
    if cache:
        return Path(cache)
    import platformdirs

    return Path(platformdirs.user_cache_dir("anatase"))


def open_library(path: Path | str | None = None, progress: Progress | None = None) -> Library:
    """Open a library of reference structures.

    Parameters
    ----------
    path
        ``None``: the embedded library with the user's additions. A database: that one. A folder: the
        structure files under it, indexed once and cached; later only what changed is indexed again.
        A structure file: that alone.
    progress
        Called with the number of files done and of all while a folder is indexed; by default a bar is
        drawn where stderr is a terminal.

    Raises
    ------
    InputError
        When there is no such library, or a folder holds no structure that can be used.
    """
    if path is None:
        mine = user_library()
        return Library([read_catalogue(p) for p in (EMBEDDED, mine) if p is EMBEDDED or p.exists()])
    path = Path(path)
    if not path.exists():
        raise InputError("there is no such library", "give a database or a folder of CIF files", file=path)
    if path.is_dir():
        return Library([_indexed(path, progress)])
    if is_database(path):
        return Library([read_catalogue(path)])
    if is_structure_file(path.name):
        return Library([_indexed(path.parent, progress, only=path.name)])
    raise InputError("this is neither a folder, nor a library, nor a structure file", "give one of them", file=path)


def refusals_of(path: Path) -> list[Refusal]:
    """Return what stayed outside a library, and why."""
    with closing(connect(path)) as connection:
        return [Refusal(*row) for row in connection.execute("SELECT file, reason FROM refusal ORDER BY file, reason")]


def task_ids(files: Sequence[str], taken: set[str] | None = None) -> dict[str, str]:
    """Return an id for each file: its path without suffix, or with it where another file would have the same."""
    used = set(taken or ())
    ids: dict[str, str] = {}
    for file in files:
        stem = file.rsplit(".", 1)[0] if "." in file.rsplit("/", 1)[-1] else file
        choice = next(c for c in (stem, file, *(f"{file}~{k}" for k in range(2, len(files) + 3))) if c not in used)
        used.add(choice)
        ids[file] = choice
    return ids


def _indexed(folder: Path, progress: Progress | None, only: str = "") -> Catalogue:
    """Return the cached index of a folder, or of one file in it, brought up to date."""
    folder = folder.resolve()
    key = hashlib.sha256(f"{SCHEMA_VERSION} {INDEX_VERSION} {folder / only}".encode()).hexdigest()[:24]
    cache = cache_folder() / f"folder-{key}.sqlite"
    files = {name: known for name, known in list_structure_files(folder).items() if only in ("", name)}
    if not files:
        raise InputError(
            "the folder holds no structure file", "give one with CIF, BGMN .str, NCMAT or POSCAR files", file=folder
        )
    if _known_files(cache) != files:
        with write_lock(cache):
            known = _known_files(cache)  # another process may have done it meanwhile
            if known != files:
                with progress_bar(f"indexing {folder.name}", quiet=progress is not None) as bar:
                    _update(cache, folder, files, known, progress or bar)
    catalogue = read_catalogue(cache)
    if not len(catalogue):
        first = refusals_of(cache)[0]
        raise InputError(
            f"none of the {len(files)} structure files can be used; {first.file}: {first.reason}",
            "give a folder with structures that can be read",
            file=folder,
        )
    return catalogue


def _known_files(cache: Path) -> dict[str, tuple[int, int]]:
    if not cache.exists():
        return {}
    with closing(connect(cache)) as connection:
        return {path: (size, mtime) for path, size, mtime in connection.execute("SELECT * FROM file")}


def _update(
    cache: Path,
    folder: Path,
    files: dict[str, tuple[int, int]],
    known: dict[str, tuple[int, int]],
    progress: Progress,
) -> None:
    """Index what is new or changed, and forget what is gone."""
    ids = task_ids(sorted(files))
    changed = [file for file in sorted(files) if known.get(file) != files[file]]
    with written(cache) as writer:
        writer.note("folder", str(folder))
        for file in sorted(set(known) - set(files)) + [file for file in changed if file in known]:
            writer.remove_file(file)
        index_into(writer, [FileTask(folder / file, file, ids[file]) for file in changed], progress)
        for file in changed:
            writer.connection.execute("INSERT INTO file VALUES (?, ?, ?)", (file, *files[file]))


def index_into(writer: LibraryWriter, tasks: Sequence[FileTask], progress: Progress | None = None) -> list[Refusal]:
    """Index files into a library that is being written; return what could not be used."""
    refusals: list[Refusal] = []
    for done, items in enumerate(index_files(tasks), 1):
        for item in items:
            if isinstance(item, Refusal):
                refusals.append(item)
                writer.refuse(item)
            else:
                writer.add(item)
        if progress is not None:
            progress(done, len(tasks))
    return refusals
