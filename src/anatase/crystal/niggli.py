"""The Niggli cell: the reduced primitive cell by which lattices are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.errors import ConvergenceError

__all__ = ["lattices_equal", "niggli_reduce", "primitive_lattice"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# primitive vectors (columns) of the centred cells, in the centred basis; R is obverse
PRIMITIVE = {
    "P": np.eye(3),
    "A": np.array([[1, 0, 0], [0, 0.5, -0.5], [0, 0.5, 0.5]]),
    "B": np.array([[0.5, 0, -0.5], [0, 1, 0], [0.5, 0, 0.5]]),
    "C": np.array([[0.5, -0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]),
    "I": np.array([[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]]),
    "F": np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
    "R": np.array([[2, -1, -1], [1, 1, -2], [1, 1, 1]]) / 3.0,
}
MAX_STEPS = 1000


def primitive_lattice(lattice: Lattice, centring: str) -> Lattice:
    """Return a primitive cell of a centred one (``P A B C I F R``; R on hexagonal axes, obverse)."""
    if centring == "P":
        return lattice
    change = PRIMITIVE[centring]
    return Lattice.from_metric(change.T @ lattice.metric @ change)


def niggli_reduce(lattice: Lattice, tolerance: float = 1e-5) -> tuple[Lattice, Ints]:
    """Return the Niggli-reduced cell and the whole-number matrix C (3, 3) with (a' b' c') = (a b c) C.

    Křivý & Gruber (1976) Acta Cryst. A32, 297, steps 1 to 8, with comparisons to within
    ``tolerance`` · V^(1/3)·(unit of the metric) as Grosse-Kunstleve, Sauter & Adams (2004) Acta Cryst. A60, 1, ask for.
    The cell must be primitive (see ``primitive_lattice``); det C = +1.

    Examples
    --------
    >>> reduced, change = niggli_reduce(Lattice(4.0, 4.0, 9.0, 90, 90, 135))
    >>> [round(p, 4) for p in reduced.parameters]
    [3.0615, 4.0, 9.0, 90.0, 90.0, 112.5]
    """
    epsilon = tolerance * lattice.volume ** (2.0 / 3.0)
    change = np.eye(3, dtype=np.int64)
    metric = lattice.metric
    for _ in range(MAX_STEPS):
        step = _step(metric, epsilon)
        if step is None:
            return Lattice.from_metric(metric), change
        change = change @ step
        metric = change.T @ lattice.metric @ change
    raise ConvergenceError(
        f"the Niggli reduction of {lattice.parameters} did not settle in {MAX_STEPS} steps; raise the tolerance",
        Lattice.from_metric(metric),
    )


def _step(metric: Floats, eps: float) -> Ints | None:
    """Return the next change of basis of the algorithm, or ``None`` for a reduced cell."""
    a, b, c = (float(metric[i, i]) for i in range(3))
    xi, eta, zeta = (2.0 * float(metric[i, j]) for i, j in ((1, 2), (0, 2), (0, 1)))
    if a > b + eps or (abs(a - b) <= eps and abs(xi) > abs(eta) + eps):  # step 1
        return _matrix((0, -1, 0), (-1, 0, 0), (0, 0, -1))
    if b > c + eps or (abs(b - c) <= eps and abs(eta) > abs(zeta) + eps):  # step 2
        return _matrix((-1, 0, 0), (0, 0, -1), (0, -1, 0))
    signs = _signs(xi, eta, zeta, eps)  # steps 3 and 4
    if signs is not None:
        return signs
    sign = 1 if zeta > 0 else -1
    if abs(xi) > b + eps or (abs(xi - b) <= eps and 2 * eta < zeta - eps) or (abs(xi + b) <= eps and zeta < -eps):
        return _matrix((1, 0, 0), (0, 1, -(1 if xi > 0 else -1)), (0, 0, 1))  # step 5
    if abs(eta) > a + eps or (abs(eta - a) <= eps and 2 * xi < zeta - eps) or (abs(eta + a) <= eps and zeta < -eps):
        return _matrix((1, 0, -(1 if eta > 0 else -1)), (0, 1, 0), (0, 0, 1))  # step 6
    if abs(zeta) > a + eps or (abs(zeta - a) <= eps and 2 * xi < eta - eps) or (abs(zeta + a) <= eps and eta < -eps):
        return _matrix((1, -sign, 0), (0, 1, 0), (0, 0, 1))  # step 7
    total = xi + eta + zeta + a + b
    if total < -eps or (abs(total) <= eps and 2 * (a + eta) + zeta > eps):
        return _matrix((1, 0, 1), (0, 1, 1), (0, 0, 1))  # step 8
    return None


def _signs(xi: float, eta: float, zeta: float, eps: float) -> Ints | None:
    """Make the three scalar products all positive or none positive (steps 3 and 4)."""
    values = (xi, eta, zeta)
    signs = [0 if abs(v) <= eps else (1 if v > 0 else -1) for v in values]
    positive = signs[0] * signs[1] * signs[2] > 0
    if positive:
        flip = [1 if s > 0 else -1 for s in signs]
    else:
        flip = [-1 if s > 0 else 1 for s in signs]
        if flip[0] * flip[1] * flip[2] < 0:
            # a vanishing product takes the sign that keeps the basis right-handed
            flip[max(i for i in range(3) if signs[i] == 0)] = -1
    if flip == [1, 1, 1]:
        return None
    return np.diag(flip).astype(np.int64)


def _matrix(*rows: tuple[int, int, int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def lattices_equal(first: Lattice, second: Lattice, length: float = 0.005, angle: float = 0.2) -> bool:
    """Tell whether two primitive cells span the same lattice, by their Niggli cells.

    Parameters
    ----------
    first, second
        Primitive cells in any setting.
    length
        Relative tolerance of the lengths.
    angle
        Tolerance of the angles, degrees.
    """
    one, two = niggli_reduce(first)[0], niggli_reduce(second)[0]
    return any(_alike(one, candidate, length, angle) for candidate in _near_reduced(two, length))


def _alike(one: Lattice, two: Lattice, length: float, angle: float) -> bool:
    a, b = np.array(one.parameters), np.array(two.parameters)
    return bool(np.all(np.abs(a[:3] / b[:3] - 1.0) <= length) and np.all(np.abs(a[3:] - b[3:]) <= angle))


def _near_reduced(lattice: Lattice, length: float) -> list[Lattice]:
    """Return the cell and the other bases nearly as short: reduction jumps between them under small strains."""
    choices = np.array([v for v in np.ndindex(3, 3, 3) if v != (1, 1, 1)]) - 1
    norms = np.sqrt(np.einsum("ni,ij,nj->n", choices, lattice.metric, choices))
    target = np.sort(np.array(lattice.parameters[:3]))
    found = [lattice]
    picks = [np.flatnonzero(np.abs(norms / t - 1.0) <= 2 * length) for t in target]
    for i in picks[0]:
        for j in picks[1]:
            for k in picks[2]:
                basis = choices[[i, j, k]]
                if round(float(np.linalg.det(basis))) == 1:
                    found.append(Lattice.from_metric(basis @ lattice.metric @ basis.T))
    return found
