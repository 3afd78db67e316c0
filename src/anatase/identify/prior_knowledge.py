"""What the user knows of a sample before its pattern is looked at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PriorKnowledge"]


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
