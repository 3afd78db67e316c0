"""Structure files of any kind: which they are, and reading them."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from anatase.crystal.structure import Structure
from anatase.errors import InputError

__all__ = ["MAX_FILE_BYTES", "STRUCTURE_READERS", "is_structure_file", "list_structure_files", "read_structure_file"]

MAX_FILE_BYTES = 64 * 2**20

# suffix -> module and function that read it; functions take a path and return a list of structures
STRUCTURE_READERS: dict[str, tuple[str, str]] = {
    ".cif": ("anatase.io.cif", "read_structures"),
    ".mcif": ("anatase.io.cif", "read_structures"),
    ".str": ("anatase.io.bgmn", "read_bgmn"),
    ".ncmat": ("anatase.io.ncmat", "read_ncmat"),
    ".poscar": ("anatase.io.poscar", "read_poscar"),
    ".vasp": ("anatase.io.poscar", "read_poscar"),
}
_BY_NAME = {"poscar": ".poscar", "contcar": ".poscar"}


def _kind(name: str) -> str | None:
    path = Path(name.lower())
    if path.suffix in STRUCTURE_READERS:
        return path.suffix
    return _BY_NAME.get(path.stem.split("_")[0])


def is_structure_file(name: str) -> bool:
    """Tell by its name whether a file can hold a structure."""
    return not name.startswith(".") and _kind(name) is not None


def list_structure_files(folder: Path) -> list[str]:
    """Return the structure files under a folder, relative to it, sorted; hidden folders are left out."""
    found: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        relative = Path(parent).relative_to(folder)
        found.extend((relative / name).as_posix() for name in names if is_structure_file(name))
    return sorted(found)


def read_structure_file(path: Path) -> list[Structure]:
    """Read every structure of a file: CIF, BGMN, NCMAT, POSCAR.

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
