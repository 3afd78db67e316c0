"""Solid solutions: ends, Vegard's rule and bowing, mixed sites, partners, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.solid_solution import solid_solution
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError


def rutile(metal: str, a: float, c: float, x: float, u: float = 0.005) -> Structure:
    sites = (
        Site(f"{metal}1", (Species(metal, 1.0, 4),), (0.0, 0.0, 0.0), u, multiplicity=2, wyckoff="a"),
        Site("O1", (Species("O", 1.0, -2),), (x, x, 0.0), 2 * u, multiplicity=4, wyckoff="f"),
    )
    return Structure(Lattice(a, a, c), SpaceGroup.from_number(136), sites, f"{metal}O2")


# TiO2: Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462; SnO2: Bolzan et al. (1997) Acta Cryst. B53, 373
TIO2 = rutile("Ti", 4.5937, 2.9587, 0.3048)
SNO2 = rutile("Sn", 4.7367, 3.1855, 0.3056, 0.003)


def test_the_ends_are_the_end_members():
    for x, end in ((0.0, TIO2), (1.0, SNO2)):
        made = solid_solution(TIO2, SNO2, x, 0.1)
        assert made.lattice.parameters == pytest.approx(end.lattice.parameters)
        assert made.composition == pytest.approx(end.composition)
        assert [site.xyz for site in made.sites] == [pytest.approx(site.xyz) for site in end.sites]


def test_between_by_hand():
    # x = 0.25, b = 0.2 Å: a = 0.75·4.5937 + 0.25·4.7367 − 0.2·0.1875 = 4.591950; c likewise 2.977900
    made = solid_solution(TIO2, SNO2, 0.25, 0.2)
    assert made.lattice.parameters == pytest.approx((4.59195, 4.59195, 2.9779, 90, 90, 90), abs=1e-9)
    metal, oxygen = made.sites
    assert metal.species == (Species("Ti", 0.75, 4), Species("Sn", 0.25, 4))
    assert oxygen.species == (Species("O", 1.0, -2),)
    assert oxygen.xyz == pytest.approx((0.3050, 0.3050, 0.0), abs=1e-12)
    assert metal.u_iso == pytest.approx(0.0045)
    assert (metal.label, metal.multiplicity, metal.wyckoff) == ("Ti1/Sn1", 2, "a")
    assert made.composition == pytest.approx({"O": 4.0, "Sn": 0.5, "Ti": 1.5})


def test_partners_are_found_in_any_order_and_any_image():
    # oxygen given first, and as its image at (1 − x, 1 − x, 0)
    metal, oxygen = SNO2.sites
    other = replace(SNO2, sites=(replace(oxygen, xyz=(0.6944, 0.6944, 1.0)), metal))
    made = solid_solution(TIO2, other, 0.5)
    assert made.sites[1].xyz == pytest.approx((0.3052, 0.3052, 0.0), abs=1e-12)
    assert made.composition == pytest.approx(solid_solution(TIO2, SNO2, 0.5).composition)
    assert made.warnings == ()


def test_partly_occupied_sites_and_isotopes():
    def salt(species: tuple[Species, ...]) -> Structure:
        sites = (Site("A", species, (0.0, 0.0, 0.0)), Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5)))
        return Structure(Lattice(5.6, 5.6, 5.6), SpaceGroup.from_number(225), sites)

    made = solid_solution(salt((Species("Na", 0.8),)), salt((Species("K", 0.5), Species("Na", 0.5))), 0.4)
    assert made.sites[0].species == (Species("Na", pytest.approx(0.68)), Species("K", pytest.approx(0.2)))
    light = solid_solution(salt((Species("Li", 1.0, 0, 6),)), salt((Species("Li", 1.0, 0, 7),)), 0.5)
    assert light.sites[0].species == (Species("Li", 0.5, 0, 6), Species("Li", 0.5, 0, 7))


def test_another_origin_is_noticed():
    def salt(first: str, second: str) -> Structure:
        sites = (Site(first, (Species(first),), (0.0, 0.0, 0.0)), Site(second, (Species(second),), (0.5, 0.5, 0.5)))
        return Structure(Lattice(5.6, 5.6, 5.6), SpaceGroup.from_number(225), sites)

    assert solid_solution(salt("Na", "Cl"), salt("K", "Cl"), 0.5).warnings == ()
    assert "Cl sits on different sites" in solid_solution(salt("Na", "Cl"), salt("Cl", "K"), 0.5).warnings[0]


def test_misuse_is_refused():
    for fraction in (-0.1, 1.1, float("nan")):
        with pytest.raises(PhysicsError, match="fraction"):
            solid_solution(TIO2, SNO2, fraction)
    with pytest.raises(PhysicsError, match="symmetry"):
        solid_solution(TIO2, SNO2, 0.5, (1.0, 0.0, 0.0))
    with pytest.raises(InputError, match="one, three or six"):
        solid_solution(TIO2, SNO2, 0.5, (1.0, 0.0))
    with pytest.raises(InputError, match="one space group"):
        solid_solution(TIO2, replace(SNO2, space_group=SpaceGroup.from_number(102)), 0.5)
    with pytest.raises(InputError, match="sites"):
        solid_solution(TIO2, replace(SNO2, sites=SNO2.sites[:1]), 0.5)
    far = replace(SNO2, sites=(SNO2.sites[0], replace(SNO2.sites[1], xyz=(0.05, 0.05, 0.0))))
    with pytest.raises(InputError, match="no partner"):
        solid_solution(TIO2, far, 0.5)
