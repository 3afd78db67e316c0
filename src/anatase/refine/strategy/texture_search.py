"""Which axis of preferred orientation a phase has: the one whose intensities fit best while all else is held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.preferred_orientation import march_dollase, orientation_cosines
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.model import RefinementModel
from anatase.refine.start.texture import STARTS, TEXTURE_AXES

__all__ = ["CUBIC_AXES", "best_march_axis"]

Array = NDArray[np.float64]
Axis = tuple[int, int, int]

CUBIC_AXES = ((1, 0, 0), (1, 1, 0), (1, 1, 1))


def best_march_axis(model: RefinementModel, which: int) -> tuple[float, Axis, RefinementModel] | None:
    """Return the share of χ² that the best axis saves, the axis, and the model with it; ``None`` where none saves any.

    Axes that symmetry makes equal are tried once, at a few values of March r, the scale being solved for.
    """
    phase = model.phases[which]
    if any(part.sample.texture_axis is not None or part.sample.textures for part in phase.parts):
        return None
    curves = [calculated(model, i) for i in range(len(model.histograms))]
    weights = [np.where(one.used, one.pattern.sigma**-2.0, 0.0) for one in model.histograms]
    rest = [
        one.pattern.intensity - (c.intensity - c.phases[which]) for one, c in zip(model.histograms, curves, strict=True)
    ]
    before = sum(float(w @ (r - c.phases[which]) ** 2) for w, r, c in zip(weights, rest, curves, strict=True))
    best: tuple[float, Axis, float] | None = None
    for axis in _distinct_axes(model, which):
        for r in STARTS:
            trial = _with_axis(model, which, axis, r, [1.0] * len(model.histograms))
            left = 0.0
            for i, (w, target) in enumerate(zip(weights, rest, strict=True)):
                curve = _phase_curve(trial, which, i)
                weighted = w * curve
                scale = float(weighted @ target) / max(float(weighted @ curve), 1e-300)
                left += float(w @ (target - scale * curve) ** 2)
            if best is None or left < best[0]:
                best = (left, axis, r)
    if best is None or best[0] >= before:
        return None
    left, axis, r = best
    factors = []
    trial = _with_axis(model, which, axis, r, [1.0] * len(model.histograms))
    for i, (w, target) in enumerate(zip(weights, rest, strict=True)):
        curve = _phase_curve(trial, which, i)
        factors.append(max(float((w * curve) @ target) / max(float((w * curve) @ curve), 1e-300), 1e-3))
    return 1.0 - left / before, axis, _with_axis(model, which, axis, r, factors)


def _phase_curve(model: RefinementModel, which: int, index: int) -> Array:
    alone = replace(model, phases=(model.phases[which],))
    return calculated(alone, index).phases[0]


def _with_axis(model: RefinementModel, which: int, axis: Axis, r: float, factors: list[float]) -> RefinementModel:
    phase = model.phases[which]
    parts = tuple(
        replace(part, scale=part.scale * factor, sample=replace(part.sample, texture_axis=axis, march_r=r))
        for part, factor in zip(phase.parts, factors, strict=True)
    )
    return model.with_phase(which, replace(phase, parts=parts))


def _distinct_axes(model: RefinementModel, which: int) -> list[Axis]:
    """Return the axes that symmetry does not make equal to one before: their March factors of a few planes differ.

    Cubic crystals grow as cubes, octahedra and dodecahedra: they lie on or along those faces' normals, or on nothing.
    """
    structure = model.phases[which].structure
    planes = np.array([(1, 2, 3), (3, 1, 2), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 1, 1), (1, 4, 2)], dtype=np.int64)
    kept: list[Axis] = []
    known: list[Array] = []
    for axis in CUBIC_AXES if structure.space_group.crystal_system == "cubic" else TEXTURE_AXES:
        cos2 = orientation_cosines(planes, axis, structure.lattice, structure.space_group)
        factors = march_dollase(cos2, 0.5)[0]
        if not any(np.allclose(factors, other, rtol=1e-6) for other in known):
            kept.append(axis)
            known.append(factors)
    return kept
