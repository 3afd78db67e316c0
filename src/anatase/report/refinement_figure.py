"""The Rietveld plots of a refinement, packed for the figure of the HTML report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anatase.identify.answer import Ticks
from anatase.refine.intensities.partition import observed_squares
from anatase.refine.model import ConstantWavelength
from anatase.refine.refinement import Refinement
from anatase.report.figure import DrawnFit, DrawnPhase, packed_pattern

__all__ = ["drawn_refinement", "refinement_figures"]


def refinement_figures(refinement: Refinement) -> list[dict[str, Any]]:
    """Return what the figure draws of each pattern, JSON-ready: as ``packed_pattern``, with the pattern's ``name``."""
    fits = [drawn_refinement(refinement, i) for i in range(len(refinement.model.histograms))]
    return [
        {"name": fit.name, **packed_pattern(fit.pattern, fit.calculated, fit.background, fit.phases)} for fit in fits
    ]


def drawn_refinement(refinement: Refinement, index: int) -> DrawnFit:
    """Return what figures draw of one pattern of a refinement."""
    histogram, curve = refinement.model.histograms[index], refinement.calculated[index]
    beam = histogram.beam
    pattern = replace(histogram.pattern, radiation=beam.radiation if isinstance(beam, ConstantWavelength) else None)
    phases = [
        DrawnPhase(
            phase.name,
            phase.structure.formula if phase.structure.sites else phase.name,
            phase.structure.space_group.symbol,
            curve.phases[j],
            _ticks(refinement, index, j),
        )
        for j, phase in enumerate(refinement.model.phases)
    ]
    return DrawnFit(histogram.name, pattern, curve.intensity, curve.background, tuple(phases), np.zeros(0))


def _ticks(refinement: Refinement, index: int, which: int) -> Ticks:
    """Return the reflections of a phase that lie in the pattern, by increasing position."""
    found = observed_squares(refinement.model, index, which, refinement.calculated[index])
    x = refinement.model.histograms[index].pattern.x
    inside = np.flatnonzero((found.position >= x[0]) & (found.position <= x[-1]))
    order = inside[np.argsort(found.position[inside], kind="stable")]
    top = float(found.intensity[order].max(initial=0.0))
    intensity = 100.0 * found.intensity[order] / top if top > 0.0 else np.zeros(order.size)
    return Ticks(found.hkl[order], found.position[order], found.d_spacing[order], found.multiplicity[order], intensity)
