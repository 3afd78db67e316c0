"""Refinement from many starts: which other minima fit as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem
from anatase.refine.uncertainty.refit import refit

__all__ = ["Minimum", "MultiStart", "multistart"]

Array = NDArray[np.float64]

ITERATIONS = 60  # of a refit from afar
MOST_NAMES = 4
APART = 3.0  # s.u.: what is told of a minimum is where it differs by more


@dataclass(frozen=True)
class Minimum:
    """A place where refinements end.

    Values and s.u. (k,), their covariance (k, k) times GOF², χ² with restraints, Rwp (percent), how many ended there.
    """

    values: Array
    su: Array
    covariance: Array
    objective: float
    rwp: float
    hits: int


@dataclass(frozen=True)
class MultiStart:
    """The minima that were found, the lowest first.

    ``given`` is the index of the one that the fit handed in belongs to; ``failures`` of ``starts`` refits led nowhere;
    minima whose Rwp is within ``margin`` (relative) of the lowest fit as well.
    """

    names: tuple[str, ...]
    minima: tuple[Minimum, ...]
    given: int
    starts: int
    failures: int
    margin: float

    def through(self, names: tuple[str, ...], function: Callable[[Array], tuple[Array, Array]]) -> MultiStart:
        """Return the same of what follows from the parameters: ``function`` gives (r,) and (r, k) for values (k,)."""

        def seen(one: Minimum) -> Minimum:
            values, slopes = function(one.values)
            spread = slopes @ one.covariance @ slopes.T
            su = np.sqrt(np.maximum(np.diag(spread), 0.0))
            su = np.where((slopes != 0.0) @ np.isnan(one.su), np.nan, su)
            su = np.where((slopes != 0.0) @ np.isinf(one.su), np.inf, su)
            return replace(one, values=values, su=su, covariance=spread)

        return replace(self, names=names, minima=tuple(seen(one) for one in self.minima))

    @property
    def rivals(self) -> tuple[Minimum, ...]:
        """Minima other than the lowest that fit as well."""
        return tuple(one for one in self.minima[1:] if one.rwp <= self.minima[0].rwp * (1.0 + self.margin))

    def differences(self, other: Minimum, reference: Minimum | None = None) -> tuple[tuple[str, float, float], ...]:
        """Return name, value there and value here of what differs by more than 3 s.u., the most significant first."""
        here = self.minima[0] if reference is None else reference
        with np.errstate(invalid="ignore", divide="ignore"):
            # at a bound there is no s.u., and any difference counts; of what the data leave open, none does
            su = np.hypot(*(np.nan_to_num(one.su, nan=0.0, posinf=np.inf) for one in (other, here)))
            pull = np.nan_to_num(np.abs(other.values - here.values) / su, nan=0.0)
        order = [i for i in np.argsort(-pull, kind="stable") if pull[i] > APART]
        return tuple((self.names[i], float(other.values[i]), float(here.values[i])) for i in order)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of the answer: low Rwp is not the truth."""
        told = []
        best = self.minima[0]
        if self.given != 0:
            given = self.minima[self.given]
            told.append(
                f"another start fits better: Rwp {best.rwp:.2f} % instead of {given.rwp:.2f} %"
                + self._where(best, given)
            )
        told += [f"another minimum fits as well: Rwp {one.rwp:.2f} %" + self._where(one, best) for one in self.rivals]
        if self.failures > self.starts / 2:
            told.append(f"{self.failures} of {self.starts} starts led nowhere: minima may be missing")
        return tuple(told)

    def _where(self, other: Minimum, here: Minimum) -> str:
        moved = self.differences(other, here)
        if not moved:
            return ""
        words = [f"{name} {there:.6g} instead of {value:.6g}" for name, there, value in moved[:MOST_NAMES]]
        more = f", and {len(moved) - MOST_NAMES} more" if len(moved) > MOST_NAMES else ""
        return f" with {', '.join(words)}{more}"


def multistart(
    problem: Problem,
    fit: Fit,
    rng: np.random.Generator,
    *,
    starts: int = 20,
    spread: float = 10.0,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    margin: float = 0.01,
    tick: Callable[[int, int], None] | None = None,
) -> MultiStart:
    """Refine from random starts and gather the ends into minima.

    Parameters
    ----------
    spread
        Starts are drawn evenly within so many s.u. of the fitted values, and within bounds.
    ranges
        By name, the range to draw a parameter from instead: ``{"PbSO4.O1.x": (0.0, 1.0)}``.
    margin
        By how much of itself the Rwp of a minimum that fits as well may exceed the lowest.

    Two ends are one minimum when the quadratic form of the normal matrix puts them less than one s.u. apart.
    Minima that are equivalent by symmetry are listed apart.

    Raises
    ------
    InputError
        When a range names no free parameter, or lies outside its bounds.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> square = lambda p: (np.repeat(p**2, 2), np.repeat(2.0 * p[None, :], 2, axis=1))
    >>> problem = Problem(("x",), np.ones(1), square, np.array([3.9, 4.1]), np.ones(2), nothing)
    >>> fit = refit(problem, problem.start)
    >>> found = multistart(problem, fit, np.random.default_rng(1), ranges={"x": (-3.0, 3.0)})
    >>> sorted(one.values.round(3).tolist() for one in found.minima)
    [[-2.0], [2.0]]
    """
    low, high = _box(problem, fit, spread, ranges or {})
    ends, failures = [fit], 0
    for done in range(1, starts + 1):
        try:
            ends.append(refit(problem, rng.uniform(low, high), ITERATIONS))
        except (ConvergenceError, PhysicsError):
            failures += 1
        if tick is not None:
            tick(done, starts)
    order = sorted(range(len(ends)), key=lambda i: (ends[i].objective, i))
    groups: list[list[int]] = []
    for i in order:
        for group in groups:
            if _same(ends[group[0]], ends[i], covariance(problem, ends[group[0]]).gof):
                group.append(i)
                break
        else:
            groups.append([i])
    minima = tuple(_minimum(problem, ends[group[0]], sum(i > 0 for i in group)) for group in groups)
    given = next(number for number, group in enumerate(groups) if 0 in group)
    return MultiStart(problem.names, minima, given, starts, failures, margin)


def _box(problem: Problem, fit: Fit, spread: float, ranges: Mapping[str, tuple[float, float]]) -> tuple[Array, Array]:
    """Return the lowest and highest starting values (k,)."""
    for name in ranges:
        if name not in problem.names:
            raise InputError(f"no free parameter is called '{name}'", f"choose among {', '.join(problem.names)}")
    found = covariance(problem, fit)
    alone = np.diag(fit.normal)
    fallback = found.gof / np.sqrt(np.where(alone > 0.0, alone, np.inf))
    reach = spread * np.where(np.isfinite(found.su), found.su, fallback)
    low, high = fit.values - reach, fit.values + reach
    for name, (least, most) in ranges.items():
        low[problem.names.index(name)], high[problem.names.index(name)] = least, most
    low, high = np.maximum(low, problem.prior.low), np.minimum(high, problem.prior.high)
    for i in np.flatnonzero(low > high):
        raise InputError(
            f"{problem.names[i]} cannot start between {low[i]:.6g} and {high[i]:.6g}", "give a range within its bounds"
        )
    return low, high


def _same(one: Fit, other: Fit, gof: float) -> bool:
    """Whether two ends lie less than one s.u. apart; of an exact fit, to rounding."""
    apart = other.values - one.values
    rounding = 1e-12 * float(one.values @ one.normal @ one.values)
    return float(apart @ one.normal @ apart) <= max(gof**2, rounding)


def _minimum(problem: Problem, fit: Fit, hits: int) -> Minimum:
    measured = np.zeros(problem.weights.size)
    for first, last in problem.stretches or ((0, measured.size),):
        measured[first:last] = problem.weights[first:last]
    rwp = 100.0 * np.sqrt(measured @ (problem.observed - fit.model) ** 2 / (measured @ problem.observed**2))
    found = covariance(problem, fit)
    return Minimum(fit.values, found.su, found.scaled, fit.objective, float(rwp), hits)
