"""Scattering powers against the tables that they were printed in."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest

from anatase.errors import InputError
from anatase.scattering.form_factors import _waasmaier_kirfel_table, xray_f0


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


@pytest.mark.parametrize("element", ["He", "C", "O", "Si", "Ti", "Fe", "Zr", "Ag", "Ba", "W", "Pb", "U"])
def test_the_two_tables_agree(element: str):
    # Waasmaier & Kirfel (1995) refitted the same numbers: the four Gaussians err by up to 0.06 electron
    stol2 = np.linspace(0.0, 1.5, 60) ** 2
    np.testing.assert_allclose(xray_f0(element, stol2, table="WK95"), xray_f0(element, stol2), atol=0.07)


def test_every_row_of_the_second_table_counts_electrons():
    # f0(0) = Z − charge; the fits keep it to 0.05 electron
    for element, charge in _waasmaier_kirfel_table():
        electrons = gemmi.Element(element).atomic_number - charge
        found = xray_f0(element, [0.0], charge, "WK95")[0]
        assert found == pytest.approx(electrons, abs=0.05), (element, charge)


def test_five_gaussians_hold_at_high_angles():
    high = xray_f0("O", np.array([2.0, 4.0, 6.0]) ** 2, table="WK95")
    assert (np.diff(high) < 0.0).all()
    assert 0.0 < high[2] < 0.05  # 1s² of oxygen is gone; the four Gaussians leave their constant of 0.25


def test_hydrogen_free_is_the_exact_atom_and_bonded_is_narrower():
    # the 1s atom: f0 = [1 + (2π a₀ s)²]⁻²
    stol2 = np.linspace(0.0, 1.5, 60) ** 2
    exact = (1.0 + (2.0 * np.pi * 0.529177210903) ** 2 * stol2) ** -2
    for table in ("IT92", "WK95"):
        np.testing.assert_allclose(xray_f0("H", stol2, table=table, hydrogen="free"), exact, atol=1e-3)
    # the coefficients of Stewart, Davidson & Simpson (1965) as SHELXL prints them (SFAC H), to their five digits
    a, b = np.array([0.49300, 0.32291, 0.14019, 0.04081]), np.array([10.51091, 26.12573, 3.14236, 57.79977])
    np.testing.assert_allclose(xray_f0("H", stol2), np.exp(np.multiply.outer(stol2, -b)) @ a + 0.00304, atol=2e-5)
    np.testing.assert_array_equal(xray_f0("H", stol2), xray_f0("D", stol2))


@pytest.mark.parametrize("table", ["IT92", "WK95"])
def test_what_is_no_element_or_lies_beyond_the_table_is_refused(table: str):
    with pytest.raises(InputError, match="'Xx' is no chemical element"):
        xray_f0("Xx", [0.0], table=table)
    with pytest.raises(InputError, match="Fm"):
        xray_f0("Fm", [0.0], table=table)
