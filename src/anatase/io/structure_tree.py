"""Folders of structure files of any size, walked without a list of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from anatase.io.structure_files import is_structure_file

__all__ = ["count_structure_files", "walk_structure_files"]

Stamp = tuple[int, int]


def walk_structure_files(folder: Path) -> Iterator[dict[str, Stamp]]:
    """Yield the structure files of one folder after the other: name relative to the top → size, time of change in ns.

    Folders and the files in them come sorted by name, so that two walks of one tree are the same. Hidden
    folders, links to folders, and folders without structure files are left out.
    """
    for prefix, files, place in _folders(folder):
        stamps: dict[str, Stamp] = {}
        for name in files:
            try:
                status = (place / name).stat()
            except FileNotFoundError:  # it went while the tree was walked
                continue
            stamps[prefix + name] = (status.st_size, status.st_mtime_ns)
        if stamps:
            yield stamps


def count_structure_files(folder: Path) -> int:
    """Return how many structure files are under a folder."""
    return sum(len(files) for _, files, _ in _folders(folder))


def _folders(folder: Path) -> Iterator[tuple[str, list[str], Path]]:
    """Yield prefix, sorted names of structure files, and place of each folder."""
    waiting = [("", folder)]
    while waiting:
        prefix, place = waiting.pop()
        folders, files = [], []
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif is_structure_file(entry.name) and entry.is_file():
                    files.append(entry.name)
        waiting.extend((f"{prefix}{name}/", place / name) for name in sorted(folders, reverse=True))
        yield prefix, sorted(files), place
