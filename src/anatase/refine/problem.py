"""A least-squares problem: named parameters, what was observed, and the curve that the parameters give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.least_squares import Prior

__all__ = ["Problem", "Quantity", "curve_at", "pinned"]

Array = NDArray[np.float64]
# A number that follows from the parameters (k,), and its derivatives (k,)
Quantity = Callable[[Array], tuple[float, Array]]


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
    eliminated
        How many further variables, linear ones, ``evaluate`` solves for by itself; they count as parameters.
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
    eliminated: int = 0

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
        if k + self.eliminated > self.n_observations:
            raise InputError(
                f"{k + self.eliminated} parameters for {self.n_observations} observations", "refine fewer parameters"
            )

    @property
    def n_observations(self) -> int:
        """How many observations count: points of some weight, and parameters with a prior."""
        return int(np.count_nonzero(self.weights > 0) + np.count_nonzero(np.isfinite(self.prior.su)))


def curve_at(problem: Problem, values: Array) -> Array:
    """Return f (n,) at values (k,), without the derivatives where the problem offers that."""
    return problem.evaluate(values)[0] if problem.curve is None else problem.curve(values)


def pinned(problem: Problem, quantity: Quantity, value: float, su: float) -> Problem:
    """Return the problem with one observation more: that a quantity has a value, to an s.u. as small as one likes.

    With an s.u. of a hundredth of its own, the quantity is held and everything else refined around it.
    """
    evaluate = problem.evaluate
    n = problem.observed.size

    def with_quantity(values: Array) -> tuple[Array, Array]:
        fitted, jacobian = evaluate(values)
        found, gradient = quantity(values)
        return np.append(fitted, found), np.column_stack([jacobian, gradient])

    return replace(
        problem,
        evaluate=with_quantity,
        observed=np.append(problem.observed, value),
        weights=np.append(problem.weights, su**-2.0),
        stretches=problem.stretches or ((0, n),),
        curve=None,
    )
