"""One least-squares fit of a model by named parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError, PhysicsError
from anatase.refine.agreement import Residuals, residuals
from anatase.refine.calculation.evaluate import listing
from anatase.refine.constraint.parametrisation import Parametrisation, parametrise
from anatase.refine.covariance import Covariance, covariance
from anatase.refine.intensities.lebail import extract
from anatase.refine.intensities.pawley import solve_intensities
from anatase.refine.intensities.reflection_lists import check_free, phases_of_mode, with_reflections
from anatase.refine.least_squares import Fit, levenberg_marquardt
from anatase.refine.model import RefinementModel
from anatase.refine.model_problem import Restraints, problem_of
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.problem import Problem

__all__ = ["Fitted", "fit"]

Array = NDArray[np.float64]
Tick = Callable[[int, float], None]

LISTS = 3  # of reflections at most; a fit that moves lines over the end of a pattern is done again
STEPS_BETWEEN = 3  # of the profile, between two extractions of intensities
LEAST_GAIN = 1e-4  # of χ², below which a further extraction is not worth its time


@dataclass(frozen=True)
class Fitted:
    """Where a fit ended.

    Parameters
    ----------
    model
        The refined model.
    parametrisation
        The refined parameters (r) and the free variables (k).
    values
        Of the refined parameters (r,).
    covariance
        Of the free variables (k), with what the data leave open and what stands at a bound.
    residuals
        Agreement of all histograms.
    history
        Objective after each accepted step; it never rises. Of fits with other lists of reflections before the last,
        only what lay above.
    converged
        Whether the last step moved no variable by more than a small part of its s.u.
    fit, problem
        What the optimiser returned, and what it was asked.
    """

    model: RefinementModel
    parametrisation: Parametrisation
    values: Array
    covariance: Covariance
    residuals: Residuals
    history: tuple[float, ...]
    converged: bool
    fit: Fit
    problem: Problem

    @property
    def n_free(self) -> int:
        """Free variables P, intensities of Pawley fits among them."""
        return len(self.parametrisation.free) + self.problem.eliminated

    @property
    def gof(self) -> float:
        """√(χ²/(N − P)) of the patterns, restraints left aside."""
        return self.residuals.gof(self.n_free)

    @property
    def spread(self) -> Array:
        """Covariance (r, r) of the parameters, multiplied by GOF²; 0 where a variable is held or open."""
        slopes = self.parametrisation.at(self.fit.values)[1]
        return np.asarray(slopes @ self.covariance.scaled @ slopes.T)

    @property
    def su(self) -> Array:
        """S.u. (r,) of the parameters, multiplied by GOF; inf where the data leave one open, NaN at a bound."""
        slopes = self.parametrisation.at(self.fit.values)[1] != 0.0
        su = np.sqrt(np.maximum(np.diag(self.spread), 0.0))
        su[(slopes & self.covariance.at_bound).any(axis=1)] = np.nan
        su[(slopes & self.covariance.undetermined).any(axis=1)] = np.inf
        return su


def fit(
    model: RefinementModel,
    names: Sequence[str],
    *,
    parametrisation: Parametrisation | None = None,
    restraints: Restraints | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    max_iterations: int = 30,
    shift_tolerance: float = 0.02,
    tick: Tick | None = None,
) -> Fitted:
    """Refine named parameters of a model by least squares, each phase in its mode.

    Intensities of Pawley phases are variables of the fit; those of Le Bail phases are shared out between its steps.

    Parameters
    ----------
    model
        Where to start.
    names
        The parameters (r), from ``parameter_values(model)``.
    parametrisation
        How they follow free variables; by default each is free of the others.
    restraints
        Knowledge that counts as observations.
    bounds
        Least and largest value by name; natural ones by default.
    max_iterations
        Accepted steps at most, for each list of reflections.
    shift_tolerance
        Converged when no variable moves by more than this part of its s.u.
    tick
        Called after each step with its number and the objective.

    Raises
    ------
    InputError
        When parameters outnumber points, nothing of a pattern is left to fit, or a parameter means nothing beside free
        intensities.
    PhysicsError
        When the start is impossible.
    """
    check_free(model, names)
    if not any(histogram.used.any() for histogram in model.histograms):
        raise InputError("excluded ranges leave no point of the patterns", "exclude less")
    model = with_reflections(model)
    if parametrisation is None:
        parametrisation = parametrise(model, names, parameter_values(model), bounds)
    if phases_of_mode(model, "lebail"):
        return _alternating(model, parametrisation, restraints, max_iterations, shift_tolerance, tick)
    return _once(model, parametrisation, restraints, max_iterations, shift_tolerance, tick)


def _once(
    model: RefinementModel,
    parametrisation: Parametrisation,
    restraints: Restraints | None,
    max_iterations: int,
    shift_tolerance: float,
    tick: Tick | None,
) -> Fitted:
    """Return the fit of the profile's and structure's parameters; Pawley's intensities are solved for on the way."""
    history = list[float]()
    listed = before = listing(model)
    for _ in range(LISTS):
        try:
            asked = problem_of(model, parametrisation, restraints, listed)
            found = levenberg_marquardt(
                asked.evaluate, asked.start, asked.observed, asked.weights, asked.prior,
                max_iterations=max_iterations, tolerance=0.0, shift_tolerance=shift_tolerance, tick=tick,
            )  # fmt: skip
        except PhysicsError:
            if not history:
                raise
            # a line that has come in has no width there: the end without it stands
            found, listed = replace(found, converged=False), before
            break
        problem = asked
        history = [one for one in history if one >= found.history[0]] + list(found.history)
        parameters, _ = parametrisation.at(found.values)
        model = with_values(model, dict(zip(parametrisation.names, parameters.tolist(), strict=True)))
        before, listed = listed, listing(model)
        if all(np.array_equal(rows[0], listed.reflections[key][0]) for key, rows in before.reflections.items()):
            break  # no line has come into the pattern or left it
    model = solve_intensities(model, listed)
    return Fitted(
        model, parametrisation, parameters, covariance(problem, found), residuals(model), tuple(history),
        found.converged, found, problem,
    )  # fmt: skip


def _alternating(
    model: RefinementModel,
    parametrisation: Parametrisation,
    restraints: Restraints | None,
    max_iterations: int,
    shift_tolerance: float,
    tick: Tick | None,
) -> Fitted:
    """Return the fit of the profile between extractions of Le Bail's intensities, until neither changes anything."""
    history: list[float] = []
    before = np.inf
    while True:
        model = extract(model)
        found = _once(model, parametrisation, restraints, STEPS_BETWEEN, shift_tolerance, tick)
        model, now = found.model, found.history[-1]
        history += [one for one in found.history if not history or one <= history[-1]]
        settled = before - now < LEAST_GAIN * now
        if settled or len(history) >= max_iterations * STEPS_BETWEEN:
            return replace(found, history=tuple(history), converged=settled)
        before = now
