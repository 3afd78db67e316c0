"""Crystals typed by hand, for the tests of simulation."""

from __future__ import annotations

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure


@pytest.fixture(scope="session")
def silicon() -> Structure:
    """Return silicon at the origin choice 2 of Fd-3m."""
    site = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125), u_iso=0.005)
    return Structure(Lattice(5.4310, 5.4310, 5.4310), SpaceGroup.from_number(227), (site,), name="Si")


@pytest.fixture(scope="session")
def corundum() -> Structure:
    """Return corundum: Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733."""
    sites = (
        Site("Al", (Species("Al"),), (0.0, 0.0, 0.35216), u_iso=0.003),
        Site("O", (Species("O"),), (0.30624, 0.0, 0.25), u_iso=0.004),
    )
    return Structure(Lattice(4.7602, 4.7602, 12.9933, 90, 90, 120), SpaceGroup.from_number(167), sites, name="Al2O3")


@pytest.fixture(scope="session")
def quartz() -> Structure:
    """Return right-handed α-quartz, P3221: Kihara (1990) Eur. J. Mineral. 2, 63 at 298 K."""
    sites = (
        Site("Si", (Species("Si"),), (0.4697, 0.0, 2.0 / 3.0), u_iso=0.0065),
        Site("O", (Species("O"),), (0.4133, 0.2672, 0.7855), u_iso=0.012),
    )
    return Structure(Lattice(4.9137, 4.9137, 5.4047, 90, 90, 120), SpaceGroup.from_number(154), sites, name="SiO2")
