"""Widths and shifts of lines: hand-made values, and derivatives against central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.pattern.line_shift import capillary_displacement, plate_displacement, transparency, zero_error
from anatase.pattern.line_width import (
    caglioti,
    lorentz_instrument,
    size_broadening,
    spectral_broadening,
    strain_broadening,
    uniaxial_size_broadening,
)

TT = np.array([12.0, 40.0, 90.0, 130.0])
WAVE = np.array([1.5406, 1.5444, 1.5406, 1.5444])
COS2 = np.array([0.0, 0.3, 0.8, 1.0])

BROADENINGS: list[tuple[Callable[..., object], tuple[float, ...]]] = [
    (caglioti, (0.02, -0.01, 0.005)),
    (lorentz_instrument, (0.03, 0.04, 0.01)),
    (lambda tt, size: size_broadening(tt, WAVE, size), (150.0,)),
    (lambda tt, along, across: uniaxial_size_broadening(tt, WAVE, COS2, along, across), (150.0, 60.0)),
    (strain_broadening, (2e-3,)),
    (lambda tt: spectral_broadening(tt, 3e-4 * WAVE), ()),
]
SHIFTS = [
    (zero_error, (0.03,)),
    (lambda tt, s: plate_displacement(tt, s, 200.0), (0.1,)),
    (lambda tt, u, v: capillary_displacement(tt, u, v, 300.0), (0.1, -0.2)),
    (lambda tt, depth: transparency(tt, depth, 200.0), (0.05,)),
]


@pytest.mark.parametrize(("function", "values"), BROADENINGS + SHIFTS)
def test_derivatives(function: Callable[..., object], values: tuple[float, ...]):
    # central differences with a step of 1e-5 of the value: relative error 1e-10 and rounding
    answer, step = function(TT, *values), 1e-4
    numeric = (function(TT + step, *values).value - function(TT - step, *values).value) / (2.0 * step)
    np.testing.assert_allclose(answer.by_two_theta, numeric, rtol=1e-6, atol=1e-10)
    for i, value in enumerate(values):
        step = 1e-5 * abs(value)
        up, down = (function(TT, *values[:i], value + sign * step, *values[i + 1 :]).value for sign in (1, -1))
        np.testing.assert_allclose(answer.by_parameter[i], (up - down) / (2.0 * step), rtol=1e-6, atol=1e-12)


def test_derivative_by_the_angle_to_the_axis():
    answer = uniaxial_size_broadening(TT, WAVE, COS2, 150.0, 60.0)
    up, down = (uniaxial_size_broadening(TT, WAVE, COS2 + d, 150.0, 60.0).value for d in (1e-6, -1e-6))
    np.testing.assert_allclose(answer.by_hkl, (up - down) / 2e-6, rtol=1e-6)


def test_widths_by_hand():
    # tan 45° = 1, cos 45° = √½; 0.9 · 1.5406/(100 √½) rad = 1.1235°; 4 · 0.001 rad = 0.2292°
    at = np.array([90.0])
    assert caglioti(at, 0.1, 0.02, 0.003).value[0] == pytest.approx(0.123, rel=1e-12)
    assert lorentz_instrument(at, 0.1, 0.02, 0.003).value[0] == pytest.approx(0.1 * np.sqrt(2.0) + 0.023, rel=1e-12)
    assert size_broadening(at, np.array([1.5406]), 100.0).value[0] == pytest.approx(1.12345, rel=1e-4)
    assert strain_broadening(at, 1e-3).value[0] == pytest.approx(0.229183, rel=1e-5)


def test_uniaxial_sizes_are_those_of_the_axes():
    wave, at = np.array([1.5]), np.array([50.0])
    for cos2, size in ((1.0, 150.0), (0.0, 60.0)):
        made = uniaxial_size_broadening(at, wave, np.array([cos2]), 150.0, 60.0).value
        assert made == pytest.approx(size_broadening(at, wave, size).value, rel=1e-12)
    sphere = uniaxial_size_broadening(at, wave, np.array([0.37]), 80.0, 80.0).value
    assert sphere == pytest.approx(size_broadening(at, wave, 80.0).value, rel=1e-12)


def test_shifts_by_geometry():
    # a plate 0.1 mm too deep on 200 mm: −2 · 0.1/200 cos 30° rad = −0.0496° at 60°
    assert plate_displacement(np.array([60.0]), 0.1, 200.0).value[0] == pytest.approx(-0.049619, rel=1e-4)
    # a capillary off by (u, v) seen on a circle: exact direction from the sample to the point of the detector
    u, v, radius = 0.05, -0.08, 250.0
    for seen in np.radians([20.0, 70.0, 140.0]):
        true = np.degrees(np.arctan2(radius * np.sin(seen) - v, radius * np.cos(seen) - u))
        shift = capillary_displacement(np.array([true]), u, v, radius).value[0]
        assert true + shift == pytest.approx(np.degrees(seen), abs=1e-5)  # second order in v/R: (3e-4)² rad


def test_impossible_values_are_refused():
    with pytest.raises(PhysicsError, match="crystallite size"):
        size_broadening(TT, WAVE, 0.0)
    with pytest.raises(PhysicsError, match="across"):
        uniaxial_size_broadening(TT, WAVE, COS2, 10.0, -1.0)
    with pytest.raises(PhysicsError, match="microstrain"):
        strain_broadening(TT, -1e-4)
    with pytest.raises(PhysicsError, match="radius"):
        plate_displacement(TT, 0.1, 0.0)
