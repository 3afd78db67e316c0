"""The sections of the benchmark, in their order."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from bars import Bar
from bootstraps import check_bootstrap
from cold_start import cold_starts
from fluorapatite import check_fluorapatite
from lead_sulfate import check_lead_sulfate
from mixtures import check_mixtures
from neutrons import check_neutrons
from rivals_beside import rivals_beside
from series import check_series
from settings import Settings
from single_crystals import check_single_crystals
from standards import check_standards
from stated_uncertainty import check_coverage

__all__ = ["SECTIONS", "Settings", "run_sections"]

SECTIONS: dict[str, Callable[[Settings], list[Bar]]] = {
    "fluorapatite": check_fluorapatite,
    "lead-sulfate": check_lead_sulfate,
    "standards": check_standards,
    "neutrons": check_neutrons,
    "cold-start": cold_starts,
    "mixtures": check_mixtures,
    "coverage": check_coverage,
    "bootstrap": check_bootstrap,
    "series": check_series,
    "single-crystals": check_single_crystals,
    "rivals": rivals_beside,
}


def run_sections(names: Sequence[str], settings: Settings) -> int:
    """Print the figures of each section, then its bars; return 1 when one is missed."""
    missed = 0
    for name in names:
        start = time.perf_counter()
        print(f"{name}", flush=True)
        bars = SECTIONS[name](settings)
        for bar in bars:
            print(bar)
        missed += sum(not bar.passed for bar in bars)
        print(f"  {time.perf_counter() - start:.0f} s\n", flush=True)
    if missed:
        print(f"{missed} bars missed", file=sys.stderr)
    return int(missed > 0)
