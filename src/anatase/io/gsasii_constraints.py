"""Constraints of a GSAS-II project, in the names of parameters here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anatase.io.foreign import ForeignBank, LinearRelation, SharedShift
from anatase.io.gsasii_histograms import INSTRUMENT_TERMS, POSITION, ProjectHistogram
from anatase.io.gsasii_phases import ProjectPhase
from anatase.io.plain_pickle import PlainRecord

__all__ = ["ProjectConstraints", "constraints_of_project"]

# parameters of a phase in a histogram
PART_TERMS = {"Scale": "scale", "Size;i": "size", "Mustrain;i": "strain", "Extinction": "extinction", "MD": "march_r"}
KINDS = {"e": "equivalence", "c": "equation", "h": "hold", "f": "new variable"}


@dataclass(frozen=True)
class ProjectConstraints:
    """Shared shifts, relations, held parameters, and what was not taken over."""

    shared: tuple[SharedShift, ...] = ()
    relations: tuple[LinearRelation, ...] = ()
    held: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def constraints_of_project(
    data: Any, phases: Sequence[ProjectPhase], histograms: Sequence[ProjectHistogram]
) -> ProjectConstraints:
    """Return the constraints of a project, of lists that end in total, flag and kind: e, c, h or f.

    In an equivalence m₁ v₁ = m₂ v₂ = …; new variables, and names that are none here, are told.
    """
    by_phase = {phase.identifier: phase for phase in phases}
    by_histogram = {one.identifier: one for one in histograms}
    shared, relations, held, warnings = [], [], set(), []
    for group in ("Hist", "HAP", "Phase", "Global"):
        for *terms, total, _, kind in (data or {}).get(group, []):
            named = [(float(factor), _parameter(variable, by_phase, by_histogram)) for factor, variable in terms]
            known = [(factor, name) for factor, name in named if name is not None and factor]
            if len(known) < len(named) or kind not in ("e", "c", "h"):
                words = ", ".join(_spelled(variable) for _, variable in terms)
                warnings.append(f"the {KINDS.get(kind, 'constraint')} of {words} is not taken over")
            elif kind == "h":
                held |= {name for _, name in known}
            elif kind == "e":
                shared.append(SharedShift(tuple((1.0 / factor, name) for factor, name in known)))
            else:
                relations.append(LinearRelation(tuple(known), float(total)))
    return ProjectConstraints(tuple(shared), tuple(relations), frozenset(held), tuple(warnings))


def _spelled(variable: Any) -> str:
    if isinstance(variable, PlainRecord):
        return str(variable.fields.get("name", variable.kind))
    return str(variable)


def _parameter(
    variable: Any, phases: Mapping[Any, ProjectPhase], histograms: Mapping[Any, ProjectHistogram]
) -> str | None:
    """Return the name here of a variable, which holds identifiers of phase, histogram and atom and its own name."""
    if not isinstance(variable, PlainRecord):
        return None
    fields = variable.fields
    name, key = str(fields.get("name", "")), fields.get("phase")
    phase = None if key is None else phases.get(key)
    histogram = None if fields.get("histogram") is None else histograms.get(fields.get("histogram"))
    if phase is not None and fields.get("atom") is not None:
        return phase.parameter(fields["atom"], name)
    if phase is not None and histogram is not None:
        return f"{phase.name}.{histogram.histogram.name}.{PART_TERMS[name]}" if name in PART_TERMS else None
    if key is None and histogram is not None:
        kind = "T" if isinstance(histogram.histogram.beam, ForeignBank) else "C"
        term = {**INSTRUMENT_TERMS[kind], **POSITION}.get(name)
        if name.startswith("Back;") and name[5:].isdigit():
            term = f"background.chebyshev_{name[5:]}"
        return None if term is None else f"{histogram.histogram.name}.{term}"
    return None
