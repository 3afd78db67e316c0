"""Constraints of a refinement as data: what is equal, adds up, follows, is held, has bounds, moves as a rigid body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from anatase.errors import InputError
from anatase.refine.rigid_body.body import BODY_KEYS, RigidBody, body_from_table, body_table, body_words

__all__ = [
    "Bound",
    "Constraint",
    "Equal",
    "Fixed",
    "Linear",
    "Tie",
    "constraint_from_table",
    "constraint_table",
    "described",
    "linear_words",
]

LARGEST = 1e100  # of a number in a recipe


@dataclass(frozen=True)
class Equal:
    """Parameters that have one value, that of the first; names or globs: ``("PbSO4.O*.u_iso",)``."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Linear:
    """Σ factor · parameter = total, over pairs (factor, parameter): a fixed sum of occupancies, say.

    Where a start violates it, the last parameter that is not held follows the others.
    """

    terms: tuple[tuple[float, str], ...]
    total: float


@dataclass(frozen=True)
class Tie:
    """``name`` = factor · ``other`` + offset."""

    name: str
    other: str
    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Fixed:
    """Parameters that stay where they are, whatever else is said; names or globs."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Bound:
    """Parameters that stay between ``low`` and ``high``; names or globs."""

    names: tuple[str, ...]
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(f"the bounds {self.low:g} to {self.high:g} hold no range", "give the lower one first")


Constraint = Equal | Linear | Tie | Fixed | Bound | RigidBody


def described(constraint: Constraint) -> str:
    """Return a constraint in plain words.

    Examples
    --------
    >>> described(Equal(("A.O1.u_iso", "A.O2.u_iso")))
    'A.O1.u_iso = A.O2.u_iso'
    >>> described(Linear(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0))
    'occupancies of A.M.Ca and A.M.Sr add up to 1'
    >>> described(Tie("A.O1.x", "A.O2.x", -1.0, 0.5))
    'A.O1.x = -A.O2.x + 0.5'
    """
    if isinstance(constraint, Equal):
        return " = ".join(constraint.names) if len(constraint.names) > 1 else f"all of {constraint.names[0]} are equal"
    if isinstance(constraint, Linear):
        names = [name for _, name in constraint.terms]
        if all(factor == 1.0 for factor, _ in constraint.terms) and all(n.endswith(".occupancy") for n in names):
            sites = [name.removesuffix(".occupancy") for name in names]
            return f"occupancies of {_listed(sites)} add up to {constraint.total:.12g}"
        return f"{linear_words(constraint.terms)} = {constraint.total:.12g}"
    if isinstance(constraint, Tie):
        return f"{constraint.name} = {linear_words(((constraint.factor, constraint.other),), constraint.offset)}"
    if isinstance(constraint, Fixed):
        return f"{_listed(constraint.names)} {'is' if len(constraint.names) == 1 else 'are'} held"
    if isinstance(constraint, RigidBody):
        return body_words(constraint)
    ends = [f"{constraint.low:.12g} ≤ " if constraint.low > -inf else ""]
    ends.append(f" ≤ {constraint.high:.12g}" if constraint.high < inf else "")
    return f"{ends[0]}{_listed(constraint.names)}{ends[1]}"


def linear_words(terms: Iterable[tuple[float, str]], offset: float = 0.0) -> str:
    """Return Σ factor · name + offset in writing: ``1 - A.M.Ca.occupancy`` has the offset last."""
    text = ""
    for factor, name in terms:
        size = "" if abs(factor) == 1.0 else f"{abs(factor):.6g} × "
        sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
        text += f"{sign}{size}{name}"
    if not text:
        return f"{offset:.6g}"
    return text if offset == 0.0 else f"{text} {'-' if offset < 0 else '+'} {abs(offset):.6g}"


def _listed(names: Iterable[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last


def constraint_table(constraint: Constraint) -> dict[str, Any]:
    """Return a constraint as plain data for TOML or JSON; ``constraint_from_table`` gives it back.

    Examples
    --------
    >>> constraint_table(Linear(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0))
    {'sum': {'A.M.Ca.occupancy': 1.0, 'A.M.Sr.occupancy': 1.0}, 'total': 1.0}
    """
    if isinstance(constraint, Equal):
        return {"equal": list(constraint.names)}
    if isinstance(constraint, Linear):
        return {"sum": {name: factor for factor, name in constraint.terms}, "total": constraint.total}
    if isinstance(constraint, Tie):
        return {
            "tie": constraint.name, "to": constraint.other, "factor": constraint.factor, "offset": constraint.offset,
        }  # fmt: skip
    if isinstance(constraint, Fixed):
        return {"fix": list(constraint.names)}
    if isinstance(constraint, RigidBody):
        return body_table(constraint)
    ends = {"low": constraint.low, "high": constraint.high}
    return {"bound": list(constraint.names), **{end: value for end, value in ends.items() if isfinite(value)}}


KEYS = {
    "equal": ("equal",),
    "sum": ("sum", "total"),
    "tie": ("tie", "to", "factor", "offset"),
    "fix": ("fix",),
    "bound": ("bound", "low", "high"),
    "body": BODY_KEYS,
}


def constraint_from_table(table: Mapping[str, Any]) -> Constraint:
    """Return the constraint that a table of a recipe states.

    Raises
    ------
    InputError
        When the table states none, or holds a key or value that does not belong there.
    """
    kinds = [kind for kind in KEYS if kind in table]
    if len(kinds) != 1:
        raise InputError(f"a constraint has the keys {', '.join(table) or 'none'}", f"give one of {', '.join(KEYS)}")
    kind = kinds[0]
    if kind == "body":
        return body_from_table(table)
    if unknown := [key for key in table if key not in KEYS[kind]]:
        raise InputError(f"a constraint '{kind}' has no key '{unknown[0]}'", f"its keys are {', '.join(KEYS[kind])}")
    if kind == "sum":
        terms = table["sum"]
        if not isinstance(terms, Mapping) or len(terms) < 1 or "total" not in table:
            raise InputError("a constraint 'sum' needs factors by name, and a total", 'as in sum = {"A.x" = 1.0}')
        return Linear(tuple((_number(f, name), name) for name, f in terms.items()), _number(table["total"], "total"))
    if kind == "tie":
        if not isinstance(table["tie"], str) or not isinstance(table.get("to"), str):
            raise InputError("a constraint 'tie' needs two names", 'as in tie = "A.x", to = "B.x"')
        factor, offset = (_number(table.get(key, default), key) for key, default in (("factor", 1.0), ("offset", 0.0)))
        return Tie(table["tie"], table["to"], factor, offset)
    names = _names(table[kind], kind)
    if kind == "equal":
        return Equal(names)
    if kind == "fix":
        return Fixed(names)
    return Bound(names, _number(table.get("low", -inf), "low", inf), _number(table.get("high", inf), "high", inf))


def _names(given: object, key: str) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise InputError(f"'{key}' is {given!r}", "give a list of names")
    return tuple(given)


def _number(given: object, key: str, most: float = LARGEST) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= most:
        raise InputError(f"'{key}' of a constraint is {given!r}", "give a number")
    return float(given)
