"""Solve a problem again from other starting values, to an end that can be trusted to a small part of an s.u."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.errors import ConvergenceError, PhysicsError
from anatase.refine.least_squares import Fit, levenberg_marquardt
from anatase.refine.problem import Problem

__all__ = ["refit"]

Array = NDArray[np.float64]

# Of the objective: of 10 000 points, what a step of 0.01 s.u. gains
TOLERANCE = 1e-8


def refit(problem: Problem, start: Array, max_iterations: int = 30) -> Fit:
    """Return the fit that Levenberg–Marquardt reaches from values (k,).

    Raises
    ------
    ConvergenceError
        When it stops short; carries the last state.
    PhysicsError
        When the start itself is no crystal, or its pattern no number.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> square = lambda p: (np.repeat(p**2, 2), np.repeat(2.0 * p[None, :], 2, axis=1))
    >>> problem = Problem(("root",), np.ones(1), square, np.array([3.9, 4.1]), np.ones(2), nothing)
    >>> refit(problem, np.array([5.0])).values.round(5).tolist()
    [2.0]
    """

    def evaluate(values: Array) -> tuple[Array, Array]:
        fitted, jacobian = problem.evaluate(values)
        if not np.isfinite(fitted).all():
            raise PhysicsError("the pattern is no number")
        return fitted, jacobian

    fit = levenberg_marquardt(
        evaluate,
        start,
        problem.observed,
        problem.weights,
        problem.prior,
        max_iterations=max_iterations,
        tolerance=TOLERANCE,
    )
    if not fit.converged:
        raise ConvergenceError(f"no convergence in {max_iterations} iterations", fit)
    return fit
