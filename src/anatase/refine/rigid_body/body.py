"""Rigid bodies as data: sites that move as one, by translation, rotation, and torsion about bonds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anatase.errors import InputError

__all__ = ["Bond", "RigidBody", "Torsion", "body_from_table", "body_table", "body_words"]

CENTRE = "centre"
LARGEST = 1e9  # of a length or an angle
TRANSLATIONS = ("tx", "ty", "tz")
ROTATIONS = ("rx", "ry", "rz")


@dataclass(frozen=True)
class Torsion:
    """A bond (two sites) about which sites ``moves`` turn; the first site of the bond stays."""

    bond: tuple[str, str]
    moves: tuple[str, ...]


@dataclass(frozen=True)
class Bond:
    """A site by internal coordinates: ``length`` (Å) from ``to``, ``angle`` at it to ``angle_to``, ``torsion`` (°).

    The first site of a list needs none of them, the second a length, the third an angle as well.
    """

    site: str
    to: str = ""
    length: float = 0.0
    angle_to: str = ""
    angle: float = 0.0
    torsion_to: str = ""
    torsion: float = 0.0


@dataclass(frozen=True)
class RigidBody:
    """Sites of a phase that keep their distances.

    Parameters
    ----------
    name
        Stands in the names of its motions: ``PbSO4.SO4.tx``.
    phase, sites
        The phase's name and the labels of the sites.
    cartesian
        Coordinates (Å) of each site in a frame of its own; empty: the shape that the sites have at the start.
    bonds
        The shape by internal coordinates instead, one entry per site, in any order that builds on what is there.
    origin
        The site, or ``"centre"``, that ``tx, ty, tz`` give in fractions of the cell and about which the body turns;
        empty: the first site.
    motions
        Which of ``tx, ty, tz``, ``rx, ry, rz`` (a rotation vector in degrees about Cartesian axes, a along x and b in
        the xy plane, from the orientation at the start) and ``torsion_1`` … (degrees from the start) are free; empty:
        all that symmetry allows.
    torsions
        Bonds about which parts of the body turn.

    Raises
    ------
    InputError
        When sites, shape, origin, torsions or motions do not agree.
    """

    name: str
    phase: str
    sites: tuple[str, ...]
    cartesian: tuple[tuple[float, float, float], ...] = ()
    bonds: tuple[Bond, ...] = ()
    origin: str = ""
    motions: tuple[str, ...] = ()
    torsions: tuple[Torsion, ...] = ()

    def __post_init__(self) -> None:
        where = f"the rigid body {self.name}"
        if len(self.sites) < 2 or len(set(self.sites)) < len(self.sites):
            raise InputError(f"{where} has the sites {', '.join(self.sites) or 'none'}", "name two or more, each once")
        if self.cartesian and self.bonds:
            raise InputError(f"{where} has its shape twice", "give cartesian coordinates or bonds")
        if self.cartesian and len(self.cartesian) != len(self.sites):
            raise InputError(f"{where} has {len(self.cartesian)} coordinates", f"give {len(self.sites)}, one per site")
        if self.bonds and sorted(bond.site for bond in self.bonds) != sorted(self.sites):
            raise InputError(f"the bonds of {where} do not place each of its sites once", "give one entry per site")
        if self.origin not in ("", CENTRE, *self.sites):
            raise InputError(f"the origin {self.origin} of {where} is none of its sites", f"name one, or '{CENTRE}'")
        for torsion in self.torsions:
            own = (*torsion.bond, *torsion.moves)
            if (
                not torsion.moves
                or any(site not in self.sites for site in own)
                or torsion.bond[0] in torsion.moves
                or (torsion.bond[0] == torsion.bond[1])
            ):
                words = f"a torsion about {' – '.join(torsion.bond)} moving {', '.join(torsion.moves) or 'nothing'}"
                raise InputError(f"{where} has {words}", "name sites of the body beyond the bond")
        if unknown := [one for one in self.motions if one not in self.all_motions]:
            raise InputError(f"{where} has no motion '{unknown[0]}'", f"give some of {', '.join(self.all_motions)}")

    @property
    def all_motions(self) -> tuple[str, ...]:
        """The names of all motions: three translations, three rotations, and ``torsion_1`` onwards."""
        return (*TRANSLATIONS, *ROTATIONS, *(f"torsion_{i + 1}" for i in range(len(self.torsions))))


def body_words(body: RigidBody) -> str:
    """Return a rigid body in plain words.

    Examples
    --------
    >>> body_words(RigidBody("SO4", "PbSO4", ("S", "O1", "O2", "O3"), motions=("tx", "tz", "ry")))
    'S, O1, O2, O3 of PbSO4 move as the rigid body SO4 by tx, tz, ry'
    """
    moves = f" by {', '.join(body.motions)}" if body.motions else ""
    turns = ", ".join(f"{' – '.join(one.bond)} (moving {', '.join(one.moves)})" for one in body.torsions)
    torsions = f", with torsions about {turns}" if turns else ""
    shape = " of given shape" if body.cartesian or body.bonds else ""
    return f"{', '.join(body.sites)} of {body.phase} move as the rigid body {body.name}{shape}{moves}{torsions}"


def body_table(body: RigidBody) -> dict[str, Any]:
    """Return a rigid body as plain data for TOML or JSON; ``body_from_table`` gives it back.

    Examples
    --------
    >>> body_table(RigidBody("SO4", "PbSO4", ("S", "O1"), origin="centre"))
    {'body': 'SO4', 'phase': 'PbSO4', 'sites': ['S', 'O1'], 'origin': 'centre'}
    """
    table: dict[str, Any] = {"body": body.name, "phase": body.phase, "sites": list(body.sites)}
    if body.origin:
        table["origin"] = body.origin
    if body.motions:
        table["motions"] = list(body.motions)
    if body.cartesian:
        table["cartesian"] = [list(place) for place in body.cartesian]
    if body.bonds:
        table["bonds"] = [_bond_table(bond) for bond in body.bonds]
    if body.torsions:
        table["torsions"] = [{"bond": list(one.bond), "moves": list(one.moves)} for one in body.torsions]
    return table


def _bond_table(bond: Bond) -> dict[str, Any]:
    table = {key: getattr(bond, key) for key in BOND_KEYS}
    blank = Bond("")
    return {key: value for key, value in table.items() if key == "site" or value != getattr(blank, key)}


BODY_KEYS = ("body", "phase", "sites", "origin", "motions", "cartesian", "bonds", "torsions")
BOND_KEYS = ("site", "to", "length", "angle_to", "angle", "torsion_to", "torsion")


def body_from_table(table: Mapping[str, Any]) -> RigidBody:
    """Return the rigid body that a table of a recipe states.

    Raises
    ------
    InputError
        When a key is missing, unknown, or holds what does not belong there.
    """
    if unknown := [key for key in table if key not in BODY_KEYS]:
        raise InputError(f"a rigid body has no key '{unknown[0]}'", f"its keys are {', '.join(BODY_KEYS)}")
    if missing := [key for key in ("body", "phase", "sites") if key not in table]:
        raise InputError(f"a rigid body lacks '{missing[0]}'", "add it")
    bonds = tuple(_bond(one) for one in _list(table, "bonds"))
    torsions = tuple(_torsion(one) for one in _list(table, "torsions"))
    cartesian = tuple(_place(one) for one in _list(table, "cartesian"))
    return RigidBody(
        _word(table, "body"), _word(table, "phase"), _words(table, "sites"), cartesian, bonds,
        _word(table, "origin") if "origin" in table else "", _words(table, "motions"), torsions,
    )  # fmt: skip


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    given = table.get(key, [])
    if not isinstance(given, list):
        raise InputError(f"'{key}' of a rigid body is {given!r}", "give a list")
    return given


def _word(table: Mapping[str, Any], key: str) -> str:
    if not isinstance(table[key], str):
        raise InputError(f"'{key}' of a rigid body is {table[key]!r}", "give a name")
    return str(table[key])


def _words(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    given = _list(table, key)
    if not all(isinstance(one, str) for one in given):
        raise InputError(f"'{key}' of a rigid body is {given!r}", "give a list of names")
    return tuple(given)


def _place(given: object) -> tuple[float, float, float]:
    numbers = given if isinstance(given, list) else []
    if len(numbers) != 3 or not all(isinstance(v, int | float) and abs(v) <= LARGEST for v in numbers):
        raise InputError(f"a site of a rigid body is at {given!r}", "give three Cartesian coordinates in Å")
    return float(numbers[0]), float(numbers[1]), float(numbers[2])


def _bond(given: object) -> Bond:
    table = given if isinstance(given, Mapping) else {}
    texts = {"site", "to", "angle_to", "torsion_to"}
    right = all(
        key in BOND_KEYS and (isinstance(v, str) if key in texts else isinstance(v, int | float) and abs(v) <= LARGEST)
        for key, v in table.items()
    )
    if "site" not in table or not right:
        raise InputError(f"a bond of a rigid body is {given!r}", f"give a table with {', '.join(BOND_KEYS)}")
    text = {key: str(table.get(key, "")) for key in texts}
    length, angle, torsion = (float(table.get(key, 0.0)) for key in ("length", "angle", "torsion"))
    return Bond(text["site"], text["to"], length, text["angle_to"], angle, text["torsion_to"], torsion)


def _torsion(given: object) -> Torsion:
    table = given if isinstance(given, Mapping) else {}
    if sorted(table) != ["bond", "moves"] or len(_words(table, "bond")) != 2:
        raise InputError(f"a torsion of a rigid body is {given!r}", 'write {bond = ["C1", "C2"], moves = ["C3"]}')
    first, second = _words(table, "bond")
    return Torsion((first, second), _words(table, "moves"))
