"""Patterns and phases that are given twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.errors import InputError
from anatase.refine.refine import refine
from anatase.refine.repeated_inputs import check_patterns_differ, same_structures


def test_a_pattern_given_twice_is_refused(titania, scan):
    pattern = scan([titania[0]])
    with pytest.raises(InputError, match=r"pattern 2 is pattern 1 \(titania_1\.xy\) again"):
        refine([pattern, replace(pattern, name="copy")], titania[0])
    check_patterns_differ([pattern, scan([titania[0]], seed=2)])


def test_a_structure_given_twice_is_told(titania):
    rutile, anatase = titania
    (told,) = same_structures(["A", "B", "C"], [rutile, anatase, replace(rutile, name="again")])
    assert told.startswith("A and C are the same structure")
