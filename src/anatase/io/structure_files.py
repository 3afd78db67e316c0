"""Structure files of any kind: which they are, and reading them."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from anatase.crystal.structure import Structure
from anatase.errors import InputError

__all__ = [
    "MAX_FILE_BYTES",
    "STRUCTURE_READERS",
    "is_structure_file",
    "list_structure_files",
    "read_structure",
    "read_structure_file",
]

MAX_FILE_BYTES = 64 * 2**20

# suffix -> module and function that read it; functions take a path and return a list of structures
STRUCTURE_READERS: dict[str, tuple[str, str]] = {
    ".cif": ("anatase.io.cif", "read_structures"),
    ".mcif": ("anatase.io.cif", "read_structures"),
    ".str": ("anatase.io.str_file", "read_str"),
    ".ncmat": ("anatase.io.ncmat", "read_ncmat"),
    ".ins": ("anatase.io.shelx_structure", "read_shelx"),
    ".res": ("anatase.io.shelx_structure", "read_shelx"),
    ".poscar": ("anatase.io.poscar", "read_poscar"),
    ".vasp": ("anatase.io.poscar", "read_poscar"),
    ".optimade": ("anatase.io.optimade", "read_optimade"),
}
_BY_NAME = {"poscar": ".poscar", "contcar": ".poscar"}


def _kind(name: str) -> str | None:
    stem, dot, suffix = name.lower().rpartition(".")
    if dot and f".{suffix}" in STRUCTURE_READERS:
        return f".{suffix}"
    return _BY_NAME.get((stem or suffix).split("_")[0])


def is_structure_file(name: str) -> bool:
    """Tell by its name whether a file can hold a structure."""
    return not name.startswith(".") and _kind(name) is not None


def list_structure_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the structure files under a folder: name relative to it → size in bytes, time of change in ns.

    Sorted by name; hidden folders and links to folders are left out.
    """
    found: dict[str, tuple[int, int]] = {}
    waiting = [("", str(folder))]
    while waiting:
        prefix, place = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{prefix}{entry.name}/", entry.path))
                elif is_structure_file(entry.name) and entry.is_file():
                    status = entry.stat()
                    found[prefix + entry.name] = (status.st_size, status.st_mtime_ns)
    return dict(sorted(found.items()))


def read_structure(path: str | Path, *, block: str | None = None) -> Structure:
    """Read the crystal structure in a file: CIF, BGMN or TOPAS ``.str``, SHELX, NCMAT, POSCAR.

    Of several the first with atoms is taken, or the named data block of a CIF. Impossible occupancies stay as
    they stand in a CIF, for ``simulate`` to refuse; ``Structure.warnings`` tells what was repaired or assumed.

    Raises
    ------
    InputError
        When the file cannot be read as a structure; an ``UnphysicalInput`` where no crystal has such a cell.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"the structure file is named by {path!r:.80}", "give its path")
    path = Path(path)
    if not path.is_file():
        raise InputError("there is no such file", "check the path", file=path)
    kind = _kind(path.name)
    if kind in (".cif", ".mcif") or kind is None:
        from anatase.io.cif import read_structure as read_cif

        return read_cif(path, block=block, repair=False)
    if block is not None:
        raise InputError(f"data block '{block}' of a file that is no CIF", "leave the block out", file=path)
    return read_structure_file(path)[0]


def read_structure_file(path: Path) -> list[Structure]:
    """Read every structure of a file: CIF, BGMN, SHELX, NCMAT, POSCAR.

    Raises
    ------
    InputError
        When the file is of no known kind, is too large, or holds no structure.
    """
    kind = _kind(path.name)
    if kind is None:
        known = ", ".join(STRUCTURE_READERS)
        raise InputError("this is no structure file", f"give one of {known} or a POSCAR", file=path)
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        limit = f"split it into files of {MAX_FILE_BYTES // 2**20} MiB at most"
        raise InputError(f"the file has {size / 2**20:.0f} MiB", limit, file=path)
    module, function = STRUCTURE_READERS[kind]
    reader: Callable[[Path], list[Structure]] = getattr(import_module(module), function)
    structures = reader(path)
    if not structures:
        raise InputError("the file holds no structure", "give a file with a cell and atoms", file=path)
    return structures
