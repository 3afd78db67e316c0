"""What the user knows of a sample before its pattern is looked at, and which library entries it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.element_list import parse_elements
from anatase.errors import InputError
from anatase.identify.named_phases import entries_named
from anatase.identify.plausible import plausible
from anatase.library import Library
from anatase.library.elements import element_masks

__all__ = ["ElementList", "PriorKnowledge", "permitted", "present_phases", "prior_knowledge", "satisfies", "unmet"]

Entries = NDArray[np.int64]
ElementList = str | Sequence[str]  # "Ti,O" or ["Ti", "O"]


@dataclass(frozen=True)
class PriorKnowledge:
    """Elements and phases that may, must, or cannot be in the sample.

    ``elements`` may be present (``None``: any), ``required`` elements must each be in some phase of the answer, of
    ``at_least_one`` one must be, ``excluded`` elements are absent. ``present`` and ``absent`` are phases by library id,
    name or formula: those that are certainly in the sample, and those that are not.
    """

    elements: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The elements that a phase may hold: what must be there may be there as well; ``None`` for any."""
        if self.elements is None:
            return None
        return tuple(dict.fromkeys((*self.elements, *self.required, *self.at_least_one)))

    def as_settings(self) -> dict[str, list[str] | None]:
        """Return what is known as the settings of an answer hold it: elements in alphabetic order."""
        return {
            "elements": None if self.elements is None else sorted(self.elements),
            "exclude": sorted(self.excluded),
            "required": sorted(self.required),
            "at_least_one": sorted(self.at_least_one),
            "present": list(self.present),
            "absent": list(self.absent),
        }


def prior_knowledge(
    elements: ElementList | None = None,
    exclude: ElementList = (),
    required: ElementList = (),
    at_least_one: ElementList = (),
    present: str | Sequence[str] = (),
    absent: str | Sequence[str] = (),
) -> PriorKnowledge:
    """Put together what a user says of a sample, elements as a list or as text.

    Raises
    ------
    InputError
        When something is no element, or what must or may be there is excluded.

    Examples
    --------
    >>> prior_knowledge("Ti,O", present="rutile").elements
    ('Ti', 'O')
    """
    known = PriorKnowledge(
        None if elements is None else _symbols(elements),
        _symbols(required),
        _symbols(at_least_one),
        _symbols(exclude),
        _texts(present),
        _texts(absent),
    )
    for said, named in (("must be there", known.required), ("may be there", known.elements or ())):
        contradicted = [e for e in named if e in known.excluded]
        if contradicted:
            verb = "is" if len(contradicted) == 1 else "are"
            raise InputError(f"{', '.join(contradicted)} {said} and {verb} excluded", "say one of the two")
    if known.at_least_one and set(known.at_least_one) <= set(known.excluded):
        raise InputError(
            f"one of {', '.join(known.at_least_one)} must be there and all are excluded", "leave one of them"
        )
    return known


def _symbols(elements: ElementList) -> tuple[str, ...]:
    if isinstance(elements, str):
        return parse_elements(elements)
    return parse_elements(",".join(elements)) if len(elements) else ()


def _texts(phases: str | Sequence[str]) -> tuple[str, ...]:
    return (phases,) if isinstance(phases, str) else tuple(phases)


def present_phases(library: Library, knowledge: PriorKnowledge) -> tuple[Entries, ...]:
    """Return for each phase that is certainly in the sample the entries (n,) that may stand for it.

    An excluded element or an absent phase narrows the choice; the elements that may be present do not, for a standard
    that was mixed in may hold others.

    Raises
    ------
    InputError
        When the library does not hold the phase, or what else is known leaves nothing of it.
    """
    absent = _absent(library, knowledge)
    without = np.array(element_masks(knowledge.excluded))
    phases = []
    for text in knowledge.present:
        meant = entries_named(library, text)
        left = np.setdiff1d(meant, absent)
        left = left[((library.element_masks[left] & without) == 0).all(axis=1)]
        if not left.size:
            raise InputError(
                f"'{text}' is said to be in the sample, and is excluded as well", "say one of the two of it"
            )
        phases.append(left)
    return tuple(phases)


def permitted(library: Library, knowledge: PriorKnowledge) -> Entries:
    """Return the entries (n,) that may be in the sample, those of ``present_phases`` among them.

    Gases and ices stay out as in ``plausible``. An absent phase goes with all its records in the library.
    """
    allowed = knowledge.allowed
    entries = plausible(library, library.select(allowed=allowed, excluded=knowledge.excluded), allowed)
    kept = np.zeros(len(library), dtype=np.bool_)
    kept[entries] = True
    kept[_absent(library, knowledge)] = False
    for phase in present_phases(library, knowledge):
        kept[phase] = True
    return np.flatnonzero(kept)


def satisfies(knowledge: PriorKnowledge, library: Library, entries: Iterable[int]) -> bool:
    """Tell whether a set of phases holds every required element, and one of those of which one must be there.

    Examples
    --------
    >>> from anatase.library import open_library
    >>> library = open_library()
    >>> rutile = int(entries_named(library, "rutile")[0])
    >>> satisfies(PriorKnowledge(required=("Ti",)), library, [rutile])
    True
    >>> satisfies(PriorKnowledge(required=("Ti", "Zn")), library, [rutile])
    False
    """
    if not knowledge.required and not knowledge.at_least_one:
        return True
    held = np.bitwise_or.reduce(library.element_masks[np.fromiter(entries, dtype=np.int64)], axis=0)
    needed, any_of = np.array(element_masks(knowledge.required)), np.array(element_masks(knowledge.at_least_one))
    one = not knowledge.at_least_one or bool(((held & any_of) != 0).any())
    return one and bool(((held & needed) == needed).all())


def unmet(knowledge: PriorKnowledge, library: Library, entries: Iterable[int]) -> list[str]:
    """Return a warning for each phase and element that must be there and that a set of phases does not hold.

    One more tells that what must be there went beyond the elements that may.
    """
    found = list(entries)
    groups = library.groups[found]
    told = [
        f"'{text}' is said to be in the sample, and the pattern does not show it"
        for text, phase in zip(knowledge.present, present_phases(library, knowledge), strict=True)
        if not np.isin(library.groups[phase], groups).any()
    ]
    missing = [e for e in knowledge.required if not satisfies(PriorKnowledge(required=(e,)), library, found)]
    told += [f"no phase of the answer holds {element}, which must be in the sample" for element in missing]
    if not satisfies(PriorKnowledge(at_least_one=knowledge.at_least_one), library, found):
        named = ", ".join(knowledge.at_least_one)
        told.append(f"no phase of the answer holds any of {named}, of which one must be in the sample")
    return told + _widened(knowledge)


def _widened(knowledge: PriorKnowledge) -> list[str]:
    """Return a warning where a phase may hold elements that the user's list of elements does not name."""
    beyond = [element for element in knowledge.allowed or () if element not in (knowledge.elements or ())]
    if not beyond:
        return []
    stands = "stands" if len(beyond) == 1 else "stand"
    return [f"{', '.join(beyond)} {stands} in what must be there, not among the elements given: added to these"]


def _absent(library: Library, knowledge: PriorKnowledge) -> Entries:
    if not knowledge.absent:
        return np.zeros(0, dtype=np.int64)
    named = np.concatenate([entries_named(library, text) for text in knowledge.absent])
    return np.flatnonzero(np.isin(library.groups, library.groups[named]))
