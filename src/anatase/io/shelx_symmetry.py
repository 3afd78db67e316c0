"""The space group that LATT and SYMM of SHELX mean, and how a space group is written with them."""

from __future__ import annotations

from collections.abc import Sequence

import gemmi

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError

__all__ = ["latt_and_symm", "space_group_of_latt"]

# LATT: 1 P, 2 I, 3 R obverse on hexagonal axes, 4 F, 5 A, 6 B, 7 C
CENTRINGS = {
    1: ("x,y,z",),
    2: ("x,y,z", "x+1/2,y+1/2,z+1/2"),
    3: ("x,y,z", "x+2/3,y+1/3,z+1/3", "x+1/3,y+2/3,z+2/3"),
    4: ("x,y,z", "x,y+1/2,z+1/2", "x+1/2,y,z+1/2", "x+1/2,y+1/2,z"),
    5: ("x,y,z", "x,y+1/2,z+1/2"),
    6: ("x,y,z", "x+1/2,y,z+1/2"),
    7: ("x,y,z", "x+1/2,y+1/2,z"),
}
LARGEST_GROUP = 192


def space_group_of_latt(latt: int, symm: Sequence[str]) -> SpaceGroup:
    """Return the space group of LATT (negative: no inversion at the origin) and the triplets of SYMM.

    Raises
    ------
    InputError
        When LATT is none of ±1 to ±7, a triplet cannot be read, or they generate no space group.

    Examples
    --------
    >>> space_group_of_latt(1, ["-X, 0.5+Y, 0.5-Z"]).symbol
    'P 1 21/c 1'
    """
    if abs(latt) not in CENTRINGS:
        raise InputError(f"LATT {latt} is no lattice type", "give 1 to 7, negative without inversion")
    generators = [gemmi.Op(text) for text in CENTRINGS[abs(latt)]]
    if latt > 0:
        generators.append(gemmi.Op("-x,-y,-z"))
    for triplet in symm:
        try:
            generators.append(gemmi.Op(triplet.lower().replace(" ", "")).wrap())
        except (RuntimeError, ValueError) as error:
            raise InputError(f"'{triplet}' is no symmetry operation", "write it as in '-X, 0.5+Y, 0.5-Z'") from error
    group = {"x,y,z": gemmi.Op("x,y,z")}
    waiting = list(group.values())
    while waiting:
        one = waiting.pop()
        for generator in generators:
            product = (one * generator).wrap()
            if product.triplet() not in group:
                group[product.triplet()] = product
                waiting.append(product)
        if len(group) > LARGEST_GROUP:
            raise InputError("LATT and SYMM generate no space group", "correct the symmetry operations")
    return SpaceGroup.from_operations(group)


def latt_and_symm(group: SpaceGroup) -> tuple[int, tuple[str, ...]]:
    """Return LATT and the triplets of SYMM, the identity left out.

    Raises
    ------
    InputError
        When the group is centred in a way that SHELX has no number for.
    """
    operations = {gemmi.Op(text).wrap().triplet(): gemmi.Op(text).wrap() for text in group.triplets}
    pure = {text for text, op in operations.items() if op.rot == gemmi.Op("x,y,z").rot}
    latt = next((number for number, texts in CENTRINGS.items() if set(texts) == pure), 0)
    if not latt:
        raise InputError(f"SHELX has no lattice type for {group.symbol}", "change to a standard setting")
    centred = "-x,-y,-z" in operations
    chosen: list[str] = []
    seen: set[str] = set()
    for triplet, op in operations.items():
        if triplet in seen:
            continue
        chosen.append(triplet)
        for shift in pure:
            moved = (gemmi.Op(shift) * op).wrap()
            seen.add(moved.triplet())
            if centred:
                seen.add((gemmi.Op("-x,-y,-z") * moved).wrap().triplet())
    return (latt if centred else -latt), tuple(text for text in chosen if text != "x,y,z")
