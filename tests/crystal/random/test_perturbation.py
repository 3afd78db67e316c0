"""Perturbed crystals keep their space group, and change by what was asked."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.random.perturbation import jittered, strained, substituted, with_vacancies
from anatase.crystal.random.random_crystal import random_crystal
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError


def rutile() -> Structure:
    sites = (
        Site("Ti1", (Species("Ti"),), (0.0, 0.0, 0.0), multiplicity=2, wyckoff="a"),
        Site("O1", (Species("O"),), (0.3053, 0.3053, 0.0), multiplicity=4, wyckoff="f"),
    )
    return Structure(Lattice(4.594, 4.594, 2.959), SpaceGroup.from_number(136), sites, "TiO2")


def test_strain_keeps_the_crystal_system():
    for number in range(1, 231, 6):
        crystal = random_crystal(np.random.default_rng(number), number)
        changed = strained(crystal, np.random.default_rng(number), 0.02)
        assert changed.space_group.fits(changed.lattice, 1e-9)
        assert changed.sites == crystal.sites
        assert changed.lattice.a != crystal.lattice.a


def test_strain_has_the_spread_asked_for():
    rng = np.random.default_rng(1)
    cells = np.array([strained(rutile(), rng, 0.01).lattice.parameters for _ in range(2000)])
    # c keeps the whole spread; a, the mean of two directions, 1/√2 of it; 5 % is three standard deviations of 2000
    assert np.std(cells[:, 2] / 2.959) == pytest.approx(0.01, rel=0.05)
    assert np.std(cells[:, 0] / 4.594) == pytest.approx(0.01 / np.sqrt(2), rel=0.05)
    assert np.ptp(cells[:, 3:]) == pytest.approx(0.0, abs=1e-9)


def test_jitter_stays_in_the_wyckoff_position():
    rng = np.random.default_rng(2)
    shifts = []
    for _ in range(2000):
        changed = jittered(rutile(), rng, 0.05)
        assert changed.sites[0].xyz == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
        x, y, z = changed.sites[1].xyz
        assert (x - y, z) == pytest.approx((0.0, 0.0), abs=1e-12)
        shifts.append((x - 0.3053) * 4.594)
    # the part along [110] of a shift with 0.05 Å along each axis: 0.05/√2 in x; three standard deviations of 2000
    assert np.std(shifts) == pytest.approx(0.05 / np.sqrt(2), rel=0.05)


def test_jitter_keeps_multiplicities():
    for number in range(3, 231, 8):
        crystal = random_crystal(np.random.default_rng(number), number)
        changed = jittered(crystal, np.random.default_rng(number), 0.03)
        assert [o.multiplicity for o in changed.orbits] == [s.multiplicity for s in crystal.sites]


def test_vacancies_and_substitution():
    vacant = with_vacancies(rutile(), "O", 0.05)
    assert vacant.composition == pytest.approx({"O": 3.8, "Ti": 2.0})
    assert vacant.name == "TiO1.9"
    mixed = substituted(rutile(), "Ti", "Nb", 0.1)
    assert mixed.composition == pytest.approx({"Nb": 0.2, "O": 4.0, "Ti": 1.8})
    assert mixed.sites[0].species == (Species("Ti", 0.9), Species("Nb", pytest.approx(0.1)))
    assert mixed.sites[0].occupancy == pytest.approx(1.0)
    again = substituted(mixed, "Ti", "Nb", 0.5)
    assert again.composition == pytest.approx({"Nb": 1.1, "O": 4.0, "Ti": 0.9})


def test_what_cannot_be_is_refused():
    with pytest.raises(PhysicsError, match="fraction of 1"):
        with_vacancies(rutile(), "O", 1.0)
    with pytest.raises(InputError, match="holds no Fe"):
        with_vacancies(rutile(), "Fe", 0.1)
    with pytest.raises(InputError, match="replace itself"):
        substituted(rutile(), "Ti", "Ti", 0.1)
