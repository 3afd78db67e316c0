"""Which background a pattern needs: how many polynomial terms, 1/x, or nodes where no polynomial can follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.background_model import BackgroundModel, chebyshev_columns, node_columns

__all__ = ["choose_background", "linear_names", "polynomial_background"]

Array = NDArray[np.float64]

FEWEST, MOST = 3, 16
MOST_BESIDE = 6  # terms beside 1/x: a longer polynomial and 1/x say the same
TOGETHER = 10.0  # points of the estimated level that err together
STEEPNESS = 10.0  # of the range's ends, from which 1/x is no polynomial
STEEP = 1.0  # s.u. of a point: a polynomial that misses the estimate by more on average gives way to nodes
N_NODES = 30


def choose_background(x: Array, level: Array, sigma: Array, used: NDArray[np.bool_]) -> BackgroundModel:
    """Return a background for points x (n,) whose estimated level is (n,), fitted to that level.

    Chebyshev terms, from 3 to 16, or up to 6 beside 1/x, by the least χ² + k ln n (Schwarz (1978) Ann. Stat. 6, 461);
    nodes of a cubic spline where the best of them misses the level by more than the s.u. of a point.

    Examples
    --------
    >>> x = np.linspace(10.0, 90.0, 4001)
    >>> model = choose_background(x, 100.0 - x + 0.01 * x**2, np.full(4001, 10.0), np.ones(4001, dtype=bool))
    >>> len(model.chebyshev), model.inverse
    (3, 0.0)
    """
    limits = (float(x[0]), float(x[-1]))
    columns = np.column_stack([chebyshev_columns(x, MOST, limits), 1.0 / x])[used] / sigma[used, None]
    target = level[used] / sigma[used]
    normal, moment, total = columns.T @ columns, columns.T @ target, float(target @ target)
    best, least = BackgroundModel(limits, (float(np.median(level)),)), np.inf
    for steep in (False, True) if limits[1] > STEEPNESS * limits[0] else (False,):
        for terms in range(FEWEST, (MOST_BESIDE if steep else MOST) + 1):
            index = np.array([*range(terms), *([MOST] if steep else [])])
            found = np.linalg.solve(normal[np.ix_(index, index)], moment[index])
            price = (total - float(moment[index] @ found)) / TOGETHER + found.size * np.log(target.size)
            if price < least:
                least = price
                best = BackgroundModel(limits, tuple(found[:terms].tolist()), float(found[terms]) if steep else 0.0)
    misfit = (level - best.intensity(x)) / sigma
    return _on_nodes(x, level, sigma, used) if np.sqrt(np.mean(misfit[used] ** 2)) > STEEP else best


def polynomial_background(x: Array, level: Array, terms: int) -> BackgroundModel:
    """Return a background of so many Chebyshev terms, fitted to a level (n,)."""
    limits = (float(x[0]), float(x[-1]))
    found = np.linalg.lstsq(chebyshev_columns(x, terms, limits), level, rcond=None)[0]
    return BackgroundModel(limits, tuple(found.tolist()))


def linear_names(model: BackgroundModel) -> tuple[str, ...]:
    """Return the names of a background's coefficients that a refinement frees; 1/x only where it is in use."""
    names = [f"chebyshev_{k}" for k in range(len(model.chebyshev))]
    names += ["inverse"] if model.inverse else []
    return (*names, *(f"height_{k}" for k in range(len(model.nodes))))


def _on_nodes(x: Array, level: Array, sigma: Array, used: NDArray[np.bool_]) -> BackgroundModel:
    """Return a cubic spline through nodes that crowd where the level bends."""
    bend = np.abs(np.gradient(np.gradient(level, x), x)) / float(np.median(sigma))
    density = np.cumsum(np.sqrt(bend) + 0.3 * float(np.mean(np.sqrt(bend))) + 1e-12)
    share = (density - density[0]) / (density[-1] - density[0])
    nodes = np.interp(np.linspace(0.0, 1.0, N_NODES), share, x)
    columns = node_columns(x, nodes, "cubic")
    found = np.linalg.lstsq(columns[used] / sigma[used, None], level[used] / sigma[used], rcond=None)[0]
    return BackgroundModel(
        (float(x[0]), float(x[-1])), nodes=tuple(nodes.tolist()), heights=tuple(found.tolist()), interpolation="cubic"
    )
