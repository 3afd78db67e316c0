"""Profile functions of GSAS and their polarization."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.gsas_profile import CW_FUNCTIONS, cw_terms, named_coefficients, polarization_ratio, tof_profile_of


def test_order_of_the_coefficients():
    # the cards of a fluorapatite that GSAS refined flag its terms 4, 5 and 8: LX, LY and the sample's shift
    names = CW_FUNCTIONS[2]
    assert [names[k - 1] for k in (4, 5, 8)] == ["LX", "LY", "shft"]
    assert CW_FUNCTIONS[3][:8] == ("GU", "GV", "GW", "GP", "LX", "LY", "S/L", "H/L")


def test_one_missing_height_gets_a_partner():
    terms, _ = cw_terms(named_coefficients(CW_FUNCTIONS[3], (1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.02, 0.0)))
    assert (terms["s_over_l"], terms["h_over_l"]) == (0.02, 0.0005)


def test_asymmetry_of_functions_1_and_2():
    # line positions spread evenly in height up to As/tan 2θ below 2θ: 0.08° at 45° is (H/L)²/2 in degrees
    terms, warnings = cw_terms(named_coefficients(CW_FUNCTIONS[1], (1.0, 0.0, 1.0, 8.0)))
    assert np.degrees(terms["h_over_l"] ** 2 / 2.0) == pytest.approx(0.08, rel=1e-12)
    assert (terms["s_over_l"], warnings) == (0.0005, ())
    terms, warnings = cw_terms(named_coefficients(CW_FUNCTIONS[1], (1.0, 0.0, 1.0, -8.0)))
    assert (terms["s_over_l"], terms["h_over_l"]) == (0.0, 0.0)
    assert warnings == ("profile terms not taken over: asym = -8",)


def test_function_4_of_time_of_flight():
    # alp, bet-0, bet-1, sig-1, sig-2, gam-2 (EXPGUI's names)
    profile = tof_profile_of(4, (1.0, 0.02, 0.003, 40.0, 5.0, 0.6))
    assert profile is not None
    assert (profile.variance, profile.gamma) == ((0.0, 40.0, 5.0), (0.0, 0.0, 0.6))
    assert tof_profile_of(2, (1.0,) * 15) is None
    assert tof_profile_of(3, (1.0,) * 8) is None


def test_polarization():
    # P + (1 − P) cos²2θ is P times 1 + K cos²2θ
    cosine2 = np.cos(np.radians([20.0, 70.0])) ** 2
    k = polarization_ratio(0.7)
    assert 0.7 * (1.0 + k * cosine2) == pytest.approx(0.7 + 0.3 * cosine2)
    for fraction, kind in ((0.0, 0), (1.01, 0), (-0.1, 1), (float("nan"), 0)):
        with pytest.raises(InputError, match="give"):
            polarization_ratio(fraction, kind)
