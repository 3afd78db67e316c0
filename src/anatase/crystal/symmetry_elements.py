"""All symmetry elements of a space group in the cell, named and placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.symmetry_operation import (
    RotationPart,
    SymmetryElement,
    describe_operation,
    glide_name,
    location_of_axis,
    location_of_plane,
    rotation_part,
    screw_name,
    shortest_along,
)

__all__ = ["symmetry_elements", "symmetry_operations"]

Floats = NDArray[np.float64]
Key = tuple[Any, ...]

SHIFTS = np.array(list(product((-1, 0, 1), repeat=3)), dtype=float)
# what an axis holds besides its name: a 4 on a line makes a separate 2 on it redundant
IMPLIED = {
    "3": {"3"}, "4": {"2", "-4"}, "4_1": {"2_1"}, "4_2": {"2"}, "4_3": {"2_1"}, "-4": {"2"},
    "6": {"2", "3", "-6", "-3"}, "6_1": {"2_1", "3_1"}, "6_2": {"2", "3_2"}, "6_3": {"2_1", "3"},
    "6_4": {"2", "3_1"}, "6_5": {"2_1", "3_2"}, "-3": {"3"}, "-6": {"3"},
}  # fmt: skip
ORDER = {-1: 0, 6: 1, -6: 2, 4: 3, -4: 4, 3: 5, -3: 6, 2: 7, -2: 8}


def symmetry_operations(group: SpaceGroup) -> tuple[SymmetryElement, ...]:
    """Return the geometric meaning of each operation in turn, as International Tables A list them."""
    lattice, hexagonal = _lattice_vectors(group), _hexagonal(group)
    return tuple(
        describe_operation(r, t, lattice, hexagonal=hexagonal)
        for r, t in zip(group.rotations, group.translations, strict=True)
    )


def symmetry_elements(group: SpaceGroup) -> tuple[SymmetryElement, ...]:
    """Return every symmetry element of the cell, translations by whole cells apart.

    An axis bears the name of the highest operation on it (a 4 is not repeated as a 2); a plane that several
    glides share is m if one is a pure reflection, else e for two axial glides, else the shortest glide.

    Examples
    --------
    >>> [str(e) for e in symmetry_elements(SpaceGroup.from_symbol("P 1 21 1"))][0]
    '2_1 (0,1/2,0) along [010] at 0,y,0'
    """
    cell = _Cell(_lattice_vectors(group), _hexagonal(group))
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        part = rotation_part(rotation)
        if part.kind != 1:
            moved = translation + SHIFTS
            intrinsic = np.round(moved @ part.project.T, 9) + 0.0
            points = (moved - intrinsic) @ part.locate.T
            for glide, point in zip(intrinsic, points, strict=True):
                cell.add(part, glide, point)
    found = cell.elements()
    return tuple(sorted(found, key=lambda e: (ORDER[e.order], e.name, tuple(-abs(i) for i in e.direction), e.point)))


def _hexagonal(group: SpaceGroup) -> bool:
    """Tell whether the axes are hexagonal: a rotation of order 3 or 6 about c."""
    about_c = [rotation_part(r) for r in group.rotations]
    return any(abs(p.kind) in (3, 6) and p.direction.tolist() == [0, 0, 1] for p in about_c)


def _lattice_vectors(group: SpaceGroup) -> Floats:
    pure = (group.rotations == np.eye(3)).all(axis=(1, 2))
    return np.asarray(group.translations[pure])


class _Cell:
    """The elements found so far in one cell, filed by the line, plane or point that they occupy."""

    def __init__(self, lattice: Floats, hexagonal: bool) -> None:
        self.lattice = lattice
        self.hexagonal = hexagonal
        self.lines: dict[Key, dict[Key, SymmetryElement]] = defaultdict(dict)
        self.planes: dict[Key, tuple[RotationPart, list[Floats]]] = {}
        self.centres: dict[Key, SymmetryElement] = {}

    def add(self, part: RotationPart, intrinsic: Floats, point: Floats) -> None:
        """File the element that one operation with one whole translation makes."""
        if part.kind == -1:
            place = _placed(point)
            self.centres.setdefault(_key(point), _element("-1", part, np.zeros(3), place, ",".join(map(_text, place))))
        elif part.kind == -2:
            distance = float(part.row @ point)
            key = (_indices(part.direction), _indices(part.row), round(distance * 48) % 48)
            self.planes.setdefault(key, (part, []))[1].append(intrinsic)
        elif part.kind < 0:
            self._add_rotoinversion(part, _placed(point))
        elif part.sense >= 0:
            self._add_axis(part, intrinsic, point)

    def _add_rotoinversion(self, part: RotationPart, place: Floats) -> None:
        foot = _foot(part.direction, place)
        held = self.lines[(_indices(part.direction), _key(foot))]
        key = (part.kind, _key(place))
        if key not in held:
            where = location_of_axis(part.direction, _placed(foot))
            held[key] = _element(str(part.kind), part, np.zeros(3), place, where)

    def _add_axis(self, part: RotationPart, intrinsic: Floats, point: Floats) -> None:
        foot = _foot(part.direction, point)
        held = self.lines[(_indices(part.direction), _key(foot))]
        name = screw_name(intrinsic, part, self.lattice)
        if (name,) not in held:
            place = _placed(foot)
            turn, _, steps = name.partition("_")
            repeat = shortest_along(part.direction, self.lattice)
            screw = np.asarray(part.direction * (repeat * int(steps or 0) / int(turn)), dtype=np.float64)
            held[(name,)] = _element(name, part, screw, place, location_of_axis(part.direction, place))

    def elements(self) -> list[SymmetryElement]:
        """Return the elements, those left out that a higher one on the same line implies."""
        found = [self._plane(key, part, glides) for key, (part, glides) in self.planes.items()]
        for held in self.lines.values():
            names = {element.name for element in held.values()}
            redundant = set().union(*(IMPLIED.get(name, set()) - {name} for name in names))
            found += [element for element in held.values() if element.name not in redundant]
        hosts = {_key(element.point) for element in found if element.order == -3}
        return found + [centre for key, centre in self.centres.items() if key not in hosts]

    def _plane(self, key: Key, part: RotationPart, glides: list[Floats]) -> SymmetryElement:
        """Name a plane by the glides that it holds."""
        ranked = sorted(glides, key=lambda w: (*_length(w), tuple(-w)))
        names = [glide_name(w, part.row, hexagonal=self.hexagonal) for w in ranked]
        name = next((n for n in "mabcnd" if n in names), names[0])
        best = ranked[names.index(name)]
        if name in "abc" and len(set(names) & set("abc")) > 1:
            name = "e"
        distance = float(key[2]) / 48.0
        point = np.asarray(part.direction * (distance / float(part.row @ part.direction)), dtype=np.float64)
        return _element(name, part, best, point, location_of_plane(part.row, point))


def _element(name: str, part: RotationPart, intrinsic: Floats, point: Floats, where: str) -> SymmetryElement:
    x, y, z = (float(v) + 0.0 for v in np.round(point, 9))
    t, v, w = (float(v) + 0.0 for v in np.round(intrinsic, 9))
    return SymmetryElement(name, part.kind, 0, _indices(part.direction), (t, v, w), (x, y, z), where)


def _foot(direction: NDArray[np.int64], point: Floats) -> Floats:
    """Slide a point along its axis to the face of the cell that names the line."""
    pivot = next((i for i in range(3) if abs(direction[i]) == 1), int(np.argmax(np.abs(direction))))
    return np.asarray(point - direction * (point[pivot] / direction[pivot]))


def _placed(point: Floats) -> Floats:
    return np.array(_key(point), dtype=float) / 48.0


def _key(vector: Iterable[float]) -> tuple[int, int, int]:
    """Round a position to 48ths modulo 1."""
    x, y, z = (round(float(v) * 48) % 48 for v in vector)
    return (x, y, z)


def _length(vector: Iterable[float]) -> tuple[float, int]:
    values = list(vector)
    return (round(sum(abs(x) for x in values), 6), sum(x < -1e-9 for x in values))


def _indices(vector: NDArray[np.int64]) -> tuple[int, int, int]:
    u, v, w = (int(i) for i in vector)
    return (u, v, w)


def _text(x: float) -> str:
    return str(Fraction(float(x)).limit_denominator(48))
