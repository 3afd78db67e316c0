"""Cycles of full-matrix least squares on F², weights renewed before each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from anatase.errors import PhysicsError
from anatase.refine.least_squares import Prior, levenberg_marquardt
from anatase.refine.single_crystal.crystal_model import Calculated, CrystalModel, calculated, model_at, restraint_rows
from anatase.refine.single_crystal.figures_of_merit import FiguresOfMerit, figures_of_merit
from anatase.refine.single_crystal.weighting import reflection_weights

__all__ = ["Covariance", "Round", "State", "covariance_of", "least_squares_round", "rescaled", "state_at"]

Array = NDArray[np.float64]

STEPS = 4  # of Levenberg–Marquardt with the same weights
FLAT = 1e-10  # eigenvalue of the normal matrix, scaled to ones on its diagonal, below which a direction is unknown
RIDING_SLACK = 1e-4  # relative rise of the misfit that putting riding atoms back to their ideal places may make
FRACTION_BOUNDS = (-0.5, 1.5)


@dataclass(frozen=True)
class State:
    """A model at parameters p (k,): what it gives, weights (n,) on the scale of the data, figures of merit.

    ``restraints`` are values, targets, s.u. (r,) and derivatives (k, r); ``restraint_weight`` multiplies 1/s.u.².
    """

    model: CrystalModel
    p: Array
    at: Calculated
    weights: Array
    restraints: tuple[Array, Array, Array, Array]
    restraint_weight: float
    figures: FiguresOfMerit


@dataclass(frozen=True)
class Round:
    """One round: the state after it, the largest shift over s.u. and the parameter that made it."""

    state: State
    max_shift_over_su: float
    parameter: int


@dataclass(frozen=True)
class Covariance:
    """Covariance (k, k) with the restrained GooF² in it, and the parameters (by index) that the data leave unknown."""

    matrix: Array
    unknown: tuple[int, ...]

    @property
    def su(self) -> Array:
        """Standard uncertainties (k,)."""
        return np.sqrt(np.maximum(np.diag(self.matrix), 0.0))


def state_at(model: CrystalModel, p: Array) -> State:
    """Return the state at parameters p (k,), riding atoms put back to their ideal places."""
    model = model_at(model, p)
    at, merged = calculated(model, p), model.merged
    scale2 = float(p[model.parameters.scale]) ** 2
    observed, sigma = merged.f_squared / scale2, merged.sigma / scale2
    weights = reflection_weights(model.instructions.weighting, observed, sigma, at.f_squared, model.stol)
    weights = np.where(merged.used, weights, 0.0)
    rows = restraint_rows(model, at, p)
    fitted = max(int(np.count_nonzero(weights)), 1)
    restraint_weight = max(float((weights * (observed - at.f_squared) ** 2).sum()) / fitted, 1e-12)
    chi = float((((rows[0] - rows[1]) / rows[2]) ** 2).sum()) * restraint_weight
    figures = figures_of_merit(observed, sigma, at.f_squared, weights, (chi, len(rows[0])), len(p))
    return State(model, p, at, weights / scale2**2, rows, restraint_weight, figures)


def least_squares_round(state: State) -> Round:
    """Return the state after one step of full-matrix least squares with the weights of a state.

    The step is that of Gauss and Newton; where it would raise Σw(Fo² − k²Fc²)² with these weights, a few steps of
    Levenberg and Marquardt stand in its place. Restraints are further observations of weight ⟨wΔ²⟩/s.u.², ⟨wΔ²⟩ the
    mean over the reflections, as in SHELXL. Directions that the data leave unknown are not moved in.
    """
    low, high = _bounds(state)
    slopes, weights, misfit = _system(state)
    root = np.sqrt(weights)
    scaled = slopes * root
    inverse, _ = _inverse(scaled @ scaled.T)  # numpy makes use of the symmetry
    p = np.clip(state.p + inverse @ (scaled @ (root * misfit)), low, high)
    slack = RIDING_SLACK if state.model.parameters.riding else 0.0
    limit = float(weights @ misfit**2) * (1.0 + slack)
    try:
        after = state_at(state.model, p)
        better = _objective(state, after) <= limit
    except PhysicsError:  # the step is too long for any crystal
        better = False
    if not better:
        after = state_at(state.model, _damped(state, low, high))
    su = np.sqrt(np.maximum(np.diag(inverse), 0.0)) * state.figures.restrained_goof
    ratio = np.where(su > 0.0, np.abs(after.p - state.p) / np.maximum(su, 1e-300), 0.0)
    worst = int(np.argmax(ratio)) if len(ratio) else 0
    return Round(after, float(ratio[worst]) if len(ratio) else 0.0, worst)


def _bounds(state: State) -> tuple[Array, Array]:
    parameters, k = state.model.parameters, len(state.p)
    low, high = np.full(k, -np.inf), np.full(k, np.inf)
    low[parameters.scale] = 1e-3 * abs(float(state.p[parameters.scale]))
    if parameters.extinction >= 0:
        low[parameters.extinction] = 0.0
    for _, index in parameters.fractions:
        if index >= 0:
            low[index], high[index] = FRACTION_BOUNDS
    return low, high


def _system(state: State) -> tuple[Array, Array, Array]:
    """Return derivatives (k, n + r), weights (n + r,) and misfits (n + r,) of reflections and restraints."""
    model, rows = state.model, state.restraints
    scale2 = float(state.p[model.parameters.scale]) ** 2
    slopes = np.concatenate([state.at.by_parameter, rows[3]], axis=1) if len(rows[0]) else state.at.by_parameter
    weights = np.concatenate([state.weights, state.restraint_weight / rows[2] ** 2])
    misfit = np.concatenate([model.merged.f_squared - scale2 * state.at.f_squared, rows[1] - rows[0]])
    return slopes, weights, misfit


def _objective(before: State, after: State) -> float:
    """Return Σ w Δ² of a later state with the weights of an earlier one."""
    _, _, misfit = _system(after)
    weights = np.concatenate([before.weights, before.restraint_weight / before.restraints[2] ** 2])
    return float(weights @ misfit**2)


def _damped(state: State, low: Array, high: Array) -> Array:
    """Return parameters (k,) after a few steps of Levenberg–Marquardt with the weights of a state."""
    model, scale = state.model, state.model.parameters.scale

    def evaluate(p: Array) -> tuple[Array, Array]:
        at = calculated(model, p)
        rows = restraint_rows(model, at, p)
        fitted = np.concatenate([at.f_squared * float(p[scale]) ** 2, rows[0]])
        return fitted, np.concatenate([at.by_parameter, rows[3]], axis=1)

    k = len(state.p)
    observed = np.concatenate([model.merged.f_squared, state.restraints[1]])
    weights = np.concatenate([state.weights, state.restraint_weight / state.restraints[2] ** 2])
    prior = Prior(np.zeros(k), np.full(k, np.inf), low, high)
    return levenberg_marquardt(evaluate, state.p, observed, weights, prior, max_iterations=STEPS, tolerance=1e-7).values


def covariance_of(state: State) -> Covariance:
    """Return the covariance of the parameters at a state: N⁻¹ times the square of the restrained GooF."""
    slopes, weights, _ = _system(state)
    scaled = slopes * np.sqrt(weights)
    inverse, unknown = _inverse(scaled @ scaled.T)
    return Covariance(inverse * state.figures.restrained_goof**2, unknown)


def _inverse(normal: Array) -> tuple[Array, tuple[int, ...]]:
    """Return the inverse of a normal matrix (k, k), unknown directions taken out, and the parameters in these."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-300))
    blind = np.diag(normal) <= 1e-300
    scale[blind] = 0.0
    scaled = normal * np.outer(scale, scale)
    scaled[np.diag_indices_from(scaled)] = 1.0
    try:
        inverse = np.asarray(cho_solve(cho_factor(scaled, check_finite=False), np.eye(len(scaled))))
        if np.diag(inverse).max(initial=1.0) < 1.0 / FLAT:
            return inverse * np.outer(scale, scale), tuple(np.flatnonzero(blind).tolist())
    except LinAlgError:
        pass
    values, vectors = np.linalg.eigh(scaled)
    known = values > FLAT
    inverse = (vectors[:, known] / values[known]) @ vectors[:, known].T
    inside = np.flatnonzero(blind | (np.abs(vectors[:, ~known]) > 0.3).any(axis=1))
    return inverse * np.outer(scale, scale), tuple(inside.tolist())


def rescaled(model: CrystalModel, p: Array) -> Array:
    """Return parameters whose overall scale makes ΣFo² = k²ΣFc² of the reflections fitted."""
    at, used = calculated(model, p), model.merged.used
    ratio = float(model.merged.f_squared[used].sum()) / max(float(at.f_squared[used].sum()), 1e-30)
    values = p.copy()
    if ratio > 0.0:
        values[model.parameters.scale] = np.sqrt(ratio)
    return values
