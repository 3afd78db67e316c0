"""Primary extinction of lines: units, limits, and slopes against central differences."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.simulation.line_extinction import line_extinction

SQUARED, WAVELENGTH = np.array([400.0, 2_500.0, 1e4]), np.array([1.2, 1.5, 1.8])
TWO_THETA = np.array([20.0, 70.0, 140.0])


def factor(block=3e4, squared=SQUARED, wavelength=WAVELENGTH, two_theta=TWO_THETA, probe="neutron"):
    return line_extinction(block, squared, wavelength, two_theta, 160.0, probe)


def test_weak_extinction_is_the_first_term_of_its_series():
    # y = 1 − x/2 + … in both geometries (Sabine, Von Dreele & Jørgensen 1988), x = (λ |F| D/V)², fm² = 1e-10 Å²
    x = (WAVELENGTH * 1e3 / 160.0) ** 2 * SQUARED * 1e-10
    np.testing.assert_allclose(1.0 - factor(block=1e3).value, 0.5 * x, rtol=1e-3)
    # the same of electrons²: r_e = 2.8179 fm
    np.testing.assert_allclose(1.0 - factor(block=1e3, probe="xray").value, 0.5 * x * 2.8179403**2, rtol=2e-3)


def test_no_blocks_extinguish_nothing_and_electrons_are_refused():
    assert factor(block=0.0) is None
    with pytest.raises(InputError, match="electrons"):
        factor(probe="electron")


def test_slopes_are_those_of_central_differences():
    found, step = factor(), 1e-5
    for change, expected in (
        ({"squared": SQUARED}, found.by_argument),
        ({"wavelength": WAVELENGTH}, 2.0 * found.by_argument),
        ({"block": 3e4}, 3e4 * found.by_block),
        ({"two_theta": TWO_THETA}, TWO_THETA * found.by_two_theta),
    ):
        ends = [factor(**{name: value * (1.0 + s) for name, value in change.items()}).value for s in (step, -step)]
        np.testing.assert_allclose(np.log(ends[0] / ends[1]) / (2.0 * step), expected, rtol=1e-6, atol=1e-9)
