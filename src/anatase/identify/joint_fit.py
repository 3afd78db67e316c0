"""Fits of whole hypotheses: all phases, background and instrument together, then the evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.evidence import LineErrors, relaxed_cost
from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.search_space import SearchSpace
from anatase.refine.least_squares import Prior, levenberg_marquardt
from anatase.refine.start.measurement import MAX_WIDTH
from anatase.refine.start.texture import best_texture, with_texture_axis
from anatase.refine.start.whole_pattern import evaluate

__all__ = ["fit_hypothesis", "fit_without", "phase_blocks", "textured"]

Array = NDArray[np.float64]
Block = tuple[float, float, float, float, float]  # start, prior mean, prior s.u., lower and upper bound

ITERATIONS = 12
LENGTH_ISOTROPIC, LENGTH_ANISOTROPIC = 0.015, 0.012  # prior s.u. of the strains of 1/d²: 0.75 and 0.6 % of length
LARGEST_STRAIN = 0.09
SCALE = 0.02  # prior s.u. of the strain of 1/d² that all phases share


def _common_blocks(space: SearchSpace) -> list[Block]:
    """Return starts and priors of the background's coefficients and of the instrument."""
    noise, m = float(np.median(space.noise.base_error)), space.measurement
    loose = 3.0 * noise + 0.02 * float(np.median(m.background))
    width2 = (0.7 * m.fwhm) ** 2
    return [
        (1.0, 1.0, 0.1, -np.inf, np.inf),
        *[(0.0, 0.0, loose, -np.inf, np.inf)] * (space.columns.shape[0] - 1),
        (0.0, 0.0, 0.05, -0.3, 0.3),
        (0.02, 0.02, 0.01, 0.0, 0.1),
        (width2, width2, width2, (0.2 * m.fwhm) ** 2, (2.0 * m.fwhm) ** 2),
        (0.0, 0.0, width2, 0.0, 8.0 * width2),
    ]


def phase_blocks(space: SearchSpace, candidate: Candidate) -> list[Block]:
    """Return starts and priors of one phase's parameters."""
    m = space.measurement
    step = (m.x[-1] - m.x[0]) / m.x.size
    total = float(np.maximum(m.net, 0.0).sum() * step)
    blocks: list[Block] = [(0.1 * total, 0.0, np.inf, 0.0, np.inf)]
    for j in range(candidate.lines.basis.shape[0]):
        start = candidate.strain[j] if candidate.strain else 0.0
        su = LENGTH_ISOTROPIC if j == 0 else LENGTH_ANISOTROPIC
        blocks.append((start, 0.0, su, -LARGEST_STRAIN, LARGEST_STRAIN))
    widest = min(20.0 * m.fwhm, MAX_WIDTH)
    blocks.append((0.3 * m.fwhm, 0.3 * m.fwhm, m.fwhm, 0.0, widest))
    blocks.append((0.1 * m.fwhm, 0.1 * m.fwhm, m.fwhm, 0.0, widest))
    if candidate.lines.axis is not None:
        blocks.append((1.0, 1.0, 0.4, 0.25, 3.0))
    return blocks


def fit_hypothesis(
    space: SearchSpace, candidates: tuple[Candidate, ...], warm: Array | None = None, scale: float = 0.0
) -> Hypothesis:
    """Fit a set of candidates, the first parameters starting from ``warm`` (j,), the rest from their priors.

    Beside the model's parameters the strain that all phases share is fitted, from ``scale`` on.
    """
    m, noise = space.measurement, space.noise
    model = space.model(space.columns, tuple(c.lines for c in candidates))
    table = np.array(_common_blocks(space) + [b for c in candidates for b in phase_blocks(space, c)])
    start = table[:, 0].copy()
    if warm is not None:
        start[: warm.size] = warm
    shared = np.zeros(start.size)
    shared[[offset + 1 for offset in model.offsets[:-1]]] = 1.0
    table = np.vstack([table, (0.0, 0.0, SCALE, -LARGEST_STRAIN, LARGEST_STRAIN)])
    prior = Prior(table[:, 1], table[:, 2], table[:, 3], table[:, 4])

    def drawn(p: Array) -> tuple[Array, Array]:
        y, jacobian = evaluate(model, p[:-1] + p[-1] * shared)
        return y, np.vstack([jacobian, shared @ jacobian])

    begin = np.append(start - scale * shared, scale)
    fit = levenberg_marquardt(drawn, begin, m.y, noise.loose, prior, max_iterations=ITERATIONS, tolerance=2e-3)
    values = fit.values[:-1] + fit.values[-1] * shared
    relaxed = relaxed_cost(model, values, m.y - fit.model, noise.strict, LineErrors())
    bragg = fit.model - values[: space.columns.shape[0]] @ space.columns
    penalty = float(((fit.values - prior.mean) ** 2 / prior.su**2).sum())
    misfit = noise.misfit(relaxed.residual, bragg)
    return Hypothesis(
        candidates, model, values, fit.model, relaxed.cost, penalty, misfit, float(fit.values[-1]), relaxed.lines,
        relaxed.mismatch,
    )  # fmt: skip


def fit_without(space: SearchSpace, hypothesis: Hypothesis, which: int) -> Hypothesis:
    """Fit a hypothesis again with one phase left out."""
    reduced = hypothesis.without(which)
    return fit_hypothesis(space, reduced.candidates, reduced.parameters, reduced.scale)


def textured(space: SearchSpace, hypothesis: Hypothesis) -> Hypothesis:
    """Return the hypothesis with preferred orientation for those of its phases whose intensities demand it."""
    gain_needed = space.settings.texture_gain
    for i, candidate in enumerate(hypothesis.candidates):
        if candidate.lines.axis is not None or hypothesis.areas[i] <= 0:
            continue
        residual = space.measurement.y - hypothesis.y
        gain, axis, r = best_texture(hypothesis.model, hypothesis.parameters, i, residual, space.noise.strict)
        if gain < gain_needed * hypothesis.misfit:
            continue
        model, start = with_texture_axis(hypothesis.model, hypothesis.parameters, i, axis, r)
        oriented = replace(candidate, lines=model.phases[i])
        candidates = tuple(oriented if j == i else c for j, c in enumerate(hypothesis.candidates))
        trial = fit_hypothesis(space, candidates, start, hypothesis.scale)
        if trial.worse_than(hypothesis) < -0.5 * gain_needed:
            hypothesis = trial
    return hypothesis
