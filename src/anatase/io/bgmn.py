"""Read BGMN structure files (.str), the form in which Profex and BGMN keep their phases.

Lengths are in nm and displacement parameters TDS in nm² (B = 100 TDS Å²), as in the BGMN manual (Bergmann,
Friedel & Kleeberg, 1998, CPD Newsletter 20, 5). Coordinates that a file omits follow from the Wyckoff position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import nearest_images
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.io.bgmn_setting import Setting, contradictions, settings_of, special_position
from anatase.io.expression import evaluate

__all__ = ["read_bgmn"]

B_PER_TDS = 100.0  # Å²/nm²
MAX_DEPTH = 20
ASSIGNMENT = re.compile(r"(?:PARAM=)?([A-Za-z_]\w*)==?(\S.*)")
SPECIES = re.compile(r"([A-Za-z]{1,2})([+-]\d+)?(?:\((.*)\))?")


@dataclass
class _Atom:
    """An ``E=`` entry: its line, what it names, and the attributes that follow."""

    line: int
    species: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class _Content:
    """The words of a file: definitions by name (line, text) and atoms."""

    path: Path
    definitions: dict[str, tuple[int, str]] = field(default_factory=dict)
    atoms: list[_Atom] = field(default_factory=list)

    def text(self, *names: str) -> str:
        return next((self.definitions[name][1] for name in names if name in self.definitions), "")

    def error(self, error: InputError, line: int | None) -> InputError:
        return InputError(error.found, error.remedy, file=self.path, line=line)

    def value(self, text: str, line: int, depth: int = 0) -> float:
        """Evaluate an expression, with the definitions that it names."""
        number = re.match(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=_|\^|$)", text)
        if number:  # 0.4594_0.4548^0.4640: value, lower and upper limit
            return float(number.group())
        names: dict[str, float] = {}
        for name in set(re.findall(r"[A-Za-z_]\w*(?!\w*\()", text)):
            if name in self.definitions and depth < MAX_DEPTH:
                at, definition = self.definitions[name]
                names[name] = self.value(definition, at, depth + 1)
        try:
            return evaluate(text, names)
        except InputError as error:
            raise self.error(error, line) from error


def read_bgmn(path: str | Path) -> list[Structure]:
    """Read the structure of a BGMN .str file.

    Raises
    ------
    InputError
        When the file names no space group, cell or atoms, or an expression in it cannot be evaluated.
    """
    path = Path(path)
    content = _parse(path, path.read_text(encoding="latin-1"))
    number = content.text("SpacegroupNo", "SpacegropuNo")
    if not number.isdigit() or not 1 <= int(number) <= 230:
        raise InputError("no SpacegroupNo from 1 to 230", "name the space group", file=path)
    if not content.atoms:
        raise InputError("no atom (E=...); the phase may be a Le Bail or peak model", "give its atoms", file=path)
    origin = content.text("OriginChoice") or content.text("Setting")
    if content.text("Lattice").startswith("Rhomb") or _is_rhombohedral(content, int(number)):
        origin = "R"
    try:
        settings = settings_of(int(number), content.text("HermannMauguin"), origin)
    except InputError as error:
        raise content.error(error, None) from error
    lattice = _lattice(content, settings[0])
    setting, sites, warnings = _chosen(content, lattice, settings, stated=origin == settings[0].origin)
    name = content.text("MineralName", "PHASE").replace("_", " ")
    origin_of = Origin("BGMN", path.stem, content.text("Reference").replace("_", " "))
    return [Structure(lattice, setting.group, sites, name, origin_of, warnings)]


def _chosen(
    content: _Content, lattice: Lattice, settings: list[Setting], *, stated: bool
) -> tuple[Setting, tuple[Site, ...], tuple[str, ...]]:
    """Choose the origin that agrees with the Wyckoff letters; where both do, the stated one or the roomier one."""
    if len(settings) == 1:
        return settings[0], _sites(content, settings[0]), ()
    scored = []
    for rank, setting in enumerate(settings):
        sites = _sites(content, setting)
        wrong = contradictions(setting, lattice, sites)
        preference = float(rank) if stated else -_spacing(lattice, setting, sites)
        scored.append((wrong, preference, rank, setting, sites))
    _, _, rank, setting, sites = min(scored, key=lambda row: row[:3])
    if stated and rank == 0:
        return setting, sites, ()
    reason = "the Wyckoff letters need it" if stated else "the file names none"
    return setting, sites, (f"origin choice {setting.origin} taken: {reason}",)


def _is_rhombohedral(content: _Content, number: int) -> bool:
    """Tell whether the cell of a rhombohedral group is given by one length and one angle."""
    angle = "ALPHA" in content.definitions or "GAMMA" in content.definitions
    return 146 <= number <= 167 and angle and "C" not in content.definitions


def _parse(path: Path, text: str) -> _Content:
    content = _Content(path)
    atom: _Atom | None = None
    for line, word in _words(text):
        match = ASSIGNMENT.fullmatch(word)
        if match is None:
            continue
        name, value = match.groups()
        if name == "E":
            atom = _Atom(line, value)
            content.atoms.append(atom)
        elif atom is not None and name in ("Wyckoff", "x", "y", "z", "TDS"):
            atom.attributes[name] = value
        else:
            content.definitions.setdefault(name, (line, value))
    return content


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Yield words with their line; blanks inside brackets do not end a word, ``//`` begins a comment."""
    for line, raw in enumerate(text.splitlines(), 1):
        content = raw.split("//")[0]
        word, depth = "", 0
        for character in content + " ":
            depth += (character == "(") - (character == ")")
            if character.isspace() and depth <= 0:
                if word:
                    yield line, word
                word, depth = "", 0
            elif not character.isspace():
                word += character


def _lattice(content: _Content, setting: Setting) -> Lattice:
    """Return the cell, the parameters that symmetry fixes left out in the file."""
    given = {}
    for name in ("A", "B", "C", "ALPHA", "BETA", "GAMMA"):
        if name in content.definitions:
            line, text = content.definitions[name]
            given[name] = content.value(text, line)
    if "A" not in given:
        raise InputError("no lattice parameter A", "give the cell, in nm", file=content.path)
    number, a = setting.group.number, given["A"] * 10.0
    if number >= 195 or setting.origin == "R":
        b = c = a
    else:
        b = given.get("B", given["A"]) * 10.0
        c = given.get("C", given["A"]) * 10.0
    alpha = given.get("ALPHA", given.get("GAMMA", 90.0) if setting.origin == "R" else 90.0)
    hexagonal = 143 <= number <= 194 and setting.origin != "R"
    beta = alpha if setting.origin == "R" else given.get("BETA", 90.0)
    gamma = alpha if setting.origin == "R" else given.get("GAMMA", 120.0 if hexagonal else 90.0)
    try:
        return Lattice(a, b, c, alpha, beta, gamma)
    except PhysicsError as error:
        raise InputError(str(error), "check the cell", file=content.path) from error


def _sites(content: _Content, setting: Setting) -> tuple[Site, ...]:
    sites = []
    for number, atom in enumerate(content.atoms, 1):
        attributes = atom.attributes
        given = {axis: content.value(attributes[axis], atom.line) for axis in "xyz" if axis in attributes}
        letter = attributes.get("Wyckoff", "")
        try:
            x, y, z = special_position(setting, letter, given)
        except InputError as error:
            raise content.error(error, atom.line) from error
        species = _species(content, atom)
        tds = content.value(attributes["TDS"], atom.line) if "TDS" in attributes else 0.0
        u_iso = tds * B_PER_TDS / (8.0 * np.pi**2) if tds > 0 else None
        if any(s.occupancy > 0 for s in species):
            sites.append(Site(f"{species[0].element}{number}", species, (x, y, z), u_iso, wyckoff=letter))
    return tuple(sites)


def _species(content: _Content, atom: _Atom) -> tuple[Species, ...]:
    """Read ``CA+2``, ``O(0.5)`` or ``(AL+3(0.25),SI+4)``: one without occupancy fills what is left."""
    text = atom.species
    grouped = text.startswith("(") and text.endswith(")")
    found: list[tuple[str, int, float | None]] = []
    for part in _split(text[1:-1] if grouped else text):
        match = SPECIES.fullmatch(part)
        symbol = match.group(1).capitalize() if match else ""
        if match is None or not _is_element(symbol):
            error = InputError(f"'{part}' is no element", "write it as CA+2(0.5)")
            raise content.error(error, atom.line)
        charge, occupancy = match.group(2), match.group(3)
        value = None if occupancy is None else content.value(occupancy, atom.line)
        found.append((symbol, int(charge) if charge else 0, value))
    left = max(1.0 - sum(value for _, _, value in found if value is not None), 0.0)
    return tuple(
        Species(symbol, round(left if value is None else value, 6), charge)
        for symbol, charge, value in found
        if value is None or value > 0
    ) or (Species(found[0][0], 0.0, found[0][1]),)


def _split(text: str) -> list[str]:
    """Split at commas outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _is_element(symbol: str) -> bool:
    import gemmi

    return bool(symbol) and gemmi.Element(symbol).atomic_number > 0


def _spacing(lattice: Lattice, setting: Setting, sites: tuple[Site, ...]) -> float:
    """Return the shortest distance in Å between different atoms of the cell."""
    positions = Structure(lattice, setting.group, sites).cell_positions[1]
    shortest = np.inf
    for position in positions:
        distance = nearest_images(lattice.metric, positions, position)[1]
        # nearer than 0.05 Å is the atom itself, or another species on its site
        shortest = min(shortest, float(distance[distance > 0.05].min(initial=np.inf)))
    return shortest
