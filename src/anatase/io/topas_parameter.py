"""Numbers of TOPAS input files: fixed, refined, named, or given by an equation in others.

``x 0.1`` and ``x !x1 0.1`` are fixed; ``x @ 0.1`` and ``x x1 0.1`` refined, the second by name: a name that stands
twice is one parameter. ``x = 1 - x1;`` follows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import degrees, pi, radians

from anatase.errors import InputError
from anatase.io.expression import evaluate
from anatase.io.topas_text import TopasText

__all__ = ["TopasNames", "TopasNumber"]

MAX_DEPTH = 20
LIMITS = frozenset({"min", "max", "del", "update", "stop_when", "val_on_continue"})
CONSTANTS = {"Rad": degrees(1.0), "Deg": radians(1.0), "Pi": pi}
FUNCTIONS = {"Sqrt": "sqrt", "Sin": "sin", "Cos": "cos", "Tan": "tan", "ArcSin": "asin", "ArcCos": "acos"}
FUNCTIONS |= {"ArcTan": "atan", "Exp": "exp", "Ln": "log", "Abs": "abs", "Min": "min", "Max": "max"}
PART = re.compile(r"\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|\S")
NAME = re.compile(r"[A-Za-z_]\w*")
OPERAND = re.compile(r"[A-Za-z_\d.]")
LINEAR = 1e-7  # relative departure from a straight line up to which an equation counts as linear


@dataclass(frozen=True)
class TopasNumber:
    """A number as it stands in a file: its key (a name, or one made for ``@``), value or equation, and line."""

    line: int
    key: str = ""
    value: float | None = None
    equation: str = ""
    refined: bool = False


class TopasNames:
    """The named numbers of a file."""

    def __init__(self) -> None:
        self.numbers: dict[str, TopasNumber] = {}
        self._count = 0

    def fresh(self) -> str:
        """Return a key for a refined number without a name."""
        self._count += 1
        return f"@{self._count}"

    def read(self, text: TopasText) -> TopasNumber:
        """Read a flag or name, and the number or equation after it.

        Raises
        ------
        InputError
            When neither a number nor an equation stands there.
        """
        key, refined = self._flag(text)
        return self._valued(text, key, refined)

    def read_pair(self, name: TopasText, value: TopasText) -> TopasNumber:
        """Read the two arguments of a macro, ``(@, 0.1)`` or ``(zero, 0.1)``; without a value it is 0."""
        key, refined = self._flag(name, alone=True)
        if not value.next():
            return self._kept(TopasNumber(name.line, key, self._known(key), refined=refined))
        # Macro(, @ 0.1) and Macro(, name 0.1) occur too
        inner_key, inner_refined = self._flag(value)
        return self._valued(value, key or inner_key, refined or inner_refined)

    def _known(self, key: str) -> float:
        held = self.numbers.get(key)
        return 0.0 if held is None or held.value is None else held.value

    def _flag(self, text: TopasText, *, alone: bool = False) -> tuple[str, bool]:
        """Step over ``@``, ``name``, ``!name`` or ``!``: the key and whether it is refined."""
        if text.take("@"):
            at, _ = text.at, text.word()
            if not alone and text.next() not in "=+-.0123456789":  # no name behind the mark
                text.at = at
            return self.fresh(), True
        if text.take("!"):
            return text.word(), False
        at, name = text.at, text.word()
        if name and (alone or text.next() in "=+-.0123456789"):
            return name, True
        text.at = at
        return "", False

    def _valued(self, text: TopasText, key: str, refined: bool) -> TopasNumber:
        line = text.line
        if text.take("="):
            number = TopasNumber(line, key, None, text.equation())
        else:
            value = text.number()
            if value is None and key and not key.startswith("@"):  # a name alone stands for what is defined elsewhere
                return TopasNumber(line, key, None, key)
            if value is None:
                found = text.peek_word() or text.next() or "nothing"
                raise text.error(f"'{found}' stands in the place of a number", "write the number after its keyword")
            number = TopasNumber(line, key, value, refined=refined)
        while text.peek_word() in LIMITS:
            text.word()
            if text.take("="):
                text.equation()
            else:
                text.number()
        return self._kept(number)

    def _kept(self, number: TopasNumber) -> TopasNumber:
        """Keep a named number; what a fixed one of the same name says is only its value."""
        held = self.numbers.get(number.key)
        if held is not None and held.refined and not number.refined and not number.equation:
            number = replace(number, refined=True)
        if number.key:
            self.numbers[number.key] = number
        return number

    def value(
        self,
        number: TopasNumber,
        local: Mapping[str, TopasNumber] | None = None,
        moved: Mapping[str, float] | None = None,
        depth: int = 0,
    ) -> float:
        """Return the value of a number.

        ``local`` holds what ``Get(name)`` means there; ``moved`` adds to refined numbers by key.

        Raises
        ------
        InputError
            When an equation cannot be read or goes round in a circle.
        """
        if number.value is not None:
            return number.value + (moved or {}).get(number.key, 0.0)
        if depth > MAX_DEPTH:
            raise InputError(
                f"the equation '{number.equation}' goes round in a circle", "give one of its names a value"
            )
        names = dict(CONSTANTS)
        for word, found in self._named(number, local).items():
            names[word] = self.value(found, local, moved, depth + 1)
        return evaluate(_spelled(number.equation), names)

    def _named(self, number: TopasNumber, local: Mapping[str, TopasNumber] | None) -> dict[str, TopasNumber]:
        words = set(NAME.findall(_got(number.equation)))
        gotten = {f"Get_{name}": found for name, found in (local or {}).items()}
        return {word: found for word in words if (found := gotten.get(word) or self.numbers.get(word)) is not None}

    def slopes(self, number: TopasNumber, local: Mapping[str, TopasNumber] | None = None) -> dict[str, float] | None:
        """Return the derivatives of a number by the refined ones that it follows, ``None`` where it is not linear."""
        if number.value is not None:
            return {number.key: 1.0} if number.refined else {}
        roots = sorted(self._roots(number, local))
        if not roots:
            return {}
        middle = self.value(number, local)
        step = {root: 1e-3 * max(abs(self._known(root)), 1.0) for root in roots}
        rise = {root: self.value(number, local, {root: h}) - middle for root, h in step.items()}
        together = self.value(number, local, step) - middle
        back = self.value(number, local, {root: -h for root, h in step.items()}) - middle
        scale = sum(abs(r) for r in rise.values()) + 1e-12
        if abs(together - sum(rise.values())) > LINEAR * scale or abs(together + back) > LINEAR * scale:
            return None
        return {root: rise[root] / step[root] for root in roots}

    def _roots(self, number: TopasNumber, local: Mapping[str, TopasNumber] | None, depth: int = 0) -> set[str]:
        found: set[str] = set()
        for other in self._named(number, local).values() if depth < MAX_DEPTH else ():
            if other.value is None:
                found |= self._roots(other, local, depth + 1)
            elif other.refined:
                found.add(other.key)
        return found


def _got(equation: str) -> str:
    """Write ``Get(a)`` as one name."""
    return re.sub(r"Get\(\s*(\w+)\s*\)", r"Get_\1", equation)


def _spelled(equation: str) -> str:
    """Write an equation with small function names and with an asterisk where TOPAS multiplies by a blank."""
    words: list[str] = []
    for part in PART.findall(_got(equation)):
        before = words[-1] if words else ""
        operand = bool(OPERAND.match(part)) or part == "("
        called = part == "(" and before in FUNCTIONS.values()
        if operand and not called and (before == ")" or (before and OPERAND.match(before[-1]))):
            words.append("*")
        words.append(FUNCTIONS.get(part, part))
    return " ".join(words)
