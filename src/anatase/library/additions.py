"""Add structures to a library and remove them."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from anatase.errors import InputError
from anatase.io.structure_files import is_structure_file, list_structure_files
from anatase.library.archive import download_wheel, extract_structures
from anatase.library.catalogue import is_database, read_catalogue, write_lock, written
from anatase.library.entry import Refusal
from anatase.library.opening import EMBEDDED, index_into, task_ids, user_library
from anatase.library.progress import Progress
from anatase.library.worker_pool import FileTask

__all__ = ["Addition", "add_to_library", "build_library", "remove_from_library"]


@dataclass(frozen=True)
class Addition:
    """What an addition to a library did: how many entries came in, from how many files, and what was refused."""

    database: Path
    files: int
    added: int
    total: int
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class _Source:
    """Structure files under one folder, and the name that goes before theirs."""

    folder: Path
    prefix: str
    files: list[str]
    refused: list[Refusal]


def add_to_library(sources: Sequence[str], database: Path | None = None, progress: Progress | None = None) -> Addition:
    """Add structures to the user's library or to another database, which is made where there is none.

    Parameters
    ----------
    sources
        Folders, structure files, zip archives, or ``pypi:NAME`` for the structure files of a wheel.
    database
        ``None`` for the user's own library, which ``open_library()`` merges with the embedded one.
    progress
        Called with the number of files done and of all.

    Returns
    -------
    Addition
        Files that cannot be used are in ``refused`` with the reason; a file added before is replaced.

    Raises
    ------
    InputError
        When a source does not exist or holds no structure file.
    """
    target = database or user_library()
    taken = set(map(str, read_catalogue(EMBEDDED).columns["library_id"])) if database is None else set()
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(source)) for source in sources]
        refused = [refusal for source in opened for refusal in source.refused]
        places = {f"{s.prefix}{file}": s.folder / file for s in opened for file in s.files}
        ids = task_ids(sorted(places), taken)
        tasks = [FileTask(places[file], file, ids[file]) for file in sorted(places)]
        stack.enter_context(write_lock(target))
        with written(target) as writer:
            before = len(writer.ids)
            for task in tasks:
                writer.remove_file(task.file)
            refused += index_into(writer, tasks, progress)
            after = len(writer.ids)
    return Addition(target, len(tasks), after - before, after, refused)


def build_library(folder: Path, output: Path, progress: Progress | None = None) -> Addition:
    """Build a library file anew from the structure files of a folder.

    Raises
    ------
    InputError
        When the folder does not exist or holds no structure file, or ``output`` is another kind of file.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", "give a folder of structure files", file=folder)
    if output.exists() and not is_database(output):
        raise InputError("this file is no library and would be lost", "choose another name", file=output)
    opened = list(list_structure_files(folder))
    if not opened:
        raise InputError("the folder holds no structure file", "give CIF, BGMN, NCMAT or POSCAR files", file=folder)
    ids = task_ids(opened)
    tasks = [FileTask(folder / file, file, ids[file]) for file in opened]
    with write_lock(output), written(output, anew=True) as writer:
        refused = index_into(writer, tasks, progress)
        total = len(writer.ids)
    return Addition(output, len(tasks), total, total, refused)


def remove_from_library(library_ids: Iterable[str], database: Path | None = None) -> int:
    """Remove entries from the user's library or another database; return how many there were.

    Raises
    ------
    InputError
        When an id is not in the library; nothing is removed then.
    """
    target = database or user_library()
    wanted = list(library_ids)
    known = set(read_catalogue(target).columns["library_id"]) if target.exists() else set()
    for library_id in wanted:
        if library_id not in known:
            raise InputError(
                f"there is no entry '{library_id}'",
                "list the ids with 'anatase library list'; entries of the embedded library cannot be removed",
                file=target,
            )
    with write_lock(target), written(target) as writer:
        return writer.remove(wanted)


@contextmanager
def _opened(source: str) -> Iterator[_Source]:
    """Bring a source to a folder of files; what was unpacked goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="anatase-") as name:
        if source.startswith("pypi:"):
            package = source.removeprefix("pypi:")
            archive = download_wheel(package, Path(name))
            yield _unpacked(archive, Path(name) / "unpacked", f"{package}/", source)
            return
        path = Path(source)
        if path.is_dir():
            files = list(list_structure_files(path))
            if not files:
                raise InputError(
                    "the folder holds no structure file", "give CIF, BGMN, NCMAT or POSCAR files", file=path
                )
            yield _Source(path, f"{path.resolve().name}/", files, [])
        elif not path.exists():
            raise InputError("there is no such file or folder", "check the path", file=path)
        elif zipfile.is_zipfile(path):
            yield _unpacked(path, Path(name), f"{path.stem}/", source)
        elif is_structure_file(path.name):
            yield _Source(path.parent, "", [path.name], [])
        else:
            raise InputError("this is neither a structure file nor a zip archive", "give CIF files", file=path)


def _unpacked(archive: Path, folder: Path, prefix: str, source: str) -> _Source:
    folder.mkdir(exist_ok=True)
    refused = extract_structures(archive, folder)
    files = list(list_structure_files(folder))
    if not files:
        raise InputError("the archive holds no structure file that can be used", "give one with CIF files", file=source)
    inside = PurePosixPath(os.path.commonpath([PurePosixPath(file).parent for file in files]))
    return _Source(
        folder / inside, prefix, [PurePosixPath(file).relative_to(inside).as_posix() for file in files], refused
    )
