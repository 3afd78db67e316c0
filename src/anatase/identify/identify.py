"""From a pattern and a library to phases with weight fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from anatase.identify.acceptance import accepted
from anatase.identify.answer import Identification
from anatase.identify.answering import build_answer
from anatase.identify.calibration import calibration_digest
from anatase.identify.equivalent_pattern import prepared
from anatase.identify.equivalent_phases import with_members
from anatase.identify.final import final_fit
from anatase.identify.judged_answer import judged
from anatase.identify.opened_pattern import opened_pattern
from anatase.identify.own_axis import on_own_axis
from anatase.identify.prior_knowledge import ElementList, permitted, present_phases, prior_knowledge, satisfies, unmet
from anatase.identify.quantify import Quantify
from anatase.identify.search import search
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.stated_amounts import with_standard
from anatase.identify.unknown_pulse import equivalent_with_pulse
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.identify.verdict import verdict
from anatase.io.instrument_file import InstrumentBank, read_instrument
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions
from anatase.scattering.radiation import Probe

__all__ = ["identify"]


def identify(
    pattern: Pattern | str | Path,
    library: Library | str | Path | None = None,
    *,
    elements: ElementList | None = None,
    exclude: ElementList = (),
    required: ElementList = (),
    at_least_one: ElementList = (),
    present: str | Sequence[str] = (),
    absent: str | Sequence[str] = (),
    wavelength: str | float | None = None,
    probe: Probe | None = None,
    two_theta_range: tuple[float, float] | None = None,
    max_phases: int = 6,
    quantify: Quantify | None = None,
    instrument: InstrumentBank | str | Path | None = None,
    stated: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Identification:
    """Identify and quantify the phases of a powder pattern.

    Parameters
    ----------
    pattern
        The measured pattern or its file; its radiation tells probe and wavelength.
    library
        Reference structures to choose from, or their database or folder; ``None``: the embedded ones with
        the user's own.
    elements
        Elements that may be present, as in ``"Ti,O"`` or ``["Ti", "O"]``; phases of any subset of them are
        tried. ``None``: any.
    exclude
        Elements that are certainly absent.
    required
        Elements of which each must be in some phase of the answer.
    at_least_one
        Elements of which one must be in some phase of the answer.
    present
        Phases that are certainly in the sample, by library id, name or formula: a standard, a known matrix. A
        formula means any polymorph.
    absent
        Phases that are certainly not.
    wavelength
        In place of the file's: a name, as in ``"CoKa"``, or a number in Å.
    probe
        In place of the file's: ``"xray"``, ``"neutron"`` or ``"electron"``.
    two_theta_range
        Part of the pattern to use, in units of its axis.
    max_phases
        The most phases to report.
    quantify
        Grain sizes for microabsorption, and a standard that was weighed in: it is a phase that is present.
    instrument
        A bank of an instrument file (.prm, .instprm), or the file: calibration of time of flight, or the radiation.
    stated
        What else the user said (library, scan), to be kept with the settings.
    progress
        Called with a few words at each stage.

    Raises
    ------
    InputError
        When the pattern holds nothing that can be fitted, or an element, a phase or the library cannot be used.
    """
    known = prior_knowledge(elements, exclude, required, at_least_one, with_standard(present, quantify), absent)
    if not isinstance(library, Library):
        library = open_library(library)
    if isinstance(instrument, str | Path):
        instrument = read_instrument(instrument)
    pattern = opened_pattern(pattern, wavelength, probe, two_theta_range, instrument)
    progress("looking at the pattern")
    entries = permitted(library, known)
    if lacks_wavelength(pattern) and entries.size:
        pattern = with_estimated_wavelength(pattern, library, entries)
    equivalent = equivalent_with_pulse(pattern, instrument, library, entries)
    measurement = prepared(equivalent)
    settings = {
        **known.as_settings(),
        "wavelength": wavelength,
        "probe": probe,
        "range": list(two_theta_range) if two_theta_range else None,
        "max_phases": max_phases,
        **(stated or {}),
        "shift": measurement.shift_kind,
        "points_averaged": measurement.averaged,
    }
    provenance = Provenance(
        inputs={pattern.name or "pattern": pattern.sha256},
        settings={**settings, "calibration": calibration_digest()},
        library={"entries": len(library), "sha256": library.sha256},
        dependencies=dependency_versions(),
    )
    warnings = list(measurement.pattern.warnings)
    if entries.size == 0:
        warnings.append("the library holds no phase of the elements that are left; name more or add structures")
    if not measurement.has_peaks:
        warnings.append("no Bragg peaks stand out of the noise: amorphous or empty sample, no phase is named")
        entries = entries[:0]
    certain = present_phases(library, known) if entries.size else ()
    space = SearchSpace(measurement, library, entries, SearchSettings(max_phases=max_phases), certain)
    result = search(space, progress)
    believed = accepted(space, result)
    progress("final fit")
    best, final = final_fit(believed.best, measurement, library)
    judgement = verdict(space, result, believed.reduced_to(best), partial(satisfies, known, library))
    result = replace(result, best=best)
    found = [candidate.entry for candidate in best.candidates]
    warnings += unmet(known, library, found)
    missed = [int(one[0]) for one in certain if not np.isin(library.groups[one], library.groups[found]).any()]
    answer = build_answer(measurement, library, result, final, tuple(warnings), provenance, quantify, missed)
    answer = with_members(judged(answer, space, judgement), space, best, known)
    return on_own_axis(answer, equivalent)
