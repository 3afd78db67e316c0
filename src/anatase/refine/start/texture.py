"""Where a phase's preferred orientation starts: the axis and March r that fit best with all else held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.refine.start.whole_pattern import WholePattern, phase_curve

__all__ = ["STARTS", "TEXTURE_AXES", "best_texture", "with_texture_axis"]

Array = NDArray[np.float64]

# faces and edges that crystals commonly lie on; (104) is the cleavage of the rhombohedral carbonates
TEXTURE_AXES = (
    (0, 0, 1),
    (1, 0, 0),
    (0, 1, 0),
    (1, 1, 0),
    (1, 0, 1),
    (0, 1, 1),
    (1, 1, 1),
    (1, 0, 4),
    (1, 1, 2),
    (0, 1, 2),
)
STARTS = (0.4, 0.6, 0.8, 1.25, 1.7, 2.5)  # March r


def with_texture_axis(
    model: WholePattern, values: Array, which: int, axis: tuple[int, int, int], r: float
) -> tuple[WholePattern, Array]:
    """Return the model with one phase's texture axis set, and its parameters with March r in place."""
    old, offsets = model.phases[which], model.offsets
    phases = tuple(p.with_axis(axis) if j == which else p for j, p in enumerate(model.phases))
    stop = offsets[which + 1] - (old.axis is not None)
    parameters = np.concatenate([values[:stop], [r], values[offsets[which + 1] :]])
    return replace(model, phases=phases), parameters


def best_texture(
    model: WholePattern, values: Array, which: int, residual: Array, weights: Array
) -> tuple[float, tuple[int, int, int], float]:
    """Return how much of the weighted residual (n,) the best axis takes, that axis, and its March r.

    Every axis is tried at a few values of r, the phase's scale being solved for; the rest stays as it is.
    """
    plain = replace(model, asymmetry=False, floor=20.0 * model.floor)
    target = residual + phase_curve(plain, values, which)
    before = float(weights @ residual**2)
    best = (0.0, TEXTURE_AXES[0], 1.0)
    for axis in TEXTURE_AXES:
        trial, parameters = with_texture_axis(plain, values, which, axis, 1.0)
        for r in STARTS:
            parameters[trial.offsets[which + 1] - 1] = r
            curve = phase_curve(trial, parameters, which)
            weighted = weights * curve
            scale = float(weighted @ target) / max(float(weighted @ curve), 1e-300)
            best = max(best, (before - float(weights @ (target - scale * curve) ** 2), axis, r))
    return best
