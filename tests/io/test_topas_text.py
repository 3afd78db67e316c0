"""The text of TOPAS files: comments, conditions, numbers with errors, equations, names."""

from __future__ import annotations

import math

import pytest

from anatase.errors import InputError
from anatase.io.source import Source
from anatase.io.topas_parameter import TopasNames, TopasNumber
from anatase.io.topas_text import TopasText, plain_text


def text_of(content: str) -> TopasText:
    source = Source("a.inp", content.encode(), "")
    return TopasText(plain_text(source), source)


def read(content: str) -> tuple[TopasNames, dict[str, TopasNumber]]:
    text, names = text_of(content), TopasNames()
    found = {}
    while word := text.word():
        found[word] = names.read(text)
    return names, found


def test_comments_and_quoted_texts() -> None:
    text = text_of("a 1 ' b 2\n/* c 3\n d 4 */ e \"it's 5\" f")
    assert (text.word(), text.number(), text.word()) == ("a", 1.0, "e")
    assert text.line == 3
    assert text.raw() == "it's 5"
    assert text.word() == "f"


def test_conditions() -> None:
    lines = "#define X\n#ifdef X\none\n#else\ntwo\n#endif\n#ifndef X\nthree\n#endif\n#ifdef !X\nfour\n#endif\nfive"
    assert plain_text(Source("a.inp", lines.encode(), "")).split() == ["one", "five"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1\n#include other.inc\n", "a.inp line 2: #include other.inc needs another file"),
        ("#ifdef X\na 1\n", "an #ifdef has no #endif"),
        ("#endif\n", "line 1: #endif stands without #ifdef"),
        ("a 1\n/* open", "line 2: a comment does not end"),
    ],
)
def test_broken_texts(content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        text_of(content)


def test_numbers_flags_and_limits() -> None:
    names, found = read("a @ 5.43`_0.001_LIMIT_MIN_5.4 b b1 -1.2e-3`_0.1 min 0 max = 2 b1; c !c1 3 d ! 4 e 5 f b1 6")
    assert found["a"].value == 5.43
    assert found["a"].refined
    assert (found["b"].value, found["b"].key, found["b"].refined) == (-1.2e-3, "b1", True)
    assert (found["c"].value, found["c"].key, found["c"].refined) == (3.0, "c1", False)
    assert not found["d"].refined
    assert not found["e"].refined
    assert found["f"].key == "b1"
    assert names.value(TopasNumber(1, equation="b1")) == 6.0  # a name that stands twice has one value


@pytest.mark.parametrize(
    ("equation", "value"),
    [
        ("1/3", 1 / 3),
        ("2 b1 + Sqrt(16)", 14.0),
        ("(1 - b1) 2", -8.0),
        ("Sin(30 Deg) Rad", math.degrees(0.5)),
        ("Max(b1, 7)^2", 49.0),
        ("2b1(3)", 30.0),
        ("Pi", math.pi),
    ],
)
def test_equations(equation: str, value: float) -> None:
    names, _ = read("x b1 5")
    assert names.value(TopasNumber(1, equation=equation)) == pytest.approx(value, rel=1e-12)


def test_what_equations_follow() -> None:
    names, found = read("x b1 5 y b2 1 z !b3 2 u = 3 b1 - b2 + b3; v = b1^2; w w1 = 2 b1; q = w1/4; r = 1/3;")
    assert names.slopes(found["u"]) == pytest.approx({"b1": 3.0, "b2": -1.0}, rel=1e-9)
    assert names.slopes(found["v"]) is None
    assert names.slopes(found["q"]) == pytest.approx({"b1": 0.5}, rel=1e-9)
    assert names.slopes(found["r"]) == {}
    local = {"a": TopasNumber(1, "lp", 4.0, refined=True)}
    assert names.value(TopasNumber(1, equation="Get(a) 2"), local) == 8.0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = nothing + 1;", "'nothing' in"),
        ("x x1 = x1 + 1;", "goes round in a circle"),
        ("x = If(1 > 2, 3, 4);", "cannot be read as arithmetic"),
    ],
)
def test_equations_without_a_value(content: str, message: str) -> None:
    names, found = read(content)
    with pytest.raises(InputError, match=message):
        names.value(found["x"])


def test_missing_numbers_and_open_brackets() -> None:
    with pytest.raises(InputError, match="line 2: 'scale' stands in the place of a number"):
        read("a\nscale @ 1")
    with pytest.raises(InputError, match="an equation does not end"):
        read("a = 1 + 2")
    text = text_of("CS_L(@, 100")
    text.word()
    with pytest.raises(InputError, match=r"'\(' is not closed"):
        text.arguments()


def test_arguments_keep_their_lines() -> None:
    text = text_of("M(@,\n 1 min =(2);,\n, 0 0 1)")
    text.word()
    parts = text.arguments()
    assert [part.text.strip() for part in parts] == ["@", "1 min =(2);", "", "0 0 1"]
    parts[1].skip_blank()
    assert parts[1].line == 2
