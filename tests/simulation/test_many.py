"""Many patterns: the same numbers, in the same order, by every kind of pool."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.simulation.many import simulate_many
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample

SETTINGS = ("CuKa1", (20.0, 70.0), 0.05)


def halites(n: int) -> list[Structure]:
    sites = (Site("Na", (Species("Na"),), (0, 0, 0)), Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5)))
    return [Structure(Lattice(a, a, a), SpaceGroup.from_number(225), sites) for a in np.linspace(5.3, 6.0, n)]


@pytest.mark.parametrize(("workers", "pool"), [(1, "threads"), (3, "threads"), (2, "processes")])
def test_patterns_are_those_of_one_at_a_time(workers: int, pool: str):
    # 40 powders are two chunks of the processes
    structures, calls = halites(40), []
    samples = [Sample(size=100.0 * (i + 1)) for i in range(40)]
    made = simulate_many(
        structures, *SETTINGS, sample=samples, workers=workers, pool=pool, progress=lambda *counts: calls.append(counts)
    )
    for structure, sample, pattern in zip(structures, samples, made, strict=True):
        np.testing.assert_array_equal(pattern.intensity, simulate(structure, *SETTINGS, sample=sample).intensity)
    assert calls == [(i, 40) for i in range(1, 41)]


@pytest.mark.parametrize(("workers", "pool"), [(1, "threads"), (2, "threads"), (2, "processes")])
def test_a_structure_is_refused_at_its_turn(workers: int, pool: str):
    structures = halites(40)
    bad = Site("Na", (Species("Na", 1.5),), (0, 0, 0))
    structures[35] = replace(structures[35], sites=(bad,), name="overfull")
    made = simulate_many(structures, *SETTINGS, workers=workers, pool=pool)
    for structure in structures[:35]:
        np.testing.assert_array_equal(next(made).intensity, simulate(structure, *SETTINGS).intensity)
    with pytest.raises(PhysicsError, match=r"structures\[35\] \(overfull\): site Na"):
        next(made)


def test_mixtures_backgrounds_and_generators():
    one, two, three = halites(3)
    shares = [[1.0], [3.0, 1.0]]
    made = simulate_many(iter([one, (two, three)]), *SETTINGS, background=4.0, weight_fractions=shares)
    alone, mixed = made
    np.testing.assert_array_equal(alone.intensity, simulate(one, *SETTINGS, background=4.0).intensity)
    expected = simulate([two, three], *SETTINGS, background=4.0, weight_fractions=shares[1])
    np.testing.assert_array_equal(mixed.intensity, expected.intensity)
    (same,) = simulate_many([[two, three]], *SETTINGS, background=4.0, weight_fractions=[3.0, 1.0])
    np.testing.assert_array_equal(same.intensity, expected.intensity)


def test_samples_must_be_as_many_as_structures():
    with pytest.raises(InputError, match="2 samples"):
        simulate_many(halites(3), sample=[Sample(), Sample()])


def test_no_structures_give_no_patterns():
    assert list(simulate_many([])) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pool": "process"}, "'process' is no pool"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": -2}, "workers is -2"),
        ({"workers": 1.5}, "workers is 1.5"),
    ],
)
def test_pools_that_there_are_not(changes, message):
    with pytest.raises(InputError, match=message):
        simulate_many(halites(2), **changes)


SCRIPT = """
import sys
from anatase import simulate_many
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
group, sites = SpaceGroup.from_number(229), (Site("Fe", (Species("Fe"),), (0, 0, 0)),)
cells = [Structure(Lattice(a, a, a), group, sites) for a in [2.8 + 0.001 * i for i in range(70)]]
print(len(list(simulate_many(cells, workers=2, **dict(word.split("=") for word in sys.argv[1:])))))
"""


def test_a_script_needs_no_guard_unless_it_asks_for_processes(tmp_path):
    file = tmp_path / "script.py"
    file.write_text(SCRIPT)
    plain = subprocess.run([sys.executable, file], capture_output=True, text=True)
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, "70\n", "")
    forked = subprocess.run([sys.executable, file, "pool=processes"], capture_output=True, text=True)
    assert forked.returncode != 0
    assert "InputError: the worker processes ended before their work was done" in forked.stderr
    assert 'under if __name__ == "__main__"' in forked.stderr
