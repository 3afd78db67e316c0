"""What people call a phase: mineral and trade names by formula, space group and density."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from anatase.crystal.formula import parse_formula
from anatase.library.phase_key import phase_key

__all__ = ["common_name"]

TABLE = Path(__file__).parent / "data" / "mineral_names.csv"
DENSITY_TOLERANCE = 0.12


def common_name(key: str, space_group_number: int, density: float) -> str:
    """Return the common name of a phase, or nothing where the table has none.

    Parameters
    ----------
    key
        Proportions of its elements, from ``phase_key``.
    space_group_number
        Its space group.
    density
        In g/cm³; keeps the zeolites apart from the other forms of SiO2.

    Examples
    --------
    >>> common_name(phase_key({"Ti": 4.0, "O": 8.0})[0], 141, 3.89)
    'anatase'
    """
    for expected, name in _names().get((key, space_group_number), ()):
        if abs(density / expected - 1.0) <= DENSITY_TOLERANCE:
            return name
    return ""


@cache
def _names() -> dict[tuple[str, int], list[tuple[float, str]]]:
    found: dict[tuple[str, int], list[tuple[float, str]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            key = phase_key(parse_formula(row["formula"]) or {})[0]
            found.setdefault((key, int(row["space_group"])), []).append((float(row["density"]), row["name"]))
    return found
