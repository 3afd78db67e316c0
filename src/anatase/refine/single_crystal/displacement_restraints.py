"""Restraints on displacement parameters: SIMU, ISOR, DELU and RIGU."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import cell_tensor
from anatase.crystal.lattice import Lattice
from anatase.io.shelx_instructions import ShelxInstructions, ShelxRestraint
from anatase.refine.single_crystal.atoms import SLOTS, XYZ, CrystalAtoms, U
from anatase.refine.single_crystal.bonds import BondedAtom
from anatase.refine.single_crystal.restrained_atoms import restrained_atoms
from anatase.refine.single_crystal.restraints import Restraints, Rows

__all__ = ["displacement_restraints"]

Array = NDArray[np.float64]
Bonds = tuple[tuple[BondedAtom, ...], ...]

SIX = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
LONGEST_SIMU = 2.0  # Å


@lru_cache(maxsize=64)
def _to_cartesian(lattice: Lattice) -> Array:
    """Return the matrix (9, 6) that takes U11 U22 U33 U12 U13 U23 to the Cartesian tensor, row by row."""
    columns = [lattice.vectors.T @ cell_tensor(tuple(row), lattice) @ lattice.vectors for row in np.eye(6)]
    return np.array([column.ravel() for column in columns]).T


def displacement_restraints(instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds) -> Restraints:
    """Return SIMU, ISOR, DELU and RIGU for atoms where they are.

    As of the SHELXL manual; RIGU is of Thorn, Dittrich & Sheldrick (2012) Acta Cryst. A68, 448. All are linear in the
    displacement parameters: their values are ``rates @ atoms.values.ravel()``, and their targets 0.
    """
    rows = Rows()
    for one in instructions.restraints:
        if one.kind in ("SIMU", "ISOR", "DELU", "RIGU"):
            for found in restrained_atoms(one, instructions):
                chosen = [a.index for a in found if a.in_place and atoms.elements[a.index] not in ("H", "D")]
                if one.kind == "ISOR":
                    _isor(one, chosen, atoms, bonds, rows)
                elif one.kind == "SIMU":
                    _simu(one, chosen, instructions, atoms, bonds, rows)
                else:
                    _rigid(one, chosen, instructions, atoms, bonds, rows)
    return rows.finished(SLOTS * len(atoms))


def _isor(one: ShelxRestraint, chosen: list[int], atoms: CrystalAtoms, bonds: Bonds, rows: Rows) -> None:
    su, terminal = _two(one, (0.1, 0.2))
    matrix = _to_cartesian(atoms.lattice)
    trace = (matrix[0] + matrix[4] + matrix[8]) / 3.0
    for i in chosen:
        if atoms.anisotropic[i]:
            for j, k in SIX:
                rate = matrix[3 * j + k] - (trace if j == k else 0.0)
                _add(rows, [(i, rate)], atoms, terminal if len(bonds[i]) < 2 else su)


def _simu(
    one: ShelxRestraint,
    chosen: list[int],
    instructions: ShelxInstructions,
    atoms: CrystalAtoms,
    bonds: Bonds,
    rows: Rows,
) -> None:
    usual = instructions.default_su[3]
    su, terminal = _two(one, (usual, 2.0 * usual))
    longest = one.numbers[2] if len(one.numbers) > 2 else LONGEST_SIMU
    matrix = _to_cartesian(atoms.lattice)
    for i, k in combinations(dict.fromkeys(chosen), 2):
        gap = (atoms.values[i, XYZ] - atoms.values[k, XYZ]) @ atoms.lattice.vectors
        apart = atoms.parts[i] and atoms.parts[k] and atoms.parts[i] != atoms.parts[k]
        if np.linalg.norm(gap) < longest and (one.atoms or not apart):
            limit = terminal if min(len(bonds[i]), len(bonds[k])) < 2 else su
            for row in _components(i, k, atoms, matrix):
                _add(rows, row, atoms, limit)


def _components(i: int, k: int, atoms: CrystalAtoms, matrix: Array) -> list[list[tuple[int, Array]]]:
    """Return what is to be equal of two atoms: six components, or U_eq where one is isotropic."""
    if atoms.anisotropic[i] and atoms.anisotropic[k]:
        return [[(i, matrix[3 * a + b]), (k, -matrix[3 * a + b])] for a, b in SIX]
    trace = (matrix[0] + matrix[4] + matrix[8]) / 3.0
    single = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    return [[(i, trace if atoms.anisotropic[i] else single), (k, -(trace if atoms.anisotropic[k] else single))]]


def _rigid(
    one: ShelxRestraint,
    chosen: list[int],
    instructions: ShelxInstructions,
    atoms: CrystalAtoms,
    bonds: Bonds,
    rows: Rows,
) -> None:
    """Hold U along 1,2 and 1,3 distances equal (DELU), and for RIGU what shears across them too."""
    usual = (0.004, 0.004) if one.kind == "RIGU" else (instructions.default_su[2],) * 2
    near, far = _two(one, usual)
    matrix = _to_cartesian(atoms.lattice).reshape(3, 3, 6)
    inside = {i for i in chosen if atoms.anisotropic[i]}
    bonded = {frozenset((i, one.index)) for i in inside for one in bonds[i] if one.index in inside and one.index != i}
    second = {
        frozenset(pair)
        for i in range(len(atoms))
        for pair in combinations(sorted({one.index for one in bonds[i]} & inside), 2)
    }
    for pair in sorted(tuple(sorted(pair)) for pair in bonded | second):
        i, k = pair
        gap = (atoms.values[k, XYZ] - atoms.values[i, XYZ]) @ atoms.lattice.vectors
        length = float(np.linalg.norm(gap))
        if length > 4.0 or length < 0.1:  # bonded through an image: the vector in the file is another one
            continue
        frame = _frame(gap / length)
        for a in (2,) if one.kind == "DELU" else (2, 0, 1):
            rate = np.einsum("i,ijq,j->q", frame[2], matrix, frame[a])
            _add(rows, [(i, rate), (k, -rate)], atoms, near if frozenset(pair) in bonded else far)


def _frame(axis: Array) -> Array:
    """Return unit vectors (3, 3), the last along an axis."""
    side = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    side /= np.linalg.norm(side)
    return np.array([side, np.cross(axis, side), axis])


def _two(one: ShelxRestraint, usual: tuple[float, ...]) -> tuple[float, float]:
    """Return the two s.u. of a restraint; the second is in the ratio of the usual ones to the first where left out."""
    first = one.numbers[0] if one.numbers else usual[0]
    return first, one.numbers[1] if len(one.numbers) > 1 else first * usual[1] / usual[0]


def _add(rows: Rows, parts: list[tuple[int, Array]], atoms: CrystalAtoms, su: float) -> None:
    value = sum(float(rate @ atoms.values[i, U]) for i, rate in parts)
    rates = [(SLOTS * i + 4 + q, float(rate[q])) for i, rate in parts for q in np.flatnonzero(rate).tolist()]
    rows.add(value, 0.0, su, rates)
