"""Arithmetic in files: numbers, names, + - * / ^, brackets, a few functions; nothing is executed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from anatase.errors import InputError

__all__ = ["evaluate"]

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/^(),]))")
MAX_DEPTH = 60

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "sqr": lambda x: x * x,
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "exp": math.exp,
    "log": math.log,
    "min": min,
    "max": max,
}


def evaluate(text: str, names: Mapping[str, float] | None = None) -> float:
    """Return the value of an arithmetic expression.

    Raises
    ------
    InputError
        When it cannot be read, names something unknown, or has no value.

    Examples
    --------
    >>> evaluate("(1-p)/2 + 3^2", {"p": 0.5})
    9.25
    """
    parser = _Parser(text, names or {})
    try:
        value = parser.sum(0)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise InputError(f"'{text}' has no value ({error})", "write a number") from error
    if parser.position < len(parser.tokens):
        raise parser.error()
    if not math.isfinite(value):
        raise InputError(f"'{text}' has no finite value", "write a number")
    return value


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, names: Mapping[str, float]) -> None:
        self.text = text
        self.names = names
        self.tokens: list[tuple[str, str, str]] = []
        self.position = 0
        at = 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if match is None:
                raise self.error()
            self.tokens.append((match.group(1) or "", match.group(2) or "", match.group(3) or ""))
            at = match.end()

    def error(self) -> InputError:
        return InputError(f"'{self.text}' cannot be read as arithmetic", "write a number")

    def next(self) -> tuple[str, str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("", "", "")

    def take(self, *symbols: str) -> str:
        """Step over a symbol, if it is one of these."""
        symbol = self.next()[2]
        if symbol and symbol in symbols:
            self.position += 1
            return symbol
        return ""

    def sum(self, depth: int) -> float:
        if depth > MAX_DEPTH:
            raise self.error()
        value = self.product(depth)
        while symbol := self.take("+", "-"):
            term = self.product(depth)
            value = value + term if symbol == "+" else value - term
        return value

    def product(self, depth: int) -> float:
        value = self.signed(depth)
        while symbol := self.take("*", "/"):
            factor = self.signed(depth)
            value = value * factor if symbol == "*" else value / factor
        return value

    def signed(self, depth: int) -> float:
        if symbol := self.take("+", "-"):
            value = self.signed(depth + 1) if depth < MAX_DEPTH else math.nan
            return -value if symbol == "-" else value
        base = self.atom(depth)
        return float(base ** self.signed(depth + 1)) if self.take("^", "**") else base

    def atom(self, depth: int) -> float:
        number, name, _ = self.next()
        if self.take("("):
            value = self.sum(depth + 1)
            if not self.take(")"):
                raise self.error()
            return value
        if not (number or name):
            raise self.error()
        self.position += 1
        if number:
            return float(number)
        if self.take("("):
            return self.call(name, depth)
        if name in self.names:
            return self.names[name]
        if name.lower() == "pi":
            return math.pi
        raise InputError(f"'{name}' in '{self.text}' is not defined", "define it before it is used")

    def call(self, name: str, depth: int) -> float:
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise InputError(f"'{name}(' in '{self.text}' is no known function", f"write a number, or use {known}")
        arguments = [self.sum(depth + 1)]
        while self.take(","):
            arguments.append(self.sum(depth + 1))
        if not self.take(")"):
            raise self.error()
        return float(FUNCTIONS[name](*arguments))
