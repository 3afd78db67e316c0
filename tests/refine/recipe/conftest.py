"""Anglesite as a neutron diffractometer sees it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample


@pytest.fixture(scope="session")
def anglesite() -> RefinementModel:
    """Return PbSO4 (Miyake, Minato, Morikawa & Iwai (1978) Am. Mineral. 63, 506) as neutrons of 1.9 Å see it."""
    places = {
        "Pb": (0.1879, 0.25, 0.1667), "S": (0.0633, 0.25, 0.6842), "O1": (0.908, 0.25, 0.596),
        "O2": (0.194, 0.25, 0.543), "O3": (0.081, 0.026, 0.809),
    }  # fmt: skip
    sites = tuple(Site(label, (Species(label.rstrip("123")),), xyz, 0.015) for label, xyz in places.items())
    structure = Structure(Lattice(8.482, 5.398, 6.959), SpaceGroup.from_symbol("P n m a"), sites)
    x = np.arange(15.0, 120.0, 0.1)
    beam = ConstantWavelength(
        radiation_from_name("1.9", "neutron"), Instrument("debye_scherrer", gauss_w=0.05), ScatteringModel("neutron")
    )
    flat = Histogram("d1a", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((15.0, 120.0), (90.0,)))
    blank = RefinementModel((flat,), (Phase("PbSO4", structure, (PhasePart(0.05, Sample(size=2000.0)),)),))
    counts = np.random.default_rng(8).poisson(calculated(blank, 0).intensity).astype(float)
    pattern = replace(flat.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    return blank.with_histogram(0, replace(flat, pattern=pattern))
