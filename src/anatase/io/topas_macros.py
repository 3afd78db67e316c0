"""Macros that a TOPAS input file defines: ``macro Size(n, v) { CS_L(n, v) }`` stands for its text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anatase.io.source import Source
from anatase.io.topas_text import TopasText

__all__ = ["expanded"]

DEFINITION = re.compile(r"\bmacro\s+([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*(?=\{)")
MOST_ROUNDS = 20
LONGEST = 5_000_000  # characters: macros that double their text are no model


@dataclass(frozen=True)
class _Macro:
    line: int
    arguments: tuple[str, ...]
    body: str


def expanded(text: str, source: Source) -> str:
    """Return a text with its own macros written out; the lines of the rest stay in place.

    Raises
    ------
    InputError
        When a macro stands for itself, has the wrong number of arguments, or uses what only TOPAS can work out.
    """
    macros: dict[tuple[str, int], _Macro] = {}
    while match := DEFINITION.search(text):
        rest = TopasText(text[match.end() :], source, text.count("\n", 0, match.end()) + 1)
        body = rest.bracketed()
        words = tuple(word.strip().lstrip("&").strip() for word in (match.group(2) or "").split(",") if word.strip())
        if "#" in body.text:
            raise source.error(f"macro {match.group(1)} asks for TOPAS's own directives", "write it out", body.line)
        macros[match.group(1), len(words)] = _Macro(body.line, words, " ".join(body.text.split()))
        end = match.end() + rest.at
        text = text[: match.start()] + re.sub(r"[^\n]", " ", text[match.start() : end]) + text[end:]
    for _ in range(MOST_ROUNDS if macros else 0):
        text, changed = _once(text, macros, source)
        if not changed:
            return text
        if len(text) > LONGEST:
            break
    if macros:
        name, macro = next((name, macro) for (name, _), macro in macros.items())
        raise source.error(f"macro {name} or one beside it stands for itself", "write it out", macro.line)
    return text


def _once(text: str, macros: dict[tuple[str, int], _Macro], source: Source) -> tuple[str, bool]:
    """Write every macro out once."""
    names = re.compile(r"\b(?:" + "|".join(sorted({name for name, _ in macros}, key=len, reverse=True)) + r")\b")
    parts: list[str] = []
    at = 0
    for match in names.finditer(text):
        if match.start() < at:
            continue
        rest = TopasText(text[match.end() :], source, text.count("\n", 0, match.end()) + 1)
        given = rest.arguments() if (match.group(), 0) not in macros or rest.next() == "(" else ()
        macro = macros.get((match.group(), len(given)))
        if macro is None:
            raise source.error(
                f"macro {match.group()} has {len(given)} arguments", "write those it asks for", rest.line
            )
        body = macro.body
        for word, value in zip(macro.arguments, given, strict=True):
            body = re.sub(rf"\b{re.escape(word)}\b", lambda _, v=value: v.text.strip(), body)  # type: ignore[misc]
        end = match.end() + rest.at if given else match.end()
        lost = "\n" * text.count("\n", match.start(), end)
        parts += [text[at : match.start()], body.replace("\n", " "), lost]
        at = end
    return "".join(parts) + text[at:], bool(parts)
