"""The space group that a CIF states, in whatever way it states it."""

from __future__ import annotations

import re
from functools import lru_cache

import gemmi

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError

__all__ = ["fitting_lattice", "groups_of_symbol", "other_origins", "space_groups_of", "stated_symbol", "text_of"]

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
# 1, 2: origin choice; h, r: axes. The other codes name settings that the symbol spells out
SETTING_CODES = ("_space_group_IT_coordinate_system_code", "_space_group.IT_coordinate_system_code")
NUMBERS = ("_space_group_IT_number", "_symmetry_Int_Tables_number", "_space_group.IT_number")


RHOMBOHEDRAL = (146, 148, 155, 160, 161, 166, 167)


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
    code = text_of(block, SETTING_CODES).upper()
    for tag in SYMBOLS:
        symbol = text_of(block, (tag,))
        if symbol and ":" not in symbol and code in ("1", "2", "H", "R"):
            groups.extend(groups_of_symbol(f"{symbol}:{code}", lattice))
        if symbol:
            groups.extend(groups_of_symbol(symbol, lattice))
    number = text_of(block, NUMBERS)
    if number.isdigit() and 1 <= int(number) <= 230 and not groups:
        groups = [SpaceGroup.from_number(int(number))]
        groups.extend(other_origins(groups[0]))
    return groups


def groups_of_symbol(symbol: str, lattice: Lattice) -> list[SpaceGroup]:
    """Return the settings that a Hermann–Mauguin symbol may mean, old and misspelt ones included.

    ``P2_1/c``, ``P 2(1)/c``, ``F d 3 m S`` (origin 1), ``R -3 m R`` (rhombohedral axes) are all understood.
    """
    for text, preference in _spellings(symbol):
        angles = (0.0, 0.0) if preference in ("H", "R") else (lattice.alpha, lattice.gamma)
        group = gemmi.find_spacegroup_by_name(text, *angles, preference)
        if group is not None:
            first = SpaceGroup.from_gemmi(group)
            return [first, *other_origins(first)]
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


def other_origins(group: SpaceGroup) -> list[SpaceGroup]:
    """Return the other origin choice or the other axes of the same symbol, if there are any.

    Trigonal groups with 3_1 or 3_2 and twofold axes (quartz) stood with other origins along c in older tables.
    """
    if group.number in (151, 152, 153, 154) and "(x" not in group.hall:
        ops = group.triplets
        shifted = [_shifted_along_c(ops, shift) for shift in (8, 16, 4, 20)]
        return [SpaceGroup.from_operations(triplets) for triplets in shifted]
    base = group.symbol.split(":")[0]
    if ":" not in group.symbol:
        return []
    return [SpaceGroup.from_gemmi(g) for g in _settings_of(base) if g.xhm() != group.symbol]


def _shifted_along_c(triplets: tuple[str, ...], shift: int) -> list[str]:
    """Move the origin by ``shift`` 24ths along c: t' = t + (R - 1) s."""
    moved = []
    for triplet in triplets:
        operation = gemmi.Op(triplet)
        x, y, z = operation.tran
        turned = operation.rot[2][2] // gemmi.Op.DEN  # ±1 in these groups
        operation.tran = [x, y, z + (turned - 1) * shift]
        moved.append(operation.wrap().triplet())
    return moved


@lru_cache(maxsize=256)
def _settings_of(base: str) -> tuple[gemmi.SpaceGroup, ...]:
    return tuple(g for g in gemmi.spacegroup_table() if g.hm == base and g.ext in ("1", "2", "H", "R"))


def fitting_lattice(groups: list[SpaceGroup], lattice: Lattice) -> tuple[Lattice, list[SpaceGroup], list[str]]:
    """Return the lattice and those of the groups that agree with each other, and warnings.

    Repairs: rhombohedral cells of which only one angle was written; another setting of the same group.

    Raises
    ------
    InputError
        When the cell has not the symmetry of the group in any setting.
    """
    fitting = [group for group in groups if group.fits(lattice)]
    if fitting:
        return lattice, fitting, []
    first = groups[0]
    oblique = [angle for angle in lattice.parameters[3:] if angle != 90.0]
    equal = lattice.a == lattice.b == lattice.c
    if first.number in RHOMBOHEDRAL and equal and len(oblique) == 1:
        repaired = Lattice(lattice.a, lattice.a, lattice.a, oblique[0], oblique[0], oblique[0])
        axes = [group for group in [*groups, *other_origins(first)] if group.fits(repaired)]
        if axes:
            return repaired, axes, [f"one angle {oblique[0]:g} deg of a rhombohedral cell: taken for all three"]
    same = lattice.a == lattice.b and lattice.parameters[3:] == (90.0, 90.0, 90.0)
    if same and 143 <= first.number <= 194:
        repaired = Lattice(lattice.a, lattice.b, lattice.c, 90.0, 90.0, 120.0)
        axes = [group for group in groups if group.fits(repaired)]
        if axes:
            return repaired, axes, ["gamma of a hexagonal cell is written as 90 deg: taken as 120"]
    settings = [g for g in map(SpaceGroup.from_gemmi, _settings_of_number(first.number)) if g.fits(lattice)]
    if settings:
        return lattice, settings, [f"the cell does not fit {first.symbol}: read as {settings[0].symbol}"]
    cell = ", ".join(f"{value:g}" for value in lattice.parameters)
    raise InputError(f"the cell ({cell}) has not the symmetry of {first.symbol}", "correct the cell or the space group")


@lru_cache(maxsize=230)
def _settings_of_number(number: int) -> tuple[gemmi.SpaceGroup, ...]:
    return tuple(g for g in gemmi.spacegroup_table() if g.number == number)
