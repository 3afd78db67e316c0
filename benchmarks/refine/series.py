"""CuCr2O4 with CuO from 7 to 300 K (11-BM), one pattern from its neighbour's end."""

from __future__ import annotations

import time

import numpy as np
from bars import Bar
from settings import Settings

from anatase.refine.series import refine_series

__all__ = ["check_series"]

SECONDS, ROUGH = 1.0, 2.0  # s; 1e-4 of V^⅓


def check_series(settings: Settings) -> list[Bar]:
    """Refine the series; CuCr2O4 turns tetragonal on the way: its volume is what goes smoothly with the number."""
    folder = settings.data / "powder" / "gsas2" / "SeqRefine"
    patterns = sorted(folder.glob("OH_*.fxye"))
    phases = [folder / "CuCr2O4.cif", folder / "CuO.cif"]
    refine_series(patterns[:1], phases, instrument=folder / "OH_00.prm")  # compiles
    start = time.process_time()
    found = refine_series(patterns, phases, instrument=folder / "OH_00.prm")
    seconds = (time.process_time() - start) / len(patterns)
    for name, one in zip(found.names, found.refinements, strict=True):
        print(f"  {name}: Rwp {one.rwp:.2f} %, GOF {one.gof:.2f}, converged: {one.converged}")
    for warning in found.warnings:
        print(f"  {warning}")
    edges = []
    for one in found.refinements:
        lattice = one.model.phases[0].structure.lattice
        edges.append(lattice.volume ** (1.0 / 3.0))
        print(f"  {' '.join(f'{edge:.5f}' for edge in lattice.parameters[:3])} Å, V^⅓ {edges[-1]:.5f} Å")
    number = np.array(found.values)
    rest = np.array(edges) - np.polyval(np.polyfit(number, edges, 2), number)
    worst = 1e4 * float(np.abs(rest).max() / np.mean(edges))
    print(f"  largest distance of V^⅓ from a parabola in the number: {worst:.2f}e-4 of itself")
    return [
        Bar("series, patterns without an answer", len(patterns) - len(found.refinements), 0, False),
        Bar("series, fits not converged", sum(not one.converged for one in found.refinements), 0, False),
        Bar("series, distance from a smooth track", worst, ROUGH, False, "e-4"),
        Bar("series, CPU a pattern", seconds, SECONDS, False, " s"),
    ]
