"""Standard uncertainties and correlations of a least-squares fit from its normal matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.refine.least_squares import Fit
from anatase.refine.problem import Problem
from anatase.refine.undetermined import SINGULAR, Direction, unit_scale, weak_directions

__all__ = ["Correlation", "Covariance", "covariance", "strong_correlations"]

Array = NDArray[np.float64]

# Share of a parameter in the singular directions (squared cosine) from which its s.u. is called unknown
PART = 0.01


@dataclass(frozen=True)
class Correlation:
    """Two parameters and the coefficient of their correlation, −1 to 1."""

    first: str
    second: str
    coefficient: float


@dataclass(frozen=True)
class Covariance:
    """What a fit tells of its parameters.

    Attributes
    ----------
    names, values
        Of the k parameters.
    matrix
        The inverse of the normal matrix (k, k), not scaled: what the weights alone promise. Rows of parameters
        that are held at a bound or that the data do not determine are 0.
    gof
        √(objective / degrees_of_freedom), the factor by which ``su`` exceeds the promise of the weights.
    degrees_of_freedom
        Observations (with priors and restraints) less parameters that are not held at a bound.
    at_bound
        Which parameters (k,) stand at a bound that the data push against.
    undetermined
        Which parameters (k,) the data do not determine.
    weak
        The combinations of parameters that are hardly determined, or not at all.
    """

    names: tuple[str, ...]
    values: Array
    matrix: Array
    gof: float
    degrees_of_freedom: int
    at_bound: NDArray[np.bool_]
    undetermined: NDArray[np.bool_]
    weak: tuple[Direction, ...]

    @property
    def su_unscaled(self) -> Array:
        """S.u. (k,) that the weights alone promise; inf where undetermined, NaN where held at a bound."""
        su = np.sqrt(np.diag(self.matrix))
        return np.where(self.undetermined, np.inf, np.where(self.at_bound, np.nan, su))

    @property
    def su(self) -> Array:
        """S.u. (k,) times GOF, as the field prints them; inf where undetermined, NaN where held at a bound."""
        return np.asarray(self.su_unscaled * self.gof)

    @property
    def scaled(self) -> Array:
        """The covariance (k, k) that goes with ``su``: the matrix times GOF²."""
        return np.asarray(self.matrix * self.gof**2)

    @property
    def correlation(self) -> Array:
        """Coefficients of correlation (k, k); 0 beside held and undetermined parameters."""
        scale, _ = unit_scale(self.matrix)
        found = np.clip(self.matrix * np.outer(scale, scale), -1.0, 1.0)
        np.fill_diagonal(found, 1.0)
        return found

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of these s.u."""
        told = [f"{name} stands at its bound; it has no s.u." for name in _picked(self.names, self.at_bound)]
        told += [str(direction) for direction in self.weak]
        if self.degrees_of_freedom < 1:
            told.append("as many parameters as observations: no s.u. can be trusted")
        return tuple(told)


def covariance(problem: Problem, fit: Fit) -> Covariance:
    """Return the covariance of a fit's parameters.

    The normal matrix JᵀWJ + 1/su² is scaled to unit diagonal and inverted by its eigenvectors, those of
    eigenvalues below 1e-10 left out. S.u. are multiplied by GOF = √(χ²/(N − P)), which holds where the misfit is
    noise that the weights understate; where it is a wrong model, Schwarzenbach et al. (1989) Acta Cryst. A45, 63,
    warn that no factor makes them right.

    Examples
    --------
    >>> from anatase.refine.least_squares import Prior, levenberg_marquardt
    >>> nothing = Prior(np.zeros(1), np.full(1, np.inf), np.full(1, -np.inf), np.full(1, np.inf))
    >>> level = lambda p: (np.full(4, p[0]), np.ones((1, 4)))
    >>> problem = Problem(("level",), np.zeros(1), level, np.array([4.0, 5.0, 6.0, 9.0]), np.ones(4), nothing)
    >>> fit = levenberg_marquardt(level, problem.start, problem.observed, problem.weights, nothing, tolerance=1e-12)
    >>> found = covariance(problem, fit)  # √(14/3)/√4 about the mean 6
    >>> found.su_unscaled.round(4).tolist(), found.su.round(4).tolist()
    ([0.5], [1.0801])
    """
    held = _held_at_bounds(problem, fit)
    free = np.flatnonzero(~held)
    normal = fit.normal[np.ix_(free, free)]
    inverse, unknown = _inverse(normal)
    matrix = np.zeros_like(fit.normal)
    matrix[np.ix_(free, free)] = inverse
    undetermined = np.zeros(held.size, dtype=np.bool_)
    undetermined[free] = unknown
    freedom = problem.n_observations - free.size - problem.eliminated
    gof = float(np.sqrt(fit.objective / freedom)) if freedom > 0 else 1.0
    weak = weak_directions(normal, tuple(problem.names[i] for i in free))
    return Covariance(problem.names, fit.values, matrix, gof, freedom, held, undetermined, weak)


def strong_correlations(found: Covariance, above: float = 0.9) -> tuple[Correlation, ...]:
    """Return the pairs that correlate by more than ``above`` either way, the strongest first."""
    matrix = found.correlation
    first, second = np.nonzero(np.triu(np.abs(matrix) > above, 1))
    order = np.argsort(-np.abs(matrix[first, second]), kind="stable")
    return tuple(
        Correlation(found.names[first[i]], found.names[second[i]], float(matrix[first[i], second[i]])) for i in order
    )


def _held_at_bounds(problem: Problem, fit: Fit) -> NDArray[np.bool_]:
    """Return which parameters (k,) stand at a bound with the downhill direction pointing outwards."""
    prior = problem.prior
    downhill = (fit.jacobian * problem.weights) @ (problem.observed - fit.model)
    downhill -= (fit.values - prior.mean) / prior.su**2
    return np.asarray(((fit.values <= prior.low) & (downhill < 0)) | ((fit.values >= prior.high) & (downhill > 0)))


def _inverse(normal: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the inverse (k, k) over what is determined, and which parameters (k,) are not; their rows are 0."""
    scale, silent = unit_scale(normal)
    eigenvalues, vectors = np.linalg.eigh(normal * np.outer(scale, scale))
    null = eigenvalues < SINGULAR
    unknown = silent | (np.sum(vectors[:, null] ** 2, axis=1) > PART)
    kept = vectors[:, ~null]
    inverse = (kept / eigenvalues[~null]) @ kept.T * np.outer(scale, scale)
    inverse[unknown] = 0.0
    inverse[:, unknown] = 0.0
    return inverse, unknown


def _picked(names: tuple[str, ...], which: NDArray[np.bool_]) -> list[str]:
    return [names[i] for i in np.flatnonzero(which)]
