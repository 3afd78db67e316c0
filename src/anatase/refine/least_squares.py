"""Levenberg–Marquardt with Gaussian priors and bounds for whole-pattern fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from anatase.errors import PhysicsError

__all__ = ["Fit", "Prior", "levenberg_marquardt"]

Array = NDArray[np.float64]

UNDAMPED = 1e-8  # of the normal matrix' diagonal: what shortens no step that the data determine


@dataclass(frozen=True)
class Prior:
    """What is known of the parameters before the fit, all (k,): mean, s.u. (inf: nothing), bounds."""

    mean: Array
    su: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Fit:
    """Where a fit ended: parameters (k,), model (n,), Jacobian (k, n), objective, normal matrix (k, k), convergence.

    ``history`` holds the objective at the start and after each step that was taken.
    """

    values: Array
    model: Array
    jacobian: Array
    objective: float
    normal: Array
    converged: bool
    history: tuple[float, ...] = ()


def _solve(normal: Array, gradient: Array, damping: float) -> Array:
    diagonal = np.maximum(np.diag(normal), 1e-300)
    scale = 1.0 / np.sqrt(diagonal)
    scaled = normal * np.outer(scale, scale)
    scaled[np.diag_indices_from(scaled)] += damping + 1e-12
    try:
        return np.asarray(cho_solve(cho_factor(scaled, check_finite=False), gradient * scale) * scale)
    except LinAlgError:
        return np.asarray(np.linalg.lstsq(scaled, gradient * scale, rcond=1e-10)[0] * scale)


def _largest_shift(normal: Array, step: Array, free: NDArray[np.bool_], variance: float) -> float:
    """Return the largest |step|/s.u. of the free parameters, χ² per degree of freedom included."""
    index = np.flatnonzero(free & (np.diag(normal) > 0.0))
    scale = 1.0 / np.sqrt(np.diag(normal)[index])
    inverse = np.linalg.pinv(normal[np.ix_(index, index)] * np.outer(scale, scale), rcond=1e-12, hermitian=True)
    su = np.sqrt(np.maximum(np.diag(inverse), 1e-300) * variance) * scale
    return float(np.max(np.abs(step[index]) / su, initial=0.0))


def _stepped(
    values: Array, normal: Array, gradient: Array, index: NDArray[np.intp], damping: float, prior: Prior
) -> Array:
    """Return where a damped step of the parameters ``index`` leads, within the bounds."""
    step = np.zeros_like(values)
    step[index] = _solve(normal[np.ix_(index, index)], gradient[index], damping)
    return np.asarray(np.clip(values + step, prior.low, prior.high))


def levenberg_marquardt(
    model: Callable[[Array], tuple[Array, Array]],
    start: Array,
    observed: Array,
    weights: Array,
    prior: Prior,
    *,
    max_iterations: int = 20,
    tolerance: float = 1e-4,
    shift_tolerance: float = 0.0,
    tick: Callable[[int, float], None] | None = None,
) -> Fit:
    """Minimise Σ w (y − f(p))² + Σ ((p − mean)/su)² within bounds.

    ``model`` returns f (n,) and ∂f/∂p (k, n). A step that raises the objective, or leads where ``model`` raises a
    ``PhysicsError``, is never taken. Converged when a step changes the objective by less than ``tolerance`` of itself,
    or no parameter by more than ``shift_tolerance`` of its s.u. (with χ² per degree of freedom). ``tick`` is told the
    number of each step and the objective.
    Marquardt (1963) J. Soc. Ind. Appl. Math. 11, 431; parameters at a bound with the gradient
    pointing outwards are held for the step.
    """
    precision = 1.0 / prior.su**2
    values = np.clip(start, prior.low, prior.high)
    y, jacobian = model(values)

    def objective_of(fitted: Array, at: Array) -> float:
        return float(weights @ (observed - fitted) ** 2 + precision @ (at - prior.mean) ** 2)

    objective = objective_of(y, values)
    damping, converged, history = 1e-3, False, [objective]
    normal = np.diag(precision)
    freedom = max(int(np.count_nonzero(weights)) - values.size, 1)
    for iteration in range(max_iterations):
        weighted = jacobian * weights
        normal = weighted @ jacobian.T
        normal[np.diag_indices_from(normal)] += precision
        gradient = weighted @ (observed - y) - precision * (values - prior.mean)
        free = ~(((values <= prior.low) & (gradient < 0)) | ((values >= prior.high) & (gradient > 0)))
        index = np.flatnonzero(free)
        # A damped step is short where the data say little, and jumps of the objective, as small as rounding or lines
        # that come and go make them, bar steps that would change nothing: the undamped step tells how far there is
        # still to go.
        small = shift_tolerance > 0.0 and (
            _largest_shift(
                normal, _stepped(values, normal, gradient, index, UNDAMPED, prior) - values, free, objective / freedom
            )
            <= shift_tolerance
        )
        damping = UNDAMPED if small else damping
        accepted = blocked = False
        while damping < 1e7 and not accepted:
            trial = _stepped(values, normal, gradient, index, damping, prior)
            try:
                y_trial, jacobian_trial = model(trial)
                objective_trial = objective_of(y_trial, trial)
            except PhysicsError:  # no crystal or instrument is there: a shorter step
                objective_trial, blocked = np.inf, True
            if objective_trial <= objective:
                accepted = True
            elif small:
                break
            else:
                damping *= 10.0
        if not accepted:
            converged = not blocked  # at the edge of what is possible nothing tells where the minimum is
            break
        gain = (objective - objective_trial) / max(objective, 1e-300)
        values, y, jacobian, objective = trial, y_trial, jacobian_trial, objective_trial
        damping = max(damping * 0.2, 1e-9)
        history.append(objective)
        if tick is not None:
            tick(iteration + 1, objective)
        if gain < tolerance or small:
            converged = True
            break
    weighted = jacobian * weights
    normal = weighted @ jacobian.T
    normal[np.diag_indices_from(normal)] += precision
    return Fit(values, y, jacobian, objective, normal, converged, tuple(history))
