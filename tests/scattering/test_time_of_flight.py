"""Calibration of time of flight: both ways, its limits, wavelengths and the Lorentz factor."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.scattering.time_of_flight import TofBank


def test_milliseconds_per_angstrom_are_those_of_the_constants():
    # h/m_n = 3956.034 m/s · Å (International Tables C, 4.4.1): a neutron of 1 Å needs 1e6/3956.034 = 252.778 µs per m
    bank = TofBank.from_geometry(180.0 - 1e-9, 1.0)
    assert bank.time_of_flight(0.5) == pytest.approx(252.778, abs=1e-3)


def test_a_published_bank():
    # POWGEN-like: L = 63.18 m at 90°: DIFC = 505.5568 · 63.18 · sin 45° = 22585.7 µs/Å
    assert TofBank.from_geometry(90.0, 63.18).difc == pytest.approx(22585.7, abs=0.5)


@pytest.mark.parametrize(
    ("difa", "difb", "zero"), [(0, 0, 0), (-1.54, 3, -5), (1.54, -3, 4), (-2.1, 0, 3.29), (5, 8, 0), (-20, -5, 1)]
)
def test_the_way_back_is_exact(difa: float, difb: float, zero: float):
    bank = TofBank(5074.11, difa, difb, zero)
    low, high = bank.d_limits
    d = np.geomspace(max(1.01 * low, 0.05), min(0.99 * high, 20.0), 400)
    np.testing.assert_allclose(bank.d_spacing(bank.time_of_flight(d)), d, rtol=1e-9)


def test_by_hand():
    # 5074.11·2 − 2.10·4 + 1.5/2 + 3.29 = 10148.22 − 8.40 + 0.75 + 3.29 = 10143.86; slope 5074.11 − 8.40 − 0.375
    bank = TofBank(5074.11, -2.10, 1.5, 3.29)
    assert bank.time_of_flight(2.0) == pytest.approx(10143.86, abs=1e-9)
    assert bank.slope(2.0) == pytest.approx(5065.335, abs=1e-9)


def test_limits_are_where_the_slope_vanishes():
    # only DIFA: 5000 − 20 d = 0 at 250 Å; only DIFB: 5000 − 2/d² = 0 at 0.02 Å
    assert TofBank(5000.0, -10.0).d_limits == pytest.approx((0.0, 250.0))
    assert TofBank(5000.0, 0.0, 2.0).d_limits == pytest.approx((0.02, np.inf))
    both = TofBank(5000.0, -10.0, 2.0)
    assert both.slope(np.array(both.d_limits)) == pytest.approx([0.0, 0.0], abs=1e-5)


def test_impossible_values_are_refused():
    for arguments in ((0.0,), (-5.0,), (np.nan,), (5000.0, 0.0, 0.0, 0.0, 190.0), (1.0, -10.0, 10.0)):
        with pytest.raises(PhysicsError):
            TofBank(*arguments)
    bank = TofBank(5000.0, -10.0)
    with pytest.raises(PhysicsError, match="rises"):
        bank.time_of_flight(300.0)
    with pytest.raises(PhysicsError, match="no d-spacing"):
        bank.d_spacing([1000.0, 700_000.0])  # the top of the parabola is at 625,000 µs


def test_wavelength_and_lorentz_factor():
    # at 2θ = 90°: λ = √2 d; at 144.845° sinθ = sin 72.4225° = 0.953316
    assert TofBank(5000.0).wavelength(2.0) == pytest.approx(2.0 * np.sqrt(2.0), rel=1e-12)
    assert TofBank(7476.91, two_theta=144.845).lorentz(3.0) == pytest.approx(81.0 * 0.953316, rel=1e-5)


def test_flight_path_and_angle_agree_on_the_wavelength():
    bank = TofBank.from_geometry(144.845, 14.0)
    d = np.array([0.8, 2.5])
    np.testing.assert_allclose(bank.flight_wavelength(bank.time_of_flight(d)), bank.wavelength(d), rtol=1e-12)
    with pytest.raises(InputError, match="flight_path"):
        TofBank(5000.0).flight_wavelength(1000.0)
