"""A least-squares problem: named parameters, what was observed, and the curve that the parameters give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.least_squares import Prior

__all__ = ["Problem", "curve_at", "hold"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """Minimise Σ w (y − f(p))² + Σ ((p − mean)/su)² within bounds.

    Parameters
    ----------
    names
        A name for each of the k parameters: ``PbSO4.a``.
    start
        Their values at the outset (k,).
    evaluate
        Gives f (n,) and ∂f/∂p (k, n) at values (k,); raises ``PhysicsError`` where there is no such crystal.
    observed
        y (n,): the points of all patterns one after another, then restraints, if any, as further observations.
    weights
        w = 1/σ² (n,); 0 leaves a point out.
    prior
        What is known beforehand: means and s.u. (inf: nothing), lower and upper bounds, all (k,).
    stretches
        Where neighbouring points stand beside each other in one pattern: (first, one past the last) of each stretch, a
        new one at each pattern and after each excluded range. Points in no stretch are restraints. Empty: all points
        are one stretch.
    curve
        Gives f (n,) alone, where that is cheaper than with its derivatives.

    Raises
    ------
    InputError
        When the numbers of names, values and observations disagree, or parameters outnumber the observations.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior, levenberg_marquardt
    >>> x = np.array([0.0, 1.0, 2.0, 3.0])
    >>> line = lambda p: (p[0] + p[1] * x, np.array([np.ones(4), x]))
    >>> nothing = Prior(np.zeros(2), np.full(2, np.inf), np.full(2, -np.inf), np.full(2, np.inf))
    >>> problem = Problem(("level", "slope"), np.zeros(2), line, 1.0 + 2.0 * x, np.ones(4), nothing)
    >>> curve_at(problem, np.array([1.0, 2.0])).tolist()
    [1.0, 3.0, 5.0, 7.0]
    """

    names: tuple[str, ...]
    start: Array
    evaluate: Callable[[Array], tuple[Array, Array]]
    observed: Array
    weights: Array
    prior: Prior
    stretches: tuple[tuple[int, int], ...] = ()
    curve: Callable[[Array], Array] | None = None

    def __post_init__(self) -> None:
        k = len(self.names)
        prior = self.prior
        if any(one.shape != (k,) for one in (self.start, prior.mean, prior.su, prior.low, prior.high)):
            raise InputError(
                f"{k} names for {self.start.size} values, {prior.mean.size} means and {prior.low.size} bounds",
                "give one of each for every parameter",
            )
        if self.observed.shape != self.weights.shape:
            raise InputError(
                f"{self.observed.size} observations and {self.weights.size} weights", "give one weight for each"
            )
        if k > self.n_observations:
            raise InputError(f"{k} parameters for {self.n_observations} observations", "refine fewer parameters")

    @property
    def n_observations(self) -> int:
        """How many observations count: points of some weight, and parameters with a prior."""
        return int(np.count_nonzero(self.weights > 0) + np.count_nonzero(np.isfinite(self.prior.su)))


def curve_at(problem: Problem, values: Array) -> Array:
    """Return f (n,) at values (k,), without the derivatives where the problem offers that."""
    return problem.evaluate(values)[0] if problem.curve is None else problem.curve(values)


def hold(problem: Problem, index: int, value: float) -> Problem:
    """Return the problem of the other k − 1 parameters while one is held at ``value``."""
    evaluate, curve, prior = problem.evaluate, problem.curve, problem.prior

    def less(of: Array) -> Array:
        return np.delete(of, index)

    def of_the_others(values: Array) -> tuple[Array, Array]:
        fitted, jacobian = evaluate(np.insert(values, index, value))
        return fitted, np.delete(jacobian, index, axis=0)

    return replace(
        problem,
        names=(*problem.names[:index], *problem.names[index + 1 :]),
        start=less(problem.start),
        evaluate=of_the_others,
        prior=Prior(less(prior.mean), less(prior.su), less(prior.low), less(prior.high)),
        curve=None if curve is None else lambda values: curve(np.insert(values, index, value)),
    )
