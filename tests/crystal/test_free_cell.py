"""Free cell parameters: their number and ties in every system and odd settings, and the slopes of the metric."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.free_cell import echelon, free_cell_parameters, reciprocal_metric_slopes
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup


@pytest.mark.parametrize(
    ("symbol", "cell", "names"),
    [
        ("P -1", (5.1, 6.3, 7.7, 83, 97, 104), ("a", "b", "c", "alpha", "beta", "gamma")),
        ("P 1 21/c 1", (5.1, 6.3, 7.7, 90, 97, 90), ("a", "b", "c", "beta")),
        ("P 1 1 21/b", (5.1, 6.3, 7.7, 90, 90, 104), ("a", "b", "c", "gamma")),
        ("P n m a", (5.1, 6.3, 7.7, 90, 90, 90), ("a", "b", "c")),
        ("P 42/m n m", (4.6, 4.6, 3.0, 90, 90, 90), ("a", "c")),
        ("R -3 c:H", (4.76, 4.76, 13.0, 90, 90, 120), ("a", "c")),
        ("R -3 c:R", (5.13, 5.13, 5.13, 55.3, 55.3, 55.3), ("a", "alpha")),
        ("F m -3 m", (4.0, 4.0, 4.0, 90, 90, 90), ("a",)),
    ],
)
def test_free_parameters_and_slopes(symbol: str, cell: tuple[float, ...], names: tuple[str, ...]):
    lattice, group = Lattice(*cell), SpaceGroup.from_symbol(symbol)
    found, rates = free_cell_parameters(lattice, group)
    assert found == names
    slopes, step = reciprocal_metric_slopes(lattice, rates), 1e-5
    for rate, slope in zip(rates, slopes, strict=True):
        ends = [Lattice(*(np.array(cell) + sign * step * rate)) for sign in (1, -1)]
        assert all(group.fits(end, 1e-9) for end in ends)
        numeric = (ends[0].reciprocal_metric - ends[1].reciprocal_metric) / (2.0 * step)
        # central differences: relative error 1e-9 at a step of 1e-5
        np.testing.assert_allclose(slope, numeric, atol=1e-7 * np.abs(numeric).max())


def test_echelon_form():
    made = echelon(np.array([[2.0, 4.0, 0.0], [1.0, 2.0, 3.0], [3.0, 6.0, 3.0]]))
    np.testing.assert_allclose(made, [[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
