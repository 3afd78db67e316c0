"""Lists of elements: what is a symbol, and what a user who wrote something else is told."""

from __future__ import annotations

import gemmi
import pytest

from anatase.crystal.element_list import parse_elements
from anatase.errors import InputError


def test_symbols_with_and_without_capitals():
    assert parse_elements("ti;O zn, TI\tD") == ("Ti", "O", "Zn", "D")
    assert parse_elements("Co,co") == ("Co",)
    every = [gemmi.Element(z).name for z in range(1, 104)]
    assert list(parse_elements(",".join(every))) == every
    assert list(parse_elements(",".join(every).lower())) == every


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("Titanium", "'Titanium' is the name of an element; give its symbol, Ti"),
        ("caesium", "give its symbol, Cs"),  # not calcium, whose symbol it begins with
        ("Aluminum", "give its symbol, Al"),
        ("InOLaHTi", "'InOLaHTi' is no chemical element; give In,O,La,H,Ti if these are meant"),
        ("TiO2", "give Ti,O if these are meant"),
        ("Inx", "'Inx' is no chemical element; give symbols separated by commas"),
        ("Sii", "'Sii' is no chemical element; give symbols"),
        ("Xx", "'Xx' is no chemical element; give symbols"),
        ("X", "'X' is no chemical element"),  # gemmi's unknown atom
        ("3", "'3' is no chemical element"),
        ("CO", "'CO' may be Co or C,O; write the one that is meant"),
        ("NI", "'NI' may be Ni or N,I"),
    ],
)
def test_longer_and_ambiguous_words_are_refused(word, told):
    with pytest.raises(InputError) as caught:
        parse_elements(f"Fe,{word}")
    assert told in str(caught.value)


def test_an_empty_list_is_refused():
    with pytest.raises(InputError, match="is empty"):
        parse_elements(" ,")
