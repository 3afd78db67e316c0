"""Electron form factors against each other and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.scattering.electron_form_factors import MOTT_BETHE, electron_f, mott_bethe, relativistic_mass_factor
from anatase.scattering.form_factors import xray_f0

STOL2 = np.linspace(0.05, 1.0, 40) ** 2


@pytest.mark.parametrize(
    ("element", "forward"),
    # f_e(0) in Å: International Tables C, table 4.3.1.1 (Hartree-Fock)
    [("C", 2.509), ("O", 1.983), ("Al", 5.889), ("Si", 5.828), ("Fe", 7.165), ("Cu", 5.600), ("Au", 10.573)],
)
def test_forward_values_of_the_tables(element: str, forward: float):
    assert electron_f(element, [0.0])[0] == pytest.approx(forward, rel=0.02)


@pytest.mark.parametrize("element", ["C", "O", "Al", "Ti", "Fe", "Cu", "Sr", "Ba", "Pb"])
@pytest.mark.parametrize("table", ["IT92", "WK95"])
def test_mott_bethe_agrees_with_the_direct_fit(element: str, table: str):
    # two independent fits; Peng et al. state 1 to 2 %, the X-ray fits up to 5 % at low angles
    np.testing.assert_allclose(mott_bethe(element, STOL2, 0, table), electron_f(element, STOL2), rtol=0.055)


def test_hydrogen_has_its_closed_form():
    # f_e = C (1 − f0)/s² with f0 = (1 + x)⁻², x = (2π a₀ s)²: f_e = C (2π a₀)² (2 + x)/(1 + x)²
    k = (2.0 * np.pi * 0.529177210903) ** 2
    stol2 = np.linspace(0.0, 1.0, 30) ** 2
    expected = MOTT_BETHE * k * (2.0 + k * stol2) / (1.0 + k * stol2) ** 2
    np.testing.assert_allclose(mott_bethe("H", stol2), expected, rtol=0.01)  # the Gaussians of f0 fit to 0.001
    assert expected[0] == pytest.approx(0.529177, abs=1e-6)  # a₀: the forward value of the 1s atom


def test_the_limit_at_zero_angle_is_reached_smoothly():
    values = mott_bethe("Ti", [0.0, 1e-13, 1e-9, 1e-6])
    assert values == pytest.approx([values[0]] * 4, rel=1e-4)
    assert np.isfinite(values).all()


def test_mott_bethe_is_its_definition():
    # Z − f0 from the X-ray table itself; the charge that the fit leaves over (0.01 electron) is dropped
    stol2 = np.array([0.25, 0.64])
    np.testing.assert_allclose(
        mott_bethe("Ti", stol2, 4), MOTT_BETHE * (22 - xray_f0("Ti", stol2, 4)) / stol2, rtol=2e-3
    )


def test_ions_approach_the_coulomb_field():
    # C q/s² as s → 0
    stol2 = np.array([1e-6])
    assert electron_f("Ti", stol2, 4)[0] == pytest.approx(4 * MOTT_BETHE / 1e-6, rel=1e-4)
    assert electron_f("O", stol2, -1)[0] < 0.0
    with pytest.raises(PhysicsError, match=r"of Ti with charge \+4 is infinite"):
        electron_f("Ti", [0.1, 0.0], 4)


def test_an_ion_without_an_entry_scatters_as_the_neutral_atom():
    np.testing.assert_array_equal(electron_f("Ti", STOL2, 7), electron_f("Ti", STOL2))


@pytest.mark.parametrize(
    ("wavelength", "factor"),
    # International Tables C, table 4.3.2.1: λ and m/m₀ at 100, 200 and 300 kV
    [(0.0370144, 1.19570), (0.0250793, 1.39139), (0.0196875, 1.58709)],
)
def test_relativistic_mass(wavelength: float, factor: float):
    assert relativistic_mass_factor(wavelength) == pytest.approx(factor, abs=2e-5)


@pytest.mark.parametrize("element", ["Xx", "Fm"])
def test_elements_outside_the_table_are_refused(element: str):
    with pytest.raises(InputError, match=element):
        electron_f(element, [0.1])
