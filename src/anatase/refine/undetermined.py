"""Directions in which the parameters can move together and the pattern hardly changes, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SINGULAR", "WEAK", "Direction", "unit_scale", "weak_directions"]

Array = NDArray[np.float64]

SINGULAR = 1e-10  # of the unit-diagonal normal matrix: what rounding leaves of an eigenvalue that is zero
WEAK = 1e-4  # two parameters alone have this eigenvalue when they correlate by 0.9999
NEARLY_SINGULAR = 1e-6  # s.u. a thousand times what they would be if the others were known: any misfit decides
POSITIONS = ("wavelength", "penetration", "displacement_across", "displacement", "zero")  # all move lines; held in turn
CELL = ("a", "b", "c", "alpha", "beta", "gamma")
TOLD = 0.1  # of a direction's largest component: smaller ones are not worth a word
MOST_NAMES = 6


@dataclass(frozen=True)
class Direction:
    """A combination of parameters that the data fix badly or not at all.

    ``components`` are pairs of name and share, the largest first and positive, each share in units of what the
    parameter's s.u. would be if all others were known; ``eigenvalue`` is that of the normal matrix scaled to unit
    diagonal: 1 where nothing correlates, 0 where nothing is determined.
    """

    components: tuple[tuple[str, float], ...]
    eigenvalue: float

    @property
    def singular(self) -> bool:
        """Whether the data say nothing at all of this combination."""
        return self.eigenvalue < SINGULAR

    @property
    def to_hold(self) -> str:
        """The parameter to hold where the data do not fix the combination well enough, or nothing.

        That is where it is all but singular, and already where shifts of lines are hardly told apart, which no data
        bear out. Held is what is best known otherwise: wavelength, shifts, occupancies, the instrument; scales and
        cells last. Weak combinations of the background alone do no harm.
        """
        told = [name for name, share in self.components if abs(share) >= TOLD * abs(self.components[0][1])]
        shifts = [name for name in told if name.rpartition(".")[2] in POSITIONS]
        near = self.eigenvalue < (WEAK if len(shifts) > 1 or _is_wavelength(shifts) else NEARLY_SINGULAR)
        if not self.singular and (not near or all(".background." in name for name in told)):
            return ""
        return min(told, key=_reluctance)

    def __str__(self) -> str:
        told = [(name, share) for name, share in self.components if abs(share) >= TOLD * self.components[0][1]]
        more = len(told) - MOST_NAMES
        if len(told) == 1:
            verb = "does not depend" if self.singular else "hardly depends"
            return f"the pattern {verb} on {told[0][0]}"
        moves = [f"{name} {'rises' if share > 0 else 'falls'}" for name, share in told[:MOST_NAMES]]
        last = f"and {more} more move" if more > 0 else f"and {moves.pop()}"
        verb = "does not change" if self.singular else "hardly changes"
        return f"the pattern {verb} when {', '.join(moves)} {last} together"


def _is_wavelength(names: list[str]) -> bool:
    return any(name.endswith(".wavelength") for name in names)


def _reluctance(name: str) -> int:
    """Return how late a parameter is to be held."""
    last = name.rpartition(".")[2]
    if last in POSITIONS:
        return POSITIONS.index(last)
    if last in CELL or last == "scale":
        return len(POSITIONS) + 3
    if last == "occupancy":
        return len(POSITIONS)
    of_instrument = name.count(".") == 1
    return len(POSITIONS) + (1 if of_instrument else 2)


def weak_directions(normal: Array, names: tuple[str, ...], limit: float = WEAK) -> tuple[Direction, ...]:
    """Return the directions of a normal matrix (k, k) with an eigenvalue below ``limit``, the weakest first.

    The matrix is first scaled to unit diagonal, so that units do not count. A parameter with no derivative at
    all is a direction by itself.

    Examples
    --------
    >>> for one in weak_directions(np.array([[4.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), ("a", "b", "c")):
    ...     print(one)
    the pattern does not depend on c
    the pattern does not change when a rises and b falls together
    """
    scale, silent = unit_scale(normal)
    found = [Direction(((names[i], 1.0),), 0.0) for i in np.flatnonzero(silent)]
    index = np.flatnonzero(~silent)
    block = np.ix_(index, index)
    eigenvalues, vectors = np.linalg.eigh((normal * np.outer(scale, scale))[block])
    weak = int(np.count_nonzero(eigenvalues < limit))
    null = int(np.count_nonzero(eigenvalues < SINGULAR))
    rows = np.vstack([_sparse(vectors[:, :null].T), vectors[:, null:weak].T])
    for eigenvalue, row in zip(eigenvalues[:weak], rows, strict=True):
        order = np.argsort(-np.abs(np.round(row, 9)), kind="stable")
        sign = 1.0 if row[order[0]] > 0 else -1.0
        components = tuple((names[index[i]], float(sign * row[i])) for i in order)
        found.append(Direction(components, max(float(eigenvalue), 0.0)))
    return tuple(found)


def _sparse(rows: Array) -> Array:
    """Return unit rows (m, k) of the same space with as few names in each as elimination leaves.

    Directions of equal eigenvalue come mixed at random: two separate pairs would else read as one group of four.
    """
    rows = rows.copy()
    for i in range(len(rows)):
        strongest = np.abs(rows[i:]).max(axis=1)
        best = i + int(np.argmax(strongest))
        rows[[i, best]] = rows[[best, i]]
        pivot = int(np.argmax(np.abs(rows[i])))
        rows[i] /= rows[i, pivot]
        others = np.arange(len(rows)) != i
        rows[others] -= np.outer(rows[others, pivot], rows[i])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def unit_scale(normal: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return 1/√N_ii (k,), and which parameters (k,) have no derivative (their scale is 1)."""
    diagonal = np.diag(normal)
    silent = ~(diagonal > 0.0)
    return 1.0 / np.sqrt(np.where(silent, 1.0, diagonal)), silent
