"""Open a library: the embedded one with the user's additions, a database, or a folder of structure files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from anatase.errors import InputError
from anatase.io.structure_files import is_structure_file, list_structure_files
from anatase.library.catalogue import SCHEMA_VERSION, Catalogue, connect, is_database, read_catalogue, write_lock
from anatase.library.entry import Refusal
from anatase.library.file_ids import task_ids
from anatase.library.intake import INDEX_VERSION, take_in
from anatase.library.library import Library, joint_digest
from anatase.library.mapped_index import MappedIndex, map_index, write_index
from anatase.library.progress import Progress, progress_bar
from anatase.library.snapshot import unchanged
from anatase.library.table import read_table
from anatase.library.worker_pool import FileTask

__all__ = ["EMBEDDED", "cache_folder", "open_library", "refusals_of", "user_library"]

EMBEDDED = Path(__file__).parent / "data" / "library.sqlite"
INDEXED_FROM = 5_000  # entries; smaller libraries are read as fast as an index of them would be


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
        return _opened([read_catalogue(p) for p in (EMBEDDED, mine) if p is EMBEDDED or p.exists()], progress)
    path = Path(path)
    if not path.exists():
        raise InputError("there is no such library", "give a database or a folder of CIF files", file=path)
    if path.is_dir():
        return _opened([_indexed(path, progress)], progress)
    if is_database(path):
        return _opened([read_catalogue(path)], progress)
    if is_structure_file(path.name):
        return _opened([_indexed(path.parent, progress, only=path.name)], progress)
    raise InputError("this is neither a folder, nor a library, nor a structure file", "give one of them", file=path)


def _opened(catalogues: Sequence[Catalogue], progress: Progress | None) -> Library:
    """Open databases together: a small library is read, a large one mapped."""
    if sum(len(catalogue) for catalogue in catalogues) >= INDEXED_FROM:
        return Library(catalogues, _mapped(catalogues, progress))
    with ExitStack() as stack:
        return Library(catalogues, read_table([stack.enter_context(unchanged(c)) for c in catalogues]))


def _mapped(catalogues: Sequence[Catalogue], progress: Progress | None) -> MappedIndex:
    """Return the mapped index of databases; it is written first where there is none of their content."""
    key = hashlib.sha256(" ".join(str(c.path.resolve()) for c in catalogues).encode()).hexdigest()[:24]
    path, content = cache_folder() / f"library-{key}.index", joint_digest(catalogues)
    index = map_index(path, content)
    if index is not None:
        return index
    remedy = "set ANATASE_CACHE to a folder with room that can be written to"
    try:
        with write_lock(path), ExitStack() as stack:
            index = map_index(path, content)  # another process may have written it meanwhile
            if index is None:
                connections = [stack.enter_context(unchanged(catalogue)) for catalogue in catalogues]
                bar = stack.enter_context(progress_bar("preparing the library", quiet=progress is not None))
                write_index(path, content, connections, progress or bar)
                index = map_index(path, content)
    except OSError as error:
        raise InputError(f"the index of the library cannot be written ({error})", remedy, file=path) from error
    if index is None:
        raise InputError("the index of the library was not kept", remedy, file=path)
    return index


def refusals_of(path: Path) -> list[Refusal]:
    """Return what stayed outside a library, and why."""
    with closing(connect(path)) as connection:
        return [Refusal(*row) for row in connection.execute("SELECT file, reason FROM refusal ORDER BY file, reason")]


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
    take_in(
        cache,
        [FileTask(folder / file, file, ids[file], files[file]) for file in changed],
        "a folder",
        gone=sorted(set(known) - set(files)),
        notes={"folder": str(folder)},
        report=lambda done: progress(done, len(changed)),
    )
