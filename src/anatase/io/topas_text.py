"""The text of TOPAS input files: comments, conditions, words, bracketed arguments, equations.

Keywords and macros after Coelho, TOPAS-Academic Technical Reference (Coelho (2018) J. Appl. Cryst. 51, 210).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from math import isfinite

from anatase.errors import InputError
from anatase.io.source import Source

__all__ = ["TopasText", "plain_text"]

WORD = re.compile(r"[A-Za-z_][\w.]*")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
# what TOPAS writes after a refined value: `, its error, and the limit that it met
FITTED = re.compile(r"`?(?:_[-+.\deE]+)?(?:_LIMIT_(?:MIN|MAX)_[-+.\deE]+)*")
CLOSING = {"(": ")", "{": "}"}


def plain_text(source: Source) -> str:
    """Return the text of a file without comments and without what its conditions leave out; the lines stay in place.

    ``#define`` and ``#ifdef`` … ``#else`` … ``#endif`` are followed.

    Raises
    ------
    InputError
        At an ``#include``, or where a condition or comment does not end.
    """
    lines = _without_comments(source).split("\n")
    defined: set[str] = set()
    kept: list[bool] = []
    for index, line in enumerate(lines):
        words = line.split()
        if not words or not words[0].startswith("#"):
            lines[index] = line if all(kept) else ""
            continue
        lines[index] = ""
        directive, name = words[0], words[1] if len(words) > 1 else ""
        if directive in ("#ifdef", "#ifndef"):
            wanted = (name.lstrip("!") in defined) != name.startswith("!")
            kept.append(wanted == (directive == "#ifdef"))
        elif directive in ("#else", "#endif"):
            if not kept:
                raise source.error(f"{directive} stands without #ifdef", "correct the conditions", index + 1)
            state = kept.pop()
            if directive == "#else":
                kept.append(not state)
        elif directive == "#include" and all(kept):
            raise source.error(f"{line.strip()} needs another file", "put its text in the place of the line", index + 1)
        elif directive == "#define" and all(kept):
            defined.add(name)
        elif directive == "#undef" and all(kept):
            defined.discard(name)
    if kept:
        raise source.error("an #ifdef has no #endif", "correct the conditions", len(lines))
    return "\n".join(lines)


def _without_comments(source: Source) -> str:
    """Return the text with blanks for ``' …`` to the end of the line and for ``/* … */``."""
    text = "\n".join(source.lines)
    found: list[str] = []
    at = 0
    for match in re.finditer(r'"[^"\n]*"|\'[^\n]*|/\*', text):
        if match.start() < at:
            continue
        if match.group().startswith('"'):
            continue
        end = match.end()
        if match.group() == "/*":
            end = text.find("*/", end) + 2
            if end < 2:
                line = text.count("\n", 0, match.start()) + 1
                raise source.error("a comment does not end", "close it with */", line)
        found.append(text[at : match.start()])
        found.append(re.sub(r"[^\n]", " ", text[match.start() : end]))
        at = end
    return "".join(found) + text[at:]


class TopasText:
    """A place in the text of an input file, and what stands there.

    ``first_line`` is that of the text's beginning in the file: the arguments of a macro are texts of their own.
    """

    def __init__(self, text: str, source: Source, first_line: int = 1) -> None:
        self.text = text
        self.source = source
        self.at = 0
        self._starts = [match.end() for match in re.finditer("\n", text)]
        self._first_line = first_line

    @property
    def line(self) -> int:
        """The line of the file."""
        return self._first_line + bisect_right(self._starts, self.at)

    def error(self, found: str, remedy: str) -> InputError:
        """Return an error that names file and line."""
        return self.source.error(found, remedy, self.line)

    def skip_blank(self) -> None:
        """Go to the next character that is not blank."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def next(self) -> str:
        """Return the next character that is not blank; nothing at the end."""
        self.skip_blank()
        return self.text[self.at : self.at + 1]

    def take(self, symbol: str) -> bool:
        """Step over a symbol, if it comes next."""
        self.skip_blank()
        if self.text.startswith(symbol, self.at):
            self.at += len(symbol)
            return True
        return False

    def _match(self, pattern: re.Pattern[str]) -> str:
        self.skip_blank()
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def word(self) -> str:
        """Step over a keyword or name; return nothing where none comes next."""
        return self._match(WORD)

    def peek_word(self) -> str:
        """Return the keyword or name that comes next."""
        at, word = self.at, self.word()
        self.at = at
        return word

    def number(self) -> float | None:
        """Step over a number and the error that TOPAS writes after it."""
        text = self._match(NUMBER)
        if not text:
            return None
        fitted = FITTED.match(self.text, self.at)
        self.at = fitted.end() if fitted else self.at
        if not isfinite(float(text)):
            raise self.error(f"{text} is too large a number", "correct it")
        return float(text)

    def raw(self) -> str:
        """Step over all up to the next blank, or a quoted text: names of files, groups, species."""
        self.skip_blank()
        if self.next() == '"':
            end = self.text.find('"', self.at + 1)
            if end < 0:
                raise self.error("a quoted text does not end", 'close it with "')
            text, self.at = self.text[self.at + 1 : end], end + 1
            return text
        return self._match(re.compile(r"[^\s{}]+"))

    def equation(self) -> str:
        """Step over the rest of an equation, up to its semicolon, and over the value ``: 1.2`` that TOPAS adds."""
        end = self.text.find(";", self.at)
        if end < 0:
            raise self.error("an equation does not end", "close it with ;")
        text, self.at = " ".join(self.text[self.at : end].split()), end + 1
        if self.take(":"):
            self.number()
        return text

    def bracketed(self) -> TopasText:
        """Step over ``( … )`` or ``{ … }`` and return what is inside."""
        self.skip_blank()
        opening, start, line = self.text[self.at], self.at + 1, self.line
        depth = 0
        for at in range(self.at, len(self.text)):
            depth += (self.text[at] == opening) - (self.text[at] == CLOSING[opening])
            if depth == 0:
                self.at = at + 1
                return TopasText(self.text[start:at], self.source, line)
        raise self.error(f"'{opening}' is not closed", f"close it with {CLOSING[opening]}")

    def arguments(self) -> Sequence[TopasText]:
        """Step over ``(a, b, …)`` and return its parts, nothing where no bracket comes next."""
        if self.next() != "(":
            return ()
        inside = self.bracketed()
        parts, depth, start, line = [], 0, 0, inside.line
        for at, character in enumerate(inside.text + ","):
            depth += (character in "({") - (character in ")}")
            if character == "," and depth == 0:
                part = TopasText(inside.text[start:at], self.source, line)
                parts.append(part)
                line, start = line + part.text.count("\n"), at + 1
        return parts
