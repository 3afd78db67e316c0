"""The setting of the space group that a BGMN file names, and the Wyckoff positions of that setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import gemmi

from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site
from anatase.crystal.wyckoff import tabulated_triplets
from anatase.errors import InputError
from anatase.io.expression import evaluate

__all__ = ["Setting", "contradictions", "settings_of", "special_position"]

N_SETTINGS = 530


@dataclass(frozen=True, slots=True)
class Setting:
    """A space group in one setting, with representative coordinates by Wyckoff letter where they are tabulated."""

    group: SpaceGroup
    origin: str  # "1" or "2" where there are two, "H" or "R" for the axes of rhombohedral groups
    positions: dict[str, tuple[str, str, str]]


def settings_of(number: int, symbol: str, origin: str) -> list[Setting]:
    """Return the settings that fit what a BGMN file says, the likeliest first.

    Parameters
    ----------
    number
        Space-group number.
    symbol
        Full Hermann–Mauguin symbol without blanks, ``P4_2/m2_1/n2/m``; empty for the standard setting.
    origin
        ``"1"`` or ``"2"`` where the file names the origin choice, or ``"R"`` for rhombohedral axes.

    Raises
    ------
    InputError
        When the group has no such setting.
    """
    found = [s for s in _catalogue().get(number, ()) if not symbol or s[0] == _short(symbol)]
    found = found or _by_elements(number, symbol)
    # origins are doubtful where files state them, axes are not: the stated origin comes first, the other stays
    chosen = [s for s in found if (s[1] == "R") == (origin == "R")] or found
    chosen.sort(key=lambda s: s[1] != origin)
    if not chosen:
        raise InputError(
            f"space group {number} has no setting '{symbol}'", "give its full Hermann-Mauguin symbol, as in P12_1/c1"
        )
    chosen = [s for s in chosen if s[0] == chosen[0][0]]
    return [Setting(SpaceGroup.from_hall(hall), where, _positions(hall)) for _, where, hall in chosen]


def contradictions(setting: Setting, lattice: Lattice, sites: tuple[Site, ...]) -> int:
    """Count sites whose multiplicity is not that of the Wyckoff position that the file names for them."""
    group = setting.group

    def multiplicity(xyz: tuple[float, float, float]) -> int:
        return orbit_of(lattice.metric, group.rotations, group.translations, xyz, 0.01).multiplicity

    wrong = 0
    for site in sites:
        position = setting.positions.get(site.wyckoff)
        if position is not None:
            generic = special_position(setting, site.wyckoff, {"x": 0.137, "y": 0.291, "z": 0.419}, only_free=True)
            wrong += multiplicity(site.xyz) != multiplicity(generic)
    return wrong


def _short(symbol: str) -> str:
    """Leave out the twofold axes normal to planes, which some tables print and others do not: P4/n2_1/m2/m, P4/nmm."""
    return re.sub(r"(?<!_)2(?:_1)?/(?=[a-n])", "", symbol)


@cache
def _catalogue() -> dict[int, list[tuple[str, str, str]]]:
    """Return by number the symbol, origin or axes, and Hall symbol of all tabulated settings."""
    import moyopy

    found: dict[int, list[tuple[str, str, str]]] = {}
    for n in range(1, N_SETTINGS + 1):
        entry = moyopy.HallSymbolEntry(n)
        row = (_short(entry.hm_full.replace(" ", "")), str(entry.setting), entry.hall_symbol.replace("=", '"'))
        found.setdefault(entry.number, []).append(row)
    # as in the tables: axis b before c and a
    for number in range(3, 16):
        found[number].sort(key=lambda row: ("b1", "b").index(row[1]) if row[1] in ("b1", "b") else 9)
    return found


def _by_elements(number: int, symbol: str) -> list[tuple[str, str, str]]:
    """Look up a symbol that is tabulated in another spelling, or a centred triclinic cell."""
    spellings = (symbol.replace("_", ""), _short(symbol).replace("_", ""))
    named: list[gemmi.SpaceGroup | None] = [gemmi.find_spacegroup_by_name(f"{t[:1]} {t[1:]}") for t in spellings]
    group = next((found for found in named if found is not None), None)
    if group is None or group.number != number:
        return []
    return [(symbol, group.ext.replace("\x00", ""), group.hall)]


def _positions(hall: str) -> dict[str, tuple[str, str, str]]:
    return {letter: _three(triplet) for letter, triplet in tabulated_triplets(hall).items()}


def _three(triplet: str) -> tuple[str, str, str]:
    x, y, z = triplet.split(",")
    return x, y, z


def special_position(
    setting: Setting, letter: str, given: dict[str, float], *, only_free: bool = False
) -> tuple[float, float, float]:
    """Return the coordinates of a site: those given, the others from its Wyckoff position.

    A free coordinate that is not given is 0, as for the origin along a polar axis. With ``only_free`` the
    given values serve the free coordinates alone.

    Raises
    ------
    InputError
        When a coordinate is missing and the Wyckoff position is unknown.
    """
    if not only_free and all(axis in given for axis in "xyz"):
        return given["x"], given["y"], given["z"]
    position = setting.positions.get(letter)
    if position is None:
        missing = ", ".join(axis for axis in "xyz" if axis not in given)
        raise InputError(
            f"{missing} is missing, and Wyckoff position '{letter}' of {setting.group.symbol} is not tabulated",
            "give x, y and z",
        )
    free = {"x": 0.0, "y": 0.0, "z": 0.0, **given}
    values = [
        given[axis] if axis in given and not only_free else evaluate(re.sub(r"(\d)([xyz])", r"\1*\2", text), free)
        for axis, text in zip("xyz", position, strict=True)
    ]
    return values[0], values[1], values[2]
