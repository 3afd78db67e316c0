"""Simulated samples on which the probabilities of identification are calibrated.

Each is a random mixture of library entries other than those of the tested patterns, with what its maker would say of
its elements, and a library that in one of four cases lacks one of the phases. Case ``i`` of a seed is always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(1, str(Path(__file__).parents[1] / "benchmarks" / "identify"))

import gemmi
from open_set import entries_of
from rows import TruePhase
from same_phase import is_phase

from anatase.identify.plausible import plausible
from anatase.library import Library
from anatase.pattern.pattern import Pattern
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.random_powder import random_empty_pattern, random_mixture

__all__ = ["Case", "Source", "draw_case"]

SYMBOLS = tuple(gemmi.Element(z).name for z in range(1, 119))
EMPTY, BLIND, REMOVED, REACTED = 0.04, 0.2, 0.25, 0.6  # shares of the cases
LARGEST = 0.97  # quantile of the number of lines: beyond are large frameworks, which slow everything down
PHASES = (0.25, 0.3, 0.3, 0.15)  # how often 1, 2, 3, 4


@dataclass(frozen=True)
class Case:
    """A pattern, what is said of it, and the truth: phases, their entries, and which of them the library lacks.

    ``entries`` are those that the search may use; ``significance`` is each true phase's signal over counting noise.
    """

    pattern: Pattern
    elements: tuple[str, ...] | None
    entries: NDArray[np.int64]
    true: tuple[TruePhase, ...]
    removed: tuple[int, ...]
    significance: tuple[float, ...]


class Source:
    """A library to draw from: its entries that are not of the tested patterns, and each phase's entries."""

    def __init__(self, library: Library, tested: Sequence[TruePhase]) -> None:
        self.library = library
        described = zip(library.names, library.formulas, library.space_group_numbers, strict=True)
        known = [any(is_phase(name, formula, int(n), phase) for phase in tested) for name, formula, n in described]
        likely = np.zeros(len(library), bool)
        likely[plausible(library, np.arange(len(library)), None)] = True
        counts = np.diff(library.line_offsets)
        small = counts < np.quantile(counts, LARGEST)
        self.drawable: NDArray[np.int64] = np.flatnonzero(likely & small & ~np.array(known))

    def phase(self, entry: int, fraction: float) -> TruePhase:
        """Return what an entry is as a true phase."""
        number = int(self.library.space_group_numbers[entry])
        return TruePhase(str(self.library.formulas[entry]), (number,), (), fraction)

    def draw_entries(self, rng: np.random.Generator, count: int) -> list[int]:
        """Return entries of different phases that could lie in one sample.

        Products of one reaction share their elements with the first, but for two at most; other mixtures share one.
        """
        elements = self.library.elements
        chosen = [int(rng.choice(self.drawable))]
        reacted = rng.random() < REACTED
        while len(chosen) < count:
            present = elements[chosen].any(axis=0)
            new = (elements[self.drawable] & ~present).sum(axis=1)
            shared = (elements[self.drawable] & present).sum(axis=1)
            groups = np.isin(self.library.groups[self.drawable], self.library.groups[chosen])
            free = ~groups & ((new <= 2) if reacted else (shared >= 1))
            if not free.any():
                break
            chosen.append(int(rng.choice(self.drawable[free])))
        return chosen


def draw_case(source: Source, seed: int, index: int) -> Case:
    """Return case ``index`` of a seed."""
    rng = np.random.default_rng([seed, index])
    library = source.library
    if rng.random() < EMPTY:
        some = tuple(SYMBOLS[z] for z in np.flatnonzero(library.elements[int(rng.choice(source.drawable))]))
        elements = None if rng.random() < BLIND else some
        return Case(random_empty_pattern(rng), elements, _entries(library, elements, ()), (), (), ())
    chosen = source.draw_entries(rng, 1 + int(rng.choice(len(PHASES), p=PHASES)))
    structures = [library.structure(i) for i in chosen]
    mixture = random_mixture(structures, rng, MixtureVariety(phase_shares=tuple([0.0] * (len(chosen) - 1) + [1.0])))
    pairs = zip(mixture.chosen, mixture.weight_fractions, strict=True)
    true = tuple(source.phase(chosen[i], float(fraction)) for i, fraction in pairs)
    elements = None if rng.random() < BLIND else _said(rng, library, chosen)
    removed = (int(rng.integers(len(true))),) if rng.random() < REMOVED else ()
    left_out = [entries_of(library, true[i]) for i in removed]
    entries = _entries(library, elements, left_out)
    significance = tuple(float(s) for s in mixture.significance)
    return Case(mixture.pattern, elements, entries, true, removed, significance)


def _said(rng: np.random.Generator, library: Library, chosen: Sequence[int]) -> tuple[str, ...]:
    """Return the elements of a sample and now and then one or two that are not in it."""
    present = library.elements[list(chosen)].any(axis=0)
    common = np.flatnonzero(library.elements.sum(axis=0) > 0.02 * len(library))
    present[rng.choice(common, int(rng.choice(3, p=(0.6, 0.25, 0.15))))] = True
    return tuple(SYMBOLS[z] for z in np.flatnonzero(present))


def _entries(
    library: Library, elements: tuple[str, ...] | None, left_out: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64]:
    entries = plausible(library, library.select(allowed=elements), list(elements) if elements else None)
    for without in left_out:
        entries = np.setdiff1d(entries, without)
    return entries
