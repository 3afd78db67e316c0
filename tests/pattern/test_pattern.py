"""The Pattern: what it accepts, what it refuses, and its parts."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import radiation_from_name

X = np.linspace(10.0, 20.0, 11)


def pattern(**changes) -> Pattern:
    given = {"x": X, "intensity": X**2, "sigma": np.ones(11), "name": "scan.xy", **changes}
    return Pattern(**given)


def test_vectors_become_read_only_doubles():
    source = list(range(3))
    made = Pattern(x=source, intensity=np.array([1, 2, 3], dtype=np.int16), sigma=np.ones(6)[::2])  # type: ignore[arg-type]
    for array in (made.x, made.intensity, made.sigma):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    assert len(made) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"intensity": np.ones(10)},
        {"sigma": np.ones(12)},
        {"x": X[:, None], "intensity": X[:, None], "sigma": X[:, None]},
    ],
)
def test_vectors_of_other_shapes_are_refused(changes):
    with pytest.raises(InputError, match=r"^scan\.xy: x, intensity and sigma have shapes"):
        pattern(**changes)


@pytest.mark.parametrize("x", [X[::-1], np.zeros(11), np.where(X == 15.0, 14.0, X), np.where(X == 15.0, np.nan, X)])
def test_an_axis_that_does_not_increase_is_refused(x):
    with pytest.raises(InputError, match="two_theta axis of 11 points does not increase strictly; sort"):
        pattern(x=x)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_points_are_refused(n):
    with pytest.raises(InputError, match=f"of {n} points"):
        Pattern(x=X[:n], intensity=X[:n], sigma=X[:n])


def test_the_message_names_the_axis():
    with pytest.raises(InputError, match="the q axis"):
        pattern(x=X[::-1], axis="q")


def test_cut_keeps_both_ends_and_all_else():
    whole = pattern(radiation=radiation_from_name("CuKa"), metadata={"sample": "a"}, sha256="12", warnings=("w",))
    part = whole.cut(12.0, 15.0)
    assert part.x.tolist() == [12.0, 13.0, 14.0, 15.0]
    assert part.intensity.tolist() == [144.0, 169.0, 196.0, 225.0]
    assert part.sigma.size == 4
    for name in ("axis", "radiation", "metadata", "name", "sha256", "warnings"):
        assert getattr(part, name) == getattr(whole, name)
    assert len(whole) == 11


@pytest.mark.parametrize(("low", "high", "count"), [(30.0, 40.0, 0), (12.4, 13.2, 1)])
def test_a_cut_with_fewer_than_two_points_is_refused(low, high, count):
    with pytest.raises(
        InputError, match=rf"scan\.xy: the range {low:g} to {high:g} holds {count} of the points 10 to 20"
    ):
        pattern().cut(low, high)


def test_warnings_add_up():
    first = pattern(warnings=("one",))
    assert first.with_warnings("two", "three").warnings == ("one", "two", "three")
    assert first.warnings == ("one",)


def test_a_range_that_runs_backwards_is_refused():
    pattern = Pattern(np.array([20.0, 30.0, 60.0]), np.ones(3), np.ones(3))
    with pytest.raises(InputError, match="the range 60 to 20 runs backwards; give its lower end first"):
        pattern.cut(60.0, 20.0)
