"""Many patterns: the same numbers, in the same order, by every kind of pool."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.simulation.many import simulate_many
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample

SETTINGS = ("CuKa1", (20.0, 70.0), 0.05)


def halites(n: int) -> list[Structure]:
    sites = (Site("Na", (Species("Na"),), (0, 0, 0)), Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5)))
    return [Structure(Lattice(a, a, a), SpaceGroup.from_number(225), sites) for a in np.linspace(5.3, 6.0, n)]


@pytest.mark.parametrize(("workers", "pool"), [(1, "threads"), (3, "threads"), (2, "processes")])
def test_patterns_are_those_of_one_at_a_time(workers: int, pool: str):
    structures, calls = halites(7), []
    samples = [Sample(size=100.0 * (i + 1)) for i in range(7)]
    made = simulate_many(
        structures, *SETTINGS, sample=samples, workers=workers, pool=pool, progress=lambda *counts: calls.append(counts)
    )
    for structure, sample, pattern in zip(structures, samples, made, strict=True):
        np.testing.assert_array_equal(pattern.intensity, simulate(structure, *SETTINGS, sample=sample).intensity)
    assert calls == [(i, 7) for i in range(1, 8)]


def test_samples_must_be_as_many_as_structures():
    with pytest.raises(InputError, match="2 samples"):
        simulate_many(halites(3), sample=[Sample(), Sample()])


def test_no_structures_give_no_patterns():
    assert list(simulate_many([])) == []
