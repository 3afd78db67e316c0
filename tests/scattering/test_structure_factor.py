"""Squared structure factors against sums that can be written on paper."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.scattering.form_factors import anomalous, neutron_length, xray_f0
from anatase.scattering.structure_factor import DEFAULT_U_ISO, f_squared

CU_KA1 = 1.5405929
THIRD = 1.0 / 3.0


def crystal(number: int, cell: tuple[float, ...], *sites: Site) -> Structure:
    return Structure(Lattice(*cell), SpaceGroup.from_number(number), sites)


def atom(element: str, *xyz: float, u_iso: float | None = 0.0, occupancy: float = 1.0, charge: int = 0) -> Site:
    return Site(element, (Species(element, occupancy, charge),), xyz, u_iso=u_iso)  # type: ignore[arg-type]


def hkl_of(*rows: tuple[int, int, int]) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64)


def test_rock_salt():
    # F = 4 (f_Na + f_Cl) for even, 4 (f_Na − f_Cl) for odd indices; 0 for mixed ones
    cell = 5.6402
    salt = crystal(225, (cell, cell, cell, 90, 90, 90), atom("Na", 0, 0, 0), atom("Cl", 0.5, 0.5, 0.5))
    stol2 = np.array([4, 3, 2]) / cell**2 / 4
    sodium, chlorine = xray_f0("Na", stol2), xray_f0("Cl", stol2)
    expected = [16 * (sodium + chlorine)[0] ** 2, 16 * (sodium - chlorine)[1] ** 2, 0.0]
    assert f_squared(salt, hkl_of((2, 0, 0), (1, 1, 1), (1, 1, 0))) == pytest.approx(expected, rel=1e-12, abs=1e-20)


def test_wurtzite_at_thirds_given_to_four_digits():
    # 1/3, 2/3 written 0.3333, 0.6667 makes the same two-fold orbit: the atoms move onto the special position
    exact = crystal(
        186, (3.25, 3.25, 5.2, 90, 90, 120), atom("Zn", THIRD, 2 * THIRD, 0), atom("O", THIRD, 2 * THIRD, 0.382)
    )
    typed = crystal(
        186, (3.25, 3.25, 5.2, 90, 90, 120), atom("Zn", 0.3333, 0.6667, 0), atom("O", 0.3333, 0.6667, 0.382)
    )
    assert [orbit.multiplicity for orbit in typed.orbits] == [2, 2]
    hkl = hkl_of((1, 0, 0), (0, 0, 2), (1, 0, 1), (1, 1, 0), (2, 1, 3))
    np.testing.assert_allclose(f_squared(typed, hkl), f_squared(exact, hkl), rtol=1e-10)
    # 002: both zinc atoms in phase, oxygen turned by 2π·2·0.382
    zinc, oxygen = (xray_f0(e, [4 / 5.2**2 / 4])[0] for e in ("Zn", "O"))
    assert f_squared(exact, hkl)[1] == pytest.approx(
        4 * abs(zinc + oxygen * np.exp(4j * np.pi * 0.382)) ** 2, rel=1e-12
    )


def friedel_pair(sites: list[tuple[str, tuple[float, float, float]]], h: NDArray[np.int64], stol2: float) -> float:
    """Return (|F(h)|² + |F(−h)|²)/2 as the two sums themselves give it."""
    total = 0.0
    for sign in (1, -1):
        f = 0.0j
        for element, xyz in sites:
            first, second = anomalous(element, CU_KA1)
            f += (xray_f0(element, [stol2])[0] + first + 1j * second) * np.exp(2j * np.pi * sign * h @ np.array(xyz))
        total += abs(f) ** 2 / 2.0
    return total


def test_friedel_mates_are_averaged():
    # P 1 without a centre: with f″ the mates differ, a powder line holds both
    sites = [("Fe", (0.1, 0.2, 0.3)), ("S", (0.43, 0.71, 0.92)), ("O", (0.77, 0.15, 0.61))]
    structure = crystal(1, (4.1, 5.2, 6.3, 80, 95, 107), *(atom(e, *xyz) for e, xyz in sites))
    hkl = hkl_of((1, 0, 0), (1, 2, -3), (-2, 1, 4))
    stol2 = structure.lattice.inverse_d_squared(hkl) / 4.0
    expected = [friedel_pair(sites, h, s) for h, s in zip(hkl, stol2, strict=True)]
    measured = f_squared(structure, hkl, wavelength=CU_KA1)
    np.testing.assert_allclose(measured, expected, rtol=1e-12)
    np.testing.assert_allclose(measured, f_squared(structure, -hkl, wavelength=CU_KA1), rtol=1e-12)
    assert abs(measured / f_squared(structure, hkl) - 1.0).min() > 0.005  # dispersion does count


def test_neutrons_sum_their_lengths():
    # caesium chloride type: F = b1 + b2 for h + k + l even, b1 − b2 for odd; b(Ti) is negative
    structure = crystal(221, (3.0, 3.0, 3.0, 90, 90, 90), atom("Ti", 0, 0, 0), atom("Ni", 0.5, 0.5, 0.5))
    titanium, nickel = -3.438, 10.3  # fm, Sears (1992) Neutron News 3(3), 26
    assert (neutron_length("Ti"), neutron_length("Ni")) == pytest.approx((titanium, nickel), abs=1e-6)
    expected = [(titanium + nickel) ** 2, (titanium - nickel) ** 2]
    assert f_squared(structure, hkl_of((1, 1, 0), (1, 0, 0)), "neutron") == pytest.approx(expected, rel=1e-6)


def test_displacement_damps_by_the_debye_waller_factor():
    # |F|² falls by exp(−16 π² U sin²θ/λ²); without a U the default stands in, with a U tensor a third of its trace
    stol2 = 14.0 / 4.0**2 / 4.0
    rigid = f_squared(crystal(221, (4, 4, 4, 90, 90, 90), atom("W", 0, 0, 0)), hkl_of((3, 2, 1)))
    tensor = Site("W", (Species("W"),), (0, 0, 0), u_aniso=(0.01, 0.02, 0.03, 0.001, 0.0, 0.0))
    for site, u_iso in (
        (atom("W", 0, 0, 0, u_iso=0.02), 0.02),
        (atom("W", 0, 0, 0, u_iso=None), DEFAULT_U_ISO),
        (tensor, 0.02),
    ):
        damped = f_squared(crystal(1, (4, 4, 4, 90, 90, 90), site), hkl_of((3, 2, 1)))
        assert damped / rigid == pytest.approx(np.exp(-16 * np.pi**2 * u_iso * stol2), rel=1e-12)


def test_occupancies_and_charges_count():
    mixed = Site("M", (Species("Ca", 0.75, 2), Species("Sr", 0.25)), (0, 0, 0), u_iso=0.0)
    structure = crystal(221, (4, 4, 4, 90, 90, 90), mixed)
    stol2 = [1.0 / 16.0 / 4.0]
    expected = (0.75 * xray_f0("Ca", stol2, 2)[0] + 0.25 * xray_f0("Sr", stol2)[0]) ** 2
    assert f_squared(structure, hkl_of((1, 0, 0)))[0] == pytest.approx(expected, rel=1e-12)


def test_electrons_are_refused():
    with pytest.raises(InputError, match="electron"):
        f_squared(crystal(221, (4, 4, 4, 90, 90, 90), atom("W", 0, 0, 0)), hkl_of((1, 0, 0)), "electron")
