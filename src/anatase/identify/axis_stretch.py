"""An axis that runs too slowly or too fast: all phases of a sample seem strained alike, and it is the 2θ that is off.

Some scans are recorded with a false step: each angle then lies off in proportion to its distance from the start. One
phase alone cannot tell this from a strained cell; two phases that agree can.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.search_space import SearchSpace
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import prepare

__all__ = ["axis_stretch", "with_true_axis"]

Array = NDArray[np.float64]

LEAST_STRAIN = 0.005  # of length, alike in all phases: cells of samples seldom are
UNLIKE = 0.4  # of the strain, difference of a phase that has another cause
LEAST_AGREED = 0.6  # of the Bragg intensity, in phases that agree
LEAST_SHARE = 0.03  # of the Bragg intensity, of a phase that has a say
TRIED = 2.2  # times the strain: where the stretch is looked for
# Δd/d = −cot θ Δθ of Δθ = rate (θ − θ₀): where most lines of a scan from 10 degrees are
STRAIN_OF_STRETCH = 0.75
LEAST_GAIN = 30.0  # −2 ln evidence that a stretch must save, in units of the misfit


def axis_stretch(space: SearchSpace, hypothesis: Hypothesis) -> float:
    """Return the share by which the 2θ axis of a pattern is too short, 0 where nothing speaks for it.

    Two or more phases with most of the intensity must show the same strain of length, of 0.5 % or more. The stretch
    about the start of the pattern is then what makes the evidence of these phases the best, and must be worth a
    parameter more.
    """
    strain, alike = _common_strain(hypothesis)
    if abs(strain) < LEAST_STRAIN:
        return 0.0

    def cost(rate: float) -> float:
        # a phase that disagrees is either a false one, or a true one far from its entry, which the stretch moves too
        starts = [set(range(len(hypothesis.candidates))), alike]
        fits = [_refitted(space, hypothesis, rate, moved) for moved in starts[: 1 + (starts[0] != alike)]]
        return min(fit.cost + fit.prior for fit in fits)

    ends = (min(0.5 * strain, TRIED * strain), max(0.5 * strain, TRIED * strain))
    best = minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 0.0005, "maxiter": 10})
    saved = (hypothesis.cost + hypothesis.prior - float(best.fun)) / hypothesis.misfit
    return float(best.x) if saved > LEAST_GAIN else 0.0


def _strains(hypothesis: Hypothesis, which: int) -> Array:
    """Return the strains of 1/d² (k,) of one phase; the first is the isotropic one, −2 Δd/d."""
    k = hypothesis.candidates[which].lines.basis.shape[0]
    return hypothesis.parameters[hypothesis.block(which)][1 : 1 + k]


def _common_strain(hypothesis: Hypothesis) -> tuple[float, set[int]]:
    """Return the strain of length that most of the phases share, and which they are; 0 where there is none.

    A false phase may disagree: two with most of the Bragg intensity must not.
    """
    share = hypothesis.areas / max(float(hypothesis.areas.sum()), 1e-300)
    strains = np.array([-0.5 * _strains(hypothesis, i)[0] for i in range(len(share))])
    if not strains.size:
        return 0.0, set()
    order = np.argsort(strains)
    half = int(np.searchsorted(np.cumsum(share[order]), 0.5))
    middle = float(strains[order][min(half, len(share) - 1)])
    alike = (np.abs(strains - middle) < UNLIKE * abs(middle)) & (share > LEAST_SHARE)
    if alike.sum() < 2 or share[alike].sum() < LEAST_AGREED:
        return 0.0, set()
    return float(np.average(strains[alike], weights=share[alike])), {int(i) for i in np.flatnonzero(alike)}


def _refitted(space: SearchSpace, hypothesis: Hypothesis, rate: float, moved: set[int]) -> Hypothesis:
    """Return the fit of the same phases on a stretched axis, from cells that are smaller by as much where ``moved``."""
    measurement = prepare(with_true_axis(space.measurement.pattern, rate))
    entries = np.array([c.entry for c in hypothesis.candidates], dtype=np.int64)
    stretched = SearchSpace(measurement, space.library, entries, space.settings)
    candidates = []
    for i, candidate in enumerate(hypothesis.candidates):
        start = _strains(hypothesis, i).copy()
        start[0] += 2.0 * STRAIN_OF_STRETCH * rate * (i in moved)
        candidates.append(replace(candidate, strain=tuple(float(v) for v in start)))
    return fit_hypothesis(stretched, tuple(candidates))


def with_true_axis(pattern: Pattern, rate: float) -> Pattern:
    """Return a pattern in 2θ with its axis stretched about its start by the share ``rate``, with a warning."""
    told = (
        f"all phases agree that the 2θ axis runs {100 * abs(rate):.1f} % too {'slow' if rate > 0 else 'fast'}; it was "
        "set right for the answer: check the step of the scan"
    )
    return replace(pattern, x=pattern.x + rate * (pattern.x - pattern.x[0])).with_warnings(told)
