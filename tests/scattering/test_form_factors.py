"""Scattering powers against the tables that they were printed in."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest

from anatase.errors import InputError
from anatase.scattering.form_factors import anomalous, neutron_length, xray_f0


@pytest.mark.parametrize(
    ("element", "charge", "electrons"),
    [
        *[("H", 0, 1), ("C", 0, 6), ("O", 0, 8), ("Pb", 0, 82), ("U", 0, 92)],
        *[("O", -1, 9), ("F", -1, 10), ("Na", 1, 10), ("Si", 4, 10), ("Ti", 4, 18)],
        *[("Ca", 2, 18), ("Fe", 2, 24), ("Fe", 3, 23), ("Zn", 2, 28), ("Pb", 2, 80)],
    ],
)
def test_forward_scattering_counts_electrons(element: str, charge: int, electrons: int):
    # f0(0) = Z − charge; the published four-Gaussian fits keep it to 0.1 electron
    assert xray_f0(element, [0.0], charge)[0] == pytest.approx(electrons, abs=0.1)


@pytest.mark.parametrize(
    ("element", "stol", "expected"),
    # International Tables C (1992), table 6.1.1.1: carbon, oxygen, silicon and iron at sin θ/λ in Å⁻¹
    [("C", 0.2, 3.58), ("C", 0.5, 1.69), ("O", 0.3, 4.09), ("Si", 0.5, 6.24), ("Fe", 0.5, 11.47)],
)
def test_x_ray_form_factors_of_the_tables(element: str, stol: float, expected: float):
    assert xray_f0(element, [stol**2])[0] == pytest.approx(expected, abs=0.06)


def test_an_ion_without_an_entry_scatters_as_the_neutral_atom():
    stol2 = np.linspace(0.0, 0.4, 5)
    np.testing.assert_array_equal(xray_f0("Ti", stol2, 7), xray_f0("Ti", stol2))
    assert xray_f0("Ti", stol2, 4)[0] < xray_f0("Ti", stol2)[0] - 3.0


def test_ions_leave_gemmis_own_setting_alone():
    before = gemmi.IT92_get_ignore_charge()
    xray_f0("Al", [0.0], 3)
    assert gemmi.IT92_get_ignore_charge() == before


@pytest.mark.parametrize(
    ("element", "wavelength", "f_prime", "f_second"),
    # International Tables C (1992), table 4.2.6.8, at Cu Kα1 and Mo Kα1
    [
        *[("Fe", 1.5405929, -1.1336, 3.1974), ("Cu", 1.5405929, -1.9646, 0.5888), ("Ti", 1.5405929, 0.2191, 1.8069)],
        *[("Si", 1.5405929, 0.2541, 0.3302), ("Fe", 0.7093171, 0.3463, 0.8444), ("Zr", 0.7093171, -2.9673, 0.5597)],
    ],
)
def test_dispersion_of_the_tables(element: str, wavelength: float, f_prime: float, f_second: float):
    assert anomalous(element, wavelength) == pytest.approx((f_prime, f_second), abs=0.015)


def test_dispersion_outside_its_table_is_none():
    assert anomalous("H", 1.54) == (0.0, 0.0)
    assert anomalous("Np", 1.54) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("element", "length"),
    # Sears (1992) Neutron News 3(3), 26, table 1, bound coherent lengths of the natural elements in fm
    [("H", -3.7390), ("D", 6.671), ("O", 5.803), ("Ti", -3.438), ("V", -0.3824), ("Ni", 10.3), ("Pb", 9.405)],
)
def test_neutron_lengths(element: str, length: float):
    assert neutron_length(element) == pytest.approx(length, abs=1e-4)


@pytest.mark.parametrize("call", [lambda e: xray_f0(e, [0.0]), lambda e: anomalous(e, 1.54), neutron_length])
def test_what_is_no_element_is_refused(call):
    with pytest.raises(InputError, match="'Xx' is no chemical element"):
        call("Xx")


def test_elements_beyond_the_form_factor_table_are_refused():
    with pytest.raises(InputError, match="Fm"):
        xray_f0("Fm", [0.0])
