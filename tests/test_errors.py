"""Errors travel between processes with all that they say."""

from __future__ import annotations

import pickle

import pytest

from anatase.errors import ConvergenceError, InputError, MissingExtra, PhysicsError, UnphysicalInput


@pytest.mark.parametrize(
    "error",
    [
        InputError("two_theta falls", "sort the file", file="scan.xy", line=12),
        UnphysicalInput("a is -1 Å", "correct it", file="a.cif"),
        PhysicsError("no volume"),
        ConvergenceError("stopped after 9 steps", state={"a": 5.43}),
        MissingExtra("torch", "train"),
    ],
)
def test_errors_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
