"""Simulated patterns without a phase: flat noise, and backgrounds with air scatter, fluorescence and halos of glass."""

from __future__ import annotations

import numpy as np
from known_patterns import NATURAL_ELEMENTS, KnownPattern

from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import radiation_from_name
from anatase.simulation.random_powder import random_empty_pattern

__all__ = ["SIMULATED", "empty_pattern", "empty_patterns"]

SIMULATED = "simulated/"
LEVELS = (0.3, 3.0, 20.0, 300.0, 5000.0, 80_000.0)  # counts a point of flat noise
BACKGROUNDS = 18


def empty_patterns() -> list[KnownPattern]:
    """Return what there is to ask for; ``empty_pattern`` makes the patterns."""
    names = [f"flat-{i}" for i in range(len(LEVELS))] + [f"background-{i}" for i in range(BACKGROUNDS)]
    return [KnownPattern(SIMULATED + name, "amorphous", "", NATURAL_ELEMENTS, ()) for name in names]


def empty_pattern(path: str) -> Pattern:
    """Return the pattern of such a name."""
    kind, number = path.removeprefix(SIMULATED).split("-")
    rng = np.random.default_rng([20261123, int(number)])
    if kind == "background":
        return random_empty_pattern(rng)
    x = np.arange(10.0, 90.0, 0.02)
    counts = rng.poisson(LEVELS[int(number)], x.size).astype(float)
    return Pattern(x, counts, np.sqrt(np.maximum(counts, 1.0)), radiation=radiation_from_name("CuKa"), name=path)
