"""Scales of GSAS and GSAS-II."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.io.foreign import ForeignBank, ForeignDiffractometer, SharedShift
from anatase.io.gsas_scale import free_scales, scale_unit
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument


def test_unit_at_constant_wavelength():
    # GSAS: m|F|² [P + (1 − P) cos²2θ]/(2 sin²θ cos θ)/V per centidegree, Kα2 on top of Kα1
    two_theta, fraction, volume = 40.0, 0.7, 300.0
    radiation = Radiation("xray", ((1.5405, 1.0), (1.5443, 0.5)), (1.0 - fraction) / fraction)
    cosine2, theta = np.cos(np.radians(two_theta)) ** 2, np.radians(two_theta) / 2.0
    theirs = (fraction + (1.0 - fraction) * cosine2) / (2.0 * np.sin(theta) ** 2 * np.cos(theta)) / volume
    beam = ForeignDiffractometer(radiation, Instrument())
    ours = scale_unit(beam, volume) * lorentz_polarization([two_theta], radiation)[0] / 1.5  # the share of Kα1 is 1/1.5
    assert ours == pytest.approx(theirs / 100.0)
    neutrons = ForeignDiffractometer(Radiation("neutron", ((1.909, 1.0),), 0.0), Instrument("debye_scherrer"))
    assert scale_unit(neutrons, volume) == pytest.approx(1.0 / (2.0 * 100.0 * 100.0 * volume))
    assert scale_unit(ForeignBank(TofBank(5000.0)), volume) == 1.0


def test_which_are_free():
    scales = {"a.h.scale": (2.0, False), "b.h.scale": (1.0, False), "c.h.scale": (4.0, True)}
    free, shared = free_scales(scales, histogram_refined=True)
    assert free == scales.keys()
    assert shared == (SharedShift(((2.0, "a.h.scale"), (1.0, "b.h.scale"))),)
    assert free_scales(scales, histogram_refined=False) == (frozenset({"c.h.scale"}), ())
