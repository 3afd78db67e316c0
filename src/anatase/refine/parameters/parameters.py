"""The parameters of a refinement by name: their values in a model, and a model with other values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from anatase.errors import InputError
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.histogram_parameters import histogram_values, with_histogram_values
from anatase.refine.parameters.sample_parameters import part_values, with_part_values
from anatase.refine.parameters.structure_parameters import structure_values, with_structure_values

__all__ = ["parameter_values", "matching", "with_values"]

Values = Mapping[str, float]


def parameter_values(model: RefinementModel) -> dict[str, float]:
    """Return every parameter of a model that can be refined, by name, with its value.

    In the order: what belongs to the phases (cell, atoms), to the histograms (instrument, background), and to a phase
    in a histogram (scale, size, strain, texture). Å, degrees, Å²; a tube's ``wavelength`` is that of its first line.
    """
    values: dict[str, float] = {}
    for phase in model.phases:
        values.update({f"{phase.name}.{name}": v for name, v in structure_values(phase.structure).items()})
    for histogram in model.histograms:
        values.update({f"{histogram.name}.{name}": v for name, v in histogram_values(histogram).items()})
    for phase in model.phases:
        for histogram, part in zip(model.histograms, phase.parts, strict=True):
            head = f"{phase.name}.{histogram.name}"
            own = part_values(part, phase.structure, several=len(model.histograms) > 1)
            values.update({f"{head}.{name}": v for name, v in own.items()})
    return values


def matching(patterns: Iterable[str], names: Iterable[str], kind: str = "parameter") -> tuple[str, ...]:
    """Return the names that are, or match, the patterns (``*.u_iso``): in the order of the patterns, each once.

    Raises
    ------
    InputError
        When a pattern matches no name; the message gives those that look like it.

    Examples
    --------
    >>> matching(["*.x", "A.O.y"], ["A.O.x", "A.O.y", "B.O.x"])
    ('A.O.x', 'B.O.x', 'A.O.y')
    """
    known = list(names)
    found: dict[str, None] = {}
    for pattern in patterns:
        hits = [pattern] if pattern in known else [name for name in known if fnmatchcase(name, pattern)]
        if not hits:
            close = get_close_matches(pattern, known, n=5, cutoff=0.4) or known[:5]
            raise InputError(f"'{pattern}' names no {kind} of this refinement", f"did you mean {', '.join(close)}?")
        found.update(dict.fromkeys(hits))
    return tuple(found)


def with_values(model: RefinementModel, values: Values) -> RefinementModel:
    """Return the model with new values of some parameters; what symmetry ties to them follows.

    Raises
    ------
    InputError
        When the model has no such parameter.
    PhysicsError
        When no crystal or instrument has such values.
    """
    grouped: dict[str, dict[str, float]] = {}
    heads = _heads(model)
    for name, value in values.items():
        head, rest = _split(name, heads)
        grouped.setdefault(head, {})[rest] = value
    histograms, phases = list(model.histograms), list(model.phases)
    for i, histogram in enumerate(histograms):
        if histogram.name in grouped:
            histograms[i] = with_histogram_values(histogram, grouped[histogram.name])
    for i, phase in enumerate(phases):
        structure, parts = phase.structure, list(phase.parts)
        if phase.name in grouped:
            structure = with_structure_values(structure, grouped[phase.name])
        for j, histogram in enumerate(histograms):
            new = grouped.get(f"{phase.name}.{histogram.name}")
            if new is not None:
                parts[j] = with_part_values(parts[j], structure, new)
        phases[i] = replace(phase, structure=structure, parts=tuple(parts))
    return RefinementModel(tuple(histograms), tuple(phases))


def _heads(model: RefinementModel) -> list[str]:
    """Return the owners of parameters, longest first: phases in histograms, phases, histograms."""
    both = [f"{phase.name}.{histogram.name}" for phase in model.phases for histogram in model.histograms]
    return [*both, *(phase.name for phase in model.phases), *(one.name for one in model.histograms)]


def _split(name: str, heads: list[str]) -> tuple[str, str]:
    for head in heads:
        if name.startswith(f"{head}."):
            return head, name[len(head) + 1 :]
    raise InputError(f"'{name}' names no parameter of this refinement", f"it has those of {', '.join(heads)}")
