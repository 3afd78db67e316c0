"""Chemical elements as users list them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources

import gemmi

from anatase.errors import InputError

__all__ = ["parse_elements"]

REMEDY = "give symbols separated by commas, as in Ti,O,Zn"


def parse_elements(text: str) -> tuple[str, ...]:
    """Return the element symbols in a list such as ``"Ti,O,Zn"`` or ``"Ti O Zn"``, without repeats.

    A symbol may be written without capitals, or in capitals where these are no two symbols: ``ti``, ``TI``, but not
    ``CO``.

    Raises
    ------
    InputError
        When a word is no element symbol or the list is empty.

    Examples
    --------
    >>> parse_elements("Ti, O,ti")
    ('Ti', 'O')
    """
    words = [w for w in re.split(r"[\s,;]+", text) if w]
    if not words:
        raise InputError(f"the element list '{text}' is empty", REMEDY)
    return tuple(dict.fromkeys(_symbol(word) for word in words))


def _symbol(word: str) -> str:
    symbol, run_together = word.capitalize(), _split(word)
    if not _is_symbol(symbol):
        name = _named(word)
        if name:
            raise InputError(f"'{word}' is the name of an element", f"give its symbol, {name}")
        if run_together:
            raise InputError(f"'{word}' is no chemical element", f"give {','.join(run_together)} if these are meant")
        raise InputError(f"'{word}' is no chemical element", REMEDY)
    if len(run_together) > 1:
        raise InputError(f"'{word}' may be {symbol} or {','.join(run_together)}", "write the one that is meant")
    return symbol


def _is_symbol(word: str) -> bool:
    """Tell whether the whole word is a symbol; gemmi itself reads the first two letters."""
    element = gemmi.Element(word)
    return element.atomic_number > 0 and element.name == word


def _split(word: str) -> tuple[str, ...]:
    """Return the symbols that are run together in a word such as ``InOLaHTi`` or ``TiO2``; none if it is no such."""
    if not re.fullmatch(r"(?:[A-Z][a-z]?[\d.]*)+", word):
        return ()
    symbols = re.findall("[A-Z][a-z]?", word)
    return tuple(dict.fromkeys(symbols)) if all(_is_symbol(symbol) for symbol in symbols) else ()


def _named(word: str) -> str:
    return _names().get(word.casefold(), "")


@cache
def _names() -> dict[str, str]:
    text = resources.files("anatase.crystal").joinpath("data/element_names.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["name"]: row["symbol"] for row in rows}
