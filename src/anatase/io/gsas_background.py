"""Background functions of GSAS and GSAS-II, as the background model here: exactly where it has them, else nearly.

Q is 2π/d in Å⁻¹ (Larson & Von Dreele (2004) LAUR 86-748, background functions 1 to 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from anatase.pattern.background_model import BackgroundModel, chebyshev_columns

__all__ = ["GSAS_BACKGROUNDS", "background_of_gsas"]

Array = NDArray[np.float64]

# functions of GSAS by number, under the names that GSAS-II gives them
GSAS_BACKGROUNDS = {
    1: "chebyschev-1",
    2: "cosine",
    4: "Q^2 power series",
    5: "Q^-2 power series",
    6: "Q^2 and Q^-2 power series",
    7: "lin interpolate",
}
POINTS = 400  # at which another function is matched
MOST_TERMS = 24  # of the Chebyshev series that matches it
CLOSE = 1e-3  # of the mean background, within which it has to match


def background_of_gsas(
    kind: str, coefficients: Sequence[float], limits: tuple[float, float], q: Array, cosine_turn: float = 1.0
) -> tuple[BackgroundModel | None, tuple[str, ...]]:
    """Return the background over ``limits`` of the pattern's axis, and warnings.

    Parameters
    ----------
    kind
        Name of the function in GSAS-II, or of ``GSAS_BACKGROUNDS``.
    coefficients
        B_0, B_1, …
    limits
        Ends of the range, in the units of the pattern's axis.
    q
        Q (n,) in Å⁻¹ at n points that divide the range evenly.
    cosine_turn
        Degrees of cos(k P) for each unit of the axis: 1 for GSAS and 2θ; 180 at the upper limit for GSAS-II.

    Returns
    -------
    tuple
        The model, ``None`` for a function that is not known.

    Examples
    --------
    >>> model, _ = background_of_gsas("chebyschev", [1.0, 2.0, 4.0], (10.0, 90.0), np.linspace(1.0, 5.0, 5))
    >>> model.chebyshev
    (3.0, 2.0, 2.0)
    """
    c = np.asarray(coefficients, dtype=float)
    if c.size == 0:
        return BackgroundModel(limits), ()
    if kind == "chebyschev-1":
        return BackgroundModel(limits, tuple(c.tolist())), ()
    if kind == "chebyschev":  # powers of the scaled axis
        return BackgroundModel(limits, tuple(chebyshev.poly2cheb(c).tolist())), ()
    if kind == "lin interpolate":
        if c.size == 1:
            return BackgroundModel(limits, (float(c[0]),)), ()
        return BackgroundModel(
            limits, nodes=tuple(np.linspace(*limits, c.size).tolist()), heights=tuple(c.tolist())
        ), ()
    x = np.linspace(*limits, q.size)
    curve = _curve(kind, c, x, q, cosine_turn)
    if curve is None:
        return None, (f"background function '{kind}' is not known",)
    return _matched(kind, curve, x, limits, c.size)


def _curve(kind: str, c: Array, x: Array, q: Array, cosine_turn: float) -> Array | None:
    """Return a function (n,) that the background model has no terms for, ``None`` for an unknown one."""
    if kind == "cosine":
        return np.asarray(np.cos(np.radians(cosine_turn * x)[:, None] * np.arange(c.size)) @ c)
    orders = range(c.size)

    def power(k: int, rising: bool) -> Array:
        return np.asarray(q ** (2 * k) / factorial(k) if rising else factorial(k) / q ** (2 * k))

    if kind == "Q^2 power series":
        columns = [power(k, True) for k in orders]
    elif kind == "Q^-2 power series":
        columns = [power(k, False) for k in orders]
    elif kind == "Q^2 and Q^-2 power series":
        columns = [power((k + 1) // 2, k % 2 == 1) for k in orders]
    else:
        return None
    return np.asarray(np.stack(columns, axis=1) @ c)


def _matched(
    kind: str, curve: Array, x: Array, limits: tuple[float, float], terms: int
) -> tuple[BackgroundModel, tuple[str, ...]]:
    """Return the Chebyshev series, with 1/x, of the fewest terms that comes close to a curve (n,)."""
    if not np.all(np.isfinite(curve)):
        return BackgroundModel(limits), (f"background function '{kind}' is not finite; took none",)
    size = max(float(np.abs(curve).mean()), 1e-300)
    for count in range(terms, MOST_TERMS + 1):
        columns = np.concatenate([chebyshev_columns(x, count, limits), 1.0 / x[:, None]], axis=1)
        best = np.linalg.lstsq(columns, curve, rcond=None)[0]
        worst = float(np.abs(columns @ best - curve).max())
        if worst < CLOSE * size:
            break
    model = BackgroundModel(limits, tuple(best[:-1].tolist()), float(best[-1]))
    told = f"background function '{kind}' became {count} Chebyshev terms and 1/x, within {worst:.2g}"
    return model, (told,)
