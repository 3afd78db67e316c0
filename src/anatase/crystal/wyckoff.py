"""Wyckoff positions: letters, multiplicities, site symmetries and the coordinates that stay free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import gemmi
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError

__all__ = ["WyckoffPosition", "tabulated_triplets", "wyckoff_positions"]

Array = NDArray[np.float64]

TABLE = Path(__file__).parent / "data" / "wyckoff_positions.csv"
GENERIC = np.array([0.13719, 0.29153, 0.41927])  # of no special value in any position of any group


@dataclass(frozen=True)
class WyckoffPosition:
    """A Wyckoff position of a space group in one setting (International Tables A, 1.4.4 and 2.1.3.11).

    Parameters
    ----------
    letter
        Its letter, ``a`` for the highest site symmetry; the 27th is ``A``.
    multiplicity
        Number of equivalent points in the cell.
    site_symmetry
        Oriented symbol of the site-symmetry group, ``m.2m``, along the axes of the standard setting.
    site_symmetry_order
        Order of that group: the operations, lattice translations aside, that leave a point in place.
    triplet
        Coordinates of the first point, ``x,2x,1/4``.

    Examples
    --------
    >>> position = wyckoff_positions(SpaceGroup.from_number(136))[5]
    >>> f"{position.multiplicity}{position.letter} {position.site_symmetry} {position.triplet}"
    '4f m.2m x,x,0'
    >>> position.coordinates((0.305, 0, 0)).tolist()
    [0.305, 0.305, 0.0]
    """

    letter: str
    multiplicity: int
    site_symmetry: str
    site_symmetry_order: int
    triplet: str

    @cached_property
    def linear(self) -> Array:
        """The linear part (3, 3) of the map from (x, y, z) to the coordinates of the first point."""
        return np.array(_operation(self.triplet).rot, dtype=np.float64) / gemmi.Op.DEN

    @cached_property
    def shift(self) -> Array:
        """The constant part (3,) of that map."""
        return np.array(_operation(self.triplet).tran, dtype=np.float64) / gemmi.Op.DEN

    @cached_property
    def n_free(self) -> int:
        """Number of free coordinates, 0–3: the dimension of the points that share the site symmetry."""
        return int(np.linalg.matrix_rank(self.linear))

    def coordinates(self, xyz: ArrayLike) -> Array:
        """Return the points (..., 3) of the position for values (..., 3) of x, y and z; unused ones do nothing."""
        return np.asarray(np.asarray(xyz, dtype=np.float64) @ self.linear.T + self.shift)


def wyckoff_positions(space_group: SpaceGroup) -> tuple[WyckoffPosition, ...]:
    """Return the Wyckoff positions of a space group, ``a`` first, the general position last.

    Letters and coordinates are tabulated for the standard settings, both origins and both axes of rhombohedral
    groups; gemmi's other settings take them by their change of basis. Multiplicities and orders of the site
    symmetry are counted from the group's operations.

    Raises
    ------
    InputError
        When the group stands in a setting outside gemmi's table.

    Examples
    --------
    >>> [f"{p.multiplicity}{p.letter}" for p in wyckoff_positions(SpaceGroup.from_number(14))]
    ['2a', '2b', '2c', '2d', '4e']
    """
    return _positions_of(space_group.hall)


def tabulated_triplets(hall: str) -> dict[str, str]:
    """Return letter → coordinates of the first point, ``x,2x,1/4``, or nothing where a setting is not tabulated."""
    return {letter: triplet for letter, triplet, _ in _table().get(hall, ())}


@cache
def _table() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return by Hall symbol the letter, first point and site symmetry of each position."""
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            fields = line.split(";")
            # moyo writes " as = inside a Hall symbol
            found[fields[3].replace("=", '"')] = tuple(_row(word) for word in fields[5].split())
    return found


def _row(word: str) -> tuple[str, str, str]:
    letter, triplet, symmetry = word.split(":")
    return letter, triplet, symmetry


@lru_cache(maxsize=1024)
def _positions_of(hall: str) -> tuple[WyckoffPosition, ...]:
    rows = _table().get(hall) or _transformed(hall)
    group = SpaceGroup.from_hall(hall)
    positions = []
    for letter, triplet, symmetry in rows:
        operation = _operation(triplet)
        point = (np.array(operation.rot) @ GENERIC + operation.tran) / gemmi.Op.DEN
        difference = group.rotations @ point + group.translations - point
        order = int((np.abs(difference - np.round(difference)).max(axis=1) < 1e-6).sum())
        positions.append(WyckoffPosition(letter, group.order // order, symmetry, order, triplet))
    return tuple(positions)


def _transformed(hall: str) -> tuple[tuple[str, str, str], ...]:
    """Take the positions of the standard setting to another setting of gemmi's table."""
    setting = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall))
    if setting is None:
        raise InputError(
            f"the Wyckoff positions of {hall} are not tabulated", "bring the structure to the standard setting"
        )
    reference = gemmi.get_spacegroup_reference_setting(setting.number)
    rows = []
    for letter, triplet, symmetry in _table()[reference.hall]:
        general = triplet == "x,y,z"
        rows.append((letter, triplet if general else _written(setting.basisop.combine(_operation(triplet))), symmetry))
    return tuple(rows)


def _operation(triplet: str) -> gemmi.Op:
    return gemmi.Op(re.sub(r"(\d)([xyz])", r"\1*\2", triplet))


def _written(operation: gemmi.Op) -> str:
    """Write coordinates without the asterisks of gemmi, translations within the cell."""
    # gemmi writes nothing for 0
    return ",".join(part or "0" for part in operation.wrap().triplet().replace("*", "").split(","))
