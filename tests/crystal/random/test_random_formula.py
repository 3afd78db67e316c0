"""Random formulae follow the weights and have small whole numbers without a common divisor."""

from __future__ import annotations

from collections import Counter
from math import gcd

import numpy as np
import pytest

from anatase.crystal.random.random_formula import draw_formula


def test_elements_come_in_proportion_to_their_weights():
    rng = np.random.default_rng(2)
    drawn = Counter(next(iter(draw_formula(rng, {"O": 3.0, "Ti": 1.0, "Fe": 0.0}, (1, 1), 60))) for _ in range(4000))
    assert drawn["Fe"] == 0
    assert drawn["O"] / 4000 == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 4000))


def test_numbers_are_small_and_coprime():
    rng = np.random.default_rng(3)
    weights = dict.fromkeys(("O", "Ti", "Fe", "Ca"), 1.0)
    formulae = [draw_formula(rng, weights, (2, 3), 20) for _ in range(2000)]
    assert {len(f) for f in formulae} == {2, 3}
    assert all(gcd(*f.values()) == 1 and max(f.values()) <= 12 and sum(f.values()) <= 20 for f in formulae)
    assert {max(f.values()) for f in formulae} >= set(range(1, 13))
    # n is floor(13^u): P(1) = ln 2 / ln 13 = 0.270 before divisors go, which makes it likelier
    assert np.mean([n == 1 for f in formulae for n in f.values()]) > 0.27
