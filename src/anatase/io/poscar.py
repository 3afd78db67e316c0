"""Read VASP's POSCAR and CONTCAR files, with fractional or Cartesian coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError, PhysicsError

__all__ = ["read_poscar", "structure_from_poscar_text"]

MAX_ATOMS = 20_000
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?"


def read_poscar(path: str | Path) -> list[Structure]:
    """Read the structure of a POSCAR or CONTCAR; it is in P1, for ``standardize`` to find its symmetry.

    Raises
    ------
    InputError
        When a line is missing or cannot be read; a file of VASP 4, which names no elements, is understood
        when its comment line does.
    """
    path = Path(path)
    return [structure_from_poscar_text(path.read_text(encoding="utf-8", errors="replace"), str(path))]


def structure_from_poscar_text(text: str, name: str = "") -> Structure:
    r"""Read a structure from the text of a POSCAR; ``name`` stands for the file in messages.

    Examples
    --------
    >>> lines = ["CsCl", "1.0", "4.12 0 0", "0 4.12 0", "0 0 4.12", "Cs Cl", "1 1", "Direct", "0 0 0", ".5 .5 .5"]
    >>> structure_from_poscar_text("\n".join(lines)).formula
    'CsCl'
    """
    file = _Lines(text.splitlines(), name)
    raw = np.array([file.numbers(row, 3) for row in (2, 3, 4)])
    scale = _scale(file, raw)
    symbols, row = _symbols(file)
    elements = _elements(file, symbols, row)
    row += 1
    if file.at(row).strip()[:1] in ("S", "s"):  # selective dynamics
        row += 1
    xyz = np.array([file.numbers(row + number, 3) for number in range(1, len(elements) + 1)])
    if file.at(row).strip()[:1] in ("C", "c", "K", "k"):  # Cartesian, in units of the scale
        try:
            xyz = np.linalg.solve(raw.T, xyz.T).T
        except np.linalg.LinAlgError as error:
            raise file.error("the lattice vectors span no volume", "correct them", 2) from error
    return _structure(raw * scale, elements, xyz, file)


@dataclass(frozen=True)
class _Lines:
    """The lines of a file, counted from 0, and its name for messages."""

    lines: list[str]
    name: str

    def error(self, found: str, remedy: str, row: int) -> InputError:
        return InputError(found, remedy, file=self.name or None, line=row + 1)

    def at(self, row: int) -> str:
        if row >= len(self.lines):
            raise self.error("the file ends too early", "give a complete POSCAR", len(self.lines) - 1)
        return self.lines[row]

    def numbers(self, row: int, count: int) -> list[float]:
        """Read the first ``count`` numbers of a line."""
        words = self.at(row).split()[:count]
        if len(words) < count or not all(re.fullmatch(NUMBER, word) for word in words):
            raise self.error(f"'{self.at(row).strip()[:40]}' where {count} numbers stand", "give a POSCAR", row)
        return [float(word.replace("d", "e").replace("D", "e")) for word in words]


def _scale(file: _Lines, raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factor of the vectors: one, three for x, y, z, or one from a negative number, the volume."""
    n = 3 if len(file.at(1).split()) >= 3 and re.fullmatch(NUMBER, file.at(1).split()[2]) else 1
    scale = np.array(file.numbers(1, n))
    if n == 1 and scale[0] < 0:
        volume = abs(float(np.linalg.det(raw)))
        if volume == 0:
            raise file.error("the lattice vectors span no volume", "correct them", 2)
        return np.full(1, (-scale[0] / volume) ** (1.0 / 3.0))
    if np.any(scale <= 0):
        raise file.error(f"the scale is {file.at(1).strip()}", "give a positive number, or minus the volume", 1)
    return scale


def _symbols(file: _Lines) -> tuple[list[str], int]:
    """Return the elements and the row of their counts; VASP 4 names them in the comment at best."""
    words = file.at(5).split()
    if words and words[0].isdigit():
        return re.findall(r"[A-Z][a-z]?", file.at(0))[: len(words)], 5
    return [re.split(r"[_/]", word)[0] for word in words], 6


def _elements(file: _Lines, symbols: list[str], row: int) -> list[str]:
    counts = file.at(row).split()
    if not counts or len(counts) != len(symbols) or not all(re.fullmatch(r"\d{1,6}", count) for count in counts):
        named = " ".join(symbols) or "the elements"
        raise file.error(f"'{file.at(row).strip()}' gives no number of atoms for {named}", "give one for each", row)
    for symbol in symbols:
        if gemmi.Element(symbol).atomic_number == 0:
            raise file.error(f"'{symbol}' is no chemical element", "name the elements on line 6", max(row - 1, 0))
    total = sum(int(count) for count in counts)
    if not 0 < total <= MAX_ATOMS:
        raise file.error(f"{total} atoms", f"give between 1 and {MAX_ATOMS}", row)
    return [symbol for symbol, count in zip(symbols, counts, strict=True) for _ in range(int(count))]


def _structure(basis: NDArray[np.float64], elements: list[str], xyz: NDArray[np.float64], file: _Lines) -> Structure:
    try:
        lattice = Lattice.from_vectors(basis)
    except PhysicsError as error:
        raise file.error(str(error), "correct the lattice vectors", 2) from error
    sites = tuple(
        Site(f"{element}{number}", (Species(element),), (float(x), float(y), float(z)))
        for number, (element, (x, y, z)) in enumerate(zip(elements, xyz % 1.0, strict=True), 1)
    )
    return Structure(
        lattice, SpaceGroup.from_number(1), sites, file.at(0).strip(), Origin("POSCAR", Path(file.name).stem)
    )
