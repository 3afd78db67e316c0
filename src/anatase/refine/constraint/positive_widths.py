"""U, V and W by variables that cannot make a Gaussian FWHM² negative within a pattern.

A quadratic g that is nowhere negative on an interval, s from 0 to 1 on it, is (p (1 − s) − r s)² + 2 q s (1 − s) with
q ≥ 0 (Lukács's theorem: Szegő (1939) Orthogonal Polynomials, theorem 1.21.1), and p, r ≥ 0 lose nothing. Freed in these
variables U, V and W can all move at once from anywhere, and no step leads to a width that is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PositiveWidths"]

Array = NDArray[np.float64]

LEAST = 1e-7  # deg², added to the quadratic


@dataclass(frozen=True)
class PositiveWidths:
    """FWHM² = U t² + V t + W with t = tan θ between ``first`` and ``last``.

    Examples
    --------
    >>> widths = PositiveWidths(0.1, 1.0)
    >>> u, v, w = widths.at(widths.variables_of(np.array([0.02, -0.01, 0.005])))[0]
    >>> round(float(u), 9), round(float(v), 9), round(float(w), 9)
    (0.02, -0.01, 0.005)
    """

    first: float
    last: float

    def _back(self) -> Array:
        """Return the matrix that takes Bernstein coefficients of FWHM² on the interval to U, V, W."""
        span = self.last - self.first
        c, k = -self.first / span, 1.0 / span  # s = c + k t
        rest = 1.0 - c
        columns = [
            (k * k, -2.0 * k * rest, rest * rest),
            (-2.0 * k * k, 2.0 * k * (rest - c), 2.0 * c * rest),
            (k * k, 2.0 * k * c, c * c),
        ]
        return np.array(columns).T

    def variables_of(self, widths: Array) -> Array:
        """Return p, r, q (3,) for U, V, W (3,) in deg²; the nearest possible where these give a negative FWHM²."""
        less = np.asarray(widths, dtype=float) - [0.0, 0.0, LEAST]
        start, middle, end = np.linalg.solve(self._back(), less)
        p, r = np.sqrt(max(start, LEAST)), np.sqrt(max(end, LEAST))  # at 0 they would have no slope
        return np.array([p, r, max(middle + p * r, 0.0)])

    def at(self, variables: Array) -> tuple[Array, Array]:
        """Return U, V, W (3,) and their derivatives (3, 3) by p, r, q (3,)."""
        p, r, q = variables
        back = self._back()
        bernstein = np.array([p * p, q - p * r, r * r])
        slopes = np.array([[2.0 * p, 0.0, 0.0], [-r, -p, 1.0], [0.0, 2.0 * r, 0.0]])
        return back @ bernstein + [0.0, 0.0, LEAST], back @ slopes
