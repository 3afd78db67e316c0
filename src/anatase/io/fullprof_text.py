"""The lines of FullProf control files (.pcr): free format in a fixed order, ``!`` before comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from anatase.errors import InputError
from anatase.io.source import Source

__all__ = ["Coded", "PcrText", "decoded"]

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")
FILES = re.compile(r"DAT-files?:\s*([^,]+?)\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Coded:
    """A number with its codeword and line."""

    value: float
    code: float = 0.0
    line: int = 0


def decoded(code: float) -> tuple[str, float] | None:
    """Return the parameter number of a codeword and by how much of its shift the value moves, ``None`` where fixed.

    A codeword is sign · (10 p + |a|): 151.00 moves with parameter 15, −150.50 by half of its shift, the other way.

    Examples
    --------
    >>> decoded(-150.5)
    ('15', -0.5)
    """
    number = int(abs(code) // 10)
    factor = round(abs(code) - 10.0 * number, 6)
    if number == 0 or factor == 0.0:
        return None
    return str(number), factor if code > 0 else -factor


class PcrText:
    """The lines of a control file that count, one after the other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data_file = ""
        self.lines: list[tuple[int, str]] = []
        self.at = 0
        for number, raw in enumerate(source.lines, start=1):
            if found := FILES.search(raw):
                self.data_file = found.group(1).strip()
            text = raw.strip()
            if text and not text.startswith("!"):
                self.lines.append((number, text))

    @property
    def line(self) -> int:
        """The line of the file that comes next, or the last one."""
        return self.lines[min(self.at, len(self.lines) - 1)][0] if self.lines else 1

    def error(self, found: str, remedy: str, line: int | None = None) -> InputError:
        """Return an error that names file and line."""
        return self.source.error(found, remedy, line or self.line)

    def peek(self) -> str:
        """Return the line that comes next, nothing at the end."""
        return self.lines[self.at][1] if self.at < len(self.lines) else ""

    def take(self, what: str) -> str:
        """Step over a line, without what follows ``!`` or ``<--``.

        Raises
        ------
        InputError
            When the file ends before it.
        """
        if self.at >= len(self.lines):
            raise self.error(f"the file ends before {what}", "give a complete .pcr file")
        text = self.lines[self.at][1]
        self.at += 1
        return re.split(r"!|<-", text)[0].strip()

    def numbers(self, what: str, least: int) -> list[float]:
        """Step over a line of at least so many numbers.

        Raises
        ------
        InputError
            When there are fewer of them, or something else.
        """
        line = self.line
        return self.numbers_of(self.take(what), what, least, line)

    def numbers_of(self, text: str, what: str, least: int = 1, line: int | None = None) -> list[float]:
        """Return the numbers of a text, as ``numbers`` does."""
        found = NUMBER.findall(text)
        rest = NUMBER.sub(" ", text).split()
        if len(found) < least or (rest and NUMBER.match(text) is None):
            raise self.error(
                f"'{text[:60]}' is not {what} ({least} numbers or more)", "check the lines before it", line
            )
        values = [float(word.lower().replace("d", "e")) for word in found]
        if not all(isfinite(value) for value in values):
            raise self.error(f"a number of {what} is too large", "correct it", line)
        return values

    def whole(self, what: str, least: int, most: int) -> list[int]:
        """Step over a line of whole numbers; those missing at its end are 0."""
        values = [int(value) for value in self.numbers(what, least)][:most]
        return values + [0] * (most - len(values))

    def coded(self, what: str, least: int) -> list[Coded]:
        """Step over a line of values and the line of their codewords."""
        line = self.line
        values = self.numbers(what, least)
        codes = self.numbers(f"the codes of {what}", min(least, len(values)))
        codes += [0.0] * (len(values) - len(codes))
        return [Coded(value, code, line) for value, code in zip(values, codes, strict=False)]

    def paired(self, what: str, count: int) -> tuple[list[Coded], Sequence[float]]:
        """Step over a line in which codewords stand behind their values: those numbers, and what follows them."""
        line = self.line
        values = self.numbers(what, 2 * count)
        pairs = [Coded(values[2 * k], values[2 * k + 1], line) for k in range(count)]
        return pairs, values[2 * count :]
