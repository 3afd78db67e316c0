"""Names for phases and histograms, out of what other programs call them."""

from __future__ import annotations

import re

__all__ = ["plain_name"]


def plain_name(text: str, default: str, taken: set[str]) -> str:
    """Return a name without blanks and marks that parameter names use, unlike those taken, and take it.

    Names that differ in case alone count as one.

    Examples
    --------
    >>> taken: set[str] = set()
    >>> plain_name("b-Si3N4 (minor)", "phase_1", taken), plain_name("B-Si3N4 (minor)", "phase_2", taken)
    ('b-Si3N4_minor', 'B-Si3N4_minor_2')
    """
    plain = re.sub(r"[^\w+-]+", "_", text.strip()).strip("_") or default
    name, number = plain, 2
    while name.lower() in taken:
        name, number = f"{plain}_{number}", number + 1
    taken.add(name.lower())
    return name
