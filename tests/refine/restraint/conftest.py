"""Models without patterns worth fitting, for knowledge of their atoms: anglesite, a triclinic one, corundum."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument


def site(label, element, *xyz, occupancy=1.0):
    return Site(label, (Species(element, occupancy),), xyz, 0.01)


@pytest.fixture(scope="session")
def model() -> RefinementModel:
    """Return PbSO4 (Miyake, Minato, Morikawa & Iwai (1978) Am. Mineral. 63, 506), a made-up P-1 and corundum."""
    anglesite = Structure(
        Lattice(8.482, 5.398, 6.959),
        SpaceGroup.from_symbol("P n m a"),
        (
            site("Pb", "Pb", 0.1879, 0.25, 0.1667),
            site("S", "S", 0.0633, 0.25, 0.6842),
            site("O1", "O", 0.908, 0.25, 0.596),
            site("O2", "O", 0.194, 0.25, 0.543),
            site("O3", "O", 0.081, 0.026, 0.809),
        ),
    )
    triclinic = Structure(
        Lattice(6.1, 7.3, 8.9, 81.0, 97.0, 104.0),
        SpaceGroup.from_number(2),
        (
            site("C1", "C", 0.11, 0.21, 0.32, occupancy=0.7),
            site("C2", "C", 0.31, 0.25, 0.40),
            site("C3", "C", 0.42, 0.11, 0.46),
            site("C4", "C", 0.35, -0.07, 0.41),
            site("O1", "O", 0.02, 0.04, 0.12),
        ),
    )
    corundum = Structure(
        Lattice(4.7589, 4.7589, 12.992, 90, 90, 120),
        SpaceGroup.from_number(167),
        (site("Al", "Al", 0, 0, 0.3522), site("O", "O", 0.3064, 0, 0.25)),
    )
    x = np.arange(20.0, 30.0, 0.05)
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    flat = Histogram("lab", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((20.0, 30.0), (50.0,)))
    named = zip(("PbSO4", "P1bar", "Al2O3"), (anglesite, triclinic, corundum), strict=True)
    return RefinementModel((flat,), tuple(Phase(name, one, (PhasePart(),)) for name, one in named))
