"""Every held pattern whose phases the library has, from a cold start; and five named cases beside recipes by hand.

For each true phase the candidate is, of the library's entries with its formula and space group (else with its name),
that of the median volume per atom: neither the best fitting nor a calculated outlier. Where the truth leaves the space
group open, each is tried and the lowest Rwp taken. Patterns of time of flight are left out of the many, for their files
state no calibration.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
from bars import Bar
from neutrons import silicon_model
from settings import Settings

from anatase.crystal.structure import Structure
from anatase.errors import AnataseError
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.library import Library, open_library
from anatase.refine import refine
from anatase.refine.model import TimeOfFlight
from anatase.refine.refinement import Refinement
from identify import same_ratio

__all__ = ["cold_starts"]

CONVERGED, HAND = 95.0, 1.10
POLYMORPHS = 4  # combinations tried at most
EVERY = 6  # of the patterns, in a quick run


def _candidates(library: Library, phase: dict[str, Any], known: dict[str, list[int]]) -> list[Structure]:
    """Return the library's entry of a true phase, one for each space group that it may have; none where it has none."""
    elements = set(re.findall("[A-Z][a-z]?", phase["formula"])) - {"H", "D"}
    near = known.get(" ".join(sorted(elements)), [])
    found = [i for i in near if same_ratio(library.formulas[i], phase["formula"])]
    numbers = {i: int(library.space_group_numbers[i]) for i in found}
    groups = [[i for i in found if numbers[i] == one] for one in phase["numbers"]] or [found]
    if not any(groups):
        groups = [[i for i in range(len(library)) if library.names[i].lower() in phase["names"]]]
    return [one for group in groups if (one := _typical([library.structure(i) for i in group])) is not None]


def _typical(structures: Sequence[Structure]) -> Structure | None:
    """Return the structure of the median volume per atom, the lower of two."""
    known = [one for one in structures if one.sites]
    volumes = [one.lattice.volume / len(one.cell_positions[0]) for one in known]
    return known[int(np.argsort(volumes)[(len(volumes) - 1) // 2])] if known else None


def _best(path: Path, choices: Sequence[Sequence[Structure]], told: dict[str, Any]) -> tuple[Refinement, float]:
    """Return the answer of the lowest Rwp among the polymorphs that may be there, and its CPU seconds."""
    found: list[tuple[Refinement, float]] = []
    refused: AnataseError | None = None
    for structures in islice(product(*choices), POLYMORPHS):
        start = time.process_time()
        try:
            answer = refine(path, structures, **told)
        except AnataseError as error:
            refused = error
            continue
        found.append((answer, time.process_time() - start))
    if refused is not None and not found:
        raise refused
    return min(found, key=lambda one: one[0].rwp)


def _by_elements(library: Library) -> dict[str, list[int]]:
    known: dict[str, list[int]] = {}
    for i in range(len(library)):
        elements = set(re.findall("[A-Z][a-z]?", library.formulas[i])) - {"H", "D"}
        known.setdefault(" ".join(sorted(elements)), []).append(i)
    return known


def _told(radiation: str) -> dict[str, Any]:
    """Return what ``refine`` must be told of a pattern's radiation."""
    told: dict[str, Any] = {}
    if "CuKa" in radiation:
        told["wavelength"] = "CuKa"
    elif match := re.search(r"(\d\.\d+) ?A?\b", radiation):
        told["wavelength"] = float(match.group(1))
    if "neutron" in radiation:
        told["probe"] = "neutron"
    return told


def _many(settings: Settings) -> list[Bar]:
    truth: dict[str, Any] = json.loads((settings.data / "powder" / "truth.json").read_text())
    library = open_library(settings.data / "library")
    known = _by_elements(library)
    rows: list[tuple[str, bool, float, float]] = []
    errors, absent = 0, 0
    paths = [path for path, row in sorted(truth.items()) if "TOF" not in row["radiation"]]
    for path in paths[:: EVERY if settings.quick else 1]:
        choices = [_candidates(library, phase, known) for phase in truth[path]["phases"]]
        if not all(choices):
            absent += 1
            continue
        try:
            answer, seconds = _best(settings.data / "powder" / path, choices, _told(truth[path]["radiation"]))
        except AnataseError as error:
            errors += 1
            print(f"    {path}: {type(error).__name__}: {str(error)[:120]}", flush=True)
            continue
        rows.append((path, answer.converged, answer.rwp, seconds))
        if not answer.converged:
            print(f"    {path}: not converged, Rwp {answer.rwp:.2f} %, {answer.n_refined} parameters", flush=True)
    n = len(rows) + errors
    good = 100.0 * sum(row[1] for row in rows) / n
    rwp, times = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    print(f"  {n} patterns ({absent} with a phase that the library lacks): {errors} errors; Rwp median "
          f"{np.median(rwp):.1f} %, nine in ten below {np.quantile(rwp, 0.9):.1f} %; CPU median "
          f"{np.median(times):.2f} s, at most {times.max():.1f} s")  # fmt: skip
    return [Bar("cold starts that converge", good, CONVERGED, True, " %")]


def _silicon_bank(folder: Path) -> InstrumentBank:
    beam = silicon_model(folder).histograms[0].beam
    assert isinstance(beam, TimeOfFlight)
    return InstrumentBank(1, ForeignBank(beam.bank, beam.profile))


def _named(settings: Settings) -> list[Bar]:
    """Refine five named cases cold; Rwp by hand are GSAS-II's with its recipes, and easydiffraction's tutorials'."""
    data = settings.data / "refine"
    pbso4, easy = data / "pbso4", data / "easydiff"
    lead = pbso4 / "PbSO4-Wyckoff.cif"
    apatite = settings.data / "library" / "profex_str" / "Phosphate" / "Apatite-F.str"
    silicon = silicon_model(easy)
    cases: list[tuple[str, float, Any, Any, dict[str, Any]]] = [
        ("fluorapatite", 9.759, data / "fap" / "FAP.XRA", apatite, {"wavelength": "CuKa"}),
        ("PbSO4, X-rays", 13.406, pbso4 / "PBSO4.XRA", lead, {"instrument": pbso4 / "INST_XRY.PRM"}),
        ("PbSO4, neutrons", 6.361, pbso4 / "PBSO4.CWN", lead, {"instrument": pbso4 / "inst_d1a.prm"}),
        ("LBCO, neutrons", 7.21, easy / "hrpt.xye", easy / "lbco.cif",
         {"wavelength": 1.494, "probe": "neutron", "limits": (5.0, 165.0)}),
        ("Si, time of flight", 6.53, silicon.histograms[0].pattern, easy / "si.cif",
         {"instrument": _silicon_bank(easy)}),
    ]  # fmt: skip
    bars = []
    for name, hand, pattern, phase, told in cases:
        try:
            answer = refine(pattern, phase, **told)
        except AnataseError as error:
            print(f"  {name}: {type(error).__name__}: {error}")
            bars.append(Bar(f"{name}: cold Rwp over that by hand", np.inf, HAND, False))
            continue
        print(f"  {name}: Rwp {answer.rwp:.2f} % cold, {hand:.2f} % by hand; converged: {answer.converged}")
        bars.append(Bar(f"{name}: cold Rwp over that by hand", answer.rwp / hand, HAND, False))
    return bars


def cold_starts(settings: Settings) -> list[Bar]:
    """Refine the named cases and all held patterns without a recipe."""
    return [*_named(settings), *_many(settings)]
