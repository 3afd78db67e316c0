"""Widths that programs keep with each phase: shared out, turned into sizes and strains, fitted to pseudo-Voigts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.io.phase_widths import (
    PhaseWidths,
    crystallite_sample,
    sample_widths,
    shared_out,
    widths_of_pseudo_voigt,
)
from anatase.pattern.line_width import size_broadening, strain_broadening
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

WAVELENGTH = 1.5406
share = st.floats(0.0, 1.0)


def test_a_size_and_a_strain_give_their_widths() -> None:
    """0.2 deg over cos θ and 0.1 deg tan θ, by the equations of ``line_width``."""
    sample = crystallite_sample(Sample(), PhaseWidths(size_lorentz=0.2, strain_gauss=0.1), WAVELENGTH)
    assert sample.size is not None
    angle = np.array([60.0])
    size = size_broadening(angle, np.array([WAVELENGTH]), sample.size, sample.shape_factor).value
    assert size == pytest.approx(0.2 / np.cos(np.radians(30.0)), rel=1e-12)
    assert strain_broadening(angle, sample.strain).value == pytest.approx(0.1 * np.tan(np.radians(30.0)), rel=1e-12)
    assert (sample.size_gauss_share, sample.strain_gauss_share) == (0.0, 1.0)


@given(st.floats(20.0, 5000.0), share, st.floats(1e-5, 0.02), share)
def test_samples_come_back(size: float, size_share: float, strain: float, strain_share: float) -> None:
    sample = Sample(size=size, size_gauss_share=size_share, strain=strain, strain_gauss_share=strain_share)
    widths = sample_widths(Instrument(), sample, WAVELENGTH)
    again = crystallite_sample(Sample(), widths, WAVELENGTH)
    assert again.size == pytest.approx(size, rel=1e-12)
    assert again.size_gauss_share == pytest.approx(size_share, abs=1e-12)
    assert again.strain == pytest.approx(strain, rel=1e-12)
    assert again.strain_gauss_share == pytest.approx(strain_share, abs=1e-12)


def test_the_instrument_takes_what_phases_share() -> None:
    one = PhaseWidths(0.010, -0.002, 0.003, 0.02, 0.03)
    two = PhaseWidths(0.014, -0.002, 0.003, 0.05, 0.07)
    common, added, whole = shared_out([one, two])
    assert whole
    assert common == one
    assert added[0] == PhaseWidths()
    assert added[1].strain_gauss == pytest.approx(np.sqrt(0.004))  # squares of Gaussian widths add
    assert added[1].size_lorentz == pytest.approx(0.03)
    assert added[1].strain_lorentz == pytest.approx(0.04)
    assert not shared_out([one, PhaseWidths(0.010, -0.001, 0.003, 0.02, 0.03)])[2]
    assert shared_out([]) == (PhaseWidths(), (), True)


def test_a_pseudo_voigt_of_constant_mixing_is_kept() -> None:
    """FWHM = 0.1 + 0.05 tan θ and η = 0.4: its squares are U, V, W, and the parts of both keep their ratio."""
    widths, error = widths_of_pseudo_voigt(
        lambda theta: 0.1 + 0.05 * np.tan(theta), lambda theta: np.full_like(theta, 0.4), (10.0, 140.0)
    )
    assert error < 1e-6
    assert widths.gauss_v == pytest.approx(2.0 * np.sqrt(widths.gauss_u * widths.gauss_w), rel=1e-6)
    assert widths.lorentz_y / widths.lorentz_z == pytest.approx(0.5, rel=1e-6)
    gauss, lorentz = np.sqrt(widths.gauss_w), widths.lorentz_z
    ratio = lorentz / 0.1
    # Thompson, Cox & Hastings (1987), equation 7
    assert 1.36603 * ratio - 0.47719 * ratio**2 + 0.11116 * ratio**3 == pytest.approx(0.4, abs=1e-6)
    powers = gauss**5 + 2.69269 * gauss**4 * lorentz + 2.42843 * gauss**3 * lorentz**2
    powers += 4.47163 * gauss**2 * lorentz**3 + 0.07842 * gauss * lorentz**4 + lorentz**5
    assert powers**0.2 == pytest.approx(0.1, abs=1e-7)


def test_pure_shapes() -> None:
    def width(theta: np.ndarray) -> np.ndarray:
        return np.sqrt(0.01 * np.tan(theta) ** 2 + 0.02)

    gauss, _ = widths_of_pseudo_voigt(width, lambda theta: np.zeros_like(theta), (10.0, 140.0))
    assert (gauss.gauss_u, gauss.gauss_w) == pytest.approx((0.01, 0.02), abs=1e-9)
    assert gauss.lorentz_x == gauss.lorentz_y == 0.0
    lorentz, error = widths_of_pseudo_voigt(width, lambda theta: np.ones_like(theta), (10.0, 140.0))
    assert lorentz.gauss_w == pytest.approx(0.0, abs=1e-9)
    assert 0.0 < error < 0.01  # a square root is no sum of 1/cos θ, tan θ and a constant
