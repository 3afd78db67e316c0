"""How fast time-of-flight patterns are drawn: run ``OMP_NUM_THREADS=1 python benchmarks/time_of_flight.py [REPEATS]``.

Silicon and a made triclinic crystal of 15 atoms in 704 Å³ on the SEPD bank at 144.845° (5,000 points of 5 µs), with a
Gaussian and with a Lorentzian part. Printed are CPU milliseconds, best of the repeats, of a pattern and of the pattern
with its derivatives by every parameter.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.time_of_flight import simulate_time_of_flight
from anatase.simulation.time_of_flight_derivatives import simulate_time_of_flight_derivatives

BANK = TofBank(7476.91, -1.54, two_theta=144.845)
TOF = np.arange(5_000.0, 30_000.0, 5.0)
SHAPES = {"Gaussian": (0.0, 0.0, 0.0), "Lorentzian too": (0.0, 5.0, 0.0)}


def crystals() -> dict[str, Structure]:
    """Return the two crystals."""
    silicon = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125), 0.0067)
    places = np.random.default_rng(1).random((15, 3))
    made = tuple(Site(f"O{i}", (Species("O"),), (x, y, z), 0.008) for i, (x, y, z) in enumerate(places.tolist()))
    return {
        "silicon": Structure(Lattice(5.43146, 5.43146, 5.43146), SpaceGroup.from_symbol("F d -3 m :2"), (silicon,)),
        "triclinic": Structure(Lattice(8.0, 9.0, 10.0, 85.0, 95.0, 100.0), SpaceGroup.from_number(2), made),
    }


def milliseconds(run: Callable[[], object], repeats: int) -> float:
    """Return the least CPU time of some runs, after one that compiles."""
    run()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def main() -> None:
    """Print a line per crystal and shape."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for name, crystal in crystals().items():
        for shape, gamma in SHAPES.items():
            profile = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0), gamma)
            given = (crystal, BANK, profile, TOF)
            alone = milliseconds(lambda given=given: simulate_time_of_flight(*given), repeats)
            whole = milliseconds(lambda given=given: simulate_time_of_flight_derivatives(*given), repeats)
            names = simulate_time_of_flight_derivatives(*given).names
            print(f"{name:10s} {shape:15s} {alone:9.2f} ms   with {len(names):3d} derivatives {whole:9.2f} ms")


if __name__ == "__main__":
    main()
