"""Which lines beyond the ends of the range count: against patterns of a much wider range, cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import PhysicsError
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample

QUARTZ = Structure(
    Lattice(4.9134, 4.9134, 5.4052, 90.0, 90.0, 120.0),
    SpaceGroup.from_number(154),
    (
        Site("Si", (Species("Si"),), (0.4697, 0.0, 2.0 / 3.0), u_iso=0.006),
        Site("O", (Species("O"),), (0.4133, 0.2672, 0.7855), u_iso=0.01),
    ),
)
NICKEL = Structure(
    Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (Site("Ni", (Species("Ni"),), (0.0, 0.0, 0.0)),)
)


def cut_from_all(structure: Structure, low: float, high: float, **settings: object) -> tuple[np.ndarray, np.ndarray]:
    """Return a pattern, and the same angles of the pattern from 0.02° to 179.98°."""
    own = simulate(structure, "CuKa", (low, high), **settings).intensity
    first = round(low / 0.02) - 1
    return own, simulate(structure, "CuKa", (0.02, 179.98), **settings).intensity[first : first + own.size]


@pytest.mark.parametrize(
    ("crystal", "low", "high", "sample"),
    [
        ("quartz", 5.0, 90.0, Sample()),
        ("silicon", 20.0, 40.0, Sample()),
        ("silicon", 30.0, 44.0, Sample(size=20.0)),
        ("silicon", 30.0, 44.0, Sample(stephens=(4e-5, 2e-5))),
        ("nickel", 46.0, 70.0, Sample(twin_faults=0.1)),
    ],
)
def test_few_lines_count_whatever_their_distance(crystal, low, high, sample, silicon):
    # the parts differ by the grids that carry their tails alone: 1e-4 of a line's height, at a line's foot 0.3 %
    structure = {"quartz": QUARTZ, "nickel": NICKEL, "silicon": silicon}[crystal]
    own, whole = cut_from_all(structure, low, high, sample=sample)
    np.testing.assert_allclose(own, whole, rtol=5e-3, atol=1e-9 * whole.max())


def test_of_many_lines_those_that_matter_count():
    # Γ/(2π R) = 1.6e-3 of the mean intensity near the end is stated; in P1 lines are dense
    rng = np.random.default_rng(3)
    sites = tuple(Site(f"O{i}", (Species("O"),), tuple(rng.random(3)), u_iso=0.02) for i in range(12))
    crystal = Structure(Lattice(11.0, 12.0, 13.0, 95.0, 100.0, 105.0), SpaceGroup.from_number(1), sites)
    instrument = Instrument(lorentz_x=0.05, lorentz_y=0.05)
    own = simulate(crystal, "CuKa1", (60.0, 70.0), instrument=instrument).intensity
    whole = simulate(crystal, "CuKa1", (60.0, 140.0), instrument=instrument).intensity[: own.size]
    missing = (whole - own)[-50:].mean() / whole[-50:].mean()
    assert 0.0 < missing < 2.5e-3


def test_a_large_displacement_moves_lines_in_and_out(silicon):
    # -2 s cosθ/R is -6.8° for 12 mm near 20°: 111 of silicon (28.44°) comes to 21.8°
    bent = Instrument(displacement=12.0)
    own, whole = cut_from_all(silicon, 20.0, 24.0, instrument=bent)
    assert own.max() > 0.5 * simulate(silicon, "CuKa").intensity.max()
    np.testing.assert_allclose(own, whole, rtol=5e-3)
    far, all_of_it = cut_from_all(silicon, 48.0, 52.0, instrument=replace(bent, displacement=0.0, zero=8.0))
    np.testing.assert_allclose(far, all_of_it, rtol=5e-3)


def test_lines_that_are_shifted_past_the_beam_are_not_seen():
    # 001 of a cell of 100 Å at 0.88°, shifted by -1.1°
    long = Structure(Lattice(4.0, 4.0, 100.0), SpaceGroup.from_number(123), NICKEL.sites)
    seen = simulate(long, "CuKa1", (0.0, 2.0), instrument=Instrument(s_over_l=0.02, h_over_l=0.02))
    past = simulate(long, "CuKa1", (0.0, 0.6), instrument=Instrument(displacement=2.0))
    assert np.isfinite(seen.intensity).all()
    assert np.isfinite(past.intensity).all()
    # 002 at 1.77° comes to 0.62°: nothing but its flank
    assert np.all(np.diff(past.intensity) > 0.0)


def test_lines_where_the_widths_are_not_real_do_not_count(silicon):
    # U < 0 is real to 2θ = 2 atan √(W/−U) = 120°; p and q of Pitschke's roughness take all intensity below 12°
    bent = Instrument(gauss_u=-0.001, gauss_v=0.0, gauss_w=0.003)
    assert simulate(silicon, "CuKa", (20.0, 60.0), instrument=bent).intensity.max() > 0.0
    with pytest.raises(PhysicsError, match="raise W"):
        simulate(silicon, "CuKa", (20.0, 150.0), instrument=bent)
    long = Structure(Lattice(4.0, 4.0, 20.0), SpaceGroup.from_number(123), NICKEL.sites)
    rough = Sample(roughness=(0.1, 0.0), roughness_model="pitschke")
    assert simulate(long, "CuKa", (20.0, 60.0), sample=rough).intensity.max() > 0.0
    with pytest.raises(PhysicsError, match="no intensity at some angle"):
        simulate(long, "CuKa", (2.0, 60.0), sample=rough)
