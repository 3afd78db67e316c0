"""The space group that a CIF states, in whatever way it states it."""

from __future__ import annotations

import re
from functools import lru_cache

import gemmi

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError

__all__ = ["space_groups_of", "stated_symbol"]

OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz", "_space_group_symop.operation_xyz")
SYMBOLS = (
    "_space_group_name_H-M_alt",
    "_symmetry_space_group_name_H-M",
    "_space_group_name_H-M_full",
    "_space_group_name_H-M_ref",
    "_space_group.name_H-M_alt",
    "_space_group.name_H-M_full",
    "_symmetry.space_group_name_H-M",
    "_cod_original_sg_symbol_H-M",
)
HALLS = ("_space_group_name_Hall", "_symmetry_space_group_name_Hall", "_space_group.name_Hall")
NUMBERS = ("_space_group_IT_number", "_symmetry_Int_Tables_number", "_space_group.IT_number")


def text_of(block: gemmi.cif.Block, tags: tuple[str, ...]) -> str:
    """Return the first value of the tags that is neither ``?`` nor ``.``, on one line."""
    for tag in tags:
        for raw in block.find_values(tag):
            value = " ".join(gemmi.cif.as_string(raw).split())
            if value and value not in ("?", "."):
                return value
    return ""


def stated_symbol(block: gemmi.cif.Block) -> str:
    """Return the Hermann–Mauguin symbol as the file writes it, or nothing."""
    return text_of(block, SYMBOLS)


def space_groups_of(block: gemmi.cif.Block, lattice: Lattice) -> tuple[list[SpaceGroup], list[str]]:
    """Return the groups that the file may mean, most trustworthy first, and warnings.

    The operations count most, then the Hall symbol, the Hermann–Mauguin symbol (with the other origin as a
    second choice), the number. A file that says nothing is taken for P1.
    """
    warnings: list[str] = []
    listed = [gemmi.cif.as_string(raw) for tag in OPERATIONS for raw in block.find_values(tag)]
    listed = [_repaired_triplet(triplet) for triplet in listed if triplet.strip() not in ("", "?", ".")]
    groups: list[SpaceGroup] = []
    if listed:
        try:
            groups.append(_group_of_operations(tuple(dict.fromkeys(listed))))
        except InputError as error:
            warnings.append(f"symmetry operations not used: {error.found}")
    named = _named_groups(block, lattice)
    if not groups or (groups[0].number == 1 and groups[0].order == 1):
        # a list of x,y,z alone is often a converter's omission: the symbol decides if the atoms agree
        groups = [*(group for group in named if group.number != 1), *groups] if groups else named
    if not groups:
        symbol = stated_symbol(block)
        if symbol:
            warnings.append(f"space group symbol '{symbol}' not understood: read as P 1")
        elif not listed:
            warnings.append("no space group stated: read as P 1")
        groups = [SpaceGroup.from_number(1)]
    return list(dict.fromkeys(groups)), warnings


@lru_cache(maxsize=512)
def _group_of_operations(listed: tuple[str, ...]) -> SpaceGroup:
    return SpaceGroup.from_operations(listed)


def _repaired_triplet(triplet: str) -> str:
    """Read decimals (0.5, 0.3333) as fractions and drop decoration."""
    text = triplet.lower().replace(" ", "").replace("'", "").replace('"', "").replace(";", ",")
    return re.sub(r"\d*\.\d+", lambda m: _fraction(float(m.group())), text)


def _fraction(value: float) -> str:
    return f"{round(value * 24)}/24" if abs(value * 24 - round(value * 24)) < 0.1 else str(value)


def _named_groups(block: gemmi.cif.Block, lattice: Lattice) -> list[SpaceGroup]:
    groups: list[SpaceGroup] = []
    hall = text_of(block, HALLS)
    if hall:
        try:
            groups.append(SpaceGroup.from_hall(hall.replace("_", " ")))
        except InputError:
            hall = ""  # a wrong Hall symbol: the Hermann–Mauguin symbol follows
    for tag in SYMBOLS:
        symbol = text_of(block, (tag,))
        if symbol:
            groups.extend(groups_of_symbol(symbol, lattice))
    number = text_of(block, NUMBERS)
    if number.isdigit() and 1 <= int(number) <= 230:
        if not groups:
            groups.append(SpaceGroup.from_number(int(number)))
            groups.extend(_other_origins(groups[0]))
    return groups


def groups_of_symbol(symbol: str, lattice: Lattice) -> list[SpaceGroup]:
    """Return the settings that a Hermann–Mauguin symbol may mean, old and misspelt ones included.

    ``P2_1/c``, ``P 2(1)/c``, ``F d 3 m S`` (origin 1), ``R -3 m R`` (rhombohedral axes) are all understood.
    """
    for text, preference in _spellings(symbol):
        group = gemmi.find_spacegroup_by_name(text, lattice.alpha, lattice.gamma, preference)
        if group is not None:
            first = SpaceGroup._from_gemmi(group)
            return [first, *_other_origins(first)]
    return []


def _spellings(symbol: str) -> list[tuple[str, str]]:
    text = " ".join(symbol.replace("_", "").replace("~", "").replace("(", "").replace(")", "").split())
    text = text.replace("–", "-").replace("−", "-").replace(" /", "/").replace("/ ", "/").replace("- ", "-")
    preference = ""
    tail = re.search(r"(?:\s+|:)\s*([SZHR12])(?:\s*:?\s*[SZHR12])?$", text)
    if ":" in text or (tail and len(text.split()) > 1 and tail.group(1) in "SZHR"):
        marker = tail.group(1) if tail else ""
        preference = {"S": "1", "Z": "2", "1": "1", "2": "2", "H": "H", "R": "R"}.get(marker, "")
        text = text[: tail.start()] if tail else text.split(":")[0]
    compact = text.replace(" ", "")
    spellings = [text, compact, compact[:1].upper() + compact[1:].lower()]
    # full symbols of cubic, tetragonal and trigonal groups: F 41/d -3 2/m is F d -3 m
    shortened = re.sub(r"\b[2346][1-5]?/([a-z])", r"\1", text)
    spellings += [shortened, re.sub(r"\s+2$", "", shortened)]
    return [(spelling, preference) for spelling in dict.fromkeys(spellings)]


def _other_origins(group: SpaceGroup) -> list[SpaceGroup]:
    """Return the other origin choice or the other axes of the same symbol, if there are any."""
    base = group.symbol.split(":")[0]
    if ":" not in group.symbol:
        return []
    return [SpaceGroup._from_gemmi(g) for g in _settings_of(base) if g.xhm() != group.symbol]


@lru_cache(maxsize=256)
def _settings_of(base: str) -> tuple[gemmi.SpaceGroup, ...]:
    return tuple(g for g in gemmi.spacegroup_table() if g.hm == base and g.ext in ("1", "2", "H", "R"))
