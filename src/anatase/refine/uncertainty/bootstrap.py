"""The bootstrap: how far the parameters scatter when the pattern is drawn again and again and refined each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem
from anatase.refine.uncertainty.refit import refit
from anatase.refine.uncertainty.resampling import (
    block_length,
    with_counting_noise,
    with_gaussian_noise,
    with_shuffled_residuals,
)
from anatase.refine.uncertainty.serial_correlation import serial_correlation

__all__ = ["Bootstrap", "Resampling", "bootstrap"]

Array = NDArray[np.float64]
Resampling = Literal["residuals", "gaussian", "counts"]

MANY_FAILURES = 0.1  # of the refits
FEW = 50  # refits: the 16th and 84th percentiles are then known to no better than 0.2 s.u.
BIAS = 0.5  # s.u.


@dataclass(frozen=True)
class Bootstrap:
    """Where the parameters went in ``n`` refits of patterns drawn anew.

    names (k,), values (k,) of the fit, samples (n, k), how many refits failed, how the patterns were drawn, and
    how many neighbouring residuals were kept together (1: each by itself).
    """

    names: tuple[str, ...]
    values: Array
    samples: Array
    failures: int
    kind: Resampling
    block_length: int

    @property
    def su(self) -> Array:
        """Standard deviation (k,) of the samples."""
        return np.asarray(self.samples.std(axis=0, ddof=1))

    @property
    def bias(self) -> Array:
        """Mean of the samples less the fitted values (k,): what the method of least squares itself adds."""
        return np.asarray(self.samples.mean(axis=0) - self.values)

    def interval(self, level: float = 0.683) -> Array:
        """Return the central interval (k, 2) that holds ``level`` of the samples."""
        tail = 50.0 * (1.0 - level)
        return np.asarray(np.percentile(self.samples, [tail, 100.0 - tail], axis=0).T)

    def through(self, names: tuple[str, ...], function: Callable[[Array], Array]) -> Bootstrap:
        """Return the same of what follows from the parameters: ``function`` gives (r,) for values (k,)."""
        samples = np.array([function(one) for one in self.samples])
        return replace(self, names=names, values=function(self.values), samples=samples)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of these figures."""
        done = len(self.samples)
        told = []
        if self.failures > MANY_FAILURES * (done + self.failures):
            told.append(f"{self.failures} of {done + self.failures} refits failed: the fit is not stable")
        if done < FEW:
            told.append(f"only {done} refits: s.u. are known to {100 / np.sqrt(2 * max(done - 1, 1)):.0f} %")
        # of a parameter at its bound the refits lie on one side; some end where the fit did
        bounded = (self.samples == self.values).any(axis=0)
        far = (np.abs(self.bias) > BIAS * self.su) & ~bounded
        if moved := [self.names[i] for i in np.flatnonzero(far)]:
            told.append(f"the refits do not scatter about the fitted value of {', '.join(moved)}")
        return tuple(told)


def bootstrap(
    problem: Problem,
    fit: Fit,
    rng: np.random.Generator,
    *,
    refits: int = 100,
    kind: Resampling = "residuals",
    block: int | None = None,
    tick: Callable[[int, int], None] | None = None,
) -> Bootstrap:
    """Draw patterns like the one measured, refine each from the solution, and keep where the parameters end.

    Parameters
    ----------
    kind
        ``residuals``: the curve with its residuals in random blocks, which keeps what they are like and that neighbours
        misfit together; ``gaussian``: the curve with noise of GOF/√w; ``counts``: the curve counted anew.
    block
        How many neighbouring residuals stay together; else by their correlation length.
    tick
        Called with the refits done and their number after each.

    Efron & Tibshirani (1993) An Introduction to the Bootstrap, chapters 6, 9 and 13.

    Raises
    ------
    InputError
        When fewer than two refits are asked for, or ``counts`` of what is not counted.
    ConvergenceError
        When fewer than two refits succeed.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> level = lambda p: (np.full(4, p[0]), np.ones((1, 4)))
    >>> problem = Problem(("level",), np.zeros(1), level, np.array([4.0, 5.0, 6.0, 9.0]), np.ones(4), nothing)
    >>> found = bootstrap(problem, refit(problem, problem.start), np.random.default_rng(1), refits=400)
    >>> found.su.round(1).tolist()  # √(14/3)/√4
    [1.1]
    """
    if refits < 2:
        raise InputError(f"{refits} refits", "ask for at least 2, better 100")
    length = 1
    if kind == "residuals":
        serial = serial_correlation(problem, fit)
        length = block or block_length(serial.length, int(np.count_nonzero(problem.weights > 0)))
    gof = covariance(problem, fit).gof
    samples, failures = [], 0
    for done in range(1, refits + 1):
        drawn = _drawn(problem, fit, kind, length, gof, rng)
        try:
            samples.append(refit(drawn, fit.values).values)
        except (ConvergenceError, PhysicsError):
            failures += 1
        if tick is not None:
            tick(done, refits)
    if len(samples) < 2:
        raise ConvergenceError(f"{failures} of {refits} refits failed", fit)
    return Bootstrap(problem.names, fit.values, np.array(samples), failures, kind, length)


def _drawn(problem: Problem, fit: Fit, kind: Resampling, length: int, gof: float, rng: np.random.Generator) -> Problem:
    if kind == "residuals":
        return with_shuffled_residuals(problem, fit, length, rng)
    if kind == "gaussian":
        return with_gaussian_noise(problem, fit, gof, rng)
    return with_counting_noise(problem, fit, rng)
