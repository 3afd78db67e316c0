"""What phases are called beside the others of an answer, so that no two of them read alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from anatase.identify.answer import Alternative, Identification, PhaseLabel
from anatase.report.notation import formula_text, space_group_text

__all__ = ["answer_labels", "full_name", "other_sets", "set_text", "short_name"]


def answer_labels(answer: Identification) -> tuple[PhaseLabel, ...]:
    """Return every phase that an answer names, each once: found, of the same pattern, of other sets, not seen.

    Records of a phase that was found are not phases of their own.
    """
    found = [phase.label for phase in answer.phases]
    others = [
        *(label for phase in answer.phases for label in phase.members),
        *(label for other in answer.alternatives for label in other.phases),
        *(limit.label for limit in answer.detection_limits),
    ]
    records = {library_id for phase in answer.phases for library_id in phase.equivalents}
    return tuple(dict.fromkeys([*found, *(label for label in others if label.library_id not in records)]))


def full_name(label: PhaseLabel, among: Iterable[PhaseLabel] = ()) -> str:
    """Name a phase by itself: ``rutile (TiO₂)``; with its space group where another one has its name or its formula.

    Where another one has all three, the library id is added.

    Examples
    --------
    >>> from anatase.identify.answer import PhaseLabel
    >>> low = PhaseLabel("Quartz", "SiO2", 152, "P 31 2 1", "x/low")
    >>> high = PhaseLabel("Quartz", "SiO2", 180, "P 62 2 2", "x/high")
    >>> full_name(low), full_name(low, [low, high])
    ('Quartz (SiO₂)', 'Quartz (SiO₂, P3₁21)')
    """
    details = [] if label.name == label.formula else [formula_text(label.formula)]
    rivals = [other for other in among if other != label]
    if any(_name(other) == _name(label) or other.formula == label.formula for other in rivals):
        details.append(_space_group(label))
    if any(_told(other) == _told(label) for other in rivals):
        details.append(label.library_id)
    name = formula_text(label.name) if label.name == label.formula else label.name
    return f"{name} ({', '.join(details)})" if details else name


def short_name(label: PhaseLabel, among: Iterable[PhaseLabel] = ()) -> str:
    """Name a phase by its name alone, or in full where another one has the same."""
    others = tuple(among)
    shared = any(_name(other) == _name(label) and other != label for other in others)
    return full_name(label, others) if shared else label.name


def set_text(labels: Sequence[PhaseLabel], among: Iterable[PhaseLabel] = ()) -> str:
    """Name a set of phases: ``anatase + zincite``; phases whose name another one has too in full."""
    others = (*among, *labels)
    return " + ".join(short_name(label, others) for label in labels) or "no phase"


def other_sets(answer: Identification) -> list[Alternative]:
    """Return the other sets of phases of an answer, each once: two records of a phase make no two sets."""
    found = {record: phase.label for phase in answer.phases for record in phase.equivalents}
    sets: dict[frozenset[PhaseLabel], Alternative] = {}
    for other in answer.alternatives:
        labels = tuple(found.get(label.library_id, label) for label in other.phases)
        sets.setdefault(frozenset(labels), replace(other, phases=labels))
    return list(sets.values())


def _name(label: PhaseLabel) -> str:
    return label.name.casefold()


def _space_group(label: PhaseLabel) -> str:
    return space_group_text(label.space_group_symbol.partition(":")[0])


def _told(label: PhaseLabel) -> tuple[str, str, str]:
    return _name(label), label.formula, _space_group(label)
