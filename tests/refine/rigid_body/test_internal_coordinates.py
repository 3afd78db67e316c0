"""Shapes from internal coordinates: lengths, angles and the sign of torsions, worked the other way."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.rigid_body.body import Bond
from anatase.refine.rigid_body.internal_coordinates import cartesian_of

CHAIN = [Bond("A"), Bond("B", "A", 1.5), Bond("C", "B", 1.4, "A", 112.0), Bond("D", "C", 1.3, "B", 109.0, "A", 65.0)]


def torsion(a, b, c, d):
    """Return the torsion in degrees: atan2 of |b2| b1·(b2×b3) and (b1×b2)·(b2×b3) (IUPAC 1974)."""
    b1, b2, b3 = b - a, c - b, d - c
    n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
    return np.degrees(np.arctan2(np.linalg.norm(b2) * (b1 @ n2), n1 @ n2))


@pytest.mark.parametrize("angle", [65.0, -40.0, 179.0])
def test_a_chain_has_what_was_asked_for(angle):
    last = Bond("D", "C", 1.3, "B", 109.0, "A", angle)
    p = cartesian_of([*CHAIN[:3], last])
    assert np.linalg.norm(p["D"] - p["C"]) == pytest.approx(1.3)
    cosine = (p["D"] - p["C"]) @ (p["B"] - p["C"]) / 1.3 / 1.4
    assert np.degrees(np.arccos(cosine)) == pytest.approx(109.0)
    assert torsion(p["A"], p["B"], p["C"], p["D"]) == pytest.approx(angle)


@pytest.mark.parametrize(
    ("bonds", "words"),
    [
        ([Bond("A"), Bond("B", "C", 1.0)], "builds on C"),
        ([Bond("A"), Bond("B", "A")], "no length"),
        ([*CHAIN[:3], Bond("D", "C", 1.0, "C", 100.0, "A", 0.0)], "a site twice"),
        ([Bond("A"), Bond("B", "A", 1), Bond("C", "B", 1, "A", 180), Bond("D", "C", 1, "B", 90, "A")], "in a line"),
    ],
)
def test_lists_that_make_no_shape(bonds, words):
    with pytest.raises(InputError, match=words):
        cartesian_of(bonds)
