"""The cards of GSAS: lines of a key of twelve characters and what it names, as in ``.prm`` and ``.EXP`` files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anatase.io.source import Source

__all__ = ["KEY_LENGTH", "Cards", "number_in", "read_cards"]

KEY_LENGTH = 12
NUMBER = re.compile(r"[-+.\d]")
LABEL = re.compile(r"[A-Za-z]")  # some files print a coefficient's name beside it


def number_in(source: Source, text: str, line: int) -> float:
    """Return a number of a file, with the exponent marked as in Fortran or as elsewhere; line 0 is not known."""
    try:
        return float(text.upper().replace("D", "E"))
    except ValueError as error:
        raise source.error(f"'{text}' is no number", "correct it", line or None) from error


@dataclass(frozen=True)
class Cards:
    """The cards of one file: line number and text of each key; where a key is repeated, the first counts."""

    source: Source
    cards: Mapping[str, tuple[int, str]]

    def __contains__(self, key: str) -> bool:
        return key.ljust(KEY_LENGTH) in self.cards

    def __iter__(self) -> Iterator[str]:
        return iter(self.cards)

    def text(self, key: str) -> str:
        """Return what stands on a card, nothing where it is missing."""
        return self.cards.get(key.ljust(KEY_LENGTH), (0, ""))[1]

    def line(self, key: str) -> int | None:
        """Return the line of a card, ``None`` where it is missing."""
        found = self.cards.get(key.ljust(KEY_LENGTH))
        return None if found is None else found[0]

    def numbers(self, key: str) -> list[float]:
        """Return the leading numbers of a card, none where it is missing."""
        found: list[float] = []
        for word in self.text(key).split():
            if found and not NUMBER.match(word):
                break
            found.append(number_in(self.source, word, self.line(key) or 0))
        return found

    def series(self, stem: str) -> list[float]:
        """Return the numbers of the cards that a stem followed by 1, 2, … names; words between them are labels."""
        values: list[float] = []
        for index in range(1, 10):
            key = f"{stem}{index}"
            values += [
                number_in(self.source, word, self.line(key) or 0)
                for word in self.text(key).split()
                if not LABEL.match(word)
            ]
        return values

    def column(self, key: str, start: int, stop: int) -> float | None:
        """Return the number in columns ``start`` to ``stop`` behind the key, ``None`` where they are blank."""
        field = self.text(key)[start:stop].strip()
        return None if not field else number_in(self.source, field, self.line(key) or 0)


def read_cards(source: Source) -> Cards:
    """Return the cards of a file."""
    cards: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(source.lines, start=1):
        cards.setdefault(line[:KEY_LENGTH].upper().ljust(KEY_LENGTH), (number, line[KEY_LENGTH:].rstrip()))
    return Cards(source, cards)
