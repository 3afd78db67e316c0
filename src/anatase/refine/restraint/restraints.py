"""Restraints as data: distances, angles, planes, bond valences, a formula, sums of parameters; each with its s.u."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from anatase.errors import InputError

__all__ = [
    "Angle",
    "Distance",
    "Formula",
    "Plane",
    "Restraint",
    "Total",
    "Valence",
    "restraint_from_table",
    "restraint_table",
    "said",
]

LARGEST = 1e12  # of a target or factor
LEAST_SU = 1e-9
FARTHEST = 12.0  # Å, within which neighbours are sought
VALENCE_SCALES = (0.1, 2.0)  # Å, of the softness
SOFTNESS = 0.37  # Å, b of bond valences (Brown & Altermatt 1985)


@dataclass(frozen=True)
class Distance:
    """Two atoms, ``target`` ± ``su`` Å apart.

    An atom is ``phase.site``, followed by a symmetry code where another image is meant: ``PbSO4.O3 x,1/2-y,z``. The
    second without a code is the image nearest to the first at the start. With ``within`` (Å) each image of the second
    around the first, nearer than that, is restrained; names may then be globs: ``("PbSO4.S", "PbSO4.O*")``.
    """

    atoms: tuple[str, str]
    target: float
    su: float
    within: float | None = None

    def __post_init__(self) -> None:
        _check(self.su, "distance")
        _check_within(self.within, "distance")


@dataclass(frozen=True)
class Angle:
    """The angle at the second of three atoms: ``target`` ± ``su`` degrees; ``within`` as for distances from it."""

    atoms: tuple[str, str, str]
    target: float
    su: float
    within: float | None = None

    def __post_init__(self) -> None:
        _check(self.su, "angle")
        _check_within(self.within, "angle")


@dataclass(frozen=True)
class Plane:
    """Four or more atoms within ``su`` Å of their least-squares plane; without a code, images next to one another."""

    atoms: tuple[str, ...]
    su: float

    def __post_init__(self) -> None:
        _check(self.su, "plane")
        if len(self.atoms) < 4:
            raise InputError(f"{len(self.atoms)} atoms always lie in a plane", "name four or more")


@dataclass(frozen=True)
class Formula:
    """The content of a phase's cell is that of a formula, each element within ``su`` atoms of a formula unit.

    ``units`` formula units are in the cell; 0: as many as give the cell the number of atoms that it has at the start.
    """

    phase: str
    formula: str
    su: float
    units: int = 0

    def __post_init__(self) -> None:
        _check(self.su, "formula")


@dataclass(frozen=True)
class Valence:
    """The bond valences at an atom add up to ``target`` ± ``su``: Σ occupancy · exp((R₀ − R)/b).

    ``r0`` (Å) for each element around it (tables: Brown & Altermatt (1985) Acta Cryst. B41, 244), ``within`` Å.
    """

    atom: str
    target: float
    su: float
    r0: tuple[tuple[str, float], ...]
    within: float
    softness: float = SOFTNESS

    def __post_init__(self) -> None:
        _check(self.su, "valence")
        _check_within(self.within, "valence")
        least, most = VALENCE_SCALES
        if not least <= self.softness <= most:
            raise InputError(f"'softness' of a bond valence is {self.softness:g} Å", "0.37 Å is usual")
        if far := [element for element, r0 in self.r0 if not 0.0 < r0 <= FARTHEST]:
            raise InputError(f"'r0' of {far[0]} is no length of a bond", "give it in Å")


@dataclass(frozen=True)
class Total:
    """Σ factor · parameter = ``target`` ± ``su``, over pairs (factor, parameter)."""

    terms: tuple[tuple[float, str], ...]
    target: float
    su: float

    def __post_init__(self) -> None:
        _check(self.su, "sum")


Restraint = Distance | Angle | Plane | Formula | Valence | Total


def _check_within(within: float | None, kind: str) -> None:
    if within is not None and not 0.0 < within <= FARTHEST:
        raise InputError(f"'within' of a restraint '{kind}' is {within:g} Å", f"give one up to {FARTHEST:g} Å")


def _check(su: float, kind: str) -> None:
    if not LEAST_SU <= su <= LARGEST:
        raise InputError(f"the s.u. of a restraint '{kind}' is {su:g}", "give a positive one")


def said(restraint: Restraint) -> str:
    """Return a restraint in plain words.

    Examples
    --------
    >>> said(Distance(("PbSO4.S", "PbSO4.O*"), 1.49, 0.02, within=1.8))
    'PbSO4.S to PbSO4.O*, each nearer than 1.8 Å: 1.49 ± 0.02 Å'
    """
    if isinstance(restraint, Distance | Angle):
        near = "" if restraint.within is None else f", each nearer than {restraint.within:g} Å"
        unit = " Å" if isinstance(restraint, Distance) else "°"
        return f"{_joined(restraint.atoms)}{near}: {restraint.target:g} ± {restraint.su:g}{unit}"
    if isinstance(restraint, Plane):
        return f"{', '.join(restraint.atoms)} lie in a plane ± {restraint.su:g} Å"
    if isinstance(restraint, Formula):
        return f"{restraint.phase} is {restraint.formula} ± {restraint.su:g} atoms of each element"
    if isinstance(restraint, Valence):
        return f"valence of {restraint.atom}: {restraint.target:g} ± {restraint.su:g}"
    words = " + ".join(name if factor == 1.0 else f"{factor:g} × {name}" for factor, name in restraint.terms)
    return f"{words}: {restraint.target:g} ± {restraint.su:g}"


def _joined(atoms: tuple[str, ...]) -> str:
    return " to ".join(atoms) if len(atoms) == 2 else "angle " + " – ".join(atoms)


def restraint_table(restraint: Restraint) -> dict[str, Any]:
    """Return a restraint as plain data for TOML or JSON; ``restraint_from_table`` gives it back.

    Examples
    --------
    >>> restraint_table(Plane(("A.C1", "A.C2", "A.C3", "A.C4"), 0.02))
    {'plane': ['A.C1', 'A.C2', 'A.C3', 'A.C4'], 'su': 0.02}
    """
    if isinstance(restraint, Distance | Angle):
        kind = "distance" if isinstance(restraint, Distance) else "angle"
        table = {kind: list(restraint.atoms), "target": restraint.target, "su": restraint.su}
        return table if restraint.within is None else {**table, "within": restraint.within}
    if isinstance(restraint, Plane):
        return {"plane": list(restraint.atoms), "su": restraint.su}
    if isinstance(restraint, Formula):
        table = {"formula": restraint.formula, "phase": restraint.phase, "su": restraint.su}
        return {**table, "units": restraint.units} if restraint.units else table
    if isinstance(restraint, Valence):
        return {
            "valence": restraint.atom, "target": restraint.target, "su": restraint.su, "r0": dict(restraint.r0),
            "within": restraint.within, "softness": restraint.softness,
        }  # fmt: skip
    terms = {name: factor for factor, name in restraint.terms}
    return {"sum": terms, "target": restraint.target, "su": restraint.su}


def restraint_from_table(table: Mapping[str, Any]) -> Restraint:
    """Return the restraint that a table of a recipe states.

    Raises
    ------
    InputError
        When the table states none, lacks a key, or holds a key or value that does not belong there.
    """
    kinds = [kind for kind in READ if kind in table]
    if len(kinds) != 1:
        raise InputError(f"a restraint has the keys {', '.join(table) or 'none'}", f"give one of {', '.join(READ)}")
    kind = kinds[0]
    read, needed, allowed = READ[kind]
    if unknown := [key for key in table if key not in (kind, *needed, *allowed)]:
        known = ", ".join((kind, *needed, *allowed))
        raise InputError(f"a restraint '{kind}' has no key '{unknown[0]}'", f"its keys are {known}")
    if missing := [key for key in needed if key not in table]:
        raise InputError(f"a restraint '{kind}' lacks '{missing[0]}'", "add it")
    return read(table)


def _atoms(table: Mapping[str, Any], kind: str, count: int = 0) -> tuple[str, ...]:
    given = table[kind]
    several = isinstance(given, list) and all(isinstance(one, str) for one in given)
    if not several or (count and len(given) != count):
        raise InputError(f"'{kind}' is {given!r}", f"give a list of {count or 'four or more'} atoms")
    return tuple(given)


def _text(table: Mapping[str, Any], key: str) -> str:
    if not isinstance(table[key], str):
        raise InputError(f"'{key}' of a restraint is {table[key]!r}", "give a name")
    return str(table[key])


def _number(table: Mapping[str, Any], key: str) -> float:
    given = table[key]
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
        raise InputError(f"'{key}' of a restraint is {given!r}", "give a number")
    return float(given)


def _numbers(table: Mapping[str, Any], key: str) -> list[tuple[str, float]]:
    given = table[key]
    if not isinstance(given, Mapping) or not given:
        raise InputError(f"'{key}' of a restraint is {given!r}", "give numbers by name, as in {O = 1.62}")
    return [(name, _number(given, name)) for name in given]


def _within(table: Mapping[str, Any]) -> float | None:
    return _number(table, "within") if "within" in table else None


def _distance(table: Mapping[str, Any]) -> Distance:
    first, second = _atoms(table, "distance", 2)
    return Distance((first, second), _number(table, "target"), _number(table, "su"), _within(table))


def _angle(table: Mapping[str, Any]) -> Angle:
    first, middle, last = _atoms(table, "angle", 3)
    return Angle((first, middle, last), _number(table, "target"), _number(table, "su"), _within(table))


def _plane(table: Mapping[str, Any]) -> Plane:
    return Plane(_atoms(table, "plane"), _number(table, "su"))


def _formula(table: Mapping[str, Any]) -> Formula:
    units = _number(table, "units") if "units" in table else 0.0
    return Formula(_text(table, "phase"), _text(table, "formula"), _number(table, "su"), round(units))


def _valence(table: Mapping[str, Any]) -> Valence:
    softness = _number(table, "softness") if "softness" in table else SOFTNESS
    r0 = tuple(_numbers(table, "r0"))
    target, su, within = (_number(table, key) for key in ("target", "su", "within"))
    return Valence(_text(table, "valence"), target, su, r0, within, softness)


def _total(table: Mapping[str, Any]) -> Total:
    terms = tuple((factor, name) for name, factor in _numbers(table, "sum"))
    return Total(terms, _number(table, "target"), _number(table, "su"))


# kind: reader, keys that must be there, keys that may
READ: dict[str, tuple[Callable[[Mapping[str, Any]], Restraint], tuple[str, ...], tuple[str, ...]]] = {
    "distance": (_distance, ("target", "su"), ("within",)),
    "angle": (_angle, ("target", "su"), ("within",)),
    "plane": (_plane, ("su",), ()),
    "formula": (_formula, ("phase", "su"), ("units",)),
    "valence": (_valence, ("target", "su", "r0", "within"), ("softness",)),
    "sum": (_total, ("target", "su"), ()),
}
