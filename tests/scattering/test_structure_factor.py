"""Squared structure factors against sums that can be written on paper."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.scattering.dispersion import anomalous
from anatase.scattering.form_factors import xray_f0
from anatase.scattering.neutron_lengths import neutron_length
from anatase.scattering.scattering_power import ScatteringModel, scattering_power
from anatase.scattering.structure_factor import f_squared, structure_factors

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
    measured = f_squared(structure, hkl, ScatteringModel("xray", CU_KA1))
    np.testing.assert_allclose(measured, expected, rtol=1e-12)
    np.testing.assert_allclose(measured, f_squared(structure, -hkl, ScatteringModel("xray", CU_KA1)), rtol=1e-12)
    assert abs(measured / f_squared(structure, hkl) - 1.0).min() > 0.005  # dispersion does count


def test_neutrons_sum_their_lengths():
    # caesium chloride type: F = b1 + b2 for h + k + l even, b1 − b2 for odd; b(Ti) is negative
    structure = crystal(221, (3.0, 3.0, 3.0, 90, 90, 90), atom("Ti", 0, 0, 0), atom("Ni", 0.5, 0.5, 0.5))
    titanium, nickel = -3.438, 10.3  # fm, Sears (1992) Neutron News 3(3), 26
    assert (neutron_length("Ti"), neutron_length("Ni")) == pytest.approx((titanium, nickel), abs=1e-6)
    expected = [(titanium + nickel) ** 2, (titanium - nickel) ** 2]
    assert f_squared(structure, hkl_of((1, 1, 0), (1, 0, 0)), ScatteringModel("neutron")) == pytest.approx(
        expected, rel=1e-6
    )


def test_displacement_damps_by_the_debye_waller_factor():
    # |F|² falls by exp(−16 π² U sin²θ/λ²), and not at all where the source gives no U and the caller none
    stol2 = 14.0 / 4.0**2 / 4.0
    rigid = f_squared(crystal(221, (4, 4, 4, 90, 90, 90), atom("W", 0, 0, 0)), hkl_of((3, 2, 1)))
    for u_iso, u_default, expected in ((0.02, 0.0, 0.02), (None, 0.0, 0.0), (None, 0.01, 0.01)):
        moving = crystal(221, (4, 4, 4, 90, 90, 90), atom("W", 0, 0, 0, u_iso=u_iso))
        damped = f_squared(moving, hkl_of((3, 2, 1)), u_default=u_default)
        assert damped / rigid == pytest.approx(np.exp(-16 * np.pi**2 * expected * stol2), rel=1e-12)


def test_occupancies_and_charges_count():
    mixed = Site("M", (Species("Ca", 0.75, 2), Species("Sr", 0.25)), (0, 0, 0), u_iso=0.0)
    structure = crystal(221, (4, 4, 4, 90, 90, 90), mixed)
    stol2 = [1.0 / 16.0 / 4.0]
    expected = (0.75 * xray_f0("Ca", stol2, 2)[0] + 0.25 * xray_f0("Sr", stol2)[0]) ** 2
    assert f_squared(structure, hkl_of((1, 0, 0)))[0] == pytest.approx(expected, rel=1e-12)


def direct_sum(structure: Structure, hkl: NDArray[np.int64], model: ScatteringModel) -> NDArray[np.complex128]:
    """Return F as the definition has it: all operations on all sites, images of special positions shared out."""
    group, lattice = structure.space_group, structure.lattice
    stol2 = lattice.inverse_d_squared(hkl) / 4.0
    reciprocal = np.sqrt(np.diag(lattice.reciprocal_metric))
    total = np.zeros(len(hkl), complex)
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        if site.u_aniso is None:
            star = lattice.reciprocal_metric * (site.u_iso or 0.0)
        else:
            u11, u22, u33, u12, u13, u23 = site.u_aniso
            tensor = np.array([[u11, u12, u13], [u12, u22, u23], [u13, u23, u33]])
            star = tensor * np.outer(
                reciprocal, reciprocal
            )  # International Tables C, 8.3: exp(−2π² Σ U_ij h_i h_j a*_i a*_j)
        power = np.zeros(len(hkl), complex)
        for species in site.species:
            first, second = scattering_power(species.element, species.charge, species.isotope, stol2, model)
            power += species.occupancy * (first + 1j * second)
        for rotation, translation in zip(group.rotations, group.translations, strict=True):
            turned = rotation @ star @ rotation.T
            damping = np.exp(-2.0 * np.pi**2 * np.einsum("ni,ij,nj->n", hkl, turned, hkl))
            phase = hkl @ (rotation @ orbit.xyz + translation)
            total += power * damping * np.exp(2j * np.pi * phase) * orbit.multiplicity / group.order
    return total


CELLS = {
    "triclinic": (5.1, 6.3, 7.7, 83.0, 97.0, 104.0),
    "monoclinic": (5.1, 6.3, 7.7, 90.0, 107.0, 90.0),
    "orthorhombic": (5.1, 6.3, 7.7, 90.0, 90.0, 90.0),
    "tetragonal": (5.1, 5.1, 7.7, 90.0, 90.0, 90.0),
    "trigonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "hexagonal": (5.1, 5.1, 7.7, 90.0, 90.0, 120.0),
    "cubic": (6.1, 6.1, 6.1, 90.0, 90.0, 90.0),
}
EVERY_HKL = np.array(list(np.ndindex(5, 5, 7)), dtype=np.int64)[::-1] - [2, 2, 3]


@pytest.mark.parametrize("number", range(1, 231))
@pytest.mark.parametrize("motion", ["rest", "isotropic", "anisotropic"])
def test_every_group_against_the_definition(number: int, motion: str):
    # a general position, one at the origin (special in most groups), a mixed ionic site; dispersion on
    u_iso = {"rest": 0.0, "isotropic": 0.013, "anisotropic": None}[motion]
    tensor = (0.011, 0.023, 0.017, 0.004, -0.003, 0.005) if motion == "anisotropic" else None
    sites = (
        Site("O1", (Species("O", 0.9),), (0.117, 0.243, 0.381), u_iso, tensor),
        Site("Fe", (Species("Fe", 0.6, 3), Species("Mn", 0.4, 2)), (0.0, 0.0, 0.0), 0.007),
        Site("O2", (Species("O"),), (0.317, 0.443, 0.081), 0.02 if u_iso else u_iso, tensor),
    )
    group = SpaceGroup.from_number(number)
    structure = Structure(Lattice(*CELLS[group.crystal_system]), group, sites)
    model = ScatteringModel("xray", CU_KA1)
    expected = direct_sum(structure, EVERY_HKL, model)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(structure_factors(structure, EVERY_HKL, model), expected, rtol=0, atol=1e-11 * scale)
    friedel = (np.abs(expected) ** 2 + np.abs(direct_sum(structure, -EVERY_HKL, model)) ** 2) / 2.0
    np.testing.assert_allclose(f_squared(structure, EVERY_HKL, model), friedel, rtol=0, atol=1e-11 * scale**2)


def test_many_displacement_parameters_damp_atom_by_atom():
    # more pairs of element and U_iso than go by class: the same sum by the other way
    rng = np.random.default_rng(3)
    sites = tuple(
        Site(f"C{i}", (Species("C"),), tuple(rng.random(3)), u_iso=0.01 + 0.001 * i)  # type: ignore[arg-type]
        for i in range(20)
    )
    structure = crystal(14, (7.1, 9.3, 11.7, 90, 107, 90), *sites)
    expected = direct_sum(structure, EVERY_HKL, ScatteringModel())
    np.testing.assert_allclose(structure_factors(structure, EVERY_HKL), expected, atol=1e-11 * np.abs(expected).max())


def test_absurd_displacement_makes_no_overflow():
    tensor = (90.0, 70.0, 80.0, 9.0, 8.0, 7.0)  # Å²: damping factors from 1 to 1e-280 in one row
    structure = crystal(2, (7.1, 9.3, 11.7, 80, 107, 95), Site("C", (Species("C"),), (0.1, 0.2, 0.3), u_aniso=tensor))
    expected = direct_sum(structure, EVERY_HKL, ScatteringModel())
    np.testing.assert_allclose(structure_factors(structure, EVERY_HKL), expected, rtol=0, atol=1e-9)


def test_electrons_follow_mott_and_bethe():
    # one atom at the origin: F is its form factor, positive and falling
    tungsten = crystal(221, (4, 4, 4, 90, 90, 90), atom("W", 0, 0, 0))
    f = structure_factors(tungsten, hkl_of((1, 0, 0), (2, 0, 0), (3, 0, 0)), ScatteringModel("electron"))
    stol2 = np.array([1.0, 4.0, 9.0]) / 16.0 / 4.0
    bethe = 0.0239336609 * (74 - xray_f0("W", stol2)) / stol2  # m e²/(8π ε0 h²) in Å: Int. Tables C, 4.3.1.6
    np.testing.assert_allclose(f.real, bethe, rtol=0.03)  # two independent fits of the tables
