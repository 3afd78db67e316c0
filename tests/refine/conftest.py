"""Two phases of titania, typed by hand, and scans of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from anatase import simulate
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.pattern import Pattern
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

INSTRUMENT = Instrument(
    gauss_u=0.002, gauss_v=0.0, gauss_w=0.003, lorentz_x=0.0, lorentz_y=0.0, s_over_l=0.02, h_over_l=0.02,
    displacement=0.05,
)  # fmt: skip
SAMPLE = Sample(size=600.0, strain=5e-4)


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


def stretched_structure(structure: Structure, factor: float) -> Structure:
    """Return a structure with the lengths of its cell multiplied."""
    a, b, c, *angles = structure.lattice.parameters
    return replace(structure, lattice=Lattice(factor * a, factor * b, factor * c, *angles))


def simulated_scan(
    structures: list[Structure],
    *,
    fractions: list[float] | None = None,
    counts: float = 5000.0,
    sample: Sample = SAMPLE,
    limits: tuple[float, float] = (20.0, 100.0),
    seed: int = 1,
) -> Pattern:
    """Return a laboratory pattern with so many counts at its highest point, on a sloping background of about 100."""
    pattern = simulate(structures, "CuKa", limits, 0.04, INSTRUMENT, sample, weight_fractions=fractions)
    x = pattern.x
    expected = pattern.intensity / pattern.intensity.max() * counts + 80.0 + 600.0 / x
    noisy = np.random.default_rng(seed).poisson(expected).astype(float)
    return Pattern(x, noisy, np.sqrt(np.maximum(noisy, 1.0)), radiation=pattern.radiation, name=f"titania_{seed}.xy")


@pytest.fixture(scope="session")
def scan() -> Callable[..., Pattern]:
    """Return ``simulated_scan``."""
    return simulated_scan


@pytest.fixture(scope="session")
def stretched() -> Callable[[Structure, float], Structure]:
    """Return ``stretched_structure``."""
    return stretched_structure


@pytest.fixture(scope="session")
def crystallites() -> Sample:
    """Return the sample of which scans are by default."""
    return SAMPLE
