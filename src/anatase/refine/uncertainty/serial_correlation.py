"""Serial correlation of the residuals: how far neighbouring points misfit together, and what that does to s.u."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem

__all__ = [
    "WHITE_FACTOR",
    "SerialCorrelation",
    "autocorrelation",
    "berar_lelann",
    "durbin_watson",
    "serial_correlation",
    "stretches_of_residuals",
]

Array = NDArray[np.float64]

# What equations 10 to 12 of Bérar & Lelann give on average for white noise of unit variance: √1.2694
WHITE_FACTOR = 1.127
HILL_FLACK = 3.0901  # the normal quantile of 99.9 %


@dataclass(frozen=True)
class SerialCorrelation:
    """How the normalised residuals √w (y − f) of neighbouring points hang together.

    Attributes
    ----------
    factor
        The factor of Bérar & Lelann by which s.u. grow; 1.13 for residuals without any correlation.
    durbin_watson
        Weighted d: 2 without correlation, towards 0 where neighbours misfit alike.
    band
        Lower and upper end of the range of d in which no correlation is shown at 99.9 %.
    autocorrelation
        Coefficients (m,) at lags of 1, 2, … points.
    length
        Effective correlation length in points: so many points tell as much as one. 1 for white noise.
    """

    factor: float
    durbin_watson: float
    band: tuple[float, float]
    autocorrelation: Array
    length: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of the residuals."""
        if self.durbin_watson >= self.band[0]:
            return ()
        return (
            f"neighbouring residuals misfit alike over about {self.length:.0f} points (Durbin–Watson d "
            f"{self.durbin_watson:.2f}, expected above {self.band[0]:.2f}): trust the corrected s.u.",
        )


def serial_correlation(problem: Problem, fit: Fit) -> SerialCorrelation:
    """Measure the serial correlation of a fit's residuals, stretch by stretch of neighbouring points.

    Restraints and points of weight 0 take no part.
    """
    pieces = stretches_of_residuals(problem, fit)
    n = sum(piece.size for piece in pieces)
    lags = autocorrelation(pieces)
    return SerialCorrelation(
        berar_lelann(pieces),
        durbin_watson(pieces),
        _band(n, len(problem.names)),
        lags,
        _length(lags, n),
    )


def stretches_of_residuals(problem: Problem, fit: Fit) -> list[Array]:
    """Return the normalised residuals √w (y − f) of each stretch of neighbouring points, without those of weight 0."""
    whole = np.sqrt(problem.weights) * (problem.observed - fit.model)
    ends = problem.stretches or ((0, whole.size),)
    return [whole[first:last][problem.weights[first:last] > 0] for first, last in ends]


def berar_lelann(pieces: list[Array]) -> float:
    """Return the factor that accounts for local correlation, at least 1.

    Of the normalised residuals a (n,) of each stretch: zᵢ = √(2πx)/(2 + √(2πx)) with x = aᵢ² + aᵢ₋₁² is the
    chance that point i errs together with the one before it, 0 where the two differ in sign. The factor is
    √(S″/S) with S = Σ aᵢ² and S″ = Σ (1 − zᵢ²) aᵢ² + Σ over runs of z > 0 of (Σ zᵢ aᵢ)².

    Bérar & Lelann (1991) J. Appl. Cryst. 24, 1, equations 10–12, with the 2π of their program and of
    Andreev (1994) J. Appl. Cryst. 27, 288, equation 3, where the print has 2.

    Examples
    --------
    >>> berar_lelann([np.array([1.0, -1.0, 1.0, -1.0])])
    1.0
    >>> round(berar_lelann([np.ones(1000)]), 1)  # all errs together: z = √(4π)/(2 + √(4π)) of √1000
    20.2
    """
    total, corrected = 0.0, 0.0
    for a in pieces:
        if a.size == 0:
            continue
        root = np.sqrt(2.0 * np.pi * (a[1:] ** 2 + a[:-1] ** 2))
        z = np.concatenate([[0.0], np.where(a[1:] * a[:-1] > 0.0, root / (2.0 + root), 0.0)])
        starts = np.flatnonzero(z == 0.0)  # each run stands behind a point of z = 0, which adds nothing to its sum
        runs = np.add.reduceat(z * a, starts)
        total += float(a @ a)
        corrected += float(np.sum((1.0 - z**2) * a**2) + runs @ runs)
    return max(1.0, float(np.sqrt(corrected / total))) if total > 0.0 else 1.0


def durbin_watson(pieces: list[Array]) -> float:
    """Return d = Σ (aᵢ − aᵢ₋₁)² / Σ aᵢ² of normalised residuals: Durbin & Watson (1950) Biometrika 37, 409.

    Examples
    --------
    >>> durbin_watson([np.array([1.0, -1.0, 1.0, -1.0])])
    3.0
    """
    total = sum(float(a @ a) for a in pieces)
    return sum(float(np.sum(np.diff(a) ** 2)) for a in pieces) / total if total > 0.0 else 2.0


def autocorrelation(pieces: list[Array], lags: int = 100) -> Array:
    """Return the coefficients of correlation (m,) of residuals 1, 2, … ``lags`` points apart, about zero mean."""
    total = sum(float(a @ a) for a in pieces)
    longest = max((a.size for a in pieces), default=0)
    count = max(0, min(lags, longest - 1))
    if total == 0.0:
        return np.zeros(count)
    products = [sum(float(a[lag:] @ a[:-lag]) for a in pieces if a.size > lag) for lag in range(1, count + 1)]
    return np.asarray(products, dtype=np.float64) / total


def _band(n: int, k: int) -> tuple[float, float]:
    """Return the range of d without correlation: Q and 4 − Q of Hill & Flack (1987) J. Appl. Cryst. 20, 356."""
    low = 2.0 * ((n - 1) / max(n - k, 1) - HILL_FLACK / np.sqrt(n + 2.0))
    return float(low), float(4.0 - low)


def _length(lags: Array, n: int) -> float:
    """Return 1 + 2 Σ ρ, up to the first coefficient that is no more than noise: below 2/√n."""
    noise = np.flatnonzero(lags < 2.0 / np.sqrt(max(n, 1)))
    last = int(noise[0]) if noise.size else lags.size
    return float(1.0 + 2.0 * lags[:last].sum())
