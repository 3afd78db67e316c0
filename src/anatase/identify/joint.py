"""From several patterns of one sample and a library to its phases, which must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.identify.answer import Identification, IdentifiedPhase, PhaseLabel
from anatase.identify.answering import build_answer
from anatase.identify.equivalent_pattern import EquivalentPattern, prepared
from anatase.identify.final import final_fit
from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.identify.joint_fractions import agreed_fractions
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

Array = NDArray[np.float64]
GivenPattern = Pattern | str | Path
GivenInstrument = InstrumentBank | str | Path | None

SHOWN = 4.0  # 2 ln of the odds that a phase gains in a pattern: two s.u.
DISAGREES = 3.0  # s.u.
CELLS_DISAGREE = 0.005  # of a length
UNKNOWN_SU = 0.05  # of a weight fraction that no s.u. is known of


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
    weighted by its s.u.; where they differ by more than that lets them, a warning tells both values.

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
    phases, warnings = _phases(answers, found, library)
    warnings += unmet(known, library, [library.index_of(phase.label.library_id) for phase in phases])
    return JointIdentification(phases, answers, tuple(warnings), provenance, stated, _amorphous(answers))


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
        answer = build_answer(measurement, library, alone, final, pattern.warnings, provenance, quantify)
        answers.append(on_own_axis(answer, side.equivalent))
    return answers


def _phases(
    answers: Sequence[Identification], found: JointResult, library: Library
) -> tuple[tuple[JointPhase, ...], list[str]]:
    """Return the phases that some pattern shows, with the fractions that all agree on, and warnings."""
    labels = [phase_label(library, entry) for entry in found.best.entries]
    shown = [[_of(answer, label) for label in labels] for answer in answers]
    kept = [i for i in range(len(labels)) if any(row[i] is not None for row in shown)]
    if not kept:
        return (), ["no phase of the library explains the patterns of the sample together"]
    table = [[row[i] for i in kept] for row in shown]
    fractions = np.array([[0.0 if p is None else p.weight_fraction.value for p in row] for row in table])
    su = np.array([[np.inf if p is None else p.weight_fraction.su or UNKNOWN_SU for p in row] for row in table])
    total = np.maximum(fractions.sum(axis=1, keepdims=True), 1e-300)  # below 1 where a standard tells what is amorphous
    agreed = agreed_fractions(fractions / total, su / total)
    phases, warnings = [], []
    amorphous = _amorphous(answers) or Estimate(0.0, 0.0)
    crystalline, open_share = 1.0 - amorphous.value, amorphous.su or 0.0
    for column, i in enumerate(kept):
        one = [row[column] for row in table]
        told = tuple(None if phase is None else phase.weight_fraction for phase in one)
        share, share_su = float(agreed.fractions[column]), float(agreed.su[column]) if len(kept) > 1 else 0.0
        spread = float(np.hypot(share_su * crystalline, share * open_share))
        value = Estimate(share * crystalline, spread or None)
        phases.append(JointPhase(labels[i], value, told, found.gains[i]))
        warnings += _doubts(labels[i], one, answers, agreed.pulls[:, column])
    return tuple(sorted(phases, key=lambda p: -p.weight_fraction.value)), warnings


def _amorphous(answers: Sequence[Identification]) -> Estimate | None:
    """Return the mean of what a standard tells of the amorphous fraction in patterns, weighted by their s.u."""
    told = [answer.amorphous_fraction for answer in answers if answer.amorphous_fraction is not None]
    if not told:
        return None
    weights = np.array([1.0 / (one.su or UNKNOWN_SU) ** 2 for one in told])
    mean = float(weights @ [one.value for one in told] / weights.sum())
    return Estimate(mean, float(weights.sum() ** -0.5))


def _of(answer: Identification, label: PhaseLabel) -> IdentifiedPhase | None:
    return next((phase for phase in answer.phases if phase.label.library_id == label.library_id), None)


def _doubts(
    label: PhaseLabel, shown: Sequence[IdentifiedPhase | None], answers: Sequence[Identification], pulls: Array
) -> list[str]:
    """Return warnings where patterns differ on a phase's fraction or cell, or one of them does not show it."""
    name = f"{label.name} ({label.formula})"
    names = [answer.pattern.name or f"pattern {i}" for i, answer in enumerate(answers, 1)]
    seen = [(where, phase) for where, phase in zip(names, shown, strict=True) if phase is not None]
    told = []
    if np.nanmax(np.abs(pulls), initial=0.0) > DISAGREES:
        values = ", ".join(f"{phase.weight_fraction} by {where}" for where, phase in seen)
        told.append(f"{name}: the patterns disagree on the weight fraction: {values}")
    missing = [where for where, phase in zip(names, shown, strict=True) if phase is None]
    if missing:
        told.append(f"{name} does not show in {', '.join(missing)}")
    for edge in ("a", "b", "c"):
        lengths = [phase.lattice[edge] for _, phase in seen]
        least, most = min(lengths, key=lambda one: one.value), max(lengths, key=lambda one: one.value)
        apart = max(CELLS_DISAGREE * least.value, DISAGREES * float(np.hypot(least.su or 0.0, most.su or 0.0)))
        if most.value - least.value > apart:
            values = ", ".join(f"{phase.lattice[edge]} Å by {where}" for where, phase in seen)
            told.append(f"{name}: the patterns disagree on {edge}: {values}; check the wavelengths and temperatures")
            break
    return told
