"""Incident spectra by hand."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.scattering.incident_spectrum import incident_spectrum


def test_by_hand():
    # T = 2 ms: 1 + 3 e^(−1) + 5 e^(−0.4) + 7 e^(−0.8)
    value = incident_spectrum([2000.0], "exponential", (1.0, 3.0, 0.5, 5.0, 0.1, 7.0, 0.1))
    assert value == pytest.approx([1.0 + 3.0 * np.exp(-1.0) + 5.0 * np.exp(-0.4) + 7.0 * np.exp(-0.8)], rel=1e-14)
    value = incident_spectrum([2000.0], "maxwellian", (1.0, 300.0, 8.0, 5.0, 0.1))
    assert value == pytest.approx([1.0 + 300.0 / 32.0 * np.exp(-2.0) + 5.0 * np.exp(-0.4)], rel=1e-14)
    assert incident_spectrum([1.0, 2.0], "flat").tolist() == [1.0, 1.0]


def test_polynomials_by_hand():
    # T = 4 ms: x = −1/2, so that T0 … T3 are 1, −1/2, −1/2, 1
    value = incident_spectrum([4000.0], "chebyshev", (10.0, 2.0, 4.0, 3.0))
    assert value == pytest.approx([10.0 - 1.0 - 2.0 + 3.0], rel=1e-14)
    value = incident_spectrum([4000.0], "maxwellian_chebyshev", (10.0, 1024.0, 16.0, 2.0, 4.0, 3.0))
    assert value == pytest.approx([10.0 + np.exp(-1.0) - 1.0 - 2.0 + 3.0], rel=1e-14)


def test_the_maximum_of_a_maxwellian():
    # d/dT of exp(−p/T²)/T⁵ vanishes at T² = 2p/5
    t = np.linspace(500.0, 9000.0, 20_001)
    peak = t[incident_spectrum(t, "maxwellian", (0.0, 1.0, 10.0)).argmax()]
    assert peak == pytest.approx(2000.0, abs=1.0)


def test_misuse_is_refused():
    with pytest.raises(InputError, match="pairs"):
        incident_spectrum([1.0], "exponential", (1.0, 2.0))
    with pytest.raises(InputError, match="Maxwellian"):
        incident_spectrum([1.0], "maxwellian_chebyshev", (1.0, 2.0))
    with pytest.raises(PhysicsError, match="positive"):
        incident_spectrum([0.0], "flat")
    with pytest.raises(PhysicsError, match="spectrum is"):
        incident_spectrum([1000.0], "exponential", (0.0, -1.0, 0.1))
