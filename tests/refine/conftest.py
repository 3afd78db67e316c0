"""Two phases of titania, typed by hand."""

from __future__ import annotations

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure


def _oxide(number: int, cell: tuple[float, float], titanium: tuple[float, ...], oxygen: tuple[float, ...]) -> Structure:
    sites = tuple(
        Site(element, (Species(element),), xyz, u_iso=0.005)  # type: ignore[arg-type]
        for element, xyz in (("Ti", titanium), ("O", oxygen))
    )
    return Structure(Lattice(cell[0], cell[0], cell[1]), SpaceGroup.from_number(number), sites)


@pytest.fixture(scope="session")
def titania() -> tuple[Structure, Structure]:
    """Return rutile and anatase: Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462."""
    rutile = _oxide(136, (4.5937, 2.9587), (0.0, 0.0, 0.0), (0.3048, 0.3048, 0.0))
    anatase = _oxide(141, (3.7845, 9.5143), (0.0, 0.75, 0.125), (0.0, 0.25, 0.0815))
    return rutile, anatase
