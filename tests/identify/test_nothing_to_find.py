"""Patterns without an answer: noise, glass, phases that are not in the library."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify import identify
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import radiation_from_name

RUTILE = "ncrystal/TiO2_sg136_Rutile"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"
FLUORITE_EDGE = 5.4631  # Å, the library's cell of fluorite


def fluorite_line(h: int, k: int, l: int) -> float:
    """Return 2θ of a line of fluorite at the mean of Cu Kα1 and Kα2 (weights 2 : 1), 1.54187 Å."""
    return float(2.0 * np.degrees(np.arcsin(1.54187 * np.sqrt(h * h + k * k + l * l) / 2.0 / FLUORITE_EDGE)))


@pytest.mark.parametrize(("background", "seed"), [(5.0, 100), (150.0, 101), (3000.0, 102), (100000.0, 103)])
def test_noise_and_background_hold_no_phase(library, simulate, background, seed):
    answer = identify(simulate({}, background=background, seed=seed), library)
    assert answer.phases == ()
    assert answer.displacement is None
    assert answer.unexplained_peaks == ()
    assert answer.unexplained_fraction == 0.0
    assert any("no Bragg peaks" in w for w in answer.warnings)


def glass(height: float, seed: int) -> Pattern:
    """A halo 8° wide as silica glass has it, on a flat background of 100 counts."""
    x = np.arange(10.0, 80.0, 0.02)
    # the first maximum of silica glass stands at q = 1.5 Å⁻¹ (Wright, 1994, J. Non-Cryst. Solids 179, 84)
    expected = 100.0 + height * np.exp(-4.0 * np.log(2.0) * ((x - 21.5) / 8.0) ** 2)
    y = np.random.default_rng(seed).poisson(expected).astype(float)
    return Pattern(x, y, np.sqrt(np.maximum(y, 1.0)), radiation=radiation_from_name("CuKa"), name="glass")


@pytest.mark.parametrize("height", [100.0, 1000.0])
def test_glass_is_amorphous(library, height):
    answer = identify(glass(height, seed=7), library)
    assert answer.phases == ()
    assert answer.unexplained_peaks == ()
    assert any("amorphous" in w for w in answer.warnings)


@pytest.mark.parametrize("height", [3000.0, 10000.0])
def test_strong_halo_names_no_phase(library, height):
    assert identify(glass(height, seed=7), library).phases == ()


STRONG = pytest.mark.xfail(
    strict=True, reason="the background does not follow a strong halo; its crest is told as peaks"
)


@pytest.mark.parametrize("height", [3000.0, pytest.param(10000.0, marks=STRONG)])
def test_strong_halo_is_no_peak(library, height):
    answer = identify(glass(height, seed=7), library)
    assert answer.unexplained_peaks == ()
    assert any("amorphous" in w for w in answer.warnings)


def test_phase_that_is_no_candidate(library, simulate):
    answer = identify(simulate({FLUORITE: 1.0}, seed=7), library, elements=["Ti", "O"])
    assert answer.phases == ()
    assert any("no phase of the library explains" in w for w in answer.warnings)
    positions = [p.position for p in answer.unexplained_peaks]
    for hkl in ((1, 1, 1), (2, 2, 0), (3, 1, 1)):  # fluorite's three strong lines; 200 is all but absent
        assert min(abs(p - fluorite_line(*hkl)) for p in positions) < 0.06
    assert answer.unexplained_fraction > 0.9


def test_second_phase_that_is_no_candidate(library, simulate):
    answer = identify(simulate({RUTILE: 0.5, FLUORITE: 0.5}, seed=7), library, elements=["Ti", "O"])
    assert [p.label.library_id for p in answer.phases] == [RUTILE]
    first, second = answer.unexplained_peaks[:2]
    assert first.position == pytest.approx(fluorite_line(1, 1, 1), abs=0.06)
    assert second.position == pytest.approx(fluorite_line(2, 2, 0), abs=0.06)
    assert first.d_spacing == pytest.approx(FLUORITE_EDGE / np.sqrt(3.0), abs=0.01)
    assert first.significance > 50.0
    assert 0.2 < answer.unexplained_fraction < 0.8
    assert any("stay unexplained" in w for w in answer.warnings)
