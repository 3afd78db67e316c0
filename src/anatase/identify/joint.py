"""From several patterns of one sample and a library to its phases, which must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.identify.answer import Identification
from anatase.identify.answering import build_answer
from anatase.identify.equivalent_pattern import EquivalentPattern, prepared
from anatase.identify.final import final_fit
from anatase.identify.joint_agreement import agreed_amorphous, agreed_phases
from anatase.identify.joint_answer import JointIdentification
from anatase.identify.joint_search import JointResult, joint_search
from anatase.identify.opened_pattern import opened_pattern
from anatase.identify.own_axis import on_own_axis
from anatase.identify.phase_label import phase_label
from anatase.identify.prior_knowledge import ElementList, permitted, present_phases, prior_knowledge, unmet
from anatase.identify.quantify import Quantify
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.stated_amounts import with_standard
from anatase.identify.unknown_pulse import equivalent_with_pulse
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.instrument_file import read_instrument
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions
from anatase.refine.start.measurement import Measurement

__all__ = ["identify_joint"]

GivenPattern = Pattern | str | Path
GivenInstrument = InstrumentBank | str | Path | None

SHOWN = 4.0  # 2 ln of the odds that a phase gains in a pattern: two s.u.
NO_PROBABILITIES = "no calibrated probabilities for joint answers: look at what each pattern alone says"


@dataclass(frozen=True)
class _Side:
    """One pattern of the sample, looked at."""

    equivalent: EquivalentPattern
    measurement: Measurement
    space: SearchSpace


def identify_joint(
    patterns: Sequence[GivenPattern],
    library: Library | str | Path | None = None,
    *,
    instruments: Sequence[GivenInstrument] | None = None,
    elements: ElementList | None = None,
    exclude: ElementList = (),
    required: ElementList = (),
    at_least_one: ElementList = (),
    present: str | Sequence[str] = (),
    absent: str | Sequence[str] = (),
    max_phases: int = 6,
    quantify: Quantify | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> JointIdentification:
    """Identify and quantify the phases of a sample from two or more of its patterns, of any radiations.

    Sets of phases are ranked by the summed evidence of all patterns, the same phases in each; a phase that one
    radiation hardly sees is judged by the others. The weight fractions are those that all patterns agree on best, each
    weighted by its s.u.; where they differ by more than that lets them, a warning tells both values. Where a phase of
    one pattern is missing from another that would show it, the first warning says so, and no fractions are told.

    Parameters
    ----------
    patterns
        Two or more patterns, or their files, with their radiations.
    library
        Reference structures to choose from, or their database or folder; ``None``: the embedded ones with the user's
        own.
    instruments
        For each pattern a bank of an instrument file, the file, or ``None``.
    elements, exclude, required, at_least_one, present, absent, max_phases, quantify, progress
        As for ``identify``.

    Raises
    ------
    InputError
        When fewer than two patterns are given, or one of them cannot be used.
    """
    given = _instruments(patterns, instruments)
    known = prior_knowledge(elements, exclude, required, at_least_one, with_standard(present, quantify), absent)
    if not isinstance(library, Library):
        library = open_library(library)
    entries = permitted(library, known)
    certain = present_phases(library, known)
    progress("looking at the patterns")
    sides = []
    for pattern, instrument in zip(patterns, given, strict=True):
        equivalent, measurement = _look(pattern, instrument, library, entries)
        seen = entries if measurement.has_peaks else entries[:0]
        space = SearchSpace(measurement, library, seen, SearchSettings(max_phases=max_phases), certain)
        sides.append(_Side(equivalent, measurement, space))
    found = joint_search([side.space for side in sides], progress)
    progress("final fits")
    stated: dict[str, Any] = {
        **known.as_settings(),
        "max_phases": max_phases,
        "patterns": len(sides),
    }
    answers = tuple(_answers(sides, found, library, stated, quantify))
    provenance = Provenance(
        inputs={name: digest for answer in answers for name, digest in answer.provenance.inputs.items()},
        settings=stated,
        library={"entries": len(library), "sha256": library.sha256},
        dependencies=dependency_versions(),
    )
    labels = [phase_label(library, entry) for entry in found.best.entries]
    phases, warnings = agreed_phases(answers, labels, found.gains)
    warnings += unmet(known, library, [library.index_of(phase.label.library_id) for phase in phases])
    if phases:
        warnings.append(NO_PROBABILITIES)
    return JointIdentification(phases, answers, tuple(warnings), provenance, stated, agreed_amorphous(answers))


def _instruments(
    patterns: Sequence[GivenPattern], instruments: Sequence[GivenInstrument] | None
) -> list[InstrumentBank | None]:
    if isinstance(patterns, (str, Path, Pattern)) or len(patterns) < 2:
        raise InputError("one pattern alone is no joint identification", "give two or more, or use identify")
    given = [None] * len(patterns) if instruments is None else list(instruments)
    if len(given) != len(patterns):
        raise InputError(f"{len(patterns)} patterns and {len(given)} instruments", "give one for each, or None")
    return [read_instrument(one) if isinstance(one, (str, Path)) else one for one in given]


def _look(
    pattern: GivenPattern, instrument: InstrumentBank | None, library: Library, entries: NDArray[np.int64]
) -> tuple[EquivalentPattern, Measurement]:
    opened = opened_pattern(pattern, instrument=instrument)
    if lacks_wavelength(opened) and entries.size:
        opened = with_estimated_wavelength(opened, library, entries)
    equivalent = equivalent_with_pulse(opened, instrument, library, entries)
    return equivalent, prepared(equivalent)


def _answers(
    sides: Sequence[_Side],
    found: JointResult,
    library: Library,
    stated: dict[str, Any],
    quantify: Quantify | None,
) -> list[Identification]:
    """Return each pattern's own answer with the phases of the whole, less those that it does not show."""
    answers = []
    for number, (side, result) in enumerate(zip(sides, found.results, strict=True)):
        measurement = side.measurement
        shown = [i for i, gains in enumerate(found.gains) if gains[number] > SHOWN and measurement.has_peaks]
        hypothesis, final = final_fit(result.best.choose(shown), measurement, library)
        pattern = measurement.pattern
        provenance = Provenance(
            inputs={pattern.name or "pattern": pattern.sha256},
            settings={**stated, "shift": measurement.shift_kind, "points_averaged": measurement.averaged},
            library={"entries": len(library), "sha256": library.sha256},
            dependencies=dependency_versions(),
        )
        alone = replace(result, best=hypothesis)
        own = [candidate.entry for candidate in hypothesis.candidates]
        missing = [entry for entry in found.best.entries if entry not in own]
        answer = build_answer(measurement, library, alone, final, pattern.warnings, provenance, quantify, missing)
        answers.append(on_own_axis(answer, side.equivalent))
    return answers
