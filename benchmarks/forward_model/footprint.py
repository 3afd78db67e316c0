"""Memory of a large cell and seconds of the first call, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from bars import Bar

__all__ = ["first_call", "large_cell"]

LARGE_CELL = """
import json, time
from pathlib import Path
import numpy as np
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.simulation.lines import simulate_lines

def resident(which="VmRSS"):
    if which == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak starts again from here
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(which)).split()[1])

rng = np.random.default_rng(0)
n, density = 2000, 0.1  # atoms, atoms/Å³
edge = (n / density) ** (1.0 / 3.0)
grid = np.stack(np.meshgrid(*[np.arange(13)] * 3), axis=-1).reshape(-1, 3)  # atoms apart, as no dense draw leaves them
xyz = (rng.permutation(grid)[:n] + 0.6 * rng.random((n, 3))) / 13
sites = [Site(f"A{i}", (Species(("Si", "O", "Al", "Na")[i % 4]),), tuple(x)) for i, x in enumerate(xyz.tolist())]
cell = Lattice(edge, 1.02 * edge, edge / 1.02, 88.0, 91.0, 93.0)
small = Structure(cell, SpaceGroup.from_number(1), tuple(sites[:2]))
lines = simulate_lines(small, two_theta=(5.0, 10.0)); lines.intensity  # imports and compiled code are not the cell's
structure = Structure(cell, SpaceGroup.from_number(1), tuple(sites))
before = resident()
start, start_cpu = time.perf_counter(), time.process_time()
lines = simulate_lines(structure); lines.two_theta; lines.intensity
seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
peak = resident("VmHWM")
print(json.dumps({"lines": len(lines), "seconds": seconds, "cpu": cpu, "megabytes": (peak - before) / 1024}))
"""

FIRST_CALL = """
import json, time
start = time.perf_counter()
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.simulation.lines import simulate_lines
from anatase.simulation.powder import simulate
imported, imported_cpu = time.perf_counter(), time.process_time()
sites = (Site("Ti", (Species("Ti"),), (0, 0, 0)), Site("O", (Species("O"),), (0.305, 0.305, 0)))
rutile = Structure(Lattice(4.594, 4.594, 2.959), SpaceGroup.from_number(136), sites)
lines = simulate_lines(rutile); lines.two_theta; lines.intensity
listed = time.perf_counter()
simulate(rutile)
drawn, cpu = time.perf_counter(), time.process_time() - imported_cpu
print(json.dumps({"imports": imported - start, "lines": listed - imported, "pattern": drawn - listed, "cpu": cpu}))
"""


def _child(script: str, **environment: str) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise RuntimeError(run.stderr)
    answer: dict[str, float] = json.loads(run.stdout)
    return answer


def large_cell() -> list[Bar]:
    """Time a cell of 2,000 atoms in P1 and measure the memory that it takes; return the bars."""
    found = _child(LARGE_CELL)
    print(f"  2,000 atoms in P1, {found['lines']} lines: {found['seconds']:.2f} s ({found['cpu']:.2f} s cpu)")
    return [
        Bar("2,000 atoms in P1", found["seconds"], 2.0, False, " s"),
        Bar("2,000 atoms in P1, memory above start", found["megabytes"], 500.0, False, " MB"),
    ]


def first_call() -> list[Bar]:
    """Time the first calls with nothing compiled, and again from the cache; return the bar."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = (_child(FIRST_CALL, NUMBA_CACHE_DIR=folder) for _ in range(2))
    for name, found in (("nothing compiled", cold), ("compiled before", warm)):
        print(
            f"  {name}: imports {found['imports']:.2f} s, simulate_lines {found['lines']:.2f} s, "
            f"simulate {found['pattern']:.2f} s; both calls {found['cpu']:.2f} s of the processor's time"
        )
    return [Bar("first simulate_lines and simulate after an install, processor's time", cold["cpu"], 10.0, False, " s")]
