"""One symmetry operation named as a crystallographer names it: type, sense, screw or glide part, location."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RotationPart",
    "SymmetryElement",
    "describe_operation",
    "glide_name",
    "location_of_axis",
    "location_of_plane",
    "rotation_part",
    "screw_name",
    "shortest_along",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# rotation type from determinant and trace (International Tables A, table 11.2.1.1)
TYPES = {
    (1, 3): 1, (1, -1): 2, (1, 0): 3, (1, 1): 4, (1, 2): 6,
    (-1, -3): -1, (-1, 1): -2, (-1, 0): -3, (-1, -1): -4, (-1, -2): -6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SymmetryElement:
    """A symmetry element, or the geometric meaning of one operation.

    Parameters
    ----------
    name
        ``1``, ``t``, ``-1``, ``2``, ``2_1``, ``3`` … ``6_5``, ``m``, ``a``, ``b``, ``c``, ``e``, ``n``, ``d``, ``g``,
        ``-3``, ``-4``, ``-6``.
    order
        Type of the rotation part: 2, 3, 4, 6, -1, -2 (mirror or glide), -3, -4, -6; 1 for a translation.
    sense
        +1 for a counterclockwise turn about ``direction``, -1 for a clockwise one, 0 where it has no meaning.
    direction
        Direction [uvw] of the axis, or of the normal of the plane; (0, 0, 0) for a centre.
    translation
        Screw or glide part (3,), in fractions of the cell.
    point
        A point (3,) of the axis or plane, or the fixed point of a rotoinversion.
    location
        Coordinates of axis, plane or centre: ``0,y,1/4``.
    """

    name: str
    order: int
    sense: int
    direction: tuple[int, int, int]
    translation: tuple[float, float, float]
    point: tuple[float, float, float]
    location: str

    def __str__(self) -> str:
        if not any(self.direction):
            return f"{self.name} at {self.location}" if self.order == -1 else self.name
        uvw = "[" + "".join(str(i) for i in self.direction) + "]"
        part = f" ({','.join(_fraction(x) for x in self.translation)})" if any(self.translation) else ""
        if self.order == -2:
            return f"{self.name}{part} perpendicular to {uvw} at {self.location}"
        centre = f", point {','.join(_fraction(x) for x in self.point)}" if self.order < -2 else ""
        return f"{self.name}{part} along {uvw} at {self.location}{centre}"


@dataclass(frozen=True, slots=True)
class RotationPart:
    """What the rotation part alone says: type, sense, direction, and the maps from t to screw part and location.

    ``project`` (3, 3) takes t to the intrinsic part w, ``locate`` (3, 3) takes t - w to a fixed point.
    ``row`` holds the Miller indices of a reflection's plane.
    """

    kind: int
    sense: int
    direction: Ints
    row: Ints
    project: Floats
    locate: Floats


def rotation_part(rotation: Ints) -> RotationPart:
    """Return the geometry of a rotation part (3, 3)."""
    return _rotation_part(np.ascontiguousarray(rotation, dtype=np.int64).tobytes())


@lru_cache(maxsize=512)
def _rotation_part(data: bytes) -> RotationPart:
    rotation = np.frombuffer(data, dtype=np.int64).reshape(3, 3)
    kind = rotation_type(rotation)
    direction = axis_direction(rotation) if abs(kind) > 1 else np.zeros(3, dtype=np.int64)
    row = plane_row(rotation) if kind == -2 else np.zeros(3, dtype=np.int64)
    sense = _sense(rotation, direction) if abs(kind) > 2 else 0
    locate = np.asarray(np.linalg.pinv(np.eye(3) - rotation), dtype=np.float64)
    return RotationPart(kind, sense, direction, row, _projector(rotation, kind), locate)


def _projector(rotation: Ints, kind: int) -> Floats:
    """Return P with w = Pt = (1/k) Σ Rⁱ t, k the order of R (International Tables A, 11.2.1.4)."""
    if kind < 0 and kind != -2:
        return np.zeros((3, 3))
    power, total = np.eye(3), np.zeros((3, 3))
    for _ in range(abs(kind)):
        total, power = total + power, power @ rotation
    return np.asarray(total / abs(kind))


def describe_operation(
    rotation: Ints, translation: Floats, lattice: Floats | None = None, *, hexagonal: bool = False
) -> SymmetryElement:
    """Return the geometric meaning of x' = Rx + t.

    International Tables A (2005), 11.2; Grosse-Kunstleve (1999) Acta Cryst. A55, 383.

    Parameters
    ----------
    rotation, translation
        R (3, 3) and t (3,), in the basis of the cell.
    lattice
        Lattice vectors (n, 3) that names of screws are reduced by; the cell's own by default.
    hexagonal
        True for hexagonal axes, where a glide other than along c has no letter but g.
    """
    part = rotation_part(rotation)
    intrinsic = np.round(part.project @ translation, 9) + 0.0
    point = part.locate @ (translation - intrinsic)
    if part.kind == 1:
        pure = bool(np.abs(translation).max() > 1e-6)
        return SymmetryElement("t" if pure else "1", 1, 0, (0, 0, 0), _triple(translation), (0.0, 0.0, 0.0), "")
    if part.kind == -1:
        name, where = "-1", _joined(point)
    elif part.kind == -2:
        name, where = glide_name(intrinsic, part.row, hexagonal=hexagonal), location_of_plane(part.row, point)
    else:
        where = location_of_axis(part.direction, point)
        name = str(part.kind)
        if part.kind > 0:
            name = screw_name(intrinsic, part, np.eye(3) if lattice is None else lattice)
    return SymmetryElement(
        name, part.kind, part.sense, _indices(part.direction), _triple(intrinsic), _triple(point), where
    )


def rotation_type(rotation: Ints) -> int:
    """Return 1, 2, 3, 4, 6 for a rotation, -1, -2, -3, -4, -6 for a rotoinversion (-2 is a mirror)."""
    return TYPES[(round(float(np.linalg.det(rotation))), int(np.trace(rotation)))]


def axis_direction(rotation: Ints) -> Ints:
    """Return the primitive direction [uvw] (3,) of the axis, or of a plane's normal; first index positive."""
    proper = rotation * round(float(np.linalg.det(rotation)))
    total, power = np.zeros((3, 3), dtype=np.int64), np.eye(3, dtype=np.int64)
    for _ in range(12):
        total, power = total + power, power @ proper
    return _primitive(total[:, np.argmax(np.abs(total).sum(axis=0))])


def plane_row(rotation: Ints) -> Ints:
    """Return the Miller indices (3,) of the plane that a reflection keeps: hR = -h."""
    return _primitive((np.eye(3, dtype=np.int64) - rotation)[np.argmax(np.abs(np.eye(3) - rotation).sum(axis=1))])


def screw_name(intrinsic: Floats, part: RotationPart, lattice: Floats) -> str:
    """Return ``4_1`` for a fourfold turn with a quarter of the shortest lattice vector along the axis."""
    pivot = int(np.argmax(np.abs(part.direction)))
    repeat = shortest_along(part.direction, lattice) * float(part.direction[pivot])
    steps = round(part.kind * (part.sense or 1) * float(intrinsic[pivot]) / repeat) % part.kind
    return f"{part.kind}_{steps}" if steps else str(part.kind)


def shortest_along(direction: Ints, lattice: Floats) -> float:
    """Return the shortest lattice vector along [uvw], in units of [uvw]: 1/2 for [110] in a C cell."""
    best = 1.0
    for denominator in (2, 3, 4):
        for vector in lattice:
            difference = direction / denominator - vector
            if np.abs(difference - np.round(difference)).max() < 1e-6:
                best = min(best, 1.0 / denominator)
    return best


def glide_name(intrinsic: Floats, row: Ints, *, hexagonal: bool = False) -> str:
    """Return m, a, b, c, n, d or g for a glide part on the plane (hkl) = ``row``."""
    size = np.abs(intrinsic)
    moved = size > 1e-6
    if not moved.any():
        return "m"
    if hexagonal:
        return "c" if moved.tolist() == [False, False, True] and abs(size[2] - 0.5) < 1e-6 else "g"
    halves = bool(np.all(np.abs(size[moved] - 0.5) < 1e-6))
    if halves and moved.sum() == 1:
        return "abc"[int(np.argmax(moved))]
    oblique = int(np.count_nonzero(row)) > 1
    # on an oblique plane half of its own axis, such as [1-10]/2, has no letter in International Tables A
    if halves and (not oblique or moved.sum() == 3):
        return "n"
    if np.all(np.abs(size[moved] - 0.25) < 1e-6) and (not oblique or moved.sum() == 3):
        return "d"
    return "g"


def location_of_axis(direction: Ints, point: Floats) -> str:
    """Return ``1/4,y,0`` or ``x,x+1/2,0`` for a line through ``point`` along [uvw]."""
    lead = int(np.flatnonzero(direction)[0])
    start = point - direction * (point[lead] / direction[lead])
    letter = "xyz"[lead]
    return ",".join(_coordinate(start[i], [(int(direction[i]), letter)]) for i in range(3))


def location_of_plane(row: Ints, point: Floats) -> str:
    """Return ``x,1/4,z`` or ``x,-x+1/2,z`` for the plane (hkl) = ``row`` through ``point``."""
    pivots = [i for i in (2, 1, 0) if abs(row[i]) == 1] or [int(np.flatnonzero(row)[-1])]
    pivot = pivots[0]
    distance = float(row @ point) / row[pivot]
    distance -= np.floor(distance + 1e-9)
    parts = ["x", "y", "z"]
    terms = [(Fraction(-int(row[j]), int(row[pivot])), "xyz"[j]) for j in range(3) if j != pivot and row[j]]
    parts[pivot] = _coordinate(distance, [(t, n) for t, n in terms])
    return ",".join(parts)


def _sense(rotation: Ints, direction: Ints) -> int:
    proper = rotation * round(float(np.linalg.det(rotation)))
    other = np.eye(3, dtype=np.int64)[int(np.flatnonzero(np.any(np.cross(np.eye(3), direction), axis=1))[0])]
    return 1 if np.linalg.det(np.array([direction, other, proper @ other])) > 0 else -1


def _primitive(vector: Ints) -> Ints:
    divisor = gcd(*(int(v) for v in vector))
    reduced = vector // divisor
    first = reduced[np.flatnonzero(reduced)[0]]
    return np.asarray(reduced if first > 0 else -reduced, dtype=np.int64)


def _coordinate(constant: float, terms: list[tuple[int, str]] | list[tuple[Fraction, str]]) -> str:
    text = ""
    for factor, letter in terms:
        if factor:
            size = "" if abs(factor) == 1 else str(abs(factor))
            text += ("-" if factor < 0 else ("+" if text else "")) + size + letter
    number = _fraction(constant)
    if not text:
        return number
    return text if number == "0" else f"{text}{'' if number.startswith('-') else '+'}{number}"


def _fraction(x: float) -> str:
    return str(Fraction(float(x)).limit_denominator(48))


def _joined(point: Floats) -> str:
    return ",".join(_fraction(x) for x in point)


def _triple(vector: Floats) -> tuple[float, float, float]:
    x, y, z = (float(v) + 0.0 for v in np.round(vector, 9))
    return (x, y, z)


def _indices(direction: Ints) -> tuple[int, int, int]:
    u, v, w = (int(i) for i in direction)
    return (u, v, w)
