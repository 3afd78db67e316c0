"""Systematic absences: which reflections a space group extinguishes, and its reflection conditions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.space_group import SpaceGroup

__all__ = ["ReflectionCondition", "is_absent", "reflection_conditions"]

Vector = tuple[Fraction, ...]
DEN = 24

# zones of reflections: label -> rows that span it, and the names of their parameters.
# The first list of a crystal system holds the zones that International Tables A print for it.
ZONES: dict[str, tuple[tuple[tuple[int, int, int], ...], str]] = {
    "hkl": (((1, 0, 0), (0, 1, 0), (0, 0, 1)), "hkl"),
    "hk0": (((1, 0, 0), (0, 1, 0)), "hk"),
    "0kl": (((0, 1, 0), (0, 0, 1)), "kl"),
    "h0l": (((1, 0, 0), (0, 0, 1)), "hl"),
    "hhl": (((1, 1, 0), (0, 0, 1)), "hl"),
    "h-hl": (((1, -1, 0), (0, 0, 1)), "hl"),
    "hkk": (((1, 0, 0), (0, 1, 1)), "hk"),
    "hk-k": (((1, 0, 0), (0, 1, -1)), "hk"),
    "hkh": (((1, 0, 1), (0, 1, 0)), "hk"),
    "hk-h": (((1, 0, -1), (0, 1, 0)), "hk"),
    "h-2hl": (((1, -2, 0), (0, 0, 1)), "hl"),
    "-2kkl": (((-2, 1, 0), (0, 0, 1)), "kl"),
    "h00": (((1, 0, 0),), "h"),
    "0k0": (((0, 1, 0),), "k"),
    "00l": (((0, 0, 1),), "l"),
    "hh0": (((1, 1, 0),), "h"),
    "h-h0": (((1, -1, 0),), "h"),
    "h0h": (((1, 0, 1),), "h"),
    "0kk": (((0, 1, 1),), "k"),
    "hhh": (((1, 1, 1),), "h"),
}
_AXIAL = ("hkl", "0kl", "h0l", "hk0", "h00", "0k0", "00l")
PRINTED: dict[str, tuple[str, ...]] = {
    "triclinic": ("hkl",),
    "monoclinic": _AXIAL,
    "orthorhombic": _AXIAL,
    "tetragonal": ("hkl", "hk0", "0kl", "hhl", "00l", "h00", "hh0"),
    "trigonal": ("hkl", "h-hl", "hhl", "00l"),
    "hexagonal": ("hkl", "h-hl", "hhl", "00l"),
    "cubic": ("hkl", "0kl", "hhl", "h00"),
}
# four-index labels of the hexagonal axes, as printed in International Tables A
FOUR_INDEX = {"hkl": "hkil", "h-hl": "h-h0l", "hhl": "hh-2hl", "00l": "000l", "0kl": "0k-kl"}


@dataclass(frozen=True, slots=True)
class ReflectionCondition:
    """A general reflection condition: ``zone`` "0kl" and ``condition`` "k+l=2n"."""

    zone: str
    condition: str

    def __str__(self) -> str:
        return f"{self.zone}: {self.condition}"


def is_absent(group: SpaceGroup, hkl: ArrayLike) -> NDArray[np.bool_]:
    """Return which of the reflections hkl (n, 3) the group extinguishes, (n,).

    h is absent when an operation (R, t) leaves it in place, hR = h, and shifts its phase, h·t not whole
    (International Tables B, 1.4.2.2; Sayre 1952 for the phase relation).
    """
    h = np.atleast_2d(np.asarray(hkl, dtype=np.int64))
    absent = np.zeros(len(h), dtype=bool)
    shifts = np.rint(group.translations * DEN).astype(np.int64)
    for rotation, shift in zip(group.rotations, shifts, strict=True):
        if shift.any():
            absent |= ((h @ shift) % DEN != 0) & (h @ rotation == h).all(axis=1)
    return absent


def reflection_conditions(group: SpaceGroup) -> tuple[ReflectionCondition, ...]:
    """Return the general reflection conditions in the manner of International Tables A.

    Zones that the point group makes equivalent to one already listed are left out.

    Examples
    --------
    >>> [str(c) for c in reflection_conditions(SpaceGroup.from_symbol("P 1 21/c 1"))]
    ['h0l: l=2n', '0k0: k=2n', '00l: l=2n']
    """
    rhombohedral = group.symbol.endswith(":R")
    hexagonal = group.crystal_system in ("trigonal", "hexagonal") and not rhombohedral
    printed = ("hkl", "hhl", "hhh") if rhombohedral else PRINTED[group.crystal_system]
    listed: list[NDArray[np.int64]] = []
    conditions = []
    for zone in (*printed, *(z for z in ZONES if z not in printed)):
        rows, names = np.array(ZONES[zone][0]), ZONES[zone][1]
        extra = zone not in printed
        if extra and (_is_listed(rows, listed, group) or not _own_operations(rows, group)):
            continue
        listed.append(rows)
        dual = _phase_shifts(rows, group)
        if len(dual) > 1:
            label = FOUR_INDEX.get(zone, zone) if hexagonal else zone
            conditions.append(ReflectionCondition(label, _text(dual, names)))
    return tuple(conditions)


def _own_operations(rows: NDArray[np.int64], group: SpaceGroup) -> bool:
    """Tell whether an operation fixes just this zone and extinguishes more of it than its neighbours do."""
    fixing = [(rows @ r == rows).all() and not (r == np.eye(3)).all() for r in group.rotations]
    if not any(fixing):
        return False
    if len(rows) == 1:
        planes = [r for r, f in zip(group.rotations, fixing, strict=True) if f and round(np.linalg.det(r)) == -1]
        return not planes
    return True


def _is_listed(rows: NDArray[np.int64], listed: list[NDArray[np.int64]], group: SpaceGroup) -> bool:
    for other in listed:
        if len(other) == len(rows):
            for rotation in group.rotations:
                if np.linalg.matrix_rank(np.concatenate([other @ rotation, rows])) == len(rows):
                    return True
    return False


def _phase_shifts(rows: NDArray[np.int64], group: SpaceGroup) -> set[Vector]:
    """Return the group, modulo 1, of the phase shifts that operations give to a zone, as row vectors."""
    fixing = (rows @ group.rotations == rows).all(axis=(1, 2))
    shifts = np.rint(group.translations[fixing] * DEN).astype(np.int64) @ rows.T % DEN
    return {tuple(Fraction(int(x), DEN) for x in row) for row in np.unique(shifts, axis=0)}


def _text(dual: set[Vector], names: str) -> str:
    """Write a set of phase shifts as conditions on the indices."""
    chosen: list[tuple[tuple[int, ...], int]] = []
    reached: set[Vector] = {tuple(Fraction(0) for _ in names)}
    forms = sorted((_form(v) for v in dual if any(v)), key=_plainness)
    if len(names) > 1:  # a modulus of 6 reads better as one of 3 and one of 2
        forms = [form for form in forms if form[1] != 6]
    for coefficients, order in forms:
        vector = tuple(Fraction(c, order) % 1 for c in coefficients)
        if vector not in reached:
            chosen.append((coefficients, order))
            reached = _spanned(reached, vector, order)
    known = {(c, o) for c, o in forms}
    for coefficients, order in list(chosen):
        for swapped in permutations(coefficients):
            if (swapped, order) in known and (swapped, order) not in chosen and min(coefficients) >= 0:
                chosen.append((swapped, order))
    orders = sorted({order for _, order in chosen}, reverse=True)
    parts = []
    for order in orders:
        sums = sorted((c for c, o in chosen if o == order), key=lambda c: tuple(-abs(x) for x in c))
        parts.append(f"{','.join(_sum(c, names) for c in sums)}={order}n")
    return ", ".join(parts)


def _form(vector: Vector) -> tuple[tuple[int, ...], int]:
    """Return small coefficients and modulus: (2/3, 1/3, 1/3) is (-1, 1, 1) modulo 3."""
    order = int(np.lcm.reduce([v.denominator for v in vector]))
    candidates = []
    for sign in (1, -1):
        choices = []
        for value in vector:
            c = int(value * order * sign) % order
            choices.append((c, c - order) if 2 * c >= order and c else (c,))
        candidates += [(sum(map(abs, o)), sum(c < 0 for c in o), o) for o in product(*choices)]
    return min(candidates)[2], order


def _plainness(form: tuple[tuple[int, ...], int]) -> tuple[bool, int, int, tuple[int, ...]]:
    coefficients, order = form
    return (min(coefficients) < 0, -order, sum(abs(c) for c in coefficients), tuple(-c for c in coefficients))


def _spanned(reached: set[Vector], vector: Vector, order: int) -> set[Vector]:
    return {
        tuple((a + k * b) % 1 for a, b in zip(known, vector, strict=True)) for known in reached for k in range(order)
    }


def _sum(coefficients: tuple[int, ...], names: str) -> str:
    text = ""
    for coefficient, name in zip(coefficients, names, strict=True):
        if coefficient:
            sign = "-" if coefficient < 0 else ("+" if text else "")
            text += f"{sign}{abs(coefficient) if abs(coefficient) > 1 else ''}{name}"
    return text
