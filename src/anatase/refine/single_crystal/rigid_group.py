"""Groups of atoms that move as one body: AFIX 66 and the like."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.io.shelx_instructions import ShelxInstructions
from anatase.refine.single_crystal.atoms import XYZ, CrystalAtoms

__all__ = ["RigidGroup", "rigid_groups", "rotated"]

Array = NDArray[np.float64]

STARTS, CONTINUES = (6, 9), 5  # n of AFIX mn
SIZES = {5: 5, 6: 6, 7: 6, 10: 10, 11: 10}  # atoms of the shapes m: pentagon, hexagons, Cp*, naphthalene


@dataclass(frozen=True)
class RigidGroup:
    """Atoms that keep their shape: the pivot, the others, and the vectors (n, 3) in Å from the one to these."""

    pivot: int
    members: tuple[int, ...]
    offsets: Array


def rigid_groups(
    instructions: ShelxInstructions, atoms: CrystalAtoms
) -> tuple[tuple[RigidGroup, ...], tuple[str, ...]]:
    """Return the groups that AFIX m6 or m9 begins and AFIX m5 continues, in the shape of the file, and warnings."""
    groups: list[RigidGroup] = []
    warnings: list[str] = []
    empty = np.zeros((0, 3))
    sizes: list[int] = []
    open_group = False
    before = -1
    for i, atom in enumerate(instructions.atoms):
        m, n = divmod(atom.afix, 10)
        full = bool(groups) and len(groups[-1].members) + 1 >= sizes[-1]
        if n in STARTS and (before != atom.afix or not open_group or full):
            groups.append(RigidGroup(i, (), empty))
            sizes.append(SIZES.get(m, len(atoms)))
            open_group = True
            if n == 9:
                warnings.append(f"AFIX {atom.afix}: the size of the group from {atom.label} on is held")
        elif n in (*STARTS, CONTINUES) and open_group and not full:
            groups[-1] = replace(groups[-1], members=(*groups[-1].members, i))
        elif n == CONTINUES:
            warnings.append(f"AFIX {atom.afix} of {atom.label} continues no group: the atom is held")
        elif atom.afix == 0:
            open_group = False
        before = atom.afix if n in (*STARTS, CONTINUES) else before
    return tuple(_with_vectors(group, atoms) for group in groups if group.members), tuple(warnings)


def _with_vectors(group: RigidGroup, atoms: CrystalAtoms) -> RigidGroup:
    vectors = atoms.values[list(group.members), XYZ] - atoms.values[group.pivot, XYZ]
    return replace(group, offsets=vectors @ atoms.lattice.vectors)


def rotated(vectors: Array, rotation: Array) -> tuple[Array, Array]:
    """Return vectors (n, 3) turned by a rotation vector (3,) in degrees, and the derivatives (3, n, 3) by it.

    R = exp([ω]); ∂(R v)/∂ω_k = (J e_k) × R v with J = 1 + (1 − cos φ)/φ² [ω] + (φ − sin φ)/φ³ [ω]², φ = |ω|.
    """
    omega = np.radians(rotation)
    phi = float(np.linalg.norm(omega))
    cross = np.array([[0.0, -omega[2], omega[1]], [omega[2], 0.0, -omega[0]], [-omega[1], omega[0], 0.0]])
    if phi < 1e-6:
        sine, cosine, third = 1.0, 0.5, 1.0 / 6.0
    else:
        sine, cosine = np.sin(phi) / phi, (1.0 - np.cos(phi)) / phi**2
        third = (phi - np.sin(phi)) / phi**3
    matrix = np.eye(3) + sine * cross + cosine * cross @ cross
    left = np.eye(3) + cosine * cross + third * cross @ cross
    turned = vectors @ matrix.T
    return turned, np.array([np.radians(1.0) * np.cross(left[:, k], turned) for k in range(3)])
