"""Which atoms are bonded, images by symmetry included."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.refine.single_crystal.atoms import XYZ, CrystalAtoms

__all__ = ["BondedAtom", "bonded_atoms"]

Array = NDArray[np.float64]

TOLERANCE = 0.5  # Å beyond the sum of covalent radii, as in SHELXL
SAME_PLACE = 0.1  # Å


@dataclass(frozen=True)
class BondedAtom:
    """An atom bonded to another: its number, the operation (R, t) that puts it there, the distance in Å."""

    index: int
    rotation: NDArray[np.int64]
    shift: Array
    distance: float

    def position(self, atoms: CrystalAtoms) -> Array:
        """Return where it is (3,), fractional."""
        return np.asarray(self.rotation @ atoms.values[self.index, XYZ] + self.shift)


def bonded_atoms(
    atoms: CrystalAtoms, removed: Collection[tuple[str, str]] = (), *, hydrogen: bool = False
) -> tuple[tuple[BondedAtom, ...], ...]:
    """Return for each atom (s) those bonded to it, nearest first.

    Atoms closer than the sum of their covalent radii (Cordero et al. 2008, Dalton Trans. 2832) and 0.5 Å are bonded,
    unless they belong to different parts of a disorder, or to a negative part and another asymmetric unit. Without
    ``hydrogen`` bonds between other atoms alone are listed.
    """
    group = atoms.space_group
    cells = np.array(list(product((-1.0, 0.0, 1.0), repeat=3)))
    radii = np.array([gemmi.Element(element).covalent_r for element in atoms.elements])
    light = np.array([element in ("H", "D") for element in atoms.elements])
    xyz = atoms.values[:, XYZ]
    images = np.einsum("nij,sj->nsi", group.rotations, xyz) + group.translations[:, None]
    apart = {frozenset(pair) for pair in removed}
    found = []
    for i in range(len(atoms)):
        base = np.round(xyz[i] - images)
        difference = (images + base - xyz[i])[:, :, None] + cells
        squared = np.einsum("nsci,ij,nscj->nsc", difference, atoms.lattice.metric, difference)
        near = (squared < (radii + radii[i] + TOLERANCE)[None, :, None] ** 2) & (squared > SAME_PLACE**2)
        ours, theirs = atoms.parts[i], atoms.parts
        near &= ((theirs == ours) | (theirs == 0) | (ours == 0))[None, :, None]
        if not hydrogen:
            near &= ~light[None, :, None] & ~light[i]
        bonds: list[BondedAtom] = []
        for n, s, c in sorted(np.argwhere(near).tolist(), key=lambda at: float(squared[tuple(at)])):
            shift = group.translations[n] + base[n, s] + cells[c]
            own = n == 0 and not np.any(np.round(shift))
            if (min(ours, theirs[s]) < 0 and not own) or frozenset((atoms.labels[i], atoms.labels[s])) in apart:
                continue
            bond = BondedAtom(int(s), group.rotations[n], shift, float(np.sqrt(squared[n, s, c])))
            place = bond.position(atoms)
            if not any(one.index == s and np.abs(one.position(atoms) - place).max() < 1e-3 for one in bonds):
                bonds.append(bond)
        found.append(tuple(bonds))
    return tuple(found)
