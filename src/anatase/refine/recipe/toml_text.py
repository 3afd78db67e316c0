"""Plain data written as TOML, which ``tomllib`` reads back to the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isinf, isnan
from typing import Any

from anatase.errors import InputError

__all__ = ["toml_text"]

BARE = re.compile(r"[A-Za-z0-9_-]+")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
WIDEST = 110  # characters of an array in one line


def toml_text(table: Mapping[str, Any]) -> str:
    """Return a table of strings, numbers, truths, lists and tables as TOML 1.0.

    Tables become sections, lists of tables become ``[[sections]]``; tables further in stand in braces.

    Raises
    ------
    InputError
        When a value is of a kind that TOML does not have.

    Examples
    --------
    >>> print(toml_text({"title": "lead", "mode": {"*": "lebail"}, "step": [{"free": ["*.scale"]}]}), end="")
    title = "lead"
    <BLANKLINE>
    [mode]
    "*" = "lebail"
    <BLANKLINE>
    [[step]]
    free = ["*.scale"]
    """
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_section(value)]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _section(_key(key), value)
        elif _is_section(value):
            for one in value:
                lines += ["", f"[[{_key(key)}]]", *(f"{_key(name)} = {_value(inner)}" for name, inner in one.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _section(name: str, table: Mapping[str, Any]) -> list[str]:
    """Return the lines of a section; tables of tables get a section each."""
    if table and all(isinstance(value, Mapping) for value in table.values()):
        return [line for key, inner in table.items() for line in _section(f"{name}.{_key(key)}", inner)]
    return ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]


def _is_section(value: object) -> bool:
    several = isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    return several or isinstance(value, Mapping)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    escaped = [ESCAPES.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text]
    return f'"{"".join(escaped)}"'


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "nan" if isnan(value) else f"{'-' if value < 0 else ''}inf" if isinf(value) else repr(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        inner = [_value(one) for one in value]
        one_line = f"[{', '.join(inner)}]"
        return one_line if len(one_line) <= WIDEST else "[\n    " + ",\n    ".join(inner) + ",\n]"
    raise InputError(f"a recipe cannot hold {value!r}", "give text, numbers, lists and tables")
