"""Profile likelihood of one parameter: how χ² rises as it is moved and all others are refined at each place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem, Quantity, pinned
from anatase.refine.uncertainty.refit import refit

__all__ = ["ProfileLikelihood", "profile_likelihood"]

Array = NDArray[np.float64]

HELD = 0.01  # of a step: firm enough for 0.0002 s.u., and no steep valley for the optimiser
FAR = 20.0  # s.u. on either side, beyond which the data are said not to bound a parameter
CLOSE = 0.01  # of √Δχ², where a crossing is looked for
MOST_STEPS = 200  # of a refit: a valley held at one place bends, and widths follow it by short steps
MOST_REFITS = 10  # for one crossing
USUAL_REFITS = 12  # for both sides of a parabola
CURVED = 0.15  # of a half-width, by which a parabola's may be missed
LOWER = 0.01  # of a unit of Δχ²: less is rounding


@dataclass(frozen=True)
class ProfileLikelihood:
    """How Δχ²/GOF² rises on both sides of a parameter's value, all others refined.

    Attributes
    ----------
    name, value, su
        The parameter, where the fit put it, and the s.u. of its covariance (with GOF).
    grid
        Where it was held (m,), ascending, the fitted value among them.
    rise
        Δχ²/GOF² (m,) there.
    parameters
        All k parameters (m, k) there: which others give way.
    interval_68, interval_95
        Where Δχ²/GOF² is 1 and 4; ``None`` on a side where the data, or a bound, set no limit.
    parabolic
        Whether value ± su tells the same to 15 % of a half-width.
    better
        All parameters (k,) of a lower minimum that was met on the way.
    warnings
        What the reader must know.
    """

    name: str
    value: float
    su: float
    grid: Array
    rise: Array
    parameters: Array
    interval_68: tuple[float | None, float | None]
    interval_95: tuple[float | None, float | None]
    parabolic: bool
    better: Array | None
    warnings: tuple[str, ...]


@dataclass
class _Walk:
    """A quantity being moved: what is met at each distance (in steps, signed) from the fitted value."""

    problem: Problem
    fit: Fit
    quantity: Quantity
    name: str
    value: float
    su: float
    step: float
    follow: Array  # how the parameters move with one step of the quantity, by the covariance
    gof: float
    limits: tuple[float, float]
    tick: Callable[[int, int], None] | None
    met: dict[float, tuple[float, Array]] = field(default_factory=dict)

    def root_rise(self, distance: float) -> float:
        """Hold the quantity there, refine from the nearest place met, and return √(Δχ²/GOF²)."""
        near = min(self.met, key=lambda other: abs(other - distance))
        low, high = self.problem.prior.low, self.problem.prior.high
        guess = np.clip(self.met[near][1] + (distance - near) * self.follow, low, high)
        there = self.value + distance * self.step
        hold = HELD * self.step
        found = refit(pinned(self.problem, self.quantity, there, hold), guess, MOST_STEPS)
        objective = found.objective - ((self.quantity(found.values)[0] - there) / hold) ** 2
        rise = (objective - self.fit.objective) / self.gof**2
        self.met[distance] = (rise, found.values)
        if self.tick is not None:
            done = len(self.met) - 1
            self.tick(done, max(done, USUAL_REFITS))
        return float(np.sqrt(max(rise, 0.0)))


def profile_likelihood(
    problem: Problem,
    fit: Fit,
    name: str,
    *,
    quantity: Quantity | None = None,
    limits: tuple[float, float] = (-np.inf, np.inf),
    tick: Callable[[int, int], None] | None = None,
) -> ProfileLikelihood:
    """Find the intervals of one parameter in which Δχ² stays below GOF² (68.3 %) and 4 GOF² (95.4 %).

    ζ = ±√(Δχ²/GOF²) is straight in the parameter where the model is linear, so that a secant finds the crossings
    in a few refits: Bates & Watts (1988) Nonlinear Regression Analysis, section 6.1. Places too far from the
    fitted value for the data to say anything (20 s.u.), bounds, and places where no refit succeeds end a side.

    Parameters
    ----------
    name
        The parameter, or what to call the quantity.
    quantity
        Anything else that follows from the parameters: a size refined as its inverse, a distance, a weight fraction.
    limits
        Between which it must stay; a parameter stays within its bounds anyway.
    tick
        Called after each refit with the number done and the number to be expected.

    Raises
    ------
    InputError
        When no free parameter has that name.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> growth = lambda p: (np.full(10, np.exp(p[0])), np.full((1, 10), np.exp(p[0])))
    >>> y = np.exp(0.5) + np.tile([1.0, -1.0], 5)
    >>> problem = Problem(("rate",), np.zeros(1), growth, y, np.ones(10), nothing)
    >>> found = profile_likelihood(problem, refit(problem, problem.start), "rate")
    >>> [round(end, 2) for end in found.interval_95], found.parabolic  # ln(exp(0.5) ± 2/√9)
    ([-0.02, 0.84], False)
    """
    if quantity is None:
        quantity, limits = _parameter(problem, name)
    walk = _begin(problem, fit, name, quantity, limits, tick)
    ends: dict[int, tuple[float | None, float | None]] = {}
    notes: list[str] = []
    for side in (-1, 1):
        ends[side], told = _one_side(walk, side)
        notes += told
    return _result(walk, ends, notes)


def _result(walk: _Walk, ends: dict[int, tuple[float | None, float | None]], notes: list[str]) -> ProfileLikelihood:
    """Put together what was met, and judge whether it is a parabola."""
    order = sorted(walk.met)
    rise = np.array([walk.met[distance][0] for distance in order])
    parameters = np.array([walk.met[distance][1] for distance in order])
    grid = np.array([walk.quantity(values)[0] for values in parameters])
    widths = [None if end is None else abs(end - walk.value) for end in (*ends[-1], *ends[1])]
    parabolic = all(
        width is not None and abs(width - level * walk.su) < CURVED * level * walk.su
        for width, level in zip(widths, (1, 2, 1, 2), strict=True)
    )
    lowest = int(np.argmin(rise))
    better = parameters[lowest] if rise[lowest] < -LOWER else None
    if better is not None:
        lower = f"χ² is lower by {-rise[lowest]:.2g} GOF² near {walk.name} = {grid[lowest]:.6g}"
        notes = [*notes, f"{lower}: refine again from there"]
    elif not parabolic:
        notes = [*notes, f"χ² is no parabola in {walk.name}: give the interval, not the s.u."]
    return ProfileLikelihood(
        walk.name,
        walk.value,
        walk.su,
        grid,
        rise,
        parameters,
        (ends[-1][0], ends[1][0]),
        (ends[-1][1], ends[1][1]),
        parabolic and better is None,
        better,
        tuple(notes),
    )


def _parameter(problem: Problem, name: str) -> tuple[Quantity, tuple[float, float]]:
    """Return one of the parameters as a quantity, and its bounds."""
    if name not in problem.names:
        raise InputError(f"no free parameter is called '{name}'", f"choose among {', '.join(problem.names)}")
    index = problem.names.index(name)
    unit = np.eye(len(problem.names))[index]
    bounds = float(problem.prior.low[index]), float(problem.prior.high[index])
    return lambda values: (float(values[index]), unit), bounds


def _begin(
    problem: Problem,
    fit: Fit,
    name: str,
    quantity: Quantity,
    limits: tuple[float, float],
    tick: Callable[[int, int], None] | None,
) -> _Walk:
    """Choose the step: one s.u., or where there is none, what would be one if all others were known."""
    found = covariance(problem, fit)
    value, gradient = quantity(fit.values)
    gof = found.gof if found.gof > 0.0 else 1.0
    touched = gradient != 0.0
    variance = float(gradient @ found.matrix @ gradient)
    if np.isfinite(found.su[touched]).all() and variance > 0.0:
        su = step = np.sqrt(variance) * gof
        follow = found.matrix @ gradient / variance * step
    else:
        su = float(np.max(found.su[touched], initial=-np.inf)) if touched.any() else np.inf
        alone = float(np.sum(gradient**2 / np.maximum(np.diag(fit.normal), 1e-300), where=np.diag(fit.normal) > 0.0))
        step = gof * np.sqrt(alone) if alone > 0.0 else max(abs(value), 1.0)
        follow = step * gradient / max(float(gradient @ gradient), 1e-300)
    start = {0.0: (0.0, fit.values)}
    return _Walk(problem, fit, quantity, name, value, float(su), float(step), follow, gof, limits, tick, start)


def _one_side(walk: _Walk, side: int) -> tuple[tuple[float | None, float | None], list[str]]:
    """Return where √Δχ² reaches 1 and 2 on one side, and what to tell of it."""
    room = abs(walk.limits[(side + 1) // 2] - walk.value) / walk.step
    known = [(0.0, 0.0)]
    crossings: list[float] = []
    for target in (1.0, 2.0):
        try:
            crossing = _crossing(lambda away: walk.root_rise(side * away), known, target, min(FAR, room))
        except (ConvergenceError, PhysicsError) as error:
            return _placed(crossings, walk.value, side * walk.step), [f"{walk.name}: no refit beyond here: {error}"]
        if crossing is None:
            what = "its bound" if room <= FAR else f"{FAR:.0f} s.u."
            told = f"the data do not bound {walk.name} {'below' if side < 0 else 'above'} up to {what}"
            return _placed(crossings, walk.value, side * walk.step), [told]
        crossings.append(crossing)
    return _placed(crossings, walk.value, side * walk.step), []


def _placed(crossings: list[float], value: float, step: float) -> tuple[float | None, float | None]:
    ends: list[float | None] = [value + away * step for away in crossings]
    ends += [None] * (2 - len(ends))
    return ends[0], ends[1]


def _crossing(
    at: Callable[[float], float], known: list[tuple[float, float]], target: float, reach: float
) -> float | None:
    """Return the distance at which ``at`` first equals ``target``, or None if not within reach.

    ``known`` are pairs of distance and ζ, ascending in distance; what is met on the way is added.
    """
    for _ in range(MOST_REFITS):
        beyond = next((i for i, (_, zeta) in enumerate(known) if zeta >= target), None)
        away, zeta = known[-1 if beyond is None else beyond - 1]
        if beyond is None:
            if away >= reach:
                return None
            guess = away * target / zeta if zeta > 0.0 else max(2.0 * away, target)
            trial = min(max(guess, away + 0.1), 3.0 * away + target, reach)
        else:
            far, high = known[beyond]
            part = (target - zeta) / (high - zeta)
            if high - target < CLOSE or target - zeta < CLOSE:
                return away + part * (far - away)
            trial = away + min(max(part, 0.05), 0.95) * (far - away)
        known.append((trial, at(trial)))
        known.sort()
    beyond = next((i for i, (_, zeta) in enumerate(known) if zeta >= target), None)
    if beyond is None:
        return None
    (away, zeta), (far, high) = known[beyond - 1], known[beyond]
    return away + (target - zeta) / (high - zeta) * (far - away)
