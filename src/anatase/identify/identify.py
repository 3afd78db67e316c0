"""From a pattern and a library to phases with weight fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from anatase.identify.answer import Identification
from anatase.identify.answering import build_answer
from anatase.identify.equivalent_pattern import equivalent_pattern, prepared, with_instrument
from anatase.identify.final import final_fit
from anatase.identify.own_axis import on_own_axis
from anatase.identify.plausible import plausible
from anatase.identify.search import search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.io.instrument_bank import InstrumentBank
from anatase.library import Library
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions

__all__ = ["identify"]


def identify(
    pattern: Pattern,
    library: Library,
    *,
    elements: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    two_theta_range: tuple[float, float] | None = None,
    max_phases: int = 6,
    instrument: InstrumentBank | None = None,
    stated: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Identification:
    """Identify and quantify the phases of a powder pattern.

    Parameters
    ----------
    pattern
        The measured pattern; its radiation tells probe and wavelength.
    library
        Reference structures to choose from.
    elements
        Elements that may be present; phases of any subset of them are tried. ``None``: any.
    exclude
        Elements that are certainly absent.
    two_theta_range
        Part of the pattern to use, in units of its axis.
    max_phases
        The most phases to report.
    instrument
        The bank of an instrument file: calibration of time of flight, or the radiation.
    stated
        What else the user said (library, wavelength, scan), to be kept with the settings.
    progress
        Called with a few words at each stage.

    Raises
    ------
    InputError
        When the pattern holds nothing that can be fitted.
    """
    if two_theta_range is not None:
        pattern = pattern.cut(*two_theta_range)
    pattern = with_instrument(pattern, instrument)
    progress("looking at the pattern")
    entries = plausible(library, library.select(allowed=elements, excluded=exclude), elements)
    if lacks_wavelength(pattern) and entries.size:
        pattern = with_estimated_wavelength(pattern, library, entries)
    equivalent = equivalent_pattern(pattern, instrument)
    measurement = prepared(equivalent)
    settings: dict[str, Any] = {
        "elements": sorted(elements) if elements is not None else None,
        "exclude": sorted(exclude),
        "range": list(two_theta_range) if two_theta_range else None,
        "max_phases": max_phases,
        **(stated or {}),
        "shift": measurement.shift_kind,
        "points_averaged": measurement.averaged,
    }
    provenance = Provenance(
        inputs={pattern.name or "pattern": pattern.sha256},
        settings=settings,
        library={"entries": len(library), "sha256": library.sha256},
        dependencies=dependency_versions(),
    )
    warnings = list(measurement.pattern.warnings)
    if entries.size == 0:
        warnings.append("the library holds no phase of the elements that are left; name more or add structures")
    if not measurement.has_peaks:
        warnings.append("no Bragg peaks stand out of the noise: amorphous or empty sample, no phase is named")
        entries = entries[:0]
    space = SearchSpace(measurement, library, entries, SearchSettings(max_phases=max_phases))
    result = search(space, progress)
    progress("final fit")
    best, final = final_fit(result.best, measurement, library)
    result = replace(result, best=best)
    return on_own_axis(build_answer(measurement, library, result, final, tuple(warnings), provenance), equivalent)
