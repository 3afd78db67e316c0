"""How often the truth lies within one and two s.u., over simulated patterns with noise and background.

All refined parameters are pooled. Patterns are fitted as a measured one is, with weights 1/σ² from the counts
themselves, and again with those of the calculated pattern of the first fit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from bars import Bar
from numpy.typing import NDArray
from settings import Settings
from simulated_refinements import KINDS, SimulatedRefinement, draw
from staged import staged

from anatase.errors import AnataseError
from anatase.refine.calculated_weights import with_calculated_weights
from anatase.refine.fit import Fitted, fit
from anatase.refine.parameters.parameters import parameter_values

__all__ = ["check_coverage"]

SEED, PATTERNS, QUICK = 2026, 300, 60
ONE, TWO = (68.0, 5.0), (95.0, 3.0)
POOR = 1.15  # GOF of a simulated pattern above which a fit has not found the truth's minimum


@dataclass(frozen=True)
class Pulls:
    """Names of parameters (n,) by kind, and (value − truth)/s.u. (n,) of each."""

    names: tuple[str, ...]
    values: NDArray[np.float64]


def _kind_of(name: str) -> str:
    last = name.rpartition(".")[2]
    groups = {"chebyshev": "background", "gauss": "U, V, W", "variance": "U, V, W"}
    groups |= dict.fromkeys("abc", "cell") | dict.fromkeys("xyz", "coordinate") | {"zero": "shift"}
    return groups.get(last.partition("_")[0], {"displacement": "shift"}.get(last, last))


def _pulls(found: Fitted, drawn: SimulatedRefinement) -> Pulls:
    truth = parameter_values(drawn.truth)
    told = np.isfinite(found.su) & (found.su > 0.0)
    names = np.array(found.parametrisation.names)
    off = (found.values - np.array([truth[name] for name in names])) / np.where(told, found.su, np.nan)
    return Pulls(tuple(_kind_of(name) for name in names), np.where(told, off, np.nan))


def _within(pulls: list[Pulls], limit: float) -> float:
    pooled = np.concatenate([one.values for one in pulls])
    return 100.0 * float(np.mean(np.abs(pooled[np.isfinite(pooled)]) < limit))


def _tell(title: str, pulls: list[Pulls]) -> None:
    names = np.concatenate([np.array(one.names) for one in pulls])
    values = np.concatenate([one.values for one in pulls])
    print(f"  {title}: {_within(pulls, 1.0):.1f} % within 1 s.u., {_within(pulls, 2.0):.1f} % within 2, of "
          f"{np.isfinite(values).sum()}; {np.isnan(values).sum()} without an s.u.")  # fmt: skip
    for name in sorted(set(names)):
        own = values[(names == name) & np.isfinite(values)]
        print(f"    {name:12s} {np.mean(np.abs(own) < 1.0):6.1%} {np.mean(np.abs(own) < 2.0):6.1%}  mean pull "
              f"{own.mean():+.2f}, n {own.size}")  # fmt: skip


def check_coverage(settings: Settings) -> list[Bar]:
    """Simulate, fit, and count how often the truth is within the stated s.u."""
    n = QUICK if settings.quick else PATTERNS
    observed: list[Pulls] = []
    reweighted: list[Pulls] = []
    failures: Counter[str] = Counter()
    for seed in range(n):
        kind = list(KINDS)[seed % len(KINDS)]
        drawn = draw(kind, np.random.default_rng((SEED, seed)))
        try:
            found = staged(drawn.start, drawn.stages)
            again = fit(with_calculated_weights(found.model), found.parametrisation.names)
        except AnataseError as error:
            failures[f"{kind}: {type(error).__name__}"] += 1
            continue
        observed.append(_pulls(found, drawn))
        reweighted.append(_pulls(again, drawn))
        if not found.converged:
            failures[f"{kind}: not converged"] += 1
        elif found.gof > POOR:
            failures[f"{kind}: GOF above {POOR}"] += 1
    _tell("weights of the counts", observed)
    _tell("weights of the calculated pattern", reweighted)
    print(f"  failures: {dict(failures) or 'none'} of {n}")
    return [
        *(Bar(f"s.u., truth within {limit} s.u.: away from {aim:g} %", abs(_within(observed, limit) - aim), off, False)
          for limit, (aim, off) in ((1, ONE), (2, TWO))),
        Bar("s.u., fits that failed", sum(failures.values()), 0.02 * n, False),
    ]  # fmt: skip
