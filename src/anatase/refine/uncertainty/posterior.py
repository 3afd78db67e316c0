"""The posterior distribution of a fit's parameters, sampled by Markov chains (emcee, extra ``mcmc``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anatase.errors import AnataseError, ConvergenceError, InputError, MissingExtra, PhysicsError
from anatase.refine.covariance import covariance
from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem, curve_at
from anatase.refine.undetermined import SINGULAR, unit_scale, weak_directions

__all__ = ["Noise", "Posterior", "sample_posterior"]

Array = NDArray[np.float64]
Noise = Literal["gof", "weights", "free"]

WALKERS = 32  # at least; and twice the parameters, which moves along differences of walkers need
FEWEST = 2  # steps, of which one is left after the beginning is discarded
CHUNK = 50  # steps between two looks at the autocorrelation
LONG = 50.0  # autocorrelation times that a chain must last to be trusted
WIDE = 1.1  # of the covariance's Gaussian, from which a part of the steps is proposed
NOISE_RANGE = np.log(10.0)  # either way about GOF


@dataclass(frozen=True)
class Posterior:
    """Samples of the posterior.

    Attributes
    ----------
    names, values
        Of the k parameters, as the fit left them.
    samples
        (n, k), thinned to about two for each autocorrelation time, the first five of these left out.
    noise
        (n,) by how much the s.u. of the points are too small, where that was sampled; else its one value (1,).
    autocorrelation_time
        (k,), in steps.
    steps, acceptance
        How many steps each walker took, and which part of them was accepted.
    converged
        Whether the chains lasted 50 autocorrelation times.
    """

    names: tuple[str, ...]
    values: Array
    samples: Array
    noise: Array
    autocorrelation_time: Array
    steps: int
    acceptance: float
    converged: bool

    @property
    def median(self) -> Array:
        """Medians (k,)."""
        return np.asarray(np.median(self.samples, axis=0))

    @property
    def su(self) -> Array:
        """Standard deviations (k,)."""
        return np.asarray(self.samples.std(axis=0, ddof=1))

    def interval(self, level: float = 0.683) -> Array:
        """Return the central interval (k, 2) that holds ``level`` of the posterior."""
        tail = 50.0 * (1.0 - level)
        return np.asarray(np.percentile(self.samples, [tail, 100.0 - tail], axis=0).T)

    def through(self, names: tuple[str, ...], function: Callable[[Array], Array]) -> Posterior:
        """Return the same of what follows from the parameters: ``function`` gives (r,) for values (k,).

        The autocorrelation time of each is given as the longest of the parameters'.
        """
        return replace(
            self,
            names=names,
            values=function(self.values),
            samples=np.array([function(one) for one in self.samples]),
            autocorrelation_time=np.full(len(names), self.autocorrelation_time.max()),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of these samples."""
        told = []
        if not self.converged:
            longest = int(np.argmax(self.autocorrelation_time))
            time = max(float(self.autocorrelation_time[longest]), 1.0)
            wanted = max(100 * int(np.ceil(LONG * time / 100.0)), 2 * self.steps)
            told.append(
                f"the chains are too short: each took {self.steps} steps, and the autocorrelation time of "
                f"{self.names[longest]} is about {time:.0f}; ask for {wanted} steps or more"
            )
        far = np.abs(self.median - self.values) > self.su
        if moved := [self.names[i] for i in np.flatnonzero(far)]:
            told.append(f"the posterior lies more than one s.u. from the fitted value of {', '.join(moved)}")
        return tuple(told)


class _Asked:
    """The target as emcee asks it; an exception waits here, for emcee would print its traceback."""

    def __init__(self, target: _Target) -> None:
        self.target, self.raised = target, list[KeyboardInterrupt | AnataseError]()

    def __call__(self, z: Array) -> float:
        """Return ln of the posterior at a point (d,); −∞ for all that are left of a step once one has failed."""
        if self.raised:
            return -np.inf
        try:
            return self.target.log_probability(z)
        except (KeyboardInterrupt, AnataseError) as error:  # raised again after the step
            self.raised.append(error)
            return -np.inf

    def walk(self, sampler: Any, state: Any, steps: int) -> Any:
        """Take some steps and return the last state; raise what a step has met."""
        last = state
        for now in sampler.sample(state, iterations=steps):
            if self.raised:
                raise self.raised[0]
            last = now
        return last


@dataclass(frozen=True)
class _Target:
    """The posterior over z, in which the covariance of the fit is the unit matrix: p = centre + z @ spread."""

    problem: Problem
    centre: Array
    spread: Array
    gof: float
    n: int
    free_noise: float  # s.u. of ln s, or 0 where the noise is not sampled

    def noise(self, z: Array) -> Array:
        """Return ln(s/GOF) of points (m, d)."""
        return z[:, -1] * self.free_noise if self.free_noise else np.zeros(len(z))

    def parameters(self, z: Array) -> Array:
        """Return the parameters (m, k) of points (m, d)."""
        return self.centre + z[:, : self.centre.size] @ self.spread

    def log_probability(self, z: Array) -> float:
        """Return ln of the posterior at one point (d,), but for a constant; −inf where nothing can be."""
        values, log_noise = self.parameters(z[None])[0], float(self.noise(z[None])[0])
        prior = self.problem.prior
        if np.any(values < prior.low) or np.any(values > prior.high) or abs(log_noise) > NOISE_RANGE:
            return -np.inf
        try:
            fitted = curve_at(self.problem, values)
        except PhysicsError:  # no crystal or instrument is there
            return -np.inf
        misfit = self.problem.weights @ (self.problem.observed - fitted) ** 2
        misfit += np.sum(((values - prior.mean) / prior.su) ** 2)
        found = -0.5 * misfit / (self.gof * np.exp(log_noise)) ** 2 - self.n * log_noise
        return float(found) if np.isfinite(found) else -np.inf


def sample_posterior(
    problem: Problem,
    fit: Fit,
    rng: np.random.Generator,
    *,
    noise: Noise = "gof",
    steps: int = 2000,
    tick: Callable[[int, int], None] | None = None,
) -> Posterior:
    """Sample exp(−χ²/2s²) within the bounds, beginning from the covariance of the fit.

    Parameters
    ----------
    noise
        s: ``gof``, the fit's GOF, as s.u. of the covariance are scaled; ``weights``, 1; ``free``, a parameter of its
        own with a flat prior of its logarithm, factor s⁻ᴺ beside the exponential.
    steps
        The most steps of each walker, at least 2; fewer are taken when the chains are long enough by then.
    tick
        Called with the steps done and the most, every 50.

    Half of the steps are differential evolution (ter Braak, 2006, Stat. Comput. 16, 239), the others independent
    draws from a slightly widened Gaussian of the covariance, which make the chains of a nearly linear problem
    short. Both run in emcee: Foreman-Mackey et al. (2013) PASP 125, 306.

    Raises
    ------
    MissingExtra
        When emcee is not installed.
    InputError
        When the data do not determine a combination of parameters and no bound does, or fewer than 2 steps are asked.
    ConvergenceError
        When the posterior is nowhere else than at the fit.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior
    >>> from anatase.refine.uncertainty.refit import refit
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> level = lambda p: (np.full(4, p[0]), np.ones((1, 4)))
    >>> problem = Problem(("level",), np.zeros(1), level, np.array([4.0, 5.0, 6.0, 9.0]), np.ones(4), nothing)
    >>> found = sample_posterior(problem, refit(problem, problem.start), np.random.default_rng(1))
    >>> found.median.round().tolist(), found.su.round(1).tolist()  # √(14/3)/√4
    ([6.0], [1.1])
    """
    try:
        import emcee
    except ImportError as error:
        raise MissingExtra("emcee", "mcmc") from error
    if steps < FEWEST:
        raise InputError(f"{steps} steps of a Markov chain", f"ask for {FEWEST} or more; some thousand are usual")
    target = _whitened(problem, fit, noise)
    d = target.centre.size + (1 if target.free_noise else 0)
    walkers = max(WALKERS, 2 * (d + 1))
    random_state = np.random.MT19937(rng.integers(2**32)).state
    asked = _Asked(target)
    sampler = emcee.EnsembleSampler(walkers, d, asked, moves=_moves(emcee.moves))
    state: Any = emcee.State(_scattered(target, walkers, d, rng), random_state=random_state)
    time, converged, done = np.full(d, np.inf), False, 0
    while done < steps and not converged:
        chunk = min(CHUNK, steps - done)
        state, done = asked.walk(sampler, state, chunk), done + chunk
        with np.errstate(invalid="ignore", divide="ignore"):  # a walker that has not moved yet has no correlation
            time = emcee.autocorr.integrated_time(sampler.get_chain(), tol=0)
        if tick is not None:
            tick(done, steps)
        converged = bool(np.all(LONG * time < done))
    return _gathered(target, sampler, fit, np.where(np.isfinite(time), time, done), converged)


def _gathered(target: _Target, sampler: Any, fit: Fit, time: Array, converged: bool) -> Posterior:
    """Return the chains without their beginning, thinned; half of them where they are short."""
    longest, steps = float(time.max()), int(sampler.iteration)
    chain = sampler.get_chain(
        discard=min(int(5.0 * longest), steps // 2), thin=max(1, int(min(longest / 2.0, steps / 20.0))), flat=True
    )
    k = target.centre.size
    noise = target.gof * np.exp(target.noise(chain)) if target.free_noise else np.array([target.gof])
    return Posterior(
        target.problem.names,
        fit.values,
        target.parameters(chain),
        noise,
        time[:k],
        steps,
        float(np.mean(sampler.acceptance_fraction)),
        converged,
    )


def _whitened(problem: Problem, fit: Fit, noise: Noise) -> _Target:
    """Take the unit of each direction from the normal matrix, to which finite bounds add what a flat prior is worth."""
    prior = problem.prior
    normal = fit.normal + np.diag(12.0 / (prior.high - prior.low) ** 2)  # variance of a flat prior: width²/12
    scale, _ = unit_scale(normal)
    for direction in weak_directions(normal, problem.names, SINGULAR):
        raise InputError(f"{direction}, and no bound limits them", "hold one, or give it bounds")
    eigenvalues, vectors = np.linalg.eigh(normal * np.outer(scale, scale))
    found = covariance(problem, fit)
    gof = found.gof if noise != "weights" and found.gof > 0.0 else 1.0
    spread = gof * (vectors / np.sqrt(eigenvalues)).T * scale
    free = 1.0 / np.sqrt(2.0 * max(found.degrees_of_freedom, 1)) if noise == "free" else 0.0
    return _Target(problem, fit.values, spread, gof, problem.n_observations, free)


def _scattered(target: _Target, walkers: int, d: int, rng: np.random.Generator) -> Array:
    """Return starting points (walkers, d) of some probability: normal in z, mirrored at the bounds."""
    low, high = target.problem.prior.low, target.problem.prior.high
    back = np.linalg.inv(target.spread)
    points = np.zeros((walkers, d))
    k = target.centre.size
    for i in range(walkers):
        size = 1.0
        while True:
            z = size * rng.normal(size=d)
            values = target.parameters(z[None])[0]
            values = np.where(values < low, 2.0 * low - values, values)
            values = np.clip(np.where(values > high, 2.0 * high - values, values), low, high)
            z[:k] = (values - target.centre) @ back
            if np.isfinite(target.log_probability(z)):
                break
            size *= 0.7
            if size < 1e-6:
                raise ConvergenceError("no crystal or instrument is found around the fitted values", target.centre)
        points[i] = z
    return points


def _moves(moves: Any) -> list[tuple[Any, float]]:
    """Return emcee's moves and how often each is made."""

    def drawn_afresh(z: Array, random: Any) -> tuple[Array, Array]:
        fresh = WIDE * random.standard_normal(z.shape)
        return fresh, 0.5 * (np.sum(fresh**2, axis=1) - np.sum(z**2, axis=1)) / WIDE**2

    # No snooker: in emcee 3.1.6 it samples a unit normal of five dimensions with a standard deviation of 0.85
    return [(moves.MHMove(drawn_afresh), 0.5), (moves.DEMove(), 0.4), (moves.DEMove(gamma0=1.0), 0.1)]
