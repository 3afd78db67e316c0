"""Restraints as further observations: distances, planes, origin, sums of free variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.errors import InputError
from anatase.io.shelx_instructions import ShelxInstructions, ShelxRestraint
from anatase.refine.single_crystal.atoms import SLOTS, XYZ, CrystalAtoms
from anatase.refine.single_crystal.restrained_atoms import RestrainedAtom, restrained_atoms

__all__ = ["Restraints", "Rows", "check_uncertainties", "geometry_restraints", "sum_restraints"]

Array = NDArray[np.float64]
Sparse = csr_array[np.float64]


FIRST, SECOND, BOTH = slice(0, 1), slice(1, 2), slice(0, 2)
SU_PLACES = {  # where the s.u. stand among the numbers of a restraint
    "DFIX": SECOND, "DANG": SECOND, "SUMP": SECOND, "SADI": FIRST, "FLAT": FIRST,
    "SAME": BOTH, "SIMU": BOTH, "ISOR": BOTH, "DELU": BOTH, "RIGU": BOTH,
}  # fmt: skip


@dataclass(frozen=True)
class Restraints:
    """Values (r,) that should be the targets (r,) within s.u. (r,), and their rates (r, 10 s) by the atoms' numbers."""

    values: Array
    targets: Array
    su: Array
    rates: Sparse

    def __len__(self) -> int:
        return len(self.values)


@dataclass
class Rows:
    """Restraints while they are gathered."""

    values: list[float] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    su: list[float] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, value: float, target: float, su: float, rates: Sequence[tuple[int, float]]) -> None:
        """Add one restraint with its rates by numbers of the atoms."""
        self.entries += [(len(self.values), slot, rate) for slot, rate in rates]
        self.values.append(value)
        self.targets.append(target)
        self.su.append(su)

    def finished(self, columns: int) -> Restraints:
        """Return the restraints."""
        rows, slots, rates = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        matrix = csr_array((np.array(rates, dtype=float), (rows, slots)), shape=(len(self.values), columns))
        return Restraints(np.array(self.values), np.array(self.targets), np.array(self.su), matrix)


def check_uncertainties(instructions: ShelxInstructions) -> None:
    """Raise where a restraint has an s.u. that is not positive.

    Raises
    ------
    InputError
        Naming the line.
    """
    for one in instructions.restraints:
        if any(su <= 0.0 for su in one.numbers[SU_PLACES.get(one.kind, slice(0, 0))]):
            raise InputError(
                f"{one.kind} has an s.u. that is not positive",
                "give one above 0",
                file=instructions.name,
                line=one.line,
            )
    if min(instructions.default_su) <= 0.0:
        raise InputError("DEFS has an s.u. that is not positive", "give four above 0", file=instructions.name)


def geometry_restraints(
    instructions: ShelxInstructions, atoms: CrystalAtoms, rows: Rows, named: dict[int, list[list[RestrainedAtom]]]
) -> None:
    """Add DFIX, DANG, SADI and FLAT at the atoms as they are.

    ``named`` keeps the atoms that the restraints mean, by their place in the list, from one cycle to the next.

    Raises
    ------
    InputError
        When a distance has not two atoms, or a plane not four.
    """
    for place, one in enumerate(instructions.restraints):
        take = TAKES.get(one.kind)
        if take is not None:
            if place not in named:
                named[place] = restrained_atoms(one, instructions)
            for found in named[place]:
                take(one, found, instructions, atoms, rows)


def _cartesian(one: RestrainedAtom, atoms: CrystalAtoms) -> tuple[Array, Array]:
    """Return the position (3,) of an atom in Å and its rates (3, 3) by the fractional coordinates of the site."""
    vectors = atoms.lattice.vectors
    position = (one.rotation @ atoms.values[one.index, XYZ] + one.shift) @ vectors
    return position, vectors.T @ one.rotation


def _distance(
    first: RestrainedAtom, second: RestrainedAtom, atoms: CrystalAtoms
) -> tuple[float, list[tuple[int, float]]]:
    (here, by_here), (there, by_there) = _cartesian(first, atoms), _cartesian(second, atoms)
    length = max(float(np.linalg.norm(here - there)), 1e-6)
    unit = (here - there) / length
    rates = [(SLOTS * first.index + j, float(unit @ by_here[:, j])) for j in range(3)]
    return length, rates + [(SLOTS * second.index + j, -float(unit @ by_there[:, j])) for j in range(3)]


def _pairs(
    one: ShelxRestraint, found: list[RestrainedAtom], instructions: ShelxInstructions
) -> list[tuple[RestrainedAtom, RestrainedAtom]]:
    if len(found) % 2 or not found:
        raise InputError(
            f"{one.kind} has {len(found)} atoms", "name pairs of atoms", file=instructions.name, line=one.line
        )
    return list(zip(found[::2], found[1::2], strict=True))


def _dfix(
    one: ShelxRestraint, found: list[RestrainedAtom], instructions: ShelxInstructions, atoms: CrystalAtoms, rows: Rows
) -> None:
    if not one.numbers:
        raise InputError(f"{one.kind} gives no distance", "write it first", file=instructions.name, line=one.line)
    target = one.numbers[0]
    if abs(target) > 15.0:
        raise InputError(
            f"{one.kind} {target:g} ties the distance to a free variable", "give the distance or use SADI",
            file=instructions.name, line=one.line,
        )  # fmt: skip
    usual = instructions.default_su[0] * (2.0 if one.kind == "DANG" else 1.0)
    su = one.numbers[1] if len(one.numbers) > 1 else usual
    for pair in _pairs(one, found, instructions):
        length, rates = _distance(*pair, atoms)
        if target > 0.0 or length < -target:
            rows.add(length, abs(target), su, rates)
        else:  # a negative distance keeps atoms apart, and these are
            rows.add(-target, -target, su, [])


def _sadi(
    one: ShelxRestraint, found: list[RestrainedAtom], instructions: ShelxInstructions, atoms: CrystalAtoms, rows: Rows
) -> None:
    """Hold distances equal: each is to be their mean."""
    su = one.numbers[0] if one.numbers else instructions.default_su[0]
    distances = [_distance(*pair, atoms) for pair in _pairs(one, found, instructions)]
    mean = float(np.mean([length for length, _ in distances]))
    shared = [(slot, -rate / len(distances)) for _, rates in distances for slot, rate in rates]
    for length, rates in distances:
        rows.add(length - mean, 0.0, su, rates + shared)


def _flat(
    one: ShelxRestraint, found: list[RestrainedAtom], instructions: ShelxInstructions, atoms: CrystalAtoms, rows: Rows
) -> None:
    """Hold atoms on their best plane, whose normal n is the last eigenvector of Σ c cᵀ, c from the centroid.

    With c = (c₁, c₂, h) along the eigenvectors a₁, a₂, n and eigenvalues λ, the height of atom i follows atom j as
    ∂h_i/∂x_j = n [δ_ij − 1/N + Σ_k c_ik c_jk/(λ_n − λ_k)] + Σ_k a_k c_ik h_j/(λ_n − λ_k), k = 1, 2.
    """
    if len(found) < 4:
        raise InputError(f"FLAT has {len(found)} atoms", "name four or more", file=instructions.name, line=one.line)
    su = one.numbers[0] if one.numbers else instructions.default_su[1]
    places = [_cartesian(atom, atoms) for atom in found]
    points = np.array([place for place, _ in places])
    centred = points - points.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred)
    inside, height, normal = centred @ axes[:2].T, centred @ axes[2], axes[2]
    falls = inside / np.minimum(singular[2] ** 2 - singular[:2] ** 2, -1e-12)
    along = np.eye(len(found)) - 1.0 / len(found) + falls @ inside.T
    slopes = along[:, :, None] * normal + height[None, :, None] * (falls @ axes[:2])[:, None]
    for i in range(len(found)):
        rates = [
            (SLOTS * atom.index + j, float(slopes[i, k] @ by_site[:, j]))
            for k, (atom, (_, by_site)) in enumerate(zip(found, places, strict=True))
            for j in range(3)
        ]
        rows.add(float(height[i]), 0.0, su, rates)


Take = Callable[[ShelxRestraint, list[RestrainedAtom], ShelxInstructions, CrystalAtoms, Rows], None]
TAKES: dict[str, Take] = {"DFIX": _dfix, "DANG": _dfix, "SADI": _sadi, "FLAT": _flat}


def sum_restraints(
    instructions: ShelxInstructions, variables: dict[int, int]
) -> list[tuple[float, float, dict[int, float]]]:
    """Return SUMP: target, s.u. and factors of parameters, from the parameter (index) of each free variable.

    Raises
    ------
    InputError
        When it names a free variable that FVAR lacks.
    """
    found = []
    for one in instructions.restraints:
        if one.kind == "SUMP":
            if len(one.numbers) < 4 or len(one.numbers) % 2:
                raise InputError(
                    f"SUMP has {len(one.numbers)} numbers", "give target, s.u., and pairs of factor and variable",
                    file=instructions.name, line=one.line,
                )  # fmt: skip
            target, su, *rest = one.numbers
            factors: dict[int, float] = {}
            for factor, number in zip(rest[::2], rest[1::2], strict=True):
                if int(number) not in variables:
                    raise InputError(
                        f"SUMP names free variable {number:g}", "add it to FVAR", file=instructions.name, line=one.line
                    )
                factors[variables[int(number)]] = factor
            found.append((target, su, factors))
    return found
