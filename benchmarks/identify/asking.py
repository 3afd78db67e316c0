"""Ask for the phases of a pattern: by the Python call in this process, or as a user does, by a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from empty_patterns import SIMULATED, empty_pattern
from known_patterns import KnownPattern
from open_set import phases_to_remove, without_entries
from rows import AnsweredPhase, Row
from same_phase import pair_up

from anatase.errors import AnataseError
from anatase.identify.answer import Identification
from anatase.identify.identify import identify
from anatase.identify.many import Options, with_stated_radiation
from anatase.io import read
from anatase.library import Library
from anatase.report.document import to_dict

__all__ = ["MODES", "Mode", "Question", "ask", "ask_process"]

Mode = Literal["elements", "blind", "removed", "removed-all"]
MODES: tuple[Mode, ...] = ("elements", "blind", "removed", "removed-all")
PROGRAM = Path(sys.executable).with_name("anatase")
# what an answer says where it has no probability of its own
MISSING = ("may be missing", "no phase of the library explains", "not in the library")


@dataclass(frozen=True)
class Question:
    """A pattern, and what the search is told: true elements, nothing, or elements and a library without phases."""

    known: KnownPattern
    mode: Mode

    @property
    def removed(self) -> tuple[int, ...]:
        """Indices of the true phases that the library is to lack."""
        if not self.mode.startswith("removed"):
            return ()
        return phases_to_remove(self.known, everything=self.mode == "removed-all")

    @property
    def unanswered(self) -> Row:
        """The row before there is an answer."""
        known = self.known
        return Row(known.path, known.source, known.half, self.mode, known.phases, self.removed)


def ask(question: Question, data: Path, library: Library) -> Row:
    """Identify in this process; the seconds are those of reading and of the call."""
    known, row = question.known, question.unanswered
    if question.removed:
        library = without_entries(library, [known.phases[i] for i in question.removed])
    elements = None if question.mode == "blind" else known.elements
    start, start_processor = time.perf_counter(), time.process_time()
    try:
        pattern = empty_pattern(known.path) if known.path.startswith(SIMULATED) else read(data / "powder" / known.path)
        pattern = with_stated_radiation(pattern, Options(wavelength=known.wavelength, probe=known.probe))
        answer: Identification = identify(pattern, library, elements=elements)
    except AnataseError as error:
        return replace(row, error=str(error), seconds=time.perf_counter() - start)
    row = replace(row, processor_seconds=time.process_time() - start_processor)
    return answered(row, _document(answer), time.perf_counter() - start)


def _document(answer: Identification) -> dict[str, Any]:
    document = to_dict(answer)
    for name in ("probability", "unknown_probability", "coverage", "in_coverage"):
        document[name] = getattr(answer, name)
    return document


def ask_process(question: Question, data: Path, library: str, limit: float) -> Row:
    """Identify as a user does, start-up and all; phases cannot be removed so.

    The processor's time is that of all processes that end meanwhile: only one at a time is to be asked.
    """
    known, row = question.known, replace(question.unanswered, whole_process=True)
    words = [str(PROGRAM), "identify", str(data / "powder" / known.path), "--json", "--library", library]
    if question.mode != "blind":
        words += ["--elements", ",".join(known.elements)]
    words += ["--wavelength", known.wavelength] if known.wavelength else []
    words += ["--probe", known.probe] if known.probe else []
    start, before = time.perf_counter(), _children()
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return replace(row, error=f"no answer within {limit:g} s", seconds=limit)
    seconds = time.perf_counter() - start
    row = replace(row, processor_seconds=_children() - before)
    if done.returncode:
        return replace(row, error=(done.stderr.strip().splitlines() or ["no message"])[-1], seconds=seconds)
    return answered(row, json.loads(done.stdout), seconds)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def answered(row: Row, document: dict[str, Any], seconds: float) -> Row:
    """Return a row with what the JSON document of an answer says."""
    phases = tuple(_phase(one) for one in document["phases"])
    unknown = document.get("unknown_probability")
    told = document["warnings"]
    flagged = unknown >= 0.5 if unknown is not None else any(text in line for line in told for text in MISSING)
    coverage = document.get("coverage")
    others = document["alternatives"][: document.get("in_coverage") or 0]
    sets = [phases, *(tuple(_labelled(label) for label in other["phases"]) for other in others)]
    listed = (document.get("probability") or 0.0) + sum(other["probability"] or 0.0 for other in others)
    # where the listed sets hold less than is stated, "a phase that is not in the answer" is one of the hypotheses
    unlisted = coverage is not None and listed < coverage and _lacks_a_phase(phases, row)
    covered = unlisted or any(_is_exact(one, row) for one in sets)
    return replace(
        row,
        phases=phases,
        probability=document.get("probability"),
        unknown_probability=unknown,
        unexplained=document["unexplained"]["fraction"],
        flagged=bool(flagged),
        coverage=coverage,
        covered=covered if coverage is not None else None,
        rwp=document["rwp"],
        gof=document["gof"],
        seconds=seconds,
        warnings=tuple(told),
    )


def _is_exact(phases: Sequence[AnsweredPhase], row: Row) -> bool:
    pairs = pair_up(phases, row.true)
    return len(pairs) == len(row.true) and None not in pairs


def _lacks_a_phase(phases: Sequence[AnsweredPhase], row: Row) -> bool:
    return len({pair for pair in pair_up(phases, row.true) if pair is not None}) < len(row.true)


def _number(estimate: dict[str, Any] | None, key: str = "value") -> float | None:
    return None if estimate is None or estimate.get(key) is None else float(estimate[key])


def _labelled(label: dict[str, Any]) -> AnsweredPhase:
    group = label["space_group"]["number"]
    return AnsweredPhase(label.get("library_id", ""), label["name"], label["formula"], group, 0, 0, None, None, 0, 0)


def _phase(one: dict[str, Any]) -> AnsweredPhase:
    return replace(
        _labelled(one),
        fraction=_number(one["weight_fraction"]) or 0.0,
        su=_number(one["weight_fraction"], "su") or 0.0,
        fitted_su=_number(one.get("fitted_fraction"), "su"),
        probability=one.get("probability"),
        r_bragg=one.get("r_bragg") or 0.0,
        share=one.get("share") or 0.0,
    )
