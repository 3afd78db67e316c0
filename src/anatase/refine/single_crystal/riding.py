"""Hydrogen atoms that ride: which atom carries them, where they belong, which groups turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.io.shelx_instructions import ShelxAtom, ShelxInstructions
from anatase.refine.single_crystal.atoms import XYZ, CrystalAtoms
from anatase.refine.single_crystal.bonds import BondedAtom
from anatase.refine.single_crystal.hydrogen_geometry import GEOMETRIES, ideal_hydrogens, turned, x_h_distance

__all__ = ["RidingGroup", "placed", "riding_groups"]

Array = NDArray[np.float64]

RIDES = (3, 4, 7, 8)  # n of AFIX mn
TURNS = (7, 8)


@dataclass(frozen=True)
class RidingGroup:
    """Atoms that keep their vectors from the atom that carries them.

    Parameters
    ----------
    carrier, members
        Number of the atom that carries them, and theirs.
    offsets
        Vectors (n, 3) in Å (Cartesian, as of ``Lattice.vectors``) from the carrier at torsion 0.
    geometry
        m of AFIX mn, 0 where the vectors stay as the file has them.
    distance
        X–H in Å.
    axis
        Unit vector (3,) about which the group turns, ``None`` where its torsion is not refined.
    """

    carrier: int
    members: tuple[int, ...]
    offsets: Array
    geometry: int = 0
    distance: float = 0.0
    axis: Array | None = None

    def at(self, torsion: float) -> Array:
        """Return the vectors (n, 3) in Å after a turn by ``torsion`` degrees."""
        return self.offsets if self.axis is None else turned(self.offsets, self.axis, torsion)


def riding_groups(
    instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: tuple[tuple[BondedAtom, ...], ...]
) -> tuple[tuple[RidingGroup, ...], tuple[str, ...]]:
    """Return the groups that AFIX lets ride, with vectors as the file has them, and warnings."""
    groups: list[RidingGroup] = []
    warnings: list[str] = []
    carrier, listed = -1, instructions.atoms
    for i, atom in enumerate(listed):
        m, n = divmod(atom.afix, 10)
        if n not in RIDES:
            if atoms.elements[i] not in ("H", "D"):
                carrier = i
            continue
        if carrier < 0:
            warnings.append(f"{atom.label} rides, and no atom stands before it: held")
            continue
        if groups and _joins(groups[-1], i, carrier, listed):
            groups[-1] = replace(groups[-1], members=(*groups[-1].members, i))
        else:
            groups.append(RidingGroup(carrier, (i,), np.zeros((1, 3)), m))
    finished = [_completed(group, instructions, atoms, bonds, warnings) for group in groups]
    return tuple(finished), tuple(warnings)


def _joins(last: RidingGroup, i: int, carrier: int, listed: tuple[ShelxAtom, ...]) -> bool:
    """Tell whether an atom belongs to the group of the one before it."""
    full = len(last.members) >= GEOMETRIES.get(last.geometry, (99, 0))[0]
    same = last.carrier == carrier and last.members[-1] == i - 1 and listed[i - 1].afix == listed[i].afix
    return same and not full and listed[i - 1].part == listed[i].part


def _completed(
    group: RidingGroup,
    instructions: ShelxInstructions,
    atoms: CrystalAtoms,
    bonds: tuple[tuple[BondedAtom, ...], ...],
    warnings: list[str],
) -> RidingGroup:
    """Return a group with its vectors, its distance and its axis; without geometry where neighbours are missing."""
    label = atoms.labels[group.carrier]
    first = instructions.atoms[group.members[0]]
    present = _vectors(atoms, group)
    group = replace(group, offsets=present)
    if group.geometry == 0:
        return group
    count, needed = GEOMETRIES.get(group.geometry, (0, 99))
    near = neighbours_of(group, atoms, bonds)
    if count != len(group.members) or len(near) < needed:
        warnings.append(
            f"AFIX {first.afix} of {label}: {len(group.members)} hydrogen atoms and {len(near)} neighbours; "
            "they ride where they are"
        )
        return replace(group, geometry=0)
    distance = first.bond or x_h_distance(group.geometry, atoms.elements[group.carrier], instructions.temperature)
    if first.afix % 10 in (4, 8):
        warnings.append(f"AFIX {first.afix} of {label}: the X-H distance is held at {distance:g} Å")
    turns = first.afix % 10 in TURNS and group.geometry in (3, 8, 13, 14)
    axis = near[0] / np.linalg.norm(near[0]) if turns else None
    return replace(group, distance=distance, axis=axis)


def neighbours_of(group: RidingGroup, atoms: CrystalAtoms, bonds: tuple[tuple[BondedAtom, ...], ...]) -> list[Array]:
    """Return the vectors in Å from the carrier to its neighbours of the same part, nearest first."""
    part = int(atoms.parts[group.members[0]])
    here = atoms.values[group.carrier, XYZ]
    near = [one for one in bonds[group.carrier] if atoms.parts[one.index] in (0, part)]
    return [(one.position(atoms) - here) @ atoms.lattice.vectors for one in near]


def _vectors(atoms: CrystalAtoms, group: RidingGroup) -> Array:
    offsets = atoms.values[list(group.members), XYZ] - atoms.values[group.carrier, XYZ]
    return np.asarray(offsets @ atoms.lattice.vectors)


def placed(group: RidingGroup, atoms: CrystalAtoms, bonds: tuple[tuple[BondedAtom, ...], ...]) -> RidingGroup:
    """Return a group with its vectors made ideal for where its carrier and neighbours are now; its torsion stays."""
    if group.geometry == 0:
        return group
    near = neighbours_of(group, atoms, bonds)
    present = _vectors(atoms, group)
    if np.linalg.norm(present, axis=1).min() < 0.1:
        present = np.eye(3)[: len(group.members)] + 0.1
    ideal = ideal_hydrogens(group.geometry, near, present, group.distance, _beyond(group, atoms, bonds))
    axis = None if group.axis is None else near[0] / np.linalg.norm(near[0])
    return replace(group, offsets=ideal, axis=axis)


def _beyond(group: RidingGroup, atoms: CrystalAtoms, bonds: tuple[tuple[BondedAtom, ...], ...]) -> Array | None:
    """Return the vector in Å from the first neighbour to a further atom, where torsion is not refined."""
    if group.axis is not None or group.geometry not in (3, 9):
        return None
    first = bonds[group.carrier][0]
    origin, carrier = first.position(atoms), atoms.values[group.carrier, XYZ]
    for one in bonds[first.index]:
        place = first.rotation @ one.position(atoms) + first.shift
        if np.abs(place - carrier).max() > 1e-3:
            return np.asarray((place - origin) @ atoms.lattice.vectors)
    return None
