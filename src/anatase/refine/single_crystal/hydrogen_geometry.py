"""Ideal places of hydrogen atoms that ride on others: SHELXL's AFIX geometries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["GEOMETRIES", "ideal_hydrogens", "turned", "x_h_distance"]

Array = NDArray[np.float64]

# m of AFIX mn: hydrogen atoms and least number of bonded neighbours of the atom that carries them
GEOMETRIES = {
    1: (1, 3),
    2: (2, 2),
    3: (3, 1),
    4: (1, 2),
    8: (1, 1),
    9: (2, 1),
    13: (3, 1),
    14: (1, 1),
    15: (1, 4),
    16: (1, 1),
}
# X–H in Å at room temperature (SHELXL manual, AFIX); 0.01 more below −20 °C and 0.02 more below −70 °C
DISTANCES = {
    1: {"C": 0.98, "N": 0.91, "B": 0.98, "SI": 1.43},
    2: {"C": 0.97, "N": 0.90},
    3: {"C": 0.96, "N": 0.89},
    4: {"C": 0.93, "N": 0.86, "B": 1.10},
    8: {"O": 0.82, "S": 1.20},
    9: {"C": 0.93, "N": 0.86},
    13: {"C": 0.96, "N": 0.89},
    14: {"O": 0.82, "S": 1.20},
    15: {"B": 1.10, "C": 1.10},
    16: {"C": 0.93},
}
COOL, COLD = -20.0, -70.0  # °C
TETRAHEDRAL = np.arccos(-1.0 / 3.0)


def x_h_distance(m: int, element: str, temperature: float) -> float:
    """Return the X–H distance in Å of AFIX mn for the element that carries the hydrogen, at a temperature in °C.

    Examples
    --------
    >>> round(x_h_distance(4, "C", -173.0), 2)
    0.95
    """
    shift = 0.02 if temperature < COLD else 0.01 if temperature < COOL else 0.0
    table = DISTANCES[m]
    return table.get(element.upper(), next(iter(table.values()))) + shift


def turned(vectors: Array, axis: Array, angle: float) -> Array:
    """Return vectors (n, 3) turned about a unit axis (3,) by an angle in degrees (Rodrigues)."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along = (vectors @ axis)[:, None] * axis
    return np.asarray(vectors * c + np.cross(axis, vectors) * s + along * (1.0 - c))


def ideal_hydrogens(m: int, bonds: Sequence[Array], present: Array, distance: float, beyond: Array | None) -> Array:
    """Return the vectors (n, 3) in Å from an atom to the hydrogen atoms that it carries.

    Parameters
    ----------
    m
        Kind of AFIX mn: 1 CH, 2 CH2, 3 staggered CH3, 4 aromatic CH, 8 and 14 OH, 9 planar XH2, 13 turning CH3, 15 BH,
        16 acetylenic CH.
    bonds
        Vectors in Å to its neighbours, nearest first.
    present
        Vectors (n, 3) to the hydrogen atoms as they are: their torsion is kept where geometry leaves it free.
    distance
        X–H in Å.
    beyond
        Vector in Å from the first neighbour to a further atom, that fixes the torsion for m = 3 and 9.
    """
    units = [bond / np.linalg.norm(bond) for bond in bonds]
    if m in (1, 15):
        return distance * _unit(-np.sum(units, axis=0))[None]
    if m == 4:
        return distance * _unit(-(units[0] + units[1]))[None]
    if m == 16:
        return distance * -units[0][None]
    if m == 2:
        # half of H–X–H widens as the angle at X narrows: 0.9678 + 0.0698 cos(angle), radian, as in SHELXL
        half = 0.9678 + 0.0698 * float(units[0] @ units[1])
        up, across = _unit(-(units[0] + units[1])), _unit(np.cross(units[0], units[1]))
        if float(np.sum((present[0] - present[1]) * across)) < 0.0:
            across = -across
        return distance * np.array([np.cos(half) * up + sign * np.sin(half) * across for sign in (1.0, -1.0)])
    axis = units[0]
    angle = 2.0 * np.pi / 3.0 if m == 9 else TETRAHEDRAL
    side = _across(axis, present[0] if m in (8, 13, 14) or beyond is None else -beyond if m == 3 else beyond)
    count = len(present)
    step = 180.0 if m == 9 else 120.0
    first = distance * (np.cos(angle) * axis + np.sin(angle) * side)
    if m in (3, 9):  # the order of the atoms in the file stays: the first takes the place that is nearest to it
        places = [turned(first[None], axis, step * i)[0] for i in range(count)]
        start = int(np.argmax([place @ present[0] for place in places]))
        first = places[start]
        hand = float(np.cross(present[0], present[1]) @ axis) if count > 1 else 1.0
        step = step if hand >= 0.0 else -step
    elif count > 1:
        step = step if float(np.cross(present[0], present[1]) @ axis) >= 0.0 else -step
    return np.array([turned(first[None], axis, step * i)[0] for i in range(count)])


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _across(axis: Array, vector: Array) -> Array:
    """Return the unit vector across the axis towards a vector, any one where they are parallel."""
    side = vector - (vector @ axis) * axis
    if np.linalg.norm(side) < 1e-3:
        side = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    return _unit(side)
