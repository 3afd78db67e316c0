"""The observed intensity shared out among reflections, and the R values of intensities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.evaluate import Calculated, calculated
from anatase.refine.intensities.reflection_curves import ReflectionCurves, reflection_curves
from anatase.refine.model import RefinementModel

__all__ = ["ObservedSquares", "observed_squares", "r_bragg", "shares"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

LEAST_SHARE = 1e-3  # of the largest calculated intensity above background, below which a point tells nothing
MOST_SEEN = 0.3  # of a reflection's intensity that must lie in the points used


@dataclass(frozen=True)
class ObservedSquares:
    """Reflections (n) of a phase in a histogram, with |F|² calculated and shared out of the observed pattern.

    ``hkl`` (n, 3), ``multiplicity`` (n,), ``d_spacing`` (n,) Å, ``position`` (n,) °2θ or µs, ``calculated`` and
    ``observed`` (n,): |F|² on the scale of the structure; ``intensity`` (n,): Σ over points of what each adds;
    ``seen`` (n,): whether enough of that lies in the points used.
    """

    hkl: Indices
    multiplicity: Indices
    d_spacing: Array
    position: Array
    calculated: Array
    observed: Array
    intensity: Array
    seen: NDArray[np.bool_]


def shares(
    curves: ReflectionCurves, observed: Array, background: Array, total: Array, used: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return by how much each reflection is observed above what is calculated (n,), and Σ of its curve (n,) as used.

    I_k(obs)/I_k(calc) = Σ_i c_ki (y_i − b_i)/(Y_i − b_i) / Σ_i c_ki, c_k its curve, Y the calculated pattern (Rietveld
    1969, J. Appl. Cryst. 2, 65, eq. 7). Points with hardly any calculated intensity are left out of both sums.
    """
    above = total - background
    good = used & (above > LEAST_SHARE * max(float(above.max(initial=0.0)), 1e-300))
    ratio = np.where(good, (observed - background) / np.where(good, above, 1.0), 0.0)
    seen = curves.curves @ good.astype(np.float64)
    share = curves.curves @ ratio
    return np.divide(share, seen, out=np.ones_like(share), where=seen > 0.0), np.asarray(seen)


def observed_squares(
    model: RefinementModel, index: int, which: int, found: Calculated | None = None
) -> ObservedSquares:
    """Return |F|² of phase ``which`` as observed in histogram ``index``, other phases and background taken as fitted.

    ``found``: what the model gives for the histogram, where it is known already.
    """
    found = calculated(model, index) if found is None else found
    histogram = model.histograms[index]
    curves = reflection_curves(model, index, which)
    ratio, seen = shares(curves, histogram.pattern.intensity, found.background, found.intensity, histogram.used)
    whole = np.asarray(curves.curves.sum(axis=1)).ravel()
    inside = (curves.position >= histogram.pattern.x[0]) & (curves.position <= histogram.pattern.x[-1])
    return ObservedSquares(
        curves.hkl, curves.multiplicity, curves.d_spacing, curves.position, curves.f_squared,
        np.maximum(ratio, 0.0) * curves.f_squared, whole * curves.f_squared,
        inside & (seen > MOST_SEEN * whole) & (whole > 0.0),
    )  # fmt: skip


def r_bragg(squares: ObservedSquares) -> float:
    """Return R_B = Σ|I_o − I_c|/Σ I_o in percent, I = m|F|² LP … of each reflection (Young 1993, table 1.3).

    Infinite where nothing is observed.
    """
    calc = squares.intensity[squares.seen]
    ratio = squares.observed[squares.seen] / np.where(
        squares.calculated[squares.seen] > 0.0, squares.calculated[squares.seen], 1.0
    )
    obs = ratio * calc
    total = float(obs.sum())
    return 100.0 * float(np.abs(obs - calc).sum()) / total if total > 0.0 else float("inf")
