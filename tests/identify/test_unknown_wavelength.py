"""Which patterns need their wavelength found."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.unknown_wavelength import lacks_wavelength
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation

X = np.linspace(10.0, 100.0, 50)
UNKNOWN = Radiation("neutron", ((1.5, 1.0),), assumed=True)
KNOWN = Radiation("neutron", ((1.909, 1.0),))
COPPER = Radiation("xray", ((1.5406, 1.0),), assumed=True)


@pytest.mark.parametrize(
    ("radiation", "metadata", "axis", "expected"),
    [
        (None, {"probe": "neutron"}, "two_theta", True),
        (UNKNOWN, {}, "two_theta", True),
        (KNOWN, {}, "two_theta", False),
        (COPPER, {}, "two_theta", False),
        (None, {}, "two_theta", False),
        (None, {"probe": "neutron"}, "q", False),
    ],
)
def test_only_neutrons_on_two_theta_without_a_stated_wavelength(radiation, metadata, axis, expected):
    pattern = Pattern(X, np.ones(50), np.ones(50), axis=axis, radiation=radiation, metadata=metadata)
    assert lacks_wavelength(pattern) is expected
