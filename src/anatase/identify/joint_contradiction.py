"""Whether several patterns can be of one sample: a phase that one shows must not be missing where it would be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

__all__ = ["comparable", "contradicting"]

Array = NDArray[np.float64]

SURE = 3.0  # s.u. by which a fraction may be less than it is told
TOLERANCE = 1e-6  # of the whole


def contradicting(fractions: Array, su: Array, limits: Array) -> tuple[int, ...]:
    """Return which of p phases show patterns (k, p) to be of different samples: none where one sample can give all.

    ``fractions`` and ``su`` are what each pattern tells of the phases that it shows, of finite s.u.; ``limits`` the
    most that it could hide of the others, of all that it shows and that one together, ``nan`` where there is none.
    Weights w of one sample have w_i ≥ (f_ki − 3 s.u.) Σ_j w_j, j over the phases that pattern k shows, for each phase
    i that some other pattern misses, and w_i ≤ U_ki/(1 − U_ki) Σ_j w_j for each that it misses itself. All are linear:
    whether any w agree is a linear programme. Fractions that differ where all patterns show a phase are no matter here.

    Examples
    --------
    >>> both = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> su = np.array([[0.05, np.inf], [np.inf, 0.05]])
    >>> contradicting(both, su, np.array([[np.nan, 0.02], [0.03, np.nan]]))  # each would have seen the other's phase
    (0, 1)
    >>> contradicting(both, su, np.array([[np.nan, 0.99], [0.03, np.nan]]))  # 2 % of the first, hidden in the second
    ()
    """
    shown = np.isfinite(su)
    least = np.where(shown, np.maximum(fractions - SURE * np.where(shown, su, 0.0), 0.0), 0.0)
    missed = ~shown & np.isfinite(limits) & shown.any(axis=1, keepdims=True)
    most = np.where(missed, np.clip(limits, 0.0, 1.0), 1.0)
    rows = []
    for k, i in np.argwhere(missed):
        rows.append((1.0 - most[k, i]) * _unit(i, shown.shape[1]) - most[k, i] * shown[k])
    for k, i in np.argwhere(shown & missed.any(axis=0)):
        rows.append(least[k, i] * shown[k] - _unit(i, shown.shape[1]))
    if not missed.any() or _agree(np.array(rows)):
        return ()
    told = (least.max(axis=0) > most.min(axis=0)) & missed.any(axis=0)
    return tuple(int(i) for i in np.flatnonzero(told if told.any() else missed.any(axis=0)))


def comparable(su: Array) -> bool:
    """Tell whether patterns (k, p) compare all p phases, each with another that it shows, those of finite s.u.

    Examples
    --------
    >>> comparable(np.array([[0.1, 0.1, np.inf], [np.inf, 0.1, 0.1]]))
    True
    >>> comparable(np.array([[0.1, np.inf], [np.inf, 0.1]]))
    False
    """
    shown = np.isfinite(su)
    reached = _unit(0, shown.shape[1]) > 0.0
    for _ in range(shown.shape[1]):
        reached = reached | shown[(shown & reached).any(axis=1)].any(axis=0)
    return bool(reached.all())


def _unit(i: int, size: int) -> Array:
    return np.eye(1, size, i).ravel()


def _agree(rows: Array) -> bool:
    """Tell whether weights of sum 1, none negative, have every row's sum at or below 0."""
    size = rows.shape[1]
    # the least t for which all sums are at or below t
    objective = np.append(np.zeros(size), 1.0)
    bounds = [(0.0, 1.0)] * size + [(None, None)]
    found = linprog(
        objective,
        A_ub=np.column_stack([rows, -np.ones(len(rows))]),
        b_ub=np.zeros(len(rows)),
        A_eq=np.append(np.ones(size), 0.0)[None],
        b_eq=[1.0],
        bounds=bounds,
    )
    return found.x is not None and bool(found.x[-1] <= TOLERANCE)
