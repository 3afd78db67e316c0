"""How fast structure factors are beside gemmi: run ``python benchmarks/structure_factors.py [CIF FOLDER] [REPEATS]``.

Over the CIFs of a folder (those of the evaluation data by default) it lists the unique reflections of Cu Kα
down to 90° 2θ with their |F|², once with ``reflections`` and once with gemmi's own ``make_miller_array`` and
``StructureFactorCalculatorX``, hkl by hkl, in the same process. Reading the files and compiling are left out, and
on both sides the search for special positions, whose time stands in a column of its own ("orbits"). Printed are
structures per second of both, their ratio, and the largest disagreement as R on |F|.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import gemmi
import numpy as np

from anatase.crystal.structure import Structure
from anatase.io.cif import read_structure
from anatase.scattering.reflections import Reflections, reflections

D_MIN = 1.5405929 / 2.0 / np.sin(np.radians(45.0))
Result = TypeVar("Result")


def neutral_at_rest(structure: Structure) -> Structure:
    """Return the structure of neutral atoms at U = 0: gemmi's calculator ignores charges by default."""
    sites = tuple(
        replace(s, u_iso=0.0, u_aniso=None, species=tuple(replace(p, charge=0) for p in s.species))
        for s in structure.sites
    )
    return replace(structure, sites=sites)


def small_structure(structure: Structure) -> gemmi.SmallStructure:
    """Return the same crystal as gemmi holds it, occupancies divided by the site symmetry's order."""
    small = gemmi.SmallStructure()
    small.cell = gemmi.UnitCell(*structure.lattice.parameters)
    small.spacegroup = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(structure.space_group.hall))
    small.setup_cell_images()
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        for species in site.species:
            atom = gemmi.SmallStructure.Site()
            atom.element = gemmi.Element(species.element)
            atom.fract = gemmi.Fractional(*orbit.xyz)
            atom.occ = species.occupancy * orbit.multiplicity / structure.space_group.order
            small.add_site(atom)
    return small


def gemmis(small: gemmi.SmallStructure) -> tuple[np.ndarray, np.ndarray]:
    """Return hkl (n, 3) and |F|² (n,) as gemmi calculates them."""
    hkl = gemmi.make_miller_array(small.cell, small.spacegroup, D_MIN)
    calculator = gemmi.StructureFactorCalculatorX(small.cell)
    f = [calculator.calculate_sf_from_small_structure(small, h) for h in hkl.tolist()]
    return hkl, np.abs(np.array(f)) ** 2


def seconds(call: Callable[[], Result], repeats: int) -> tuple[float, Result]:
    """Return the shortest time of a call and its result."""
    best, result = np.inf, call()
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - start)
    return best, result


def disagreement(ours: Reflections, theirs: tuple[np.ndarray, np.ndarray], structure: Structure) -> float:
    """Return R = Σ||F| − |F'||/Σ|F'| over the reflections, matched by their Laue orbits."""
    orbits = np.einsum("ni,rij->nrj", theirs[0].astype(np.int64), structure.space_group.rotations)
    at = {tuple(h): i for i, h in enumerate(ours.hkl.tolist())}
    order = [at[tuple(max([*o.tolist(), *(-o).tolist()]))] for o in orbits]
    expected = np.sqrt(theirs[1])
    return float(np.abs(np.sqrt(ours.f_squared[order]) - expected).sum() / expected.sum())


def main() -> int:
    """Print one line per structure and the sum."""
    data = Path(os.environ.get("ANATASE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data / "refine" / "cifs"
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    files = sorted(folder.glob("*.cif"))
    if not files:
        print(f"no CIF in {folder}; name a folder of CIFs, or set ANATASE_DATA to that of the evaluation data")
        return 1
    columns = f"{'sites':>5} {'hkl':>6} {'orbits ms':>9} {'anatase ms':>11} {'gemmi ms':>9} {'ratio':>7} {'R':>8}"
    print(f"{'structure':16} {columns}")
    total = np.zeros(3)
    worst = 0.0
    for path in files:
        structure = neutral_at_rest(read_structure(path))
        small = small_structure(structure)
        search, _ = seconds(lambda s=structure: replace(s).orbits, repeats)  # a copy has none cached
        own, ours = seconds(lambda s=structure: reflections(s, D_MIN), repeats)
        other, theirs = seconds(lambda s=small: gemmis(s), 1)
        r = disagreement(ours, theirs, structure)
        total += own, other, search
        worst = max(worst, r)
        times = f"{1e3 * search:9.2f} {1e3 * own:11.2f} {1e3 * other:9.1f} {other / own:7.1f}"
        print(f"{path.stem:16.16} {len(structure.sites):5} {len(ours.hkl):6} {times} {r:8.1e}")
    rate = len(files) / total
    print(f"anatase {rate[0]:.0f} structures/s, gemmi {rate[1]:.0f} structures/s, ratio {total[1] / total[0]:.1f}")
    print(f"anatase with its search for special positions {len(files) / (total[0] + total[2]):.0f} structures/s")
    print(f"largest R on |F| {worst:.1e}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
