"""A key that equal reduced formulae share."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["phase_key"]

HYDROGEN = frozenset({"H", "D", "T"})


def phase_key(composition: Mapping[str, float]) -> tuple[str, float]:
    """Return the proportions of the elements, hydrogen set aside, as text, and the number of atoms they count.

    Hydrogen is set aside because half of the hydrates and hydroxides are listed without it.

    Examples
    --------
    >>> phase_key({"Ti": 4.0, "O": 8.0})
    ('O0.667Ti0.333', 12.0)
    """
    heavy = {e: n for e, n in composition.items() if e not in HYDROGEN and n > 0}
    counted = heavy or {"H": float(sum(composition.values()))}
    total = sum(counted.values())
    return "".join(f"{e}{n / total:.3f}" for e, n in sorted(counted.items())), total
