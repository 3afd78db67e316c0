"""Resonant neutron scattering lengths."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.scattering.neutron_lengths import neutron_amplitude, neutron_scattering
from anatase.scattering.neutron_resonances import resonant_length


@pytest.mark.parametrize(
    ("element", "isotope", "real", "imaginary", "tolerance"),
    # Sears (1992) Neutron News 3(3), 26 at 1.798 Å, from other experiments
    [("Gd", 0, 6.5, 13.82, 1.3), ("Eu", 0, 7.22, 1.26, 0.1), ("Gd", 157, -1.14, 71.9, 2.0), ("Sm", 0, 0.80, 1.65, 0.2)],
)
def test_thermal_values_agree_with_the_other_table(
    element: str, isotope: int, real: float, imaginary: float, tolerance: float
):
    assert resonant_length(element, isotope, 1.798) == pytest.approx((real, imaginary), abs=tolerance)


def test_the_imaginary_part_peaks_at_the_resonance():
    # ¹⁴⁹Sm: resonance at 0.0976 eV (Mughabghab, Atlas of Neutron Resonances): λ = √(0.0818/0.0976) = 0.9155 Å
    wavelength = np.linspace(0.6, 2.0, 300)
    imaginary = [resonant_length("Sm", 149, float(value))[1] for value in wavelength]  # type: ignore[index]
    assert wavelength[np.argmax(imaginary)] == pytest.approx(0.9155, abs=0.03)


def test_the_real_part_changes_sign_across_the_resonance():
    below, above = (resonant_length("Sm", 149, value)[0] for value in (1.2, 0.8))  # type: ignore[index]
    assert below < 0.0 < above


def test_beyond_the_table_its_ends_stand():
    assert resonant_length("Gd", 0, 0.1) == resonant_length("Gd", 0, 0.2)


def test_other_nuclei_keep_their_values():
    iron = neutron_scattering("Fe")
    assert resonant_length("Fe", 0, 1.0) is None
    assert neutron_amplitude("Fe", 0, 1.0) == (iron.length, iron.imaginary_length)
    assert neutron_amplitude("Gd") == (6.5, neutron_scattering("Gd").imaginary_length)
    assert neutron_amplitude("Gd", 0, 1.0) == resonant_length("Gd", 0, 1.0)
