"""The atoms of a crystal as numbers: what structure factors, restraints and maps work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import equivalent_u_iso
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import cell_content
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.io.shelx_code import RIDING_U, decoded
from anatase.io.shelx_instructions import ShelxAtom, ShelxInstructions
from anatase.io.shelx_structure import moved_onto_special_positions

__all__ = ["SLOTS", "SOF", "U", "XYZ", "CrystalAtoms", "atoms_of_instructions", "equivalent_u_rates"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SLOTS = 10  # numbers of an atom: x y z, sof, U11 U22 U33 U12 U13 U23 (U_iso in the first of these, the rest 0)
SQUARE = np.array([0, 3, 4, 3, 1, 5, 4, 5, 2])  # U11 U12 U13 U12 U22 … among U11 U22 U33 U12 U13 U23
XYZ, SOF, U = slice(0, 3), 3, slice(4, 10)


@dataclass(frozen=True)
class CrystalAtoms:
    """Atoms (s) in a cell.

    Parameters
    ----------
    labels, elements
        Their names, and their elements as SFAC has them.
    kinds
        Number of the scatterer of each (s,), from 0.
    parts
        Part of the disorder that each belongs to (s,), 0 for none.
    anisotropic
        Whether each has a tensor U (s,).
    values
        x y z, sof, and U11 U22 U33 U12 U13 U23 or U_iso of each (s, 10); Å². The sof is the occupancy times the
        multiplicity of the site over that of the general position.
    """

    lattice: Lattice
    space_group: SpaceGroup
    labels: tuple[str, ...]
    elements: tuple[str, ...]
    kinds: Indices
    parts: Indices
    anisotropic: NDArray[np.bool_]
    values: Array

    def __len__(self) -> int:
        return len(self.labels)

    def equivalent_u(self) -> Array:
        """Return U_eq or U_iso of each (s,) in Å²."""
        rates = equivalent_u_rates(self.lattice)
        return np.where(self.anisotropic, self.values[:, U] @ rates, self.values[:, 4])

    def tensors(self) -> Array:
        """Return the mean-square displacements (s, 3, 3) in fractional coordinates."""
        spheres = self.values[:, 4, None, None] * self.lattice.reciprocal_metric
        axes = np.sqrt(np.diag(self.lattice.reciprocal_metric))
        own = self.values[:, U][:, SQUARE].reshape(-1, 3, 3) * np.outer(axes, axes)
        return np.where(self.anisotropic[:, None, None], own, spheres)

    def structure(self, name: str = "") -> Structure:
        """Return the structure, every atom a site of its own."""
        multiplicity = _multiplicities(self.lattice, self.space_group, self.values[:, XYZ])
        sites = []
        for i, (label, element) in enumerate(zip(self.labels, self.elements, strict=True)):
            x, y, z, sof, *six = self.values[i].tolist()
            occupancy = sof * self.space_group.order / multiplicity[i]
            tensor = tuple(six) if self.anisotropic[i] else None
            u_iso = equivalent_u_iso(tensor, self.lattice) if tensor else six[0]
            species = (Species(element, round(float(occupancy), 10)),)
            sites.append(Site(label, species, (x, y, z), u_iso, tensor, int(multiplicity[i])))
        return Structure(self.lattice, self.space_group, tuple(sites), name)


def _multiplicities(lattice: Lattice, group: SpaceGroup, xyz: Array) -> Indices:
    if not len(xyz):
        return np.zeros(0, np.int64)
    return cell_content(lattice.metric, group.rotations, group.translations, xyz, 0.01).multiplicities


def equivalent_u_rates(lattice: Lattice) -> Array:
    """Return ∂U_eq/∂(U11 U22 U33 U12 U13 U23) (6,)."""
    unit = np.eye(6)
    return np.array([equivalent_u_iso(tuple(row), lattice) for row in unit])


def atoms_of_instructions(instructions: ShelxInstructions) -> CrystalAtoms:
    """Return the atoms of a SHELX file with their numbers decoded, moved onto special positions that are near."""
    atoms, variables = instructions.atoms, instructions.variables
    values = np.zeros((len(atoms), SLOTS))
    for row, atom in zip(values, atoms, strict=True):
        row[:4] = [decoded(number, len(variables)).value(variables) for number in (*atom.xyz, atom.sof)]
        u = [decoded(number, len(variables)).value(variables) for number in atom.u]
        row[U] = [*u[:3], u[5], u[4], u[3]] if len(u) == 6 else [u[0], 0.0, 0.0, 0.0, 0.0, 0.0]
    crystal = CrystalAtoms(
        instructions.lattice,
        instructions.space_group,
        tuple(atom.label for atom in atoms),
        tuple(instructions.scatterers[atom.scatterer - 1].element for atom in atoms),
        np.array([atom.scatterer - 1 for atom in atoms], dtype=np.int64),
        np.array([atom.part for atom in atoms], dtype=np.int64),
        np.array([len(atom.u) == 6 for atom in atoms], dtype=np.bool_),
        values,
    )
    values[:, XYZ] = moved_onto_special_positions(instructions, values[:, XYZ])
    _resolve_riding_u(crystal, atoms)
    return crystal


def _resolve_riding_u(crystal: CrystalAtoms, atoms: tuple[ShelxAtom, ...]) -> None:
    """Give atoms with U_iso = −f that multiple of U_eq of the last atom that has none such."""
    last = 0.05
    for i, atom in enumerate(atoms):
        if len(atom.u) == 1 and RIDING_U[0] < atom.u[0] < RIDING_U[1]:
            crystal.values[i, 4] = -atom.u[0] * last
        else:
            last = float(crystal.equivalent_u()[i])
