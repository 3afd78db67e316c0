"""Chemical elements as users list them."""

from __future__ import annotations

import re

import gemmi

from anatase.errors import InputError

__all__ = ["parse_elements"]


def parse_elements(text: str) -> tuple[str, ...]:
    """Return the element symbols in a list such as ``"Ti,O,Zn"`` or ``"Ti O Zn"``, without repeats.

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
        raise InputError(f"the element list '{text}' is empty", "give symbols separated by commas, as in Ti,O,Zn")
    elements = []
    for word in words:
        element = gemmi.Element(word.capitalize())
        if not word.isalpha() or element.atomic_number == 0:
            raise InputError(f"'{word}' is no chemical element", "give symbols separated by commas, as in Ti,O,Zn")
        if element.name not in elements:
            elements.append(element.name)
    return tuple(elements)
