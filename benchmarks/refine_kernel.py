"""How fast a whole-pattern model and its Jacobian are: run ``python benchmarks/refine_kernel.py [REPEATS]``.

The model is a laboratory scan (5–90° 2θ, 0.02° steps, Cu Kα1 and Kα2) of four phases whose published structures
stand below. Printed are the milliseconds of one ``evaluate`` (pattern and all derivatives), those of the
pattern alone, and the nanoseconds per line and parameter.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.refine.start.whole_pattern import WholePattern, evaluate, line_profiles, phase_curve, phase_lines
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel

Atom = tuple[str, float, float, float]

# Rutile and anatase: Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462. Corundum: Lewis, Schwarzenbach & Flack
# (1982) Acta Cryst. A38, 733. Albite (low): Harlow & Brown (1980) Am. Mineral. 65, 986, cell and the
# framework's leading atoms only: a triclinic phase with many lines is what counts here.
PHASES: dict[str, tuple[int, tuple[float, ...], tuple[Atom, ...]]] = {
    "rutile": (136, (4.5937, 4.5937, 2.9587, 90, 90, 90), (("Ti", 0, 0, 0), ("O", 0.3048, 0.3048, 0))),
    "anatase": (141, (3.7845, 3.7845, 9.5143, 90, 90, 90), (("Ti", 0, 0.75, 0.125), ("O", 0, 0.25, 0.0815))),
    "corundum": (167, (4.757, 4.757, 12.9877, 90, 90, 120), (("Al", 0, 0, 0.35216), ("O", 0.30624, 0, 0.25))),
    "albite": (
        2,
        (8.142, 12.785, 7.159, 94.19, 116.61, 87.68),
        (
            ("Na", 0.268, 0.989, 0.146),
            ("Al", 0.009, 0.169, 0.208),
            ("Si", 0.004, 0.820, 0.237),
            ("O", 0.005, 0.131, 0.967),
        ),
    ),
}


def structure(name: str) -> Structure:
    """Return one of the four phases, with its atoms at U = 0.005 Å²."""
    number, cell, atoms = PHASES[name]
    sites = tuple(Site(f"{e}{i}", (Species(e),), (x, y, z), u_iso=0.005) for i, (e, x, y, z) in enumerate(atoms))
    return Structure(Lattice(*cell), SpaceGroup.from_number(number), sites, name=name)


def laboratory_model() -> tuple[WholePattern, NDArray[np.float64]]:
    """Return the model of the scan and parameters at which lines are 0.07–0.2° wide and hundreds of counts high."""
    radiation = radiation_from_name("CuKa")
    x = np.arange(5.0, 90.0, 0.02)
    phases = []
    for name in PHASES:
        crystal = structure(name)
        model = ScatteringModel("xray", radiation.wavelength)
        lines = reflections(crystal, radiation.wavelength / 2.0 / np.sin(np.radians(45.5)), model)
        intensity = lines.multiplicity * lines.f_squared / crystal.lattice.volume**2
        phases.append(
            phase_lines(lines.hkl, lines.multiplicity, intensity, crystal.lattice, crystal.space_group, radiation)
        )
    columns = np.polynomial.chebyshev.chebvander((x - 47.5) / 42.5, 5).T.copy()
    model = WholePattern(x, columns, radiation, tuple(phases), asymmetry=True)
    background, instrument = [50.0, -10.0, 5.0, 0.0, 0.0, 0.0], [0.01, 0.02, 0.0049, 0.001]
    blocks = [[2000.0, *np.zeros(p.basis.shape[0]), 0.03, 0.05] for p in phases]
    return model, np.concatenate([background, instrument, *blocks])


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median processor time of a call, after one that compiles."""
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return 1e3 * float(np.median(times))


def line_count(model: WholePattern, parameters: NDArray[np.float64]) -> int:
    """Return the lines of all wavelengths inside the pattern."""
    return sum(line_profiles(model, parameters, i)[0].size for i in range(len(model.phases)))


def main() -> int:
    """Print the figures."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    model, parameters = laboratory_model()
    lines = line_count(model, parameters)
    full = milliseconds(lambda: evaluate(model, parameters), repeats)
    alone = milliseconds(lambda: [phase_curve(model, parameters, i) for i in range(len(model.phases))], repeats)
    print(f"{len(model.phases)} phases, {model.x.size} points, {parameters.size} parameters, {lines} lines")
    for name, time_spent, unit in (("pattern and Jacobian", full, parameters.size), ("pattern alone", alone, 1)):
        print(f"{name:20s} {time_spent:8.2f} ms {1e6 * time_spent / lines / unit:6.1f} ns per line and curve")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
