"""A last fit expanded about its end: its parameters, and the errors that the intensities of its phases may have.

The pattern is y + J Δp + A ε with Δp the parameters (k) and ε the errors (e) of intensities, whose priors are Gaussian.
Both are eliminated from the normal equations one after the other (Schur complements), so that what is left tells of
scales, or of a phase that is not in the fit, all that the data say when every intensity may be somewhat wrong
(generalised least squares: Aitken (1936) Proc. R. Soc. Edinb. 55, 42).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from anatase.identify.final import FinalFit
from anatase.identify.intensity_errors import IntensityErrors, LineGroups, line_groups
from anatase.refine.start.measurement import Measurement
from anatase.refine.start.rough_fit import rough_prior

__all__ = ["Elimination", "ErrorSpace", "eliminated", "error_space"]

Array = NDArray[np.float64]

HELD = 1e8  # by which the information on a parameter at its bound is raised


@dataclass(frozen=True)
class ErrorSpace:
    """The parameters (k) of a last fit and the errors (e) of its intensities, linear about its end.

    ``jacobian`` (k, n) and ``effects`` (e, n) are derivatives of the pattern; ``precision`` (k,) is what was known of
    the parameters before, ``pull`` (k,) how that draws at the end of the fit, ``prior`` (e,) the s.u. of the errors.
    ``weights`` (n,) count neighbouring residuals of a peak once. ``groups`` are each phase's reflections, whose own
    errors come first; ``systematic`` tells where each phase's shared ones stand.
    """

    jacobian: Array
    effects: sparse.csr_matrix
    precision: Array
    pull: Array
    prior: Array
    weights: Array
    residual: Array
    groups: tuple[LineGroups, ...]
    systematic: tuple[slice, ...]


def error_space(final: FinalFit, measurement: Measurement, errors: IntensityErrors | None = None) -> ErrorSpace:
    """Return the linear space of a last fit with the errors that its intensities may have."""
    model, values, m = final.model, final.fit.values, measurement
    weights = 1.0 / m.sigma**2 / max(1.0, 0.7 * m.points_per_width)
    groups = tuple(line_groups(model, values, i, s, m.sigma) for i, s in enumerate(final.structures))
    jacobian, residual = final.fit.jacobian.copy(), m.y - final.fit.model
    pull = jacobian @ (weights * residual)
    known = rough_prior(model, values, m)
    precision = 1.0 / known.su**2
    held = (values <= known.low) | (values >= known.high)
    for i, one in enumerate(groups):
        # tails beyond the windows belong to no group, and must not say what a scale is while the groups err
        at = model.offsets[i]
        jacobian[at] = np.asarray(one.curves.sum(axis=0)).ravel() / max(float(values[at]), 1e-300)
        pull[at] = precision[at] = 0.0
        held[at] = False
    information = np.einsum("kn,n,kn->k", jacobian[held], weights, jacobian[held])
    precision[held] = HELD * np.maximum(information, precision[held])
    jacobian[held] = 0.0
    pull[held] = 0.0
    effects, prior, blocks = _effects(groups, errors or IntensityErrors())
    return ErrorSpace(jacobian, effects, precision, pull, prior, weights, residual, groups, blocks)


def _effects(
    groups: tuple[LineGroups, ...], errors: IntensityErrors
) -> tuple[sparse.csr_matrix, Array, tuple[slice, ...]]:
    """Return derivatives (e, n) by the errors, their prior s.u. (e,), and where the shared ones of each phase stand."""
    rows = [one.curves for one in groups]
    prior = [errors.line * np.sqrt(one.spread) for one in groups]
    start, blocks = sum(len(one) for one in prior), []
    for one in groups:
        change = np.column_stack([one.displacement, one.texture])
        rows.append(sparse.csr_matrix((one.curves.T @ change).T))
        orders = np.where(one.orders == 2, errors.second_order, errors.fourth_order)
        prior.append(np.concatenate([[errors.displacement], orders]))
        blocks.append(slice(start, start + change.shape[1]))
        start = blocks[-1].stop
    common = [sum(one.curves.T @ change for one, change in zip(groups, changes, strict=True)) for changes in (
        [one.displacement for one in groups], [one.overshoot for one in groups],
    )]  # fmt: skip
    rows.append(sparse.csr_matrix(np.stack(common)))
    prior.append(np.array([errors.common_displacement, errors.overshoot]))
    return sparse.vstack(rows).tocsr(), np.concatenate(prior), tuple(blocks)


@dataclass(frozen=True)
class Elimination:
    """An error space solved at given weights (n,).

    ``change`` (k,) and ``errors`` (e,) are the most probable values, ``covariance`` (k, k) that of the parameters with
    the errors integrated out, ``left`` (n,) the residual that remains. The rest is kept for ``remaining``.
    """

    space: ErrorSpace
    weights: Array
    change: Array
    errors: Array
    covariance: Array
    left: Array
    inverse: Array
    mixed: Array
    factor: tuple[Array, bool]

    def remaining(self, curves: Array) -> tuple[Array, Array]:
        """Return the information (c,) on the amounts of further curves (c, n), and the most probable amounts (c,).

        Each curve is taken by itself; parameters and errors are free beside it.
        """
        weighted = curves * self.weights
        by_parameters = weighted @ self.space.jacobian.T
        by_errors = (self.space.effects @ weighted.T).T - by_parameters @ self.mixed.T
        scaled = by_errors * self.space.prior
        information = np.einsum("cn,cn->c", weighted, curves)
        information -= np.einsum("ck,kl,cl->c", by_parameters, self.inverse, by_parameters)
        information -= np.einsum("ce,ec->c", scaled, cho_solve(self.factor, scaled.T, check_finite=False))
        return information, (weighted @ self.left) / np.maximum(information, 1e-300)


def eliminated(space: ErrorSpace, inflation: Array | float = 1.0) -> Elimination:
    """Solve an error space, the variances of the points being ``inflation`` times those of its weights."""
    weights = space.weights / inflation
    weighted = space.jacobian * weights
    normal = weighted @ space.jacobian.T
    normal[np.diag_indices_from(normal)] += space.precision
    scale = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-300))
    inverse = np.linalg.pinv(normal * np.outer(scale, scale), rcond=1e-12, hermitian=True) * np.outer(scale, scale)
    crossed = space.effects @ weighted.T
    mixed = crossed @ inverse
    gram = (space.effects.multiply(weights) @ space.effects.T).toarray() - mixed @ crossed.T
    system = np.eye(space.prior.size) + gram * np.outer(space.prior, space.prior)
    factor = cho_factor(system, lower=True, check_finite=False)
    gradient = weighted @ space.residual - space.pull / float(np.mean(inflation))
    first = inverse @ gradient
    drive = space.prior * (space.effects @ (weights * space.residual) - crossed @ first)
    errors = space.prior * cho_solve(factor, drive, check_finite=False)
    change = first - mixed.T @ errors
    spread = mixed * space.prior[:, None]
    covariance = inverse + spread.T @ cho_solve(factor, spread, check_finite=False)
    left = space.residual - space.effects.T @ errors - space.jacobian.T @ change
    return Elimination(space, weights, change, errors, covariance, left, inverse, mixed, factor)
