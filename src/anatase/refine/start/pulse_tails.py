"""The exponential tails that a neutron pulse gives to lines, in a pattern drawn against 2θ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["MEDIAN", "PulseTails", "widened", "with_tails"]

Array = NDArray[np.float64]

MEDIAN = 0.7  # of an exponential, in units of its mean length: half of it lies nearer (ln 2)
WIDTH = 1.5  # FWHM that an exponential adds in squares, in units of its mean length


@dataclass(frozen=True)
class PulseTails:
    """Mean lengths (k,) in °2θ of the decay, to lower angles, and of the rise, to higher ones, at 2θ (k,) ascending.

    A pulse rises as exp(αt) and decays as exp(−βt) (Von Dreele, Jorgensen & Windsor, 1982): 1/β and 1/α times |d2θ/dt|.
    2θ is taken to be that of the middle of a line: its neutrons left ``offset`` higher, at the pulse's time zero.
    """

    two_theta: Array
    decay: Array
    rise: Array

    def at(self, two_theta: Array) -> tuple[Array, Array]:
        """Return decay and rise (n,) at 2θ (n,)."""
        return np.interp(two_theta, self.two_theta, self.decay), np.interp(two_theta, self.two_theta, self.rise)

    def offset(self, two_theta: Array) -> Array:
        """Return how far (n,) before the tails are drawn lines lie above the middle that they have with them."""
        decay, rise = self.at(two_theta)
        return np.asarray(MEDIAN * (decay - rise))


def with_tails(tails: PulseTails | None, x: Array, curves: Array) -> Array:
    """Return curves (r, n) or (n,) at x (n,) in °2θ, convoluted with the tails; as they are where there are none.

    Examples
    --------
    >>> x = np.arange(20.0, 30.0, 0.01)
    >>> gauss = np.exp(-(((x - 25.0) / 0.1) ** 2))
    >>> tails = PulseTails(x[[0, -1]], np.array([0.2, 0.2]), np.array([0.05, 0.05]))
    >>> after = with_tails(tails, x, gauss)
    >>> round(float(after.sum() / gauss.sum()), 3), round(float(after @ x / after.sum()), 2)
    (1.0, 24.85)
    """
    if tails is None:
        return curves
    decay, rise = tails.at(x)
    rows = np.ascontiguousarray(np.atleast_2d(curves)).copy()
    _convolute(rows, np.diff(x), decay, rise)
    return rows.reshape(curves.shape)


def widened(tails: PulseTails | None, two_theta: Array, fwhm: Array) -> Array:
    """Return about the FWHM (m,) of lines at 2θ (m,) once they have tails."""
    if tails is None:
        return fwhm
    decay, rise = tails.at(two_theta)
    return np.asarray(np.sqrt(fwhm**2 + WIDTH**2 * (decay**2 + rise**2)))


@njit(cache=True, error_model="numpy", nogil=True)
def _convolute(rows: Array, steps: Array, decay: Array, rise: Array) -> None:
    """Convolute rows (r, n), straight between their points, with both exponentials, in place.

    ∫ y(x + u) exp(−u/ε)/ε du over one step h is y₀ (1 − E) + (y₁ − y₀)(1 − E (1 + r))/r, r = h/ε, E = exp(−r); what
    lies beyond the step comes in times E.
    """
    n = rows.shape[1]
    for backwards in (True, False):
        lengths = decay if backwards else rise
        start, step = (n - 1, -1) if backwards else (0, 1)
        before = rows[:, start].copy()  # the last point's own values, which its convolution has replaced
        for count in range(1, n):
            i = start + step * count
            ratio = steps[i if backwards else i - 1] / max(lengths[i], 1e-9)
            left = np.exp(-ratio)
            far = (1.0 - left * (1.0 + ratio)) / ratio
            near = 1.0 - left - far
            for k in range(rows.shape[0]):
                own = rows[k, i]
                rows[k, i] = left * rows[k, i - step] + near * own + far * before[k]
                before[k] = own
