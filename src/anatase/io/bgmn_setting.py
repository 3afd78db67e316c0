"""The setting of the space group that a BGMN file names, and the Wyckoff positions of that setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gemmi

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError
from anatase.io.expression import evaluate

__all__ = ["Setting", "settings_of", "special_position"]

TABLE = Path(__file__).parent / "data" / "wyckoff_positions.csv"
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
    found = [s for s in _catalogue().get(number, ()) if not symbol or s[0] == symbol] or _by_elements(number, symbol)
    chosen = [s for s in found if s[1] == origin] or [s for s in found if s[1] != "R"] or found
    if not chosen:
        raise InputError(
            f"space group {number} has no setting '{symbol}'", "give its full Hermann-Mauguin symbol, as in P12_1/c1"
        )
    if not symbol:
        chosen = [s for s in chosen if s[0] == chosen[0][0]]
    table = _wyckoff_table()
    return [Setting(SpaceGroup.from_hall(hall), where, table.get(n, {})) for _, where, hall, n in chosen]


@cache
def _catalogue() -> dict[int, list[tuple[str, str, str, int]]]:
    """Return by number the symbol, origin or axes, Hall symbol and Hall number of all tabulated settings."""
    import moyopy

    found: dict[int, list[tuple[str, str, str, int]]] = {}
    for n in range(1, N_SETTINGS + 1):
        entry = moyopy.HallSymbolEntry(n)
        row = (entry.hm_full.replace(" ", ""), entry.setting, entry.hall_symbol.replace("=", '"'), n)
        found.setdefault(entry.number, []).append(row)
    # as in the tables: axis b before c and a
    for number in range(3, 16):
        found[number].sort(key=lambda row: ("b1", "b").index(row[1]) if row[1] in ("b1", "b") else 9)
    return found


def _by_elements(number: int, symbol: str) -> list[tuple[str, str, str, int]]:
    """Look up a symbol that is tabulated in another spelling, or a centred triclinic cell."""
    spaced = re.sub(r"^([ABCFIPR])", r"\1 ", symbol.replace("_", ""))
    group = gemmi.find_spacegroup_by_name(spaced)
    if group is None or group.number != number:
        return []
    same = {row[2]: row[3] for row in _catalogue()[number]}
    return [(symbol, group.ext.replace("\x00", ""), group.hall, same.get(group.hall, 0))]


@cache
def _wyckoff_table() -> dict[int, dict[str, tuple[str, str, str]]]:
    found: dict[int, dict[str, tuple[str, str, str]]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        fields = line.split(";")
        pairs = (word.split(":") for word in fields[5].split())
        found[int(fields[0])] = {letter: _three(triplet) for letter, triplet in pairs}
    return found


def _three(triplet: str) -> tuple[str, str, str]:
    x, y, z = triplet.split(",")
    return x, y, z


def special_position(setting: Setting, letter: str, given: dict[str, float]) -> tuple[float, float, float]:
    """Return the coordinates of a site: those given, the others from its Wyckoff position.

    A free coordinate that is not given is 0, as for the origin along a polar axis.

    Raises
    ------
    InputError
        When a coordinate is missing and the Wyckoff position is unknown.
    """
    if all(axis in given for axis in "xyz"):
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
        given[axis] if axis in given else evaluate(re.sub(r"(\d)([xyz])", r"\1*\2", text), free)
        for axis, text in zip("xyz", position, strict=True)
    ]
    return values[0], values[1], values[2]
