"""Read NCMAT files, the material files of NCrystal, versions 1 to 7.

The format is described by Cai & Kittelmann (2020) Comput. Phys. Commun. 246, 106851. Every atom of the
cell is listed, so the symmetry is found from the positions and compared with the space group stated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from anatase.crystal.formula import mass_of
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.standardize import standardize
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.io.ncmat_displacement import u_iso_from_debye, u_iso_from_vdos

__all__ = ["read_ncmat"]

MAX_REPEATS = 100_000
ROOM_TEMPERATURE = 293.15  # K, NCrystal's default
SYMPREC = (0.01, 0.03, 0.1)  # Å
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
Line = tuple[int, list[str]]


class _File:
    """The sections of a file: name to a list of sections, each a list of (line number, words)."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.comments: list[str] = []
        self.sections: dict[str, list[list[Line]]] = {}
        current: list[Line] | None = None
        lines = text.splitlines()
        if not lines or not re.match(r"NCMAT\s+v[1-7]\b", lines[0]):
            raise self.error("the first line is not 'NCMAT v1' to 'NCMAT v7'", "check what the file is", 1)
        for number, line in enumerate(lines[1:], 2):
            content, _, comment = line.partition("#")
            if comment and not content.strip() and current is None:
                self.comments.append(comment.strip())
            words = content.split()
            if words and words[0].startswith("@"):
                current = []
                self.sections.setdefault(words[0][1:], []).append(current)
            elif words and current is not None:
                current.append((number, words))

    def error(self, found: str, remedy: str, line: int | None = None) -> InputError:
        return InputError(found, remedy, file=self.path, line=line)

    def only(self, name: str) -> list[Line]:
        sections = self.sections.get(name)
        if not sections:
            raise self.error(f"there is no @{name} section", "NCMAT files of crystals have one; this is no crystal")
        return sections[0]

    def numbers(self, line: int, words: list[str]) -> list[float]:
        """Read numbers; ``0r6`` stands for six zeros."""
        found: list[float] = []
        for word in words:
            value, _, times = word.partition("r")
            found.extend([self.fraction(line, value)] * (min(int(times), MAX_REPEATS) if times.isdigit() else 1))
        return found

    def fraction(self, line: int, word: str) -> float:
        """Read ``0.25`` or ``1/4``."""
        parts = word.split("/")
        if len(parts) > 2 or not all(re.fullmatch(NUMBER, part) for part in parts):
            raise self.error(f"'{word}' is no number", "write it as 0.25 or 1/4", line)
        denominator = float(parts[1]) if len(parts) == 2 else 1.0
        if denominator == 0:
            raise self.error(f"'{word}' divides by zero", "write it as 0.25 or 1/4", line)
        return float(parts[0]) / denominator


def read_ncmat(path: str | Path) -> list[Structure]:
    """Read the crystal of an NCMAT file, in the standard setting, with U_iso of its vibrations.

    U_iso comes from the phonon density of states or the Debye temperature, at the temperature that the
    file states or at 293.15 K.

    Raises
    ------
    InputError
        When the file is no NCMAT, describes no crystal, or a line of it cannot be read.
    """
    path = Path(path)
    file = _File(path, path.read_text(encoding="utf-8", errors="replace"))
    lattice = _lattice(file)
    mixtures = _mixtures(file)
    u_iso = _displacements(file)
    sites: list[Site] = []
    for line, words in file.only("ATOMPOSITIONS"):
        if len(words) != 4:
            found = f"{len(words)} words where a name and three coordinates stand"
            raise file.error(found, "write 'Al 0 1/2 1/2'", line)
        x, y, z = file.numbers(line, words[1:])
        species = mixtures.get(words[0]) or (_species(file, line, words[0], 1.0),)
        sites.append(Site(f"{words[0]}{len(sites) + 1}", species, (x, y, z), u_iso.get(words[0])))
    if not sites:
        raise file.error("@ATOMPOSITIONS lists no atom", "list every atom of the cell")
    origin = Origin("NCrystal", path.stem, _citation(file.comments))
    structure = Structure(lattice, SpaceGroup.from_number(1), tuple(sites), _title(file.comments), origin)
    return [_with_symmetry(file, structure)]


def _lattice(file: _File) -> Lattice:
    cell: dict[str, list[float]] = {}
    for line, words in file.only("CELL"):
        values: list[float] = []
        for word in words[1:]:
            values.append(values[-1] if word == "!!" and values else file.fraction(line, word))
        cell[words[0]] = values
    if len(cell.get("cubic", [])) == 1:
        a = cell["cubic"][0]
        return Lattice(a, a, a)
    lengths, angles = cell.get("lengths", []), cell.get("angles", [])
    if len(lengths) != 3 or len(angles) != 3:
        raise file.error("@CELL gives no three lengths and three angles", "write 'lengths a b c' and 'angles α β γ'")
    try:
        return Lattice(*lengths, *angles)
    except PhysicsError as error:
        raise file.error(str(error), "correct the @CELL section") from error


def _species(file: _File, line: int, name: str, occupancy: float) -> Species:
    """Read an element or an isotope: ``Al``, ``D``, ``Li6``."""
    match = re.fullmatch(r"([A-Z][a-z]?)\d*", name)
    symbol = match.group(1) if match else ""
    if not symbol or (symbol != "T" and mass_of_or_zero(symbol) == 0):
        raise file.error(f"'{name}' is no element", "name an element, or define the mark in @ATOMDB", line)
    if symbol == "T":
        return Species("H", occupancy, isotope=3)
    if name == "H2":
        return Species("D", occupancy)
    return Species(symbol, occupancy, isotope=int(name.removeprefix(symbol) or 0))


def mass_of_or_zero(symbol: str) -> float:
    """Return the mass of an element in g/mol, 0 for what is none."""
    import gemmi

    return mass_of(symbol) if gemmi.Element(symbol).atomic_number else 0.0


def _mixtures(file: _File) -> dict[str, tuple[Species, ...]]:
    """Read what @ATOMDB says marks stand for: ``X1 is 0.9 Al 0.1 Cr``."""
    found: dict[str, tuple[Species, ...]] = {}
    for line, words in (row for section in file.sections.get("ATOMDB", []) for row in section):
        if len(words) < 3 or words[1] != "is":
            continue
        parts = words[2:]
        if len(parts) == 1:
            found[words[0]] = (_species(file, line, parts[0], 1.0),)
            continue
        pairs = zip(parts[::2], parts[1::2], strict=False)
        species = tuple(_species(file, line, name, file.fraction(line, share)) for share, name in pairs)
        found[words[0]] = tuple(s for s in species if s.occupancy > 0)
    return found


def _displacements(file: _File) -> Mapping[str, float]:
    """Return U_iso in Å² by element, from @DYNINFO or @DEBYETEMPERATURE."""
    temperature = ROOM_TEMPERATURE
    for line, words in (row for section in file.sections.get("TEMPERATURE", []) for row in section):
        temperature = file.fraction(line, words[-1])
    found: dict[str, float] = {}
    for line, words in (row for section in file.sections.get("DEBYETEMPERATURE", []) for row in section):
        if len(words) == 2 and mass_of_or_zero(words[0]):
            found[words[0]] = u_iso_from_debye(file.fraction(line, words[1]), mass_of(words[0]), temperature)
    for section in file.sections.get("DYNINFO", []):
        values = _keywords(section)
        element = values.get("element", (0, [""]))[1][0]
        mass = mass_of_or_zero(element)
        if not mass:
            continue
        if "debye_temp" in values:
            line, words = values["debye_temp"]
            found[element] = u_iso_from_debye(file.fraction(line, words[0]), mass, temperature)
        elif "vdos_egrid" in values and "vdos_density" in values:
            energies, density = (file.numbers(*values[name]) for name in ("vdos_egrid", "vdos_density"))
            found[element] = u_iso_from_vdos(energies, density, mass, temperature)
    return found


def _keywords(section: list[Line]) -> dict[str, Line]:
    """Join the lines of a @DYNINFO section that continue a keyword's values."""
    found: dict[str, Line] = {}
    current: list[str] = []
    for line, words in section:
        if re.match(r"[a-z]", words[0]):
            current = list(words[1:])
            found[words[0]] = (line, current)
        else:
            current.extend(words)
    return found


def _with_symmetry(file: _File, structure: Structure) -> Structure:
    """Find the symmetry; loosen the tolerance until it is the one that the file states."""
    stated = file.sections.get("SPACEGROUP")
    number = int(stated[0][0][1][0]) if stated and stated[0] and stated[0][0][1][0].isdigit() else 0
    tightest = standardize(structure, SYMPREC[0])
    if number in (0, tightest.space_group.number):
        return tightest
    for symprec in SYMPREC[1:]:
        found = standardize(structure, symprec)
        if found.space_group.number == number:
            return found
    warning = f"the positions have space group {tightest.space_group.number}, the file states {number}"
    return replace(tightest, warnings=(*tightest.warnings, warning))


def _title(comments: list[str]) -> str:
    first = next((comment for comment in comments if comment), "")
    return re.split(r"[(,;]", first)[0].strip(" .")


def _citation(comments: list[str]) -> str:
    """Return the paper that the leading comment names, with its DOI: the first quoted paragraph."""
    text = " ".join(comments)
    title = re.search(r'"([^"]{8,300})"\s*([^"]{0,160}?\(?\d{4}\)?)', text)
    doi = re.search(r"10\.\d{4,5}/[^\s\"]+", text)
    parts = [re.sub(r"\s+", " ", part).strip(" .") for part in (title.groups() if title else ())]
    return ". ".join([part for part in parts if len(part) > 3] + [*([f"doi:{doi.group().rstrip('.')}"] if doi else [])])
