"""How well a model agrees with its patterns: Rwp, Rp, χ²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.calculation.evaluate import Calculated, calculated
from anatase.refine.model import RefinementModel

__all__ = ["Residuals", "residuals", "weights_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Residuals:
    """How well a model describes its patterns.

    ``rwp``, ``rp``, ``rwp_background`` in percent for each histogram; ``total`` Rwp of all, ``chi2`` = Σ w Δ²,
    ``n_points`` with a weight.
    """

    rwp: tuple[float, ...]
    rp: tuple[float, ...]
    rwp_background: tuple[float, ...]
    total: float
    chi2: float
    n_points: int

    def gof(self, n_free: int) -> float:
        """Return √(χ²/(N − P)) for P free variables."""
        return float(np.sqrt(self.chi2 / max(self.n_points - n_free, 1)))


def weights_of(model: RefinementModel) -> list[Array]:
    """Return 1/σ² (n,) of each histogram, 0 in excluded ranges."""
    return [np.where(one.used, 1.0 / one.pattern.sigma**2, 0.0) for one in model.histograms]


def residuals(model: RefinementModel, curves: Sequence[Calculated] | None = None) -> Residuals:
    """Return the agreement of a model with its patterns: Rwp = √(Σ w (y_o − y_c)²/Σ w y_o²), Rp = Σ|y_o − y_c|/Σ y_o.

    The third has Σ w (y_o − background)² below (Young, 1993, The Rietveld Method, table 1.3).
    """
    if curves is None:
        curves = [calculated(model, i) for i in range(len(model.histograms))]
    rwp, rp, rwpb, chi2, norm, n = [], [], [], 0.0, 0.0, 0
    for one, curve, w in zip(model.histograms, curves, weights_of(model), strict=True):
        y, used = one.pattern.intensity, w > 0.0
        own, total = float(w @ (y - curve.intensity) ** 2), float(w @ y**2)
        above = float(w @ (y - curve.background) ** 2)
        rwp.append(100.0 * np.sqrt(own / total))
        rwpb.append(100.0 * np.sqrt(own / above) if above > 0.0 else np.inf)
        rp.append(100.0 * float(np.abs(y - curve.intensity)[used].sum() / np.abs(y[used]).sum()))
        chi2, norm, n = chi2 + own, norm + total, n + int(used.sum())
    return Residuals(tuple(rwp), tuple(rp), tuple(rwpb), 100.0 * float(np.sqrt(chi2 / norm)), chi2, n)
