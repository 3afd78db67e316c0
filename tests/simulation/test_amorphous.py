"""An amorphous share: what is conserved and what shrinks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid

from anatase.errors import InputError, PhysicsError
from anatase.pattern.background_model import Hump
from anatase.pattern.pattern import Pattern
from anatase.simulation.amorphous import add_amorphous, diluted_fractions

X = np.arange(5.0, 90.0, 0.02)
LINES = 5000.0 * np.exp(-(((X - 40.0) / 0.1) ** 2)) + 2000.0 * np.exp(-(((X - 60.0) / 0.12) ** 2))
PATTERN = Pattern(X, LINES + 30.0, np.ones(X.size))
HALOS = [Hump(2.0, 25.0, 8.0), Hump(1.0, 45.0, 10.0)]


def test_lines_shrink_and_halos_take_their_area():
    made = add_amorphous(PATTERN, 0.4, HALOS, background=30.0, contrast=0.9)
    halos = made.intensity - 30.0 - 0.6 * LINES
    # Gaussian halos, wholly inside the range: area 0.4 · 0.9 of the lines', two thirds of it about 25°
    assert trapezoid(halos, X) == pytest.approx(0.36 * trapezoid(LINES, X), rel=1e-6)
    assert np.average(X, weights=halos) == pytest.approx((2 * 25.0 + 45.0) / 3.0, abs=1e-3)
    assert made.metadata["amorphous_share"] == 0.4
    np.testing.assert_array_equal(made.sigma, np.sqrt(np.maximum(made.intensity, 1.0)))


def test_no_share_no_change():
    np.testing.assert_allclose(add_amorphous(PATTERN, 0.0, HALOS).intensity, PATTERN.intensity, rtol=1e-14)


def test_dilution():
    # 3 : 1 among the crystalline, a fifth amorphous: 0.6 and 0.2
    assert diluted_fractions([0.75, 0.25], 0.2) == pytest.approx([0.6, 0.2])
    assert diluted_fractions([3.0, 1.0], 0.2) == pytest.approx([0.6, 0.2])


def test_impossible_values_are_refused():
    for share in (-0.1, 1.0, np.nan):
        with pytest.raises(PhysicsError, match="share"):
            add_amorphous(PATTERN, share, HALOS)
    with pytest.raises(PhysicsError, match="scatter nothing"):
        add_amorphous(PATTERN, 0.2, [])
    with pytest.raises(PhysicsError, match="background"):
        add_amorphous(PATTERN, 0.2, HALOS, background=1e4)
    with pytest.raises(InputError, match="in q"):
        add_amorphous(PATTERN, 0.2, [Hump(1.0, 2.0, 0.5, in_q=True)])
    with pytest.raises(PhysicsError, match="weight fractions"):
        diluted_fractions([-1.0, 2.0], 0.1)
