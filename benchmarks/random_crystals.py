"""How fast random crystals are made and how good they are: ``python benchmarks/random_crystals.py [N] [WORKERS]``.

Makes N crystals (2,300 by default) of groups drawn uniformly from the 230 over WORKERS processes (2 by default),
and prints

* crystals per second of processor time in one process, from cold and with the groups' tables made, and over
  several processes per second of wall time, their start left out, and of processor time, all included,
* the share in which moyo finds the very space group again at 0.001 Å, with the same primitive cell,
* the same share without the check that generation makes, at 0.01 Å, and why draws were given up,
* the smallest distance over its limit, sought anew among all images of all atoms,
* volumes over the sum of volumes per atom, atoms in the cell, the share of each crystal system.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections import Counter

import moyopy
import numpy as np

from anatase.crystal.random import RandomSettings, random_crystal, random_crystals
from anatase.crystal.random.element_size import contact_distances, volume_of_atoms
from anatase.crystal.random.primitive_orbits import primitive_orbits
from anatase.crystal.random.random_crystal import propose
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure

SEED = 20
SYMPREC = 1e-3
OFFSETS = np.array(list(itertools.product((-1, 0, 1), repeat=3)), dtype=float)


def found_again(crystal: Structure) -> bool:
    """Tell whether moyo finds the group and the primitive cell of the expanded crystal."""
    owners, positions = crystal.cell_positions
    elements = [crystal.sites[i].species[0].element for i in owners]
    numbers = [sorted(set(elements)).index(e) + 1 for e in elements]
    cell = moyopy.Cell(crystal.lattice.vectors.tolist(), positions.tolist(), numbers)
    try:
        found = moyopy.MoyoDataset(cell, symprec=SYMPREC, setting=moyopy.Setting.standard())
    except ValueError:
        return False
    primitive = len(positions) * abs(np.linalg.det(primitive_orbits(crystal.space_group).basis))
    return bool(found.number == crystal.space_group.number and len(found.prim_std_cell.numbers) == round(primitive))


def shortest_over_limit(crystal: Structure, contact: float) -> float:
    """Return the smallest distance over the shortest allowed, from each site to all images in 27 cells."""
    owners, positions = crystal.cell_positions
    elements = [site.species[0].element for site in crystal.sites]
    unique = sorted(set(elements))
    index = np.array([unique.index(e) for e in elements])
    limits = contact_distances(unique, contact)
    worst = np.inf
    for i, site in enumerate(crystal.sites):
        difference = positions - np.array(site.xyz)
        difference -= np.round(difference)
        vectors = (difference[:, None, :] + OFFSETS) @ crystal.lattice.vectors
        distances = np.linalg.norm(vectors, axis=2)
        distances[distances < 1e-4] = np.inf  # the atom itself
        worst = min(worst, float((distances.min(axis=1) / limits[index[i], index[owners]]).min()))
    return worst


def unchecked(n: int) -> tuple[float, Counter[str]]:
    """Return the share of crystals found again when generation does not check, and the reasons of failed draws."""
    settings = RandomSettings(verify=False)
    reasons: Counter[str] = Counter()
    right = made = 0
    for number in range(n):
        rng = np.random.default_rng((SEED, number))
        group = SpaceGroup.from_number(1 + number % 230)
        crystal = propose(rng, group, primitive_orbits(group), None, (4, 60), settings)
        if isinstance(crystal, str):
            reasons[crystal] += 1
        else:
            made += 1
            right += found_again(crystal)
    return right / made, reasons


def processor_time_of_children() -> float:
    """Return the processor time in s of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(n: int, workers: int) -> None:
    """Make the crystals, time and judge them."""
    began = time.perf_counter()
    random_crystal(np.random.default_rng(0))
    print(f"first crystal in one process, compilation included: {time.perf_counter() - began:.2f} s")
    for seed, state in ((SEED - 1, "with cold caches"), (SEED, "warm")):
        processor = time.process_time()
        alone = list(random_crystals(n // 2, seed))
        rate = len(alone) / (time.process_time() - processor)
        print(f"one process, {state}: {rate:.0f} crystals per second of processor time")
    spent = processor_time_of_children()
    began = time.perf_counter()
    stream = random_crystals(n, SEED, workers=workers)
    first = next(stream)
    start = time.perf_counter() - began
    began = time.perf_counter()
    crystals = [first, *stream]
    rate = (n - 32 * workers) / (time.perf_counter() - began)  # the first chunks were made during the start
    print(f"{workers} processes: {rate:.0f} crystals per second of wall time, after {start:.1f} s of start")
    print(f"  {n / (processor_time_of_children() - spent):.0f} per second of their processor time, start included")
    print(f"same crystals as from one process: {alone == crystals[: len(alone)]}")
    again = [found_again(crystal) for crystal in crystals]
    print(f"found again by moyo at {SYMPREC} Å: {sum(again)} of {n} ({100 * np.mean(again):.2f} %)")
    print(
        "  the others: "
        + str([(c.space_group.number, c.formula) for c, ok in zip(crystals, again, strict=True) if not ok])
    )
    share, reasons = unchecked(n)
    print(f"found again without the check in generation: {100 * share:.1f} %; draws given up: {dict(reasons)} of {n}")
    worst = [shortest_over_limit(crystal, RandomSettings().contact) for crystal in crystals]
    print(f"shortest distance over its limit: least {min(worst):.5f}, median {np.median(worst):.3f}")
    ratio = [c.lattice.volume / volume_of_atoms({e: round(k) for e, k in c.composition.items()}) for c in crystals]
    print(
        "volume over the sum of volumes per atom, quantiles 5 50 95 %: "
        + " ".join(f"{q:.2f}" for q in np.quantile(ratio, (0.05, 0.5, 0.95)))
    )
    print(
        "atoms in the cell, quantiles 5 50 95 %: "
        + " ".join(f"{q:.0f}" for q in np.quantile([c.n_atoms for c in crystals], (0.05, 0.5, 0.95)))
    )
    print(
        "sites, quantiles 5 50 95 %: "
        + " ".join(f"{q:.0f}" for q in np.quantile([len(c.sites) for c in crystals], (0.05, 0.5, 0.95)))
    )
    systems = Counter(crystal.space_group.crystal_system for crystal in crystals)
    print("systems: " + ", ".join(f"{s} {100 * k / n:.1f} %" for s, k in systems.most_common()))
    print(
        f"groups met: {len({c.space_group.number for c in crystals})}, formulae: {len({c.formula for c in crystals})}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2300, int(sys.argv[2]) if len(sys.argv) > 2 else 2)
