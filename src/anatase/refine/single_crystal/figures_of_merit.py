"""R values of a single-crystal refinement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FiguresOfMerit", "figures_of_merit"]

Array = NDArray[np.float64]

OBSERVED = 2.0  # Fo² > 2σ(Fo²) is Fo > 4σ(Fo)


@dataclass(frozen=True)
class FiguresOfMerit:
    """How well Fc² agrees with Fo²; R values are fractions.

    ``r1`` = Σ||Fo| − |Fc||/Σ|Fo| of reflections with Fo > 4σ(Fo), ``r1_all`` of all, ``wr2`` = [Σw(Fo² − Fc²)²/ΣwFo⁴]^½
    of all, ``goof`` = [Σw(Fo² − Fc²)²/(n − p)]^½, ``restrained_goof`` with the restraints as further observations.
    """

    r1: float
    r1_all: float
    wr2: float
    goof: float
    restrained_goof: float
    n_observed: int
    n_reflections: int
    n_parameters: int
    n_restraints: int


def figures_of_merit(
    observed: Array, sigma: Array, calculated: Array, weights: Array, restraints: tuple[float, int], n_parameters: int
) -> FiguresOfMerit:
    """Return the figures of merit.

    Parameters
    ----------
    observed, sigma, calculated
        Fo², σ and Fc² (n,) on one scale.
    weights
        w (n,), 0 for reflections that are not fitted: they count in R1 of all data alone.
    restraints
        Σ w Δ² of the restraints and their number.
    n_parameters
        Of the refinement.

    Examples
    --------
    >>> figures = figures_of_merit(
    ...     np.array([100.0, 25.0]), np.ones(2), np.array([81.0, 25.0]), np.ones(2), (0.0, 0), 0
    ... )
    >>> round(figures.r1, 4)
    0.0667
    """
    f_o, f_c = np.sqrt(np.maximum(observed, 0.0)), np.sqrt(np.maximum(calculated, 0.0))
    strong = (observed > OBSERVED * sigma) & (weights > 0.0)
    misfit = np.abs(f_o - f_c)
    squares = weights * (observed - calculated) ** 2
    chi, n = float(squares.sum()), int(np.count_nonzero(weights))

    def ratio(upper: float, lower: float) -> float:
        return upper / lower if lower > 0.0 else 0.0

    return FiguresOfMerit(
        ratio(float(misfit[strong].sum()), float(f_o[strong].sum())),
        ratio(float(misfit.sum()), float(f_o.sum())),
        float(np.sqrt(ratio(chi, float((weights * observed**2).sum())))),
        float(np.sqrt(chi / max(n - n_parameters, 1))),
        float(np.sqrt((chi + restraints[0]) / max(n + restraints[1] - n_parameters, 1))),
        int(np.count_nonzero(strong)),
        n,
        n_parameters,
        restraints[1],
    )
