"""Every structure of the library to its peak list, on two workers."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from bars import Bar
from rivals import RANGE, WAVELENGTH

from anatase.crystal.structure import Structure
from anatase.simulation.lines import simulate_lines
from anatase.simulation.many import simulate_many

__all__ = ["library_to_peak_lists"]

WORKERS = 2
CHUNK = 64


def peak_list(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """Return 2θ (n,) and intensity (n,) of a structure."""
    lines = simulate_lines(structure, WAVELENGTH, RANGE)
    return lines.two_theta, lines.intensity


def library_to_peak_lists(structures: list[tuple[str, Structure]], reading: float, refused: list[str]) -> list[Bar]:
    """Print the seconds from structures to peak lists, the start of the workers included, and return the bar."""
    alone = [structure for _, structure in structures]
    start = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        lists = list(pool.map(peak_list, alone, chunksize=CHUNK))
    seconds = time.perf_counter() - start
    lines = sum(len(two_theta) for two_theta, _ in lists)
    print(f"  {len(alone)} structures read in {reading:.1f} s on one process, {len(refused)} refused:")
    print(f"  {', '.join(refused)}")
    print(f"  {lines} lines in {seconds:.2f} s with {WORKERS} processes, their start included")
    start = time.perf_counter()
    points = sum(len(pattern) for pattern in simulate_many(alone, WAVELENGTH, RANGE))
    print(f"  simulate_many: {points} points of whole patterns in {time.perf_counter() - start:.2f} s on one thread")
    return [Bar("library to peak lists, 2 workers", seconds, 5.0, False, " s")]
