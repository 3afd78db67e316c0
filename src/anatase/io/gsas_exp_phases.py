"""Phases of a GSAS experiment file (``.EXP``): cell, space group, atoms, and which of their parameters are refined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import SharedShift
from anatase.io.gsas_cards import Cards
from anatase.io.listed_atoms import ListedAtom, listed_species, sites_of_atoms, spelled_group
from anatase.io.plain_names import plain_name
from anatase.io.tied_parameters import structure_parameters

__all__ = ["ExpPhase", "atom_constraints", "phases_of_exp"]

ATOM_CARD = re.compile(r"CRS(\d)  AT\s*(\d+)A")
CONSTRAINT = re.compile(r"LNCN\s*(\d+)\s+(\d+)")
MACROMOLECULE = 4
COORDINATES, TENSOR = ("X", "Y", "Z"), ("U11", "U22", "U33", "U12", "U13", "U23")


@dataclass(frozen=True)
class ExpPhase:
    """A phase: its number, its name here, its structure, the site and element of each atom by number, what is free."""

    number: int
    name: str
    structure: Structure
    places: dict[int, tuple[str, str]]
    free: frozenset[str]
    warnings: tuple[str, ...] = ()

    def parameter(self, atom: int, variable: str) -> str | None:
        """Return the name of an atom's ``X``, ``UISO``, ``U12`` or ``FRAC``; ``None`` where there is no such atom."""
        if atom not in self.places:
            return None
        site, element = self.places[atom]
        term = {"FRAC": f"{element}.occupancy", "UISO": "u_iso"}.get(variable, variable.lower())
        return f"{self.name}.{site}.{term}"


def phases_of_exp(cards: Cards, taken: set[str]) -> tuple[ExpPhase, ...]:
    """Return the phases of an experiment file; macromolecular ones, whose atoms stand otherwise, are refused.

    Raises
    ------
    InputError
        When a phase is macromolecular, or its cell, space group or an atom cannot be read.
    """
    kinds = [int(kind) for kind in cards.numbers(" EXPR NPHAS")]
    phases = []
    for number, kind in enumerate(kinds, start=1):
        if kind == MACROMOLECULE:
            raise cards.source.error(f"phase {number} is macromolecular", "export it as CIF", cards.line(" EXPR NPHAS"))
        if kind:
            phases.append(_phase(cards, number, kind, taken))
    return tuple(phases)


def _phase(cards: Cards, number: int, kind: int, taken: set[str]) -> ExpPhase:
    stem = f"CRS{number}"
    cell_card, angle_card, group_card = f"{stem}  ABC", f"{stem}  ANGLES", f"{stem}  SG SYM"
    values = [cards.column(card, 10 * k, 10 * k + 10) for card in (cell_card, angle_card) for k in range(3)]
    if None in values:
        raise cards.source.error(f"phase {number} has no complete cell", "complete it", cards.line(cell_card))
    try:
        lattice = Lattice(*(float(value or 0.0) for value in values))
    except PhysicsError as error:
        raise cards.source.error(str(error), "correct the cell", cards.line(cell_card)) from error
    try:
        group = spelled_group(cards.text(group_card))
    except InputError as error:
        raise cards.source.error(error.found, error.remedy, cards.line(group_card)) from error
    title = cards.text(f"{stem}    PNAM").strip()
    name = plain_name(title, f"phase_{number}", taken)
    atoms = {index: _atom(cards, number, index) for index in _atom_numbers(cards, number)}
    empty = [atom.label for index, atom in atoms.items() if _absent(cards, number, index, atom)]
    atoms = {index: atom for index, atom in atoms.items() if not _absent(cards, number, index, atom)}
    sites, places = sites_of_atoms(list(atoms.values()), lattice, group)
    origin = Origin("GSAS", cards.source.name)
    structure = Structure(lattice, group, sites, title or name, origin)
    located = dict(zip(atoms, places, strict=True))
    phase = ExpPhase(number, name, structure, located, frozenset())
    warnings = [] if kind == 1 else [f"phase {name} is magnetic; its moments are not taken over"]
    if empty:
        warnings.append(f"atoms of occupancy 0 left out of {name}: {', '.join(empty)}")
    warnings += [f"U of {site.label} in {name} is negative" for site in sites if (site.u_iso or 0.0) < 0.0]
    return ExpPhase(number, name, structure, located, _free(cards, phase), tuple(warnings))


def _atom_numbers(cards: Cards, phase: int) -> Sequence[int]:
    found = (ATOM_CARD.fullmatch(key) for key in cards)
    return sorted(int(match.group(2)) for match in found if match and int(match.group(1)) == phase)


def _atom(cards: Cards, phase: int, number: int) -> ListedAtom:
    """Return an atom from its cards A (type, x, y, z, occupancy, label) and B (U; flags I or A, F, X, U)."""
    first, second = f"CRS{phase}  AT{number:>3}A", f"CRS{phase}  AT{number:>3}B"
    line = cards.line(first)
    kind = cards.text(first)[2:10].strip()
    values = [cards.column(first, 10 * k, 10 * k + 10) for k in range(1, 5)]
    species = listed_species(kind, values[3] if values[3] is not None else 1.0)
    if species is None:
        raise cards.source.error(f"'{kind}' is no atom type", "give an element or an ion, as FE+3", line)
    u = [cards.column(second, 10 * k, 10 * k + 10) or 0.0 for k in range(6)]
    label = cards.text(first)[50:58].strip() or f"{species.element}{number}"
    xyz = (values[0] or 0.0, values[1] or 0.0, values[2] or 0.0)
    if cards.text(second)[62:63] == "A":
        return ListedAtom(label, species, xyz, u_aniso=(u[0], u[1], u[2], u[3], u[4], u[5]))
    return ListedAtom(label, species, xyz, u_iso=u[0])


def _absent(cards: Cards, phase: int, number: int, atom: ListedAtom) -> bool:
    """Whether an atom has occupancy 0 and keeps it."""
    return atom.species.occupancy == 0.0 and cards.text(f"CRS{phase}  AT{number:>3}B")[63:64].upper() != "F"


def _free(cards: Cards, phase: ExpPhase) -> frozenset[str]:
    """Return what is flagged as refined, symmetry and holds allowing."""
    wanted: set[str | None] = set()
    allowed = structure_parameters(phase.name, phase.structure)
    if cards.text(f"CRS{phase.number}  ABC")[34:35].upper() == "Y":
        wanted |= {f"{phase.name}.{axis}" for axis in ("a", "b", "c", "alpha", "beta", "gamma")}
    for atom in phase.places:
        flags = cards.text(f"CRS{phase.number}  AT{atom:>3}B").ljust(66).upper()
        variables = [*(COORDINATES if flags[64] == "X" else ()), *(("FRAC",) if flags[63] == "F" else ())]
        if flags[65] == "U":
            variables += TENSOR if flags[62] == "A" else ("UISO",)
        wanted |= {phase.parameter(atom, variable) for variable in variables}
    for block in range(1, 100):
        key = f"LEQV HOLD{phase.number}{block:>2}"
        if key not in cards:
            break
        for start in range(2, 66, 8):
            held = cards.text(key)[start : start + 8]
            if held[2:4].strip().isdigit():
                wanted.discard(phase.parameter(int(held[2:4]), held[4:].strip().upper()))
    return frozenset(name for name in wanted if name in allowed)


def atom_constraints(cards: Cards, phases: Sequence[ExpPhase]) -> tuple[tuple[SharedShift, ...], tuple[str, ...]]:
    """Return the shifts that atoms share (``LNCN`` cards: phase, atom or ALL, variable, multiplier), and warnings."""
    groups: dict[int, list[tuple[float, str]]] = {}
    warnings: list[str] = []
    by_number = {phase.number: phase for phase in phases}
    for key in sorted(cards):
        if not (match := CONSTRAINT.fullmatch(key.strip())):
            continue
        text = cards.text(key)
        for start in range(2, len(text), 16):
            part = text[start : start + 16]
            terms = _terms(part, by_number)
            if part.strip() and not terms:
                warnings.append(f"line {cards.line(key)}: the constraint '{part.strip()}' is not taken over")
            groups.setdefault(int(match.group(1)), []).extend(terms)
    shared = []
    for terms in groups.values():
        free = [(factor, name) for factor, name in terms if any(name in phase.free for phase in phases)]
        if len(free) > 1:
            shared.append(SharedShift(tuple(free)))
    return tuple(shared), tuple(warnings)


def _terms(part: str, phases: dict[int, ExpPhase]) -> list[tuple[float, str]]:
    number, atom, variable, factor = part[:1], part[1:4].strip(), part[4:8].strip().upper(), part[8:].strip()
    phase = phases.get(int(number)) if number.isdigit() else None
    try:
        size = float(factor)
    except ValueError:
        return []
    if phase is None or variable not in (*COORDINATES, *TENSOR, "UISO", "FRAC"):
        return []
    atoms = list(phase.places) if atom.upper() == "ALL" else [int(atom)] if atom.isdigit() else []
    names = [phase.parameter(one, variable) for one in atoms]
    return [(size, name) for name in dict.fromkeys(names) if name is not None]
