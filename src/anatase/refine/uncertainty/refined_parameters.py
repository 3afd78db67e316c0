"""Bootstrap, posterior, profile and other minima of a refinement, by the names of its parameters.

A fit moves free variables: 1/size, FWHM² at angles in place of U, V, W, one variable for what constraints tie. What
is found of these is told here of the parameters that follow from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.fit import Fitted
from anatase.refine.uncertainty.bootstrap import Bootstrap, Resampling, bootstrap
from anatase.refine.uncertainty.multistart import MultiStart, multistart
from anatase.refine.uncertainty.posterior import Noise, Posterior, sample_posterior
from anatase.refine.uncertainty.profile_likelihood import ProfileLikelihood, profile_likelihood

__all__ = ["bootstrap_parameters", "multistart_parameters", "profile_parameter", "sample_parameters"]

Array = NDArray[np.float64]
Tick = Callable[[int, int], None]


def bootstrap_parameters(
    fitted: Fitted,
    rng: np.random.Generator,
    *,
    refits: int = 100,
    kind: Resampling = "residuals",
    tick: Tick | None = None,
) -> Bootstrap:
    """Return how far the refined parameters scatter when the pattern is drawn anew: see ``bootstrap``."""
    found = bootstrap(fitted.problem, fitted.fit, rng, refits=refits, kind=kind, tick=tick)
    return found.through(fitted.parametrisation.names, lambda values: fitted.parametrisation.at(values)[0])


def sample_parameters(
    fitted: Fitted, rng: np.random.Generator, *, noise: Noise = "gof", steps: int = 2000, tick: Tick | None = None
) -> Posterior:
    """Return samples of the posterior of the refined parameters: see ``sample_posterior``.

    The prior is flat in the free variables, within their bounds.
    """
    found = sample_posterior(fitted.problem, fitted.fit, rng, noise=noise, steps=steps, tick=tick)
    return found.through(fitted.parametrisation.names, lambda values: fitted.parametrisation.at(values)[0])


def profile_parameter(fitted: Fitted, name: str, *, tick: Tick | None = None) -> ProfileLikelihood:
    """Return how χ² rises on both sides of a refined parameter: see ``profile_likelihood``.

    Raises
    ------
    InputError
        When the parameter was not refined.
    """
    _refined(fitted, [name])
    parametrisation = fitted.parametrisation
    row = parametrisation.names.index(name)

    def quantity(values: Array) -> tuple[float, Array]:
        parameters, slopes = parametrisation.at(values)
        return float(parameters[row]), slopes[row]

    return profile_likelihood(
        fitted.problem, fitted.fit, name, quantity=quantity, limits=_limits(fitted, row), tick=tick
    )


def _limits(fitted: Fitted, row: int) -> tuple[float, float]:
    """Return the bounds of a parameter that follows one variable alone."""
    slopes = fitted.parametrisation.at(fitted.fit.values)[1][row]
    moves = np.flatnonzero(slopes)
    if moves.size != 1:
        return -np.inf, np.inf
    ends = []
    for bound in (float(fitted.problem.prior.low[moves[0]]), float(fitted.problem.prior.high[moves[0]])):
        if np.isfinite(bound):
            values = fitted.fit.values.copy()
            values[moves] = bound
            ends.append(float(fitted.parametrisation.at(values)[0][row]))
        else:
            ends.append(bound * float(np.sign(slopes[moves[0]])))
    return min(ends), max(ends)


def multistart_parameters(
    fitted: Fitted,
    rng: np.random.Generator,
    *,
    starts: int = 20,
    spread: float = 10.0,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    margin: float = 0.01,
    tick: Tick | None = None,
) -> MultiStart:
    """Return the minima that other starts lead to: see ``multistart``; ranges are those of the parameters.

    Raises
    ------
    InputError
        When a range names what was not refined, or what follows other parameters.
    """
    parametrisation = fitted.parametrisation
    _refined(fitted, ranges or {})
    of_variables = {}
    for name, ends in (ranges or {}).items():
        row = parametrisation.names.index(name)
        if name not in parametrisation.free:
            raise InputError(f"{name} follows other parameters", "give a range of what it follows")
        there = []
        for end in ends:
            parameters = fitted.values.copy()
            parameters[row] = end
            there.append(float(parametrisation.variables_of(parameters)[parametrisation.free.index(name)]))
        of_variables[name] = (min(there), max(there))
    found = multistart(
        fitted.problem, fitted.fit, rng, starts=starts, spread=spread, ranges=of_variables, margin=margin, tick=tick
    )
    return found.through(parametrisation.names, parametrisation.at)


def _refined(fitted: Fitted, names: Mapping[str, object] | list[str]) -> None:
    for name in names:
        if name not in fitted.parametrisation.names:
            raise InputError(
                f"'{name}' was not refined", f"choose among {', '.join(fitted.parametrisation.names[:12])} …"
            )
