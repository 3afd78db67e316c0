"""Restraints on displacement parameters: SIMU, ISOR, DELU and RIGU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

__all__ = ["Similarity", "displacement_restraints", "similarities"]

Array = NDArray[np.float64]
Bonds = tuple[tuple[BondedAtom, ...], ...]

SIX = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
LONGEST_SIMU = 2.0  # Å
SHORTEST, LONGEST_RIGID = 0.1, 4.0  # Å


@lru_cache(maxsize=64)
def _to_cartesian(lattice: Lattice) -> Array:
    """Return the matrix (9, 6) that takes U11 U22 U33 U12 U13 U23 to the Cartesian tensor, row by row."""
    columns = [lattice.vectors.T @ cell_tensor(tuple(row), lattice) @ lattice.vectors for row in np.eye(6)]
    return np.array([column.ravel() for column in columns]).T


@dataclass(frozen=True)
class Similarity:
    """One restraint as a pair of atoms (the same twice for ISOR): its kind, and its s.u. in Å²."""

    kind: str
    first: int
    second: int
    su: float


def similarities(instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds) -> tuple[Similarity, ...]:
    """Return which atoms SIMU, ISOR, DELU and RIGU compare, for the distances and bonds that the atoms have."""
    found: list[Similarity] = []
    for one in instructions.restraints:
        if one.kind in ("SIMU", "ISOR", "DELU", "RIGU"):
            for named in restrained_atoms(one, instructions):
                chosen = [a.index for a in named if a.in_place and atoms.elements[a.index] not in ("H", "D")]
                if one.kind == "ISOR":
                    found += _isor(one, chosen, atoms, bonds)
                elif one.kind == "SIMU":
                    found += _simu(one, chosen, instructions, atoms, bonds)
                else:
                    found += _rigid(one, chosen, instructions, atoms, bonds)
    return tuple(found)


def displacement_restraints(pairs: Sequence[Similarity], atoms: CrystalAtoms) -> Restraints:
    """Return the restraints on displacement parameters for atoms where they are.

    As of the SHELXL manual; RIGU is of Thorn, Dittrich & Sheldrick (2012) Acta Cryst. A68, 448. All are linear in the
    displacement parameters: their values are ``rates @ atoms.values.ravel()``, and their targets 0.
    """
    rows, matrix = Rows(), _to_cartesian(atoms.lattice)
    for pair in pairs:
        for parts in _compared(pair, atoms, matrix):
            value = sum(float(rate @ atoms.values[i, U]) for i, rate in parts)
            rates = [(SLOTS * i + 4 + q, float(rate[q])) for i, rate in parts for q in np.flatnonzero(rate).tolist()]
            rows.add(value, 0.0, pair.su, rates)
    return rows.finished(SLOTS * len(atoms))


def _compared(pair: Similarity, atoms: CrystalAtoms, matrix: Array) -> list[list[tuple[int, Array]]]:
    """Return, for each component that a restraint holds, the atoms and how it follows their six numbers."""
    i, k = pair.first, pair.second
    trace = (matrix[0] + matrix[4] + matrix[8]) / 3.0
    if pair.kind == "ISOR":
        return [[(i, matrix[3 * a + b] - (trace if a == b else 0.0))] for a, b in SIX]
    if pair.kind == "SIMU" and atoms.anisotropic[i] and atoms.anisotropic[k]:
        return [[(i, matrix[3 * a + b]), (k, -matrix[3 * a + b])] for a, b in SIX]
    if pair.kind == "SIMU":  # U_eq where one of them is isotropic
        single = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        return [[(i, trace if atoms.anisotropic[i] else single), (k, -(trace if atoms.anisotropic[k] else single))]]
    frame = _frame((atoms.values[k, XYZ] - atoms.values[i, XYZ]) @ atoms.lattice.vectors)
    tensor = matrix.reshape(3, 3, 6)
    # along the line for DELU; for RIGU what shears across it too
    along = [np.einsum("i,ijq,j->q", frame[2], tensor, frame[a]) for a in ((2,) if pair.kind == "DELU" else (2, 0, 1))]
    return [[(i, rate), (k, -rate)] for rate in along]


def _isor(one: ShelxRestraint, chosen: list[int], atoms: CrystalAtoms, bonds: Bonds) -> list[Similarity]:
    su, terminal = _two(one, (0.1, 0.2))
    return [Similarity("ISOR", i, i, terminal if len(bonds[i]) < 2 else su) for i in chosen if atoms.anisotropic[i]]


def _simu(
    one: ShelxRestraint, chosen: list[int], instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds
) -> list[Similarity]:
    usual = instructions.default_su[3]
    su, terminal = _two(one, (usual, 2.0 * usual))
    longest = one.numbers[2] if len(one.numbers) > 2 else LONGEST_SIMU
    found = []
    for i, k in combinations(dict.fromkeys(chosen), 2):
        gap = (atoms.values[i, XYZ] - atoms.values[k, XYZ]) @ atoms.lattice.vectors
        apart = atoms.parts[i] and atoms.parts[k] and atoms.parts[i] != atoms.parts[k]
        if np.linalg.norm(gap) < longest and (one.atoms or not apart):
            found.append(Similarity("SIMU", i, k, terminal if min(len(bonds[i]), len(bonds[k])) < 2 else su))
    return found


def _rigid(
    one: ShelxRestraint, chosen: list[int], instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds
) -> list[Similarity]:
    """Return 1,2 and 1,3 pairs; those bonded through an image are left out, as the file holds another vector."""
    usual = (0.004, 0.004) if one.kind == "RIGU" else (instructions.default_su[2],) * 2
    near, far = _two(one, usual)
    inside = {i for i in chosen if atoms.anisotropic[i]}
    bonded = {frozenset((i, one.index)) for i in inside for one in bonds[i] if one.index in inside and one.index != i}
    second = {
        frozenset(pair)
        for i in range(len(atoms))
        for pair in combinations(sorted({one.index for one in bonds[i]} & inside), 2)
    }
    found = []
    for i, k in sorted(tuple(sorted(pair)) for pair in bonded | second):
        length = float(np.linalg.norm((atoms.values[k, XYZ] - atoms.values[i, XYZ]) @ atoms.lattice.vectors))
        if SHORTEST < length < LONGEST_RIGID:
            found.append(Similarity(one.kind, i, k, near if frozenset((i, k)) in bonded else far))
    return found


def _frame(vector: Array) -> Array:
    """Return unit vectors (3, 3), the last along a vector."""
    if np.linalg.norm(vector) < SHORTEST:  # two atoms in one place have no line between them
        return np.eye(3)
    axis = vector / np.linalg.norm(vector)
    side = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    side /= np.linalg.norm(side)
    return np.array([side, np.cross(axis, side), axis])


def _two(one: ShelxRestraint, usual: tuple[float, ...]) -> tuple[float, float]:
    """Return the two s.u. of a restraint; the second is in the ratio of the usual ones to the first where left out."""
    first = one.numbers[0] if one.numbers else usual[0]
    return first, one.numbers[1] if len(one.numbers) > 1 else first * usual[1] / usual[0]
