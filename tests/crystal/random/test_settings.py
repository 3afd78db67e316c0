"""Settings that make no sense are refused with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from anatase.crystal.random.settings import RandomSettings
from anatase.errors import InputError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"group_weights": (1.0,)}, "group_weights has 1 values"),
        ({"group_weights": (0.0,) * 230}, "not all of them 0"),
        ({"element_weights": {"Og": 1.0}}, "'Og' is not tabulated"),
        ({"element_weights": {"O": -1.0}}, "negative"),
        ({"element_weights": {"O": 1.0, "Ti": 0.0}, "n_elements": (1, 2)}, "cannot be had from 1 elements"),
        ({"n_elements": (0, 2)}, "n_elements"),
        ({"contact": 0.0}, "contact = 0.0 is not positive"),
        ({"symprec": float("nan")}, "symprec"),
        ({"u_iso": (0.02, 0.01)}, "u_iso"),
    ],
)
def test_refused(settings: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        RandomSettings(**settings)
