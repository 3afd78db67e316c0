"""Combinations of parameters that the data do not determine, and the words for them."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.refine.undetermined import Direction, weak_directions


def normal_of(*rows: list[float]) -> np.ndarray:
    jacobian = np.array(rows)
    return jacobian @ jacobian.T


def test_what_is_well_determined_has_no_weak_direction():
    assert weak_directions(np.array([[2.0, 0.5], [0.5, 1.0]]), ("a", "b")) == ()


def test_units_do_not_count():
    # the same two columns in fm and in light years
    assert weak_directions(np.array([[1e30, 5e-1], [5e-1, 1e-30]]), ("a", "b")) == ()


def test_a_parameter_that_does_nothing_is_named():
    (found,) = weak_directions(normal_of([1.0, 2.0], [0.0, 0.0]), ("scale", "u_iso"))
    assert found.singular
    assert str(found) == "the pattern does not depend on u_iso"


def test_a_pair_that_acts_alike_is_named_with_signs():
    (found,) = weak_directions(normal_of([1.0, 2.0, 4.0], [-3.0, -6.0, -12.0]), ("zero", "displacement"))
    assert found.singular
    assert str(found) == "the pattern does not change when zero rises and displacement rises together"
    assert [share for _, share in found.components] == pytest.approx([np.sqrt(0.5)] * 2)


def test_separate_pairs_are_told_apart_though_both_are_singular():
    a, b = [1.0, 2.0, 0.0, 5.0, 1.0], [0.0, 1.0, 3.0, -1.0, 2.0]
    minus = [-2.0 * one for one in b]
    found = weak_directions(normal_of(a, b, a, minus), ("a", "b", "like a", "unlike b"))
    together = [{name for name, share in one.components if abs(share) > 1e-6} for one in found]
    assert sorted(map(sorted, together)) == [["a", "like a"], ["b", "unlike b"]]
    assert sorted(map(str, found)) == [
        "the pattern does not change when a rises and like a falls together",
        "the pattern does not change when b rises and unlike b rises together",
    ]


def test_nearly_alike_is_weak_and_not_singular():
    # correlation 0.99999: eigenvalue 1 − 0.99999
    (found,) = weak_directions(np.array([[1.0, 0.99999], [0.99999, 1.0]]), ("a", "b"))
    assert not found.singular
    assert found.eigenvalue == pytest.approx(1e-5, rel=1e-6)
    assert str(found) == "the pattern hardly changes when a rises and b falls together"


def test_many_names_are_cut_short():
    names = tuple(f"p{i}" for i in range(10))
    found = weak_directions(np.ones((10, 10)) + 1e-6 * np.eye(10), names)
    assert len(found) == 9
    group = weak_directions(np.eye(10) - 0.1 * np.ones((10, 10)), names)
    assert str(group[0]).endswith("and 4 more move together")


@pytest.mark.parametrize(
    ("names", "eigenvalue", "held"),
    [
        (("R.a", "lab.wavelength"), 1e-5, "lab.wavelength"),
        (("lab.zero", "lab.displacement"), 1e-5, "lab.displacement"),
        (("R.lab.scale", "R.O.O.occupancy"), 0.0, "R.O.O.occupancy"),
        (("R.lab.strain", "lab.lorentz_y"), 1e-7, "lab.lorentz_y"),
        (("R.lab.strain", "lab.lorentz_y"), 1e-5, ""),  # the data tell them apart
        (("R.a", "lab.zero"), 1e-5, ""),
        (("lab.background.inverse", "lab.background.chebyshev_0"), 1e-8, ""),
        (("R.a",), 0.0, "R.a"),
    ],
)
def test_what_to_hold_is_what_is_known_best_otherwise(names, eigenvalue, held):
    assert Direction(tuple((name, 0.7) for name in names), eigenvalue).to_hold == held
