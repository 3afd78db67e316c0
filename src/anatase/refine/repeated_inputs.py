"""Inputs given twice: the same counts twice make s.u. too small, the same crystal twice shares one amount at random."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.pattern import Pattern

__all__ = ["check_patterns_differ", "same_structures"]


def check_patterns_differ(patterns: Sequence[Pattern]) -> None:
    """Refuse a pattern that is given twice: its points would count as twice as many observations.

    Raises
    ------
    InputError
        Names the file that is there before.
    """
    for (i, first), (j, second) in combinations(enumerate(patterns), 2):
        if np.array_equal(first.x, second.x) and np.array_equal(first.intensity, second.intensity):
            names = f" ({first.name})" if first.name else ""
            raise InputError(f"pattern {j + 1} is pattern {i + 1}{names} again", "give each pattern once")


def same_structures(names: Sequence[str], structures: Sequence[Structure]) -> list[str]:
    """Return warnings of phases that are one structure: the pattern does not tell how much there is of each.

    That may be meant, of crystallites of two sizes; the sum of their amounts is then what is known.
    """
    told = []
    for (one, first), (other, second) in combinations(zip(names, structures, strict=True), 2):
        if (first.lattice, first.space_group, first.sites) == (second.lattice, second.space_group, second.sites):
            told.append(
                f"{one} and {other} are the same structure: the pattern tells their amounts apart by their widths at "
                "most; only the sum is known"
            )
    return told
