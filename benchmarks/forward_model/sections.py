"""The sections of the benchmark, in their order, and what they need."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from agreement import compare_with_direct_sums
from bars import Bar
from crystals import Crystal, named_crystals, read_library, sample
from footprint import first_call, large_cell
from peak_lists import library_to_peak_lists
from profiles import compare_profiles
from sticks import compare_sticks

from anatase.crystal.structure import Structure

__all__ = ["run_sections"]

BUDGET, QUICK_BUDGET = 5.0, 1.5  # s of a rival in each band of cell sizes


class Data:
    """The structures, read when a section first asks for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def named(self) -> list[Crystal]:
        """Those of refine/cifs."""
        return named_crystals(self.folder)

    @cached_property
    def library(self) -> tuple[list[tuple[str, Structure]], list[str], float]:
        """Those of the library, the names of the refused, and the seconds of reading."""
        start = time.perf_counter()
        return *read_library(self.folder), time.perf_counter() - start


def _random_crystals() -> list[Bar]:
    script = Path(__file__).parents[1] / "random_crystals.py"
    code = subprocess.run([sys.executable, str(script)], check=False).returncode
    return [Bar("benchmarks/random_crystals.py, exit code", code, 0, False)]


def _run(section: str, data: Data, per_band: int, quick: bool) -> list[Bar]:
    if section == "sticks":
        drawn = sample(data.library[0], 10 if quick else per_band)
        return compare_sticks(data.named, drawn, QUICK_BUDGET if quick else BUDGET)
    if section == "agreement":
        return compare_with_direct_sums(data.named, data.folder / "refine" / "sticks")
    if section == "profiles":
        return compare_profiles(data.named, 2 if quick else 5)
    if section == "library":
        structures, refused, reading = data.library
        return library_to_peak_lists(structures, reading, refused)
    return {"memory": large_cell, "start": first_call, "random": _random_crystals}[section]()


def run_sections(folder: Path, sections: Sequence[str], per_band: int, quick: bool) -> int:
    """Run sections, print their bars at the end, and return 1 when one is missed."""
    data, bars = Data(folder), []
    for section in sections:
        start = time.perf_counter()
        print(f"\n{section}", flush=True)
        bars += _run(section, data, per_band, quick)
        print(f"  ({time.perf_counter() - start:.0f} s)", flush=True)
    print("\nbars")
    for bar in bars:
        print(bar)
    missed = sum(not bar.passed for bar in bars)
    print(f"{len(bars) - missed} of {len(bars)} reached")
    return int(missed > 0)
