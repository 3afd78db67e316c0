"""The lines of a SHELX instruction file: comments dropped, continued lines joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anatase.io.source import Source

__all__ = ["ShelxLine", "shelx_lines", "wrapped"]

WIDTH = 78  # characters of a line that is written


@dataclass(frozen=True, slots=True)
class ShelxLine:
    """One instruction: its words, and the first and last line (1-based) of the file that it stands on."""

    words: tuple[str, ...]
    first: int
    last: int

    @property
    def keyword(self) -> str:
        """The first four letters in capitals, without the residue that an underscore appends."""
        return self.words[0].split("_")[0].upper()[:4]


def shelx_lines(source: Source) -> tuple[ShelxLine, ...]:
    """Return the instructions of a file in their order, ``REM`` and blank lines left out.

    What follows ``!`` is a comment; a line that ends with ``=`` goes on in the next one; a line that begins with a
    blank and continues nothing is a comment (SHELXL manual, chapter 7).

    Raises
    ------
    InputError
        When another file is included (``+name``), or nothing follows a line that is to be continued.
    """
    found: list[ShelxLine] = []
    waiting: list[str] = []
    first, title = 0, False
    for number, raw in enumerate(source.lines, 1):
        going_on = bool(waiting)
        if going_on and not raw.strip():
            break
        if not going_on:
            title = raw[:4].upper() == "TITL"
            if not raw.strip() or raw[0].isspace() or raw[:3].upper() == "REM":
                continue
            if raw.startswith("+"):
                raise source.error(
                    f"'{raw.strip()[:40]}' includes another file", "put its lines in place of this one", number
                )
            first = number
        text = raw if title else raw.split("!")[0]
        body, mark, _ = (text, "", "") if title else text.partition("=")
        waiting += body.split()
        if not mark and waiting:
            found.append(ShelxLine(tuple(waiting), first, number))
        if not mark:
            waiting = []
    if waiting:
        raise source.error("nothing follows where '=' announces a continued line", "complete the instruction", first)
    return tuple(found)


def wrapped(head: str, words: Sequence[str]) -> list[str]:
    """Return an instruction on lines of up to 78 characters, continued with =."""
    lines, current = [], head
    for word in words:
        if len(current) + len(word) + 3 > WIDTH:
            lines.append(f"{current} =")
            current = "    "
        current = f"{current} {word}"
    return [*lines, current]
