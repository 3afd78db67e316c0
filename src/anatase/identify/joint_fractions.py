"""Weight fractions that several patterns of one sample agree on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AgreedFractions", "agreed_fractions"]

Array = NDArray[np.float64]

ITERATIONS = 50
PRIOR_SU = 5.0  # of ln w: what no pattern compares stays open
LEAST = 1e-6  # weight fraction


@dataclass(frozen=True)
class AgreedFractions:
    """Weight fractions (p,) with s.u. (p,), what each pattern (k, p) should then have said, and its pulls (k, p).

    ``expected`` is renormalised to the phases that a pattern shows. A pull is what it said less that, over the s.u. of
    the difference; ``nan`` where it says nothing. ``chi2`` per degree of freedom, at least 1, has gone into the s.u.
    """

    fractions: Array
    su: Array
    expected: Array
    pulls: Array
    chi2: float


def agreed_fractions(fractions: Array, su: Array) -> AgreedFractions:
    """Return the weight fractions (p,) that explain best what patterns (k, p) say, each to its s.u. (k, p).

    A pattern shows some of the phases, those of finite s.u., as f_ki = w_i/Σ_j w_j over them. ln w is found by
    Gauss-Newton least squares. Of p fractions that sum to 1 only p − 1 are independent, so that each counts (p − 1)/p.

    Examples
    --------
    >>> two = agreed_fractions(np.array([[0.31, 0.69], [0.33, 0.67]]), np.full((2, 2), 0.02))
    >>> two.fractions.round(3).tolist(), two.su.round(3).tolist()
    ([0.32, 0.68], [0.014, 0.014])
    """
    shown = np.isfinite(su) & (su > 0.0)
    shown &= shown.sum(axis=1, keepdims=True) > 1  # one phase alone is always 1
    number = np.maximum(shown.sum(axis=1, keepdims=True), 2)
    weight = np.where(shown, (number - 1.0) / number / np.where(shown, su, 1.0) ** 2, 0.0)
    u = _start(fractions, shown)
    prior = np.eye(u.size) / PRIOR_SU**2
    for _ in range(ITERATIONS):
        expected, slopes = _expected(u, shown)
        normal = np.einsum("kij,ki,kil->jl", slopes, weight, slopes) + prior
        right = np.einsum("kij,ki->j", slopes, weight * (np.where(shown, fractions, 0.0) - expected))
        step = np.linalg.solve(normal, right - prior @ (u - u.mean()))
        u = u + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max(initial=0.0)) < 1e-10:
            break
    expected, _ = _expected(u, shown)
    left = np.where(shown, fractions - expected, 0.0)
    freedom = int((shown.sum(axis=1) - 1).clip(min=0).sum()) - (u.size - 1)
    chi2 = max(1.0, float((weight * left**2).sum()) / freedom) if freedom > 0 else 1.0
    w = np.exp(u - u.max())
    w /= w.sum()
    slope = np.diag(w) - np.outer(w, w)
    covariance = slope @ np.linalg.inv(normal) @ slope * chi2
    told = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    with np.errstate(invalid="ignore"):
        pulls = np.where(shown, left / np.where(shown, su, 1.0), np.nan)
    return AgreedFractions(w, told, np.where(shown, expected, np.nan), pulls, chi2)


def _start(fractions: Array, shown: NDArray[np.bool_]) -> Array:
    """Return ln of the mean of what patterns say (p,), of the least that one says where none does."""
    count = shown.sum(axis=0)
    mean = np.where(shown, fractions, 0.0).sum(axis=0) / np.maximum(count, 1)
    floor = mean[count > 0].min() if (count > 0).any() else 1.0
    u = np.log(np.maximum(np.where(count > 0, mean, floor), LEAST))
    return np.asarray(u - u.mean())


def _expected(u: Array, shown: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return what patterns would say (k, p), and its derivatives (k, p, p) by ln w."""
    w = np.where(shown, np.exp(u - u.max()), 0.0)
    f = w / np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    return f, f[:, :, None] * (np.eye(u.size)[None] - f[:, None, :])
