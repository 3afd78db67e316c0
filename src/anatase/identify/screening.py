"""Screening: which further candidates explain what a hypothesis leaves over, each fitted alone on top of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.joint_fit import phase_blocks
from anatase.identify.retrieve import Hits, retrieve
from anatase.identify.search_space import SearchSpace
from anatase.refine.least_squares import Prior, levenberg_marquardt
from anatase.refine.start.whole_pattern import evaluate
from anatase.refine.start.wide_alignment import residual_heights, wide_alignments

__all__ = ["screen"]

Array = NDArray[np.float64]

ITERATIONS = 7


def _hits(space: SearchSpace, hypothesis: Hypothesis, excluded: set[int], shortlist: int) -> Hits:
    """Retrieve candidates for the residual, a few of each phase, none of the excluded phases."""
    m, settings = space.measurement, space.settings
    error = space.noise.error(hypothesis.y - hypothesis.background, settings.loose_error)
    hits = retrieve(space.table, m, m.y - hypothesis.y, error, limit=6 * shortlist)
    keep: list[int] = []
    seen = dict.fromkeys(excluded, settings.per_group)
    for i, entry in enumerate(hits.entries):
        group = space.group(int(entry))
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= settings.per_group:
            keep.append(i)
        if len(keep) == shortlist:
            break
    return Hits(hits.entries[keep], hits.score[keep], hits.matched[keep], hits.strain[keep])


def screen(
    space: SearchSpace,
    hypothesis: Hypothesis,
    excluded: set[int],
    shortlist: int,
    among: NDArray[np.int64] | None = None,
) -> list[tuple[float, Candidate]]:
    """Return (cost saved, candidate) for the candidates that the residual suggests, best first.

    Each is fitted with the phases found before frozen but for their scale, from its aligned cell; the first hits
    also from the isotropic strain of the retrieval. ``among`` names the candidates in place of the retrieval.
    """
    m, noise = space.measurement, space.noise
    if among is None:
        hits = _hits(space, hypothesis, excluded, shortlist)
    else:
        unknown = np.zeros(among.size)
        hits = Hits(among, unknown, unknown, unknown)
    current = float(noise.loose @ (m.y - hypothesis.y) ** 2)
    heights = residual_heights(m, m.y - hypothesis.y, 1.0 / np.sqrt(noise.loose * noise.correlation))
    columns = np.vstack([hypothesis.background[None, :], space.columns[1:2], *[c[None] for c in hypothesis.curves()]])
    results = []
    for rank, (entry, isotropic) in enumerate(zip(hits.entries, hits.strain, strict=True)):
        lines = space.lines(int(entry))
        plain = np.zeros(lines.basis.shape[0])
        plain[0] = -2.0 * isotropic
        centre = hypothesis.scale
        many = rank < space.settings.two_starts
        starts = wide_alignments(heights, lines, m, [plain], centre, 2 if many else 1)
        if many and all(np.abs(s - plain).max() > 0.002 for s in starts):
            starts.append(plain)
        fits = [_fit_alone(space, Candidate(int(entry), lines, tuple(s)), columns, hypothesis) for s in starts]
        objective, refined = min(fits, key=lambda f: f[0])
        results.append((current - objective - 2.0 * (lines.basis.shape[0] + 1), refined))
    return sorted(results, key=lambda r: -r[0])


def _fit_alone(
    space: SearchSpace, candidate: Candidate, columns: Array, hypothesis: Hypothesis
) -> tuple[float, Candidate]:
    """Fit one candidate on frozen columns (c, n); return the objective and the candidate with its strains refined."""
    model = space.model(columns, (candidate.lines,))
    own = np.array(phase_blocks(space, candidate))
    level = 3.0 * float(np.median(space.noise.base_error))
    present = columns.shape[0] - 2
    rows = np.array(
        [
            (1.0, 1.0, 0.02, -np.inf, np.inf),
            (0.0, 0.0, level, -np.inf, np.inf),
            *[(1.0, 1.0, 0.3, 0.0, np.inf)] * present,
            *[(v, v, 1e-9, v, v) for v in hypothesis.instrument],
            *own,
        ]
    )
    first = model.offsets[0] + 1
    rows[first, 1] = hypothesis.scale
    prior = Prior(rows[:, 1], rows[:, 2], rows[:, 3], rows[:, 4])
    fit = levenberg_marquardt(
        lambda p: evaluate(model, p),
        rows[:, 0],
        space.measurement.y,
        space.noise.loose,
        prior,
        max_iterations=ITERATIONS,
        tolerance=5e-3,
    )
    strain = fit.values[first : first + candidate.lines.basis.shape[0]]
    return fit.objective, replace(candidate, strain=tuple(float(v) for v in strain))
