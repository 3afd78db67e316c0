"""The bootstrap beside the s.u. of the covariance, and its coverage, on a few of the simulated refinements."""

from __future__ import annotations

import numpy as np
from bars import Bar
from settings import Settings
from simulated_refinements import draw
from staged import staged

from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.uncertainty.bootstrap import bootstrap

__all__ = ["check_bootstrap"]

SEED, PATTERNS, REFITS = 4052, 16, 40
RATIO, ONE = (0.9, 1.1), (68.0, 12.0)


def check_bootstrap(settings: Settings) -> list[Bar]:
    """Bootstrap simulated refinements: its s.u. over those of the covariance, and the truth within one of it."""
    ratios, pulls = [], []
    for seed in range(4 if settings.quick else PATTERNS):
        drawn = draw("reactor", np.random.default_rng((SEED, seed)))
        found = staged(drawn.start, drawn.stages)
        boot = bootstrap(found.problem, found.fit, np.random.default_rng(seed), refits=REFITS)
        values, su = found.fit.values, np.sqrt(np.diag(found.covariance.scaled))
        ratios.append(boot.su / su)
        truth = parameter_values(drawn.truth)
        known = [i for i, name in enumerate(found.problem.names) if name in truth and "chebyshev" not in name]
        pulls += [(values[i] - truth[found.problem.names[i]]) / boot.su[i] for i in known]
    ratio, inside = float(np.median(np.concatenate(ratios))), 100.0 * float(np.mean(np.abs(pulls) < 1.0))
    print(f"  {REFITS} refits each: s.u. {ratio:.3f} times those of the covariance; {inside:.1f} % of {len(pulls)} "
          "true values (background left out) within one")  # fmt: skip
    return [
        Bar("bootstrap, s.u. over the covariance's", ratio, RATIO[0], True),
        Bar("bootstrap, s.u. over the covariance's", ratio, RATIO[1], False),
        Bar("bootstrap, truth within 1 s.u.: away from 68 %", abs(inside - ONE[0]), ONE[1], False),
    ]
