"""What a file is to a refinement: a pattern, a structure, both, reflections, or another program's refinement."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from anatase.io.source import open_source
from anatase.io.structure_files import is_structure_file

__all__ = ["FileRole", "file_role"]

FileRole = Literal["pattern", "structure", "both", "refinement", "crystal", "reflections"]

REFINEMENTS = (".gpx", ".exp", ".inp", ".pcr", ".sav")
CRYSTALS, REFLECTIONS = (".ins", ".res"), (".hkl",)
ATOMS = re.compile(r"^\s*_atom_site[_.](fract|cartn)_x", re.IGNORECASE | re.MULTILINE)
INTENSITIES = re.compile(r"^\s*_pd_(meas|proc)_(counts|intensity)_(total|net)", re.IGNORECASE | re.MULTILINE)


def file_role(path: str | Path) -> FileRole:
    """Tell what a file is to a refinement, by its suffix and, of a CIF, by what it holds.

    Examples
    --------
    >>> [file_role(name) for name in ("scan.xye", "rutile.str", "fap.EXP", "alanine.ins", "alanine.hkl")]
    ['pattern', 'structure', 'refinement', 'crystal', 'reflections']

    Raises
    ------
    InputError
        When a CIF cannot be opened.
    """
    suffix = Path(path).suffix.lower()
    if suffix in REFINEMENTS:
        return "refinement"
    if suffix in CRYSTALS:
        return "crystal"
    if suffix in REFLECTIONS:
        return "reflections"
    if not is_structure_file(Path(path).name):
        return "pattern"
    if suffix != ".cif":
        return "structure"
    text = open_source(path).text
    measured, atoms = INTENSITIES.search(text) is not None, ATOMS.search(text) is not None
    return "both" if measured and atoms else "pattern" if measured else "structure"
