"""Whether an answered phase is a true one: by composition and space group, or by the mineral's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rows import AnsweredPhase, TruePhase

from anatase.crystal.formula import parse_formula

__all__ = ["is_phase", "pair_up", "same_ratio", "shares"]

RATIO_TOLERANCE = 0.05  # per element, of the larger share


@lru_cache(maxsize=100_000)
def shares(formula: str) -> dict[str, float]:
    """Return each element's share of the atoms, hydrogen and deuterium set aside."""
    text = re.sub(r"\s*[.*]\s*(?=\d*H2O|\(H2O)", "·", formula)  # CaSO4.2H2O: a hydrate's dot, no decimal point
    atoms = parse_formula(text)
    if atoms is None:
        raise SystemExit(f"the formula {formula!r} of the truth or an answer cannot be read")
    heavy = {element: n for element, n in atoms.items() if element not in ("H", "D") and n > 0}
    total = sum(heavy.values())
    return {element: n / total for element, n in heavy.items()}


def same_ratio(first: str, second: str) -> bool:
    """Tell whether two formulae hold the same elements in the same ratio."""
    a, b = shares(first), shares(second)
    return a.keys() == b.keys() and all(abs(a[e] - b[e]) <= RATIO_TOLERANCE * max(a[e], b[e]) + 1e-9 for e in a)


def is_phase(name: str, formula: str, number: int, true: TruePhase) -> bool:
    """Tell whether a phase of this name, formula and space-group number is a true one."""
    if (not true.numbers or number in true.numbers) and same_ratio(formula, true.formula):
        return True
    said = name.lower()
    return any(re.search(rf"(?<![a-z]){re.escape(mineral.lower())}(?![a-z])", said) for mineral in true.names)


def pair_up(answered: Sequence[AnsweredPhase], true: Sequence[TruePhase]) -> list[int | None]:
    """Return for each answered phase the index of the true one that it is, each true one taken once."""
    left = list(range(len(true)))
    pairs: list[int | None] = []
    for phase in answered:
        match = next((i for i in left if is_phase(phase.name, phase.formula, phase.number, true[i])), None)
        if match is not None:
            left.remove(match)
        pairs.append(match)
    return pairs
