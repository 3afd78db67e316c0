"""Whether identification is as good with any radiation: run ``python benchmarks/radiations.py [--count N] [--seed S]``.

Random mixtures of the embedded library (two phases of 25 to 75 %, elements given) are drawn as a laboratory tube,
synchrotrons, neutrons at constant wavelength and of time of flight, and electrons would measure them, each with 6000
counts in its highest peak over 150. With ``--joint`` mixtures of three phases, the third of 3 to 12 %, are identified
by X-rays of 3000 counts, by neutrons of 1500, and by both together. Printed are the exact phase sets, the share of true
phases found, and the mean time (OMP_NUM_THREADS=1 for one core).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.identify import Identification, JointIdentification, identify, identify_joint
from anatase.identify.plausible import plausible
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.neutron_lengths import has_neutron_length
from anatase.scattering.radiation import Radiation, radiation_from_name, synchrotron_radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate
from anatase.simulation.time_of_flight import simulate_time_of_flight

BANK = InstrumentBank(
    1, ForeignBank(TofBank(5074.11, -2.1, 0.0, 3.29, 151.0), TofProfile((0.0, 0.6), (0.035, 0.008), (0.0, 90.0, 0.0)))
)
# radiation, range and step (°2θ), FWHM (°)
BEAMS: dict[str, tuple[Radiation, tuple[float, float], float, float]] = {
    "Cu Kα": (radiation_from_name("CuKa"), (15.0, 80.0), 0.02, 0.1),
    "0.165 Å": (synchrotron_radiation(0.165, 0.99), (0.8, 11.5), 0.004, 0.03),
    "0.413 Å": (synchrotron_radiation(0.413), (2.5, 28.0), 0.003, 0.01),
    "200 kV": (radiation_from_name("200 kV", "electron"), (0.2, 1.75), 0.001, 0.012),
    "neutrons, 1.594 Å": (Radiation("neutron", ((1.594, 1.0),), 0.0), (10.0, 150.0), 0.05, 0.3),
}
LARGEST_CELL = 1500.0  # Å³


def drawn(structures: Sequence[Structure], weights: Sequence[float], beam: str, counts: float, seed: int) -> Pattern:
    """Return a pattern with counting noise; ``beam`` is one of ``BEAMS``, or time of flight."""
    if beam in BEAMS:
        radiation, limits, step, fwhm = BEAMS[beam]
        geometry = "bragg_brentano" if radiation.polarization > 0.5 else "debye_scherrer"
        half = 0.5 * fwhm
        instrument = Instrument(geometry, 0.4 * half**2, 0.0, 2.0 * half**2, lorentz_x=half, lorentz_y=0.0)
        pattern = simulate(structures, radiation, limits, step, instrument, weight_fractions=weights)
    else:
        bank = BANK.beam
        assert isinstance(bank, ForeignBank)
        assert bank.profile is not None
        tof = np.geomspace(3500.0, 23000.0, 4000)
        pattern = simulate_time_of_flight(structures, bank.bank, bank.profile, tof, weight_fractions=weights)
    expected = 150.0 + counts * pattern.intensity / pattern.intensity.max()
    y = np.random.default_rng(seed).poisson(expected).astype(float)
    return replace(pattern, intensity=y, sigma=np.sqrt(np.maximum(y, 1.0)), warnings=())


def suitable(library: Library) -> NDArray[np.int64]:
    """Return the compounds of known neutron lengths, solid at ambient conditions and with cells that are not huge."""
    kept = []
    for i in plausible(library, np.arange(len(library)), None):
        structure = library.structure(int(i))
        atoms = [species for site in structure.sites for species in site.species]
        seen = all(has_neutron_length(atom.element, atom.isotope) for atom in atoms)
        if seen and library.n_elements[i] > 1 and structure.lattice.volume < LARGEST_CELL:
            kept.append(i)
    return np.array(kept, dtype=np.int64)


class Score:
    """Exact phase sets, phases found and seconds."""

    def __init__(self) -> None:
        self.cases = self.exact = self.found = self.true = 0
        self.seconds = 0.0

    def add(self, truth: set[int], got: set[int], seconds: float) -> None:
        """Take one answer in."""
        self.seconds += seconds
        self.cases += 1
        self.exact += got == truth
        self.found += len(got & truth)
        self.true += len(truth)

    def __str__(self) -> str:
        return (
            f"{self.exact:3d} of {self.cases} exact, {100.0 * self.found / max(self.true, 1):5.1f} % of phases found, "
            f"{self.seconds / max(self.cases, 1):.2f} s"
        )


def main() -> None:
    """Print how often answers are right, radiation by radiation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blind", action="store_true", help="do not give the elements")
    parser.add_argument("--joint", action="store_true", help="X-rays and neutrons of one sample together")
    wanted = parser.parse_args()
    library, rng = open_library(), np.random.default_rng(wanted.seed)
    groups, entries = library.groups, suitable(library)
    ways = ["Cu Kα", "neutrons, 1.594 Å", "both"] if wanted.joint else [*BEAMS, "time of flight"]
    scores = {way: Score() for way in ways}

    for number in range(wanted.count):
        chosen = rng.choice(entries, 3 if wanted.joint else 2, replace=False)
        weights = rng.uniform(0.25, 0.75, len(chosen))
        if wanted.joint:
            weights[2] = rng.uniform(0.03, 0.12) * weights[:2].sum()
        structures = [library.structure(int(i)) for i in chosen]
        elements = None if wanted.blind else sorted(set().union(*(s.composition for s in structures)))
        truth = {int(groups[i]) for i in chosen}
        counts = {"Cu Kα": 3000.0, "neutrons, 1.594 Å": 1500.0} if wanted.joint else {}
        patterns = {
            way: drawn(structures, list(weights), way, counts.get(way, 6000.0), 1000 * wanted.seed + number)
            for way in ways
            if way != "both"
        }
        for way in ways:
            start = time.perf_counter()
            if way == "both":
                answer: Identification | JointIdentification = identify_joint(
                    list(patterns.values()), library, elements=elements
                )
            else:
                bank = BANK if way == "time of flight" else None
                answer = identify(patterns[way], library, elements=elements, instrument=bank)
            got = {int(groups[library.index_of(phase.label.library_id)]) for phase in answer.phases}
            scores[way].add(truth, got, time.perf_counter() - start)
    for way, score in scores.items():
        print(f"{way:18s} {score}")


if __name__ == "__main__":
    main()
