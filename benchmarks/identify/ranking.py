"""How long a ranking takes when elements, wavelength or a phase that must be there change.

usage: python benchmarks/identify/ranking.py PATTERN --library PATH [--elements Ti,Zn,O] [--present ZnO]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anatase.identify.ranking import Ranker
from anatase.identify.warm_up import ensure_compiled
from anatase.library import Library, open_library

__all__ = ["BAR", "print_ranking_times", "ranking_times"]

BAR = 0.3  # seconds a call
REPEATS = 5


def ranking_times(pattern: Path, library: Library, elements: str, present: str) -> dict[str, float]:
    """Return the median seconds of a call by what changed, nothing of its answer being known from an earlier call."""
    questions: Mapping[str, dict[str, Any]] = {
        "elements": {"elements": elements},
        "must-have phase": {"elements": elements, "present": present},
        "must-have phase, all elements": {"present": present},
        "wavelength": {"elements": elements, "wavelength": "CoKa"},
        "wavelength, all elements": {"wavelength": "CoKa"},
        "wavelength and must-have phase": {"elements": elements, "wavelength": "CoKa", "present": present},
    }
    seconds: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(REPEATS):
        for name, question in questions.items():
            ranker = Ranker(pattern, library)
            start = time.perf_counter()
            ranker.rank(**question)
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in seconds.items()}


def print_ranking_times(pattern: Path, library: Library, elements: str, present: str) -> None:
    """Print a row for each kind of change beside the bar."""
    print(f"{len(library)} entries, {pattern.name}; bar {BAR} s")
    for name, found in ranking_times(pattern, library, elements, present).items():
        print(f"{name:32} {found:7.3f} s  {'met' if found < BAR else 'MISSED'}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", type=Path)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--elements", default="Ti,Zn,O")
    parser.add_argument("--present", default="ZnO")
    given = parser.parse_args()
    ensure_compiled()
    print_ranking_times(given.pattern, open_library(given.library), given.elements, given.present)


if __name__ == "__main__":
    main()
