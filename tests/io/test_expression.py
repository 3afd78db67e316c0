"""Arithmetic in files: what it computes and what it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.expression import evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", 1 / 3),
        ("-y+1/4", -0.15),
        ("2^3^2", 512.0),  # powers group from the right
        ("-2^2", -4.0),  # and bind closer than the sign
        ("8-3-2", 3.0),
        ("(1-p)*.5", 0.4),
        ("acos(-1)", math.pi),
        ("max(1, 2.5e0) - min(1,2)", 1.5),
        ("0.5*pi", math.pi / 2),
    ],
)
def test_values(text: str, value: float) -> None:
    assert evaluate(text, {"y": 0.4, "p": 0.2}) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("1+", "cannot be read"),
        ("(1", "cannot be read"),
        ("1 2", "cannot be read"),
        ("q", "'q' in 'q' is not defined"),
        ("1/0", "has no value"),
        ("sqrt(-1)", "has no value"),
        ("9^9^9^9", "has no value"),
        ("__import__('os')", "cannot be read"),
        ("a.b", "cannot be read"),
        ("open(1)", "no known function"),
        ("(" * 500 + "1" + ")" * 500, "cannot be read"),
        ("-" * 500 + "1", "no finite value"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(InputError, match=r".*") as caught:
        evaluate(text)
    assert message in str(caught.value)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.1, 1e3))
def test_same_as_python(a: float, b: float, c: float) -> None:
    assert evaluate("a-b*(a+b)/c", {"a": a, "b": b, "c": c}) == pytest.approx(a - b * (a + b) / c)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        assert math.isfinite(evaluate(text))
    except InputError:
        return
