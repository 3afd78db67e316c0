"""What is written as TOML reads back the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.refine.recipe.toml_text import toml_text

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(TEXT, st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False))
INNER = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, INNER, max_size=5))
def test_there_and_back(table):
    assert tomllib.loads(toml_text(table)) == table


def test_long_lists_stand_in_lines():
    table = {"free": [f"PbSO4.O{i}.u_iso" for i in range(20)]}
    text = toml_text(table)
    assert max(map(len, text.splitlines())) < 60
    assert tomllib.loads(text) == table


def test_what_toml_has_no_word_for():
    with pytest.raises(InputError, match="cannot hold None"):
        toml_text({"a": None})
