"""What speaks for and against each phase of a hypothesis, in numbers that a calibration turns into a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.judgement import gain
from anatase.identify.search_space import SearchSpace
from anatase.refine.start.whole_pattern import line_profiles

__all__ = ["PhaseEvidence", "phase_evidence"]


@dataclass(frozen=True)
class PhaseEvidence:
    """The case of one phase.

    ``gain`` is what it saves in units of the misfit left, less its price, ``second`` the same without its best line,
    ``signal`` the cost of no phase at all in those units, ``saved`` the share of the remaining cost that it saves,
    ``share`` its part of the Bragg intensity, ``lines`` how many of its lines the data see, ``mismatch`` the mean
    square error of their intensities over what is usual, ``strain`` the mean relative misfit of its cell lengths,
    ``texture`` |ln r|, ``width`` its mean line width over the pattern's, ``margin`` the part of the gain that no other
    phase in its place has (0–1), ``chemistry`` whether its composition is usual, ``misfit`` the χ² left.
    """

    gain: float
    second: float
    signal: float
    saved: float
    share: float
    lines: float
    mismatch: float
    strain: float
    texture: float
    width: float
    margin: float
    chemistry: bool
    misfit: float


def phase_evidence(
    space: SearchSpace,
    nothing: Hypothesis,
    hypothesis: Hypothesis,
    which: int,
    reduced: Hypothesis,
    rivals: list[Hypothesis],
) -> PhaseEvidence:
    """Put together the case of one phase: ``reduced`` is the fit without it, ``rivals`` others in its place."""
    whole = hypothesis.with_last(which)
    total, second = gain(space, reduced, whole)
    others = [gain(space, reduced, rival)[0] for rival in rivals]
    candidate = hypothesis.candidates[which]
    _, fwhm, _, area = line_profiles(hypothesis.model, hypothesis.parameters, which)
    width = float(fwhm @ area) / max(float(area.sum()), 1e-300) if area.size else 0.0
    texture = 0.0
    if candidate.lines.axis is not None:
        texture = abs(float(np.log(hypothesis.parameters[hypothesis.model.offsets[which + 1] - 1])))
    return PhaseEvidence(
        gain=total,
        second=second,
        signal=nothing.cost / whole.misfit,
        saved=(reduced.cost - whole.cost) / max(reduced.cost, 1e-300),
        share=float(hypothesis.areas[which] / max(hypothesis.areas.sum(), 1e-300)),
        lines=float(hypothesis.lines[which]),
        mismatch=float(hypothesis.mismatch[which]),
        strain=hypothesis.cell_misfit(which, reduced.scale),
        texture=texture,
        width=width / space.measurement.fwhm,
        margin=float(np.clip(1.0 - max(others, default=0.0) / max(total, 1e-9), -1.0, 1.0)),
        chemistry=space.usual_chemistry(candidate.entry),
        misfit=hypothesis.misfit,
    )
