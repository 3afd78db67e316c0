"""The tuning half of the measured patterns as cases of the calibration: what simulation does not know of samples."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "benchmarks" / "identify"))

from asking import Mode, Question
from known_patterns import KnownPattern, known_patterns
from open_set import without_entries

from anatase.identify.many import Options, with_stated_radiation
from anatase.identify.plausible import plausible
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.io import read
from anatase.library import Library
from calibration_mixtures import Case

__all__ = ["measured_cases"]

MODES: tuple[Mode, ...] = ("elements", "removed", "removed-all", "blind")
VISIBLE = 1e3  # signal over noise of phases that were weighed in


def measured_cases(data: Path, library: Library) -> Iterator[tuple[str, Case]]:
    """Yield a name and the case of each pattern of the tuning half, told the elements, nothing, or short of a phase."""
    for known in known_patterns(data):
        if known.half == "tuning":
            for mode in MODES:
                yield f"{mode} {known.path}", _case(known, mode, data, library)


def _case(known: KnownPattern, mode: Mode, data: Path, library: Library) -> Case:
    removed = Question(known, mode).removed
    within = without_entries(library, [known.phases[i] for i in removed])
    elements = None if mode == "blind" else known.elements
    entries = plausible(within, within.select(allowed=elements), elements)
    pattern = read(data / "powder" / known.path)
    pattern = with_stated_radiation(pattern, Options(wavelength=known.wavelength, probe=known.probe))
    if lacks_wavelength(pattern):
        pattern = with_estimated_wavelength(pattern, within, entries)
    return Case(pattern, elements, entries, known.phases, removed, (VISIBLE,) * len(known.phases))
